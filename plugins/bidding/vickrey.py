"""Vickrey auction: one round of sealed bids, the cheapest wins and is paid the second price.

See Vickrey, "Counterspeculation, Auctions, and Competitive Sealed Tenders" (Journal of Finance 16,
1961), here as procurement. The price does not depend on what the winner bid, so to bid what the
task really costs is best whatever the others do. Who is alone is paid the reserve (or the budget);
without either there is nothing to go by but its own bid, and the promise of truthfulness ends.

With `scored` the best score wins, as in the sealed-bid auction, and is paid the cost at which it
would just tie with the second (the second-score auction of Che, RAND Journal 24, 1993). With bids
of equal quality it is the same auction.
"""

from collections.abc import Sequence

from dataagents.core.bidding import Award, Bid, CallForBids, Lot
from dataagents.core.screening import Screened
from dataagents.plugins.bidding.scoring import (
    AuctionOptions,
    admit,
    award_to_first,
    by_cost,
    by_score,
    no_award,
    scores_of,
)


class VickreyOptions(AuctionOptions):
    """Options of the Vickrey auction."""

    scored: bool = False
    """Go by the score rather than by the cost alone."""


class Vickrey:
    """The winner is paid what the second-best bid is worth."""

    def __init__(self, options: VickreyOptions) -> None:
        self._options = options

    def open(self, lot: Lot) -> CallForBids:
        """Call once."""
        return CallForBids(lot)

    def advance(self, call: CallForBids, bids: Sequence[Bid]) -> Award:
        """Award the lot to the best valid bid, at the second price."""
        screened = admit(call, bids, self._options)
        if not screened.valid:
            return no_award(call, bids, screened.rejected)
        if self._options.scored:
            return self._by_score(call, screened)
        ranked = by_cost(screened.valid)
        return _second_price(call, ranked, screened, ranked[1].cost if len(ranked) > 1 else None)

    def _by_score(self, call: CallForBids, screened: Screened) -> Award:
        weights = call.lot.weights
        scores = scores_of(screened.valid, weights)
        ranked = by_score(screened.valid, scores)
        price = None
        if len(ranked) > 1:
            first, second = (scores[bid.bidder] for bid in ranked[:2])
            if second > 0 and weights.cost > 0:
                price = ranked[0].cost * (first / second) ** (1 / weights.cost)
        return _second_price(call, ranked, screened, price, scores)


def _second_price(
    call: CallForBids,
    ranked: tuple[Bid, ...],
    screened: Screened,
    second: float | None,
    scores: dict[str, float] | None = None,
) -> Award:
    best, limit = ranked[0], call.lot.limit
    known = [each for each in (second, limit) if each is not None]
    price = min(known, default=best.cost)
    if second is not None:
        source = f"is paid what the second, {ranked[1].bidder}, is worth"
    else:
        source = "is alone and paid " + ("its own bid" if limit is None else "the most allowed")
    reason = f"{best.bidder} bids {best.cost:g}, the best of {len(ranked)}; it {source}: {price:g}"
    return award_to_first(call, ranked, screened.rejected, price, reason, scores)
