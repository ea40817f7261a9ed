"""Holding: auctions and allocations over bids that are known from the start; nobody is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dataagents.console.commands.auction_file import WHEN, Market
from dataagents.core.allocation import Allocation, Allocator, BidSheet
from dataagents.core.bidding import Auction, Award, Bid, CallForBids, Lot, Offer
from dataagents.core.boundary import Boundary
from dataagents.core.registry import Built
from dataagents.core.screening import screen
from dataagents.core.services.bidding.allocating import share_out
from dataagents.core.services.bidding.awarding import Gavel, completed

_NO_OFFER = "made no offer"


@dataclass(frozen=True, slots=True)
class Round:
    """What was asked in a round of an auction, and who bid."""

    number: int
    asking: float | None
    bids: tuple[Bid, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """An auction that was held: the award, and the rounds that led to it."""

    lot: Lot
    award: Award
    rounds: tuple[Round, ...]


def hold(auction: Built[Auction], boundary: Boundary, market: Market) -> tuple[Held, ...]:
    """Auction each lot on its own.

    Raises:
        StrategyError: The auction failed, or does not come to an end.
    """
    gavel = Gavel(auction, boundary)
    lots = zip(market.lots, market.bids, market.ineligible, strict=True)
    return tuple(_hold(gavel, lot, bids, unable) for lot, bids, unable in lots)


def allocate(allocator: Built[Allocator], boundary: Boundary, market: Market) -> Allocation:
    """Share all lots out at once.

    Raises:
        StrategyError: The allocator failed.
    """
    bidders = market.lots[0].bidders or ()
    sheets = [_sheet(bidder, market) for bidder in bidders]
    return boundary.call_now(
        allocator.plugin,
        f"allocator {allocator.name}",
        lambda: share_out(allocator.value, market.lots, sheets),
        returns=Allocation,
    )


def _hold(gavel: Gavel, lot: Lot, bids: Mapping[str, Bid], unable: Mapping[str, str]) -> Held:
    rounds: list[Round] = []
    rejected: dict[str, str] = {}
    call = gavel.open(lot)
    while True:
        call = replace(gavel.within_limits(call), at=WHEN)
        made = _answers(call, bids, unable, rejected)
        screened = screen(call, made)
        rejected |= screened.rejected
        rounds.append(Round(call.round, call.asking, screened.valid))
        outcome = gavel.advance(call, screened.valid)
        if isinstance(outcome, Award):
            return Held(lot, completed(outcome, lot, unable, rejected), tuple(rounds))
        call = outcome


def _answers(
    call: CallForBids,
    bids: Mapping[str, Bid],
    unable: Mapping[str, str],
    rejected: dict[str, str],
) -> list[Bid]:
    """Return the bids of a round: an agent agrees to the price asked as long as it covers its own.

    Why the others make none is added to `rejected`, but for those whose bid stands.
    """
    asked = call.bidders if call.bidders is not None else call.lot.bidders or ()
    standing = {bid.bidder for bid in call.standing}
    made: list[Bid] = []
    for agent in asked:
        bid = bids.get(agent)
        if agent in unable:
            continue
        if bid is None:
            rejected[agent] = _NO_OFFER
        elif call.asking is None:
            made.append(replace(bid, round=call.round))
        elif call.asking >= bid.cost:
            made.append(replace(bid, cost=call.asking, round=call.round))
        elif agent not in standing:
            rejected[agent] = f"does it for {bid.cost:g}, above the price asked, {call.asking:g}"
    return made


def _sheet(bidder: str, market: Market) -> BidSheet:
    """Return what an agent bids for all lots, and why not for some."""
    offers: dict[str, Offer] = {}
    ineligible: dict[str, str] = {}
    rejected: dict[str, str] = {}
    reputation: dict[str, float] = {}
    for lot, bids, unable in zip(market.lots, market.bids, market.ineligible, strict=True):
        bid = bids.get(bidder)
        if bidder in unable:
            ineligible[lot.id] = unable[bidder]
        elif bid is None:
            rejected[lot.id] = _NO_OFFER
        elif problem := screen(CallForBids(lot), (bid,)).rejected.get(bidder):
            rejected[lot.id] = problem
        else:
            offers[lot.id] = Offer(bid.cost, bid.quality, bid.seconds, bid.reason)
            reputation[lot.id] = bid.reputation
    return BidSheet(bidder, WHEN, offers, ineligible, rejected, reputation)
