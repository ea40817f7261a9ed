"""Bundled auctions."""

from dataagents.core import Strategy, hookimpl
from dataagents.core.bidding import Auction
from dataagents.plugins.bidding.sealed_bid import SealedBid, SealedBidOptions


@hookimpl
def register_auctions() -> tuple[Strategy[Auction], ...]:
    """Provide the sealed-bid auction."""
    return (
        Strategy(
            "sealed-bid",
            SealedBid,
            SealedBidOptions,
            "one round of sealed bids; best quality per cost wins and is paid what it bid",
        ),
    )
