"""Replay of auctions and allocations: awards once more what is on record, from the record alone."""

from collections.abc import Iterable
from dataclasses import replace

from dataagents.core.allocation import Allocation, BidSheet
from dataagents.core.bidding import Award, Bid, Lot, Refusals
from dataagents.core.boundary import Boundary
from dataagents.core.clock import SystemClock
from dataagents.core.errors import InputError
from dataagents.core.events import Event, EventKind
from dataagents.core.registry import Registry
from dataagents.core.services.bidding.allocating import share_out
from dataagents.core.services.bidding.awarding import Gavel, completed
from dataagents.core.values import from_json


def replay_auction(events: Iterable[Event], registry: Registry) -> Award:
    """Hold a recorded auction once more: the same lot, rules, bids and reputations.

    Args:
        events: The events about one lot, oldest first; other kinds among them are passed over.
        registry: The strategies that are installed.

    Returns:
        The award that these bids lead to, after the same agents failed; to be compared with
        `recorded_award`.

    Raises:
        InputError: The events are not those of one auction that was closed.
        UnknownStrategyError: Nobody provides the auction any more.
        ConfigError: The auction does not take these options any more.
        StrategyError: The auction failed.
    """
    history = tuple(events)
    opened = [event for event in history if event.kind == EventKind.AUCTION_OPENED]
    if len(opened) != 1:
        raise InputError("replay", f"there are {len(opened)} auctions, not one")
    lot = from_json(Lot, opened[0].body)
    if lot.batch is not None:
        raise InputError("replay", f"lot {lot.id!r} is part of allocation {lot.batch!r}")
    boundary = Boundary(SystemClock(), quarantine_after=1, grace=0.0)
    gavel = Gavel(registry.auctions.build(lot.auction, lot.terms, boundary), boundary)
    bids = [from_json(Bid, each.body) for each in history if each.kind == EventKind.BID_MADE]
    refused = [
        from_json(Refusals, each.body) for each in history if each.kind == EventKind.BIDS_REFUSED
    ]
    recorded = recorded_award(history)
    hearing = gavel.rehear(lot, bids)
    ineligible = {who: why for each in refused for who, why in each.ineligible.items()}
    rejected = {who: why for each in refused for who, why in each.rejected.items()}
    award = completed(hearing.award, lot, ineligible, rejected)
    if recorded.failed:
        award = gavel.again(replace(hearing, award=award), recorded.failed)
    return replace(award, at=recorded.at)


def recorded_award(events: Iterable[Event]) -> Award:
    """Return how an auction ended on record, after all retries.

    Raises:
        InputError: It was never closed.
    """
    closed = [event for event in events if event.kind == EventKind.AUCTION_CLOSED]
    if not closed:
        raise InputError("replay", "the auction was never closed")
    return from_json(Award, closed[-1].body)


def replay_allocation(events: Iterable[Event], registry: Registry) -> Allocation:
    """Share recorded lots out once more: the same lots, rules, method, bids and reputations.

    Args:
        events: The events of one allocation, oldest first: those about it and about its lots.
        registry: The strategies that are installed.

    Raises:
        InputError: The events are not those of one allocation that was closed.
        UnknownStrategyError: Nobody provides the allocator any more.
        ConfigError: The allocator does not take these options any more.
        StrategyError: The allocator failed.
        MissingExtraError: The method that was used is not installed.
    """
    history = tuple(events)
    closed = [event for event in history if event.kind == EventKind.ALLOCATION_CLOSED]
    if len(closed) != 1:
        raise InputError("replay", f"there are {len(closed)} allocations, not one")
    recorded = from_json(Allocation, closed[0].body)
    lots = [from_json(Lot, each.body) for each in history if each.kind == EventKind.AUCTION_OPENED]
    lots = [lot for lot in lots if lot.batch == recorded.id]
    invited = lots[0].bidders or () if lots else ()
    sheets = [
        from_json(BidSheet, each.body) for each in history if each.kind == EventKind.BIDS_MADE
    ]
    sheets.sort(key=lambda sheet: invited.index(sheet.bidder))  # they came in as they were made
    if not lots:
        return recorded
    boundary = Boundary(SystemClock(), quarantine_after=1, grace=0.0)
    options = {**lots[0].terms, **recorded.terms}
    allocator = registry.allocators.build(lots[0].auction, options, boundary)
    allocation = boundary.call_now(
        allocator.plugin,
        f"allocator {allocator.name}",
        lambda: share_out(allocator.value, lots, sheets),
        returns=Allocation,
    )
    awards = tuple(replace(award, at=recorded.at) for award in allocation.awards)
    return replace(allocation, id=recorded.id, at=recorded.at, awards=awards)
