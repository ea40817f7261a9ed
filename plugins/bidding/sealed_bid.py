"""First-price sealed-bid auction: one round, best quality per cost wins, paid what it bid.

See Krishna, "Auction Theory" (2nd ed., 2010), chapter 2, with quality as a scoring attribute
(Che, "Design Competition through Multidimensional Auctions", RAND Journal 24, 1993). Whoever bids
does well to ask for more than the task costs it: the winner is paid what it asked for.
"""

from collections.abc import Sequence

from dataagents.core.bidding import Award, Bid, CallForBids, Lot
from dataagents.plugins.bidding.scoring import (
    AuctionOptions,
    admit,
    award_to_first,
    by_score,
    no_award,
    scores_of,
)


class SealedBid:
    """The best score wins; the lot's weights say what counts in it."""

    def __init__(self, options: AuctionOptions) -> None:
        self._options = options

    def open(self, lot: Lot) -> CallForBids:
        """Call once."""
        return CallForBids(lot)

    def advance(self, call: CallForBids, bids: Sequence[Bid]) -> Award:
        """Award the lot to the best valid bid."""
        screened = admit(call, bids, self._options)
        if not screened.valid:
            return no_award(call, bids, screened.rejected)
        scores = scores_of(screened.valid, call.lot.weights)
        ranked = by_score(screened.valid, scores)
        best = ranked[0]
        reason = (
            f"{best.bidder} offers quality {best.expected_quality:.2f} at cost {best.cost:g}, "
            f"the best of {len(ranked)}"
        )
        return award_to_first(call, ranked, screened.rejected, best.cost, reason, scores)
