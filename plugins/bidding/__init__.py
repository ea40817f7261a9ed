"""Bundled auctions and allocators."""

from dataagents.core import Strategy, hookimpl
from dataagents.core.allocation import Allocator
from dataagents.core.bidding import Auction
from dataagents.plugins.bidding.assignment import (
    Assignment,
    AssignmentOptions,
    Makespan,
    MakespanOptions,
)
from dataagents.plugins.bidding.contract_net import ContractNet, ContractNetOptions
from dataagents.plugins.bidding.english import English, EnglishOptions
from dataagents.plugins.bidding.scoring import AuctionOptions
from dataagents.plugins.bidding.sealed_bid import SealedBid
from dataagents.plugins.bidding.vickrey import Vickrey, VickreyOptions


@hookimpl
def register_auctions() -> tuple[Strategy[Auction], ...]:
    """Provide one auction for each way to come to a price."""
    return (
        Strategy(
            "sealed-bid",
            SealedBid,
            AuctionOptions,
            "one round of sealed bids; best quality per cost wins and is paid what it bid",
        ),
        Strategy(
            "vickrey",
            Vickrey,
            VickreyOptions,
            "one round of sealed bids; the cheapest wins and is paid the second price",
        ),
        Strategy(
            "english",
            English,
            EnglishOptions,
            "open rounds in which the price asked falls until one bidder is left",
        ),
        Strategy(
            "contract-net",
            ContractNet,
            ContractNetOptions,
            "like sealed-bid, and awarded anew to the next best when the winner fails",
        ),
    )


@hookimpl
def register_allocators() -> tuple[Strategy[Allocator], ...]:
    """Provide the ways to share many tasks out at once."""
    return (
        Strategy(
            "assignment",
            Assignment,
            AssignmentOptions,
            "the least total cost within the agents' capacities",
        ),
        Strategy(
            "makespan",
            Makespan,
            MakespanOptions,
            "the shortest time until everybody is done",
        ),
    )
