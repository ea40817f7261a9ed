"""What auctions share: which bids count, what they are worth, and the award.

The score of a bid is a weighted product (Bridgman, "Dimensional Analysis", 1922; Triantaphyllou,
"Multi-Criteria Decision Making Methods", 2000, section 2.2):

    (quality · reputation) ^ w_quality · (least cost / cost) ^ w_cost · (least s / s) ^ w_seconds

over the valid bids of the round. Each cost stands in proportion to the lowest one, and each time
to the shortest, so no score depends on the currency or the unit, and with the usual weights of
1, 1 and 0 it is quality per cost. A bid that states no time counts as the slowest of the round.
"""

import math
from collections.abc import Mapping, Sequence

from pydantic import Field

from dataagents.core import StrategyOptions
from dataagents.core.bidding import Award, AwardOutcome, Bid, CallForBids, Weights
from dataagents.core.screening import Screened, screen

_DIGITS = 12
"""Scores that agree in so many places are the same: rounding must not settle a tie."""


class AuctionOptions(StrategyOptions):
    """What every auction can be told."""

    minimum_quality: float = Field(default=0.0, ge=0, le=1, allow_inf_nan=False)
    """Bids whose promise, corrected by reputation, is less are not valid."""


def admit(call: CallForBids, bids: Sequence[Bid], options: AuctionOptions) -> Screened:
    """Return the bids that count, and everybody whose bids so far did not."""
    screened = screen(call, bids)
    valid: list[Bid] = []
    rejected = {**call.rejected, **screened.rejected}
    for bid in screened.valid:
        if bid.expected_quality >= options.minimum_quality:
            valid.append(bid)
            continue
        expected = f"quality {bid.expected_quality:.2f} is expected"
        rejected[bid.bidder] = f"{expected}, below {options.minimum_quality:g}"
    return Screened(tuple(valid), rejected)


def scores_of(bids: Sequence[Bid], weights: Weights) -> dict[str, float]:
    """Return bidder → score; bids are valid, and one a bidder."""
    least = min((bid.cost for bid in bids), default=1.0)
    times = [bid.seconds for bid in bids if bid.seconds is not None]
    slowest = max(times, default=0.0)

    def score(bid: Bid) -> float:
        seconds = slowest if bid.seconds is None else bid.seconds
        pace = min(times) / seconds if seconds > 0 else 1.0
        worth = math.pow(bid.expected_quality, weights.quality) * math.pow(
            least / bid.cost, weights.cost
        )
        return worth * math.pow(pace, weights.seconds)

    return {bid.bidder: score(bid) for bid in bids}


def by_score(bids: Sequence[Bid], scores: Mapping[str, float]) -> tuple[Bid, ...]:
    """Return bids best first; a tie goes to the lowest id."""
    return tuple(sorted(bids, key=lambda bid: (-round(scores[bid.bidder], _DIGITS), bid.bidder)))


def by_cost(bids: Sequence[Bid]) -> tuple[Bid, ...]:
    """Return bids cheapest first; a tie goes to the lowest id."""
    return tuple(sorted(bids, key=lambda bid: (bid.cost, bid.bidder)))


def award_to_first(
    call: CallForBids,
    bids: Sequence[Bid],
    rejected: Mapping[str, str],
    price: float,
    reason: str,
    scores: Mapping[str, float] | None = None,
) -> Award:
    """Award the lot to the first of the bids, which are in the order that they rank in."""
    best = bids[0]
    return Award(
        lot=call.lot.id,
        outcome=AwardOutcome.AWARDED,
        reason=reason,
        winner=best.bidder,
        price=price,
        expected_seconds=best.seconds,
        expected_quality=best.quality,
        runner_up=bids[1].bidder if len(bids) > 1 else None,
        bids=tuple(bids),
        rejected=dict(rejected),
        scores=dict(scores or {}),
        rounds=call.round,
    )


def no_award(call: CallForBids, bids: Sequence[Bid], rejected: Mapping[str, str]) -> Award:
    """Return how an auction ends in which no bid is valid."""
    reason = f"none of {len(bids)} bids is valid" if bids else "nobody made a bid"
    outcome = AwardOutcome.NO_VALID_BID
    return Award(call.lot.id, outcome, reason, rejected=dict(rejected), rounds=call.round)
