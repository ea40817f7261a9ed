"""English auction, turned around for procurement: the price asked falls until nobody goes lower.

See Krishna, "Auction Theory" (2nd ed., 2010), section 1.3 and chapter 2, and Cassady, "Auctions
and Auctioneering" (1967), for the customs. Each round asks for a price one step below the best bid;
whoever bids at or below it leads. The leader is not asked to go below itself, who does not answer
is out, and when all others are out the leader is paid its last bid. An agent does best to agree
until the price reaches its cost, so the cheapest wins within a step of the second-lowest cost: what
a Vickrey auction comes to, without anybody having to tell its cost.

The first price asked is the lot's limit. Without one the first round takes any price, and what the
lowest bid names is where the steps begin.
"""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import Field

from dataagents.core.bidding import Award, Bid, CallForBids, Lot
from dataagents.plugins.bidding.scoring import (
    AuctionOptions,
    admit,
    award_to_first,
    by_cost,
    no_award,
)

_MOST_STEPS = 500


class EnglishOptions(AuctionOptions):
    """Options of the English auction."""

    step: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """How far each price lies below the best bid; at least a 500th of the first price."""
    share: float = Field(default=0.05, ge=0.002, le=1)
    """The step, as a share of the first price, when none is given."""


class English:
    """Open rounds; the lowest cost wins among those who promise enough."""

    def __init__(self, options: EnglishOptions) -> None:
        self._options = options

    def open(self, lot: Lot) -> CallForBids:
        """Ask everybody for the most that is paid."""
        return CallForBids(lot, asking=lot.limit)

    def advance(self, call: CallForBids, bids: Sequence[Bid]) -> CallForBids | Award:
        """Ask the others for less than the best bid, or award the lot to it."""
        screened = admit(call, bids, self._options)
        best = {bid.bidder: bid for bid in (*call.standing, *screened.valid)}
        if not best:
            return no_award(call, bids, screened.rejected)
        standing = by_cost(tuple(best.values()))
        leader = standing[0]
        step = call.step or self._step(call, leader)
        active = {bid.bidder for bid in (*call.standing[:1], *screened.valid)}
        rivals = tuple(bid.bidder for bid in standing[1:] if bid.bidder in active)
        asking = leader.cost - step
        if not screened.valid or not rivals or asking <= 0:
            reason = (
                f"{leader.bidder} bids {leader.cost:g} in round {leader.round}, "
                f"and none of {len(standing) - 1} others goes lower"
            )
            return award_to_first(call, standing, screened.rejected, leader.cost, reason)
        return replace(
            call,
            round=call.round + 1,
            asking=asking,
            bidders=rivals,
            standing=standing,
            step=step,
            rejected=screened.rejected,
        )

    def _step(self, call: CallForBids, leader: Bid) -> float:
        first = call.asking if call.asking is not None else leader.cost
        step = first * self._options.share if self._options.step is None else self._options.step
        return max(step, first / _MOST_STEPS)
