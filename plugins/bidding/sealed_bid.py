"""First-price sealed-bid auction: one round, best quality per cost wins, paid what it bid.

See Krishna, "Auction Theory" (2nd ed., 2010), chapter 2, with quality as a scoring attribute
(Che, "Design Competition through Multidimensional Auctions", RAND Journal 24, 1993).
"""

import math
from collections.abc import Sequence

from pydantic import Field

from dataagents.core import StrategyOptions
from dataagents.core.bidding import Award, AwardOutcome, Bid, CallForBids, Lot


class SealedBidOptions(StrategyOptions):
    """Options of the sealed-bid auction."""

    minimum_quality: float = Field(default=0.0, ge=0, le=1, allow_inf_nan=False)
    """Bids that promise less are not valid."""


class SealedBid:
    """Scores each bid by quality · reputation / cost; the agent's id breaks a tie."""

    def __init__(self, options: SealedBidOptions) -> None:
        self._minimum = options.minimum_quality

    def open(self, lot: Lot) -> CallForBids:
        """Call once."""
        return CallForBids(lot)

    def advance(self, call: CallForBids, bids: Sequence[Bid]) -> Award:
        """Award the lot to the best valid bid."""
        valid = sorted(
            (bid for bid in bids if self._is_valid(bid)), key=lambda bid: (-score(bid), bid.bidder)
        )
        if not valid:
            reason = f"none of {len(bids)} bids is valid" if bids else "nobody made a bid"
            return Award(call.lot.id, AwardOutcome.NO_VALID_BID, reason)
        best = valid[0]
        reason = (
            f"{best.bidder} offers quality {best.quality * best.reputation:.2f} at cost "
            f"{best.cost:g}, the best of {len(valid)}"
        )
        return Award(
            lot=call.lot.id,
            outcome=AwardOutcome.AWARDED,
            reason=reason,
            winner=best.bidder,
            price=best.cost,
            expected_seconds=best.seconds,
            expected_quality=best.quality,
            runner_up=valid[1].bidder if len(valid) > 1 else None,
            bids=tuple(valid),
        )

    def _is_valid(self, bid: Bid) -> bool:
        figures = (bid.cost, bid.quality, bid.reputation)
        return all(map(math.isfinite, figures)) and bid.cost > 0 and bid.quality >= self._minimum


def score(bid: Bid) -> float:
    """Return what a bid is worth: promised quality, corrected by reputation, per cost."""
    return bid.quality * bid.reputation / bid.cost
