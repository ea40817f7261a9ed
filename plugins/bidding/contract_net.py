"""Contract net: announce, bid, award; and award anew when whoever has the task fails.

See Smith, "The Contract Net Protocol" (IEEE Transactions on Computers 29, 1980) and FIPA SC00029H.
The award goes by the same score as in the sealed-bid auction, and keeps all bids in their order.
The kernel hands the task to the winner; when that agent fails, or is not done in the time it is
allowed, it is out for this task and the next best gets it, at most `max_retries` times.
"""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import Field

from dataagents.core.bidding import Award, Bid, CallForBids, Lot
from dataagents.plugins.bidding.scoring import AuctionOptions
from dataagents.plugins.bidding.sealed_bid import SealedBid


class ContractNetOptions(AuctionOptions):
    """Options of the contract net."""

    max_retries: int = Field(default=2, ge=0)
    """How often the task is given to the next best after the first one failed."""
    slack: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """The winner has this many times the seconds that it promised; as long as any task if None."""


class ContractNet:
    """One round, like the sealed-bid auction, and an award that holds the winner to it."""

    def __init__(self, options: ContractNetOptions) -> None:
        self._options = options
        self._sealed = SealedBid(options)

    def open(self, lot: Lot) -> CallForBids:
        """Announce the task."""
        return self._sealed.open(lot)

    def advance(self, call: CallForBids, bids: Sequence[Bid]) -> Award:
        """Award the task to the best bid, with what happens if the winner fails."""
        award = self._sealed.advance(call, bids)
        promised, slack = award.expected_seconds, self._options.slack
        allowed = promised * slack if promised and slack is not None else None
        return replace(award, retries=self._options.max_retries, seconds_allowed=allowed)
