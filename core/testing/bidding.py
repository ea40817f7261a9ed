"""The contract of auctions."""

import math
from collections.abc import Sequence
from copy import deepcopy
from itertools import permutations

from dataagents.core.bidding import Auction, Award, AwardOutcome, Bid, Lot
from dataagents.core.planning import PlannedTask
from dataagents.core.testing.clock import START
from dataagents.core.values import from_json, to_json

_MOST_ROUNDS = 100


def lot(*bidders: str) -> Lot:
    """Return a lot for these bidders."""
    return Lot("lot", PlannedTask("work(x)", "work"), START, bidders=bidders)


def bid(bidder: str, cost: float = 1.0, quality: float = 0.9, reputation: float = 1.0) -> Bid:
    """Return a bid."""
    return Bid(bidder, cost, quality, START, reputation=reputation)


def award(auction: Auction, bids: Sequence[Bid]) -> Award:
    """Run an auction in which everybody makes the same bid in every round."""
    call = auction.open(lot(*(each.bidder for each in bids)))
    for _ in range(_MOST_ROUNDS):
        outcome = auction.advance(call, tuple(bids))
        if isinstance(outcome, Award):
            return outcome
        assert outcome.round > call.round, "each round has a greater number than the one before"
        call = outcome
    raise AssertionError(f"still open after {_MOST_ROUNDS} rounds")


class AuctionContract:
    """What every auction holds to."""

    def auction(self) -> Auction:
        """Return the auction under test."""
        raise NotImplementedError

    def test_the_same_bids_give_the_same_award(self) -> None:
        """An auction is pure, and leaves the bids as they were."""
        bids = (bid("a", 2.0), bid("b", 1.5), bid("c", 3.0, 1.0))
        before = deepcopy(bids)
        assert award(self.auction(), bids) == award(self.auction(), bids)
        assert bids == before

    def test_the_winner_made_a_bid(self) -> None:
        """The lot goes to a bidder, at a price that is a figure."""
        outcome = award(self.auction(), (bid("a", 2.0), bid("b", 1.5)))
        assert outcome.outcome is AwardOutcome.AWARDED
        assert outcome.lot == "lot"
        assert outcome.winner in {"a", "b"}
        assert outcome.price is not None
        assert math.isfinite(outcome.price)
        assert outcome.price > 0
        assert outcome.runner_up != outcome.winner
        assert outcome.reason, "an award says why"

    def test_a_sound_bid_alone_wins(self) -> None:
        """Nobody has to compete for a task."""
        assert award(self.auction(), (bid("a"),)).winner == "a"

    def test_without_bids_there_is_no_winner(self) -> None:
        """An auction that nobody bids in ends all the same."""
        outcome = award(self.auction(), ())
        assert (outcome.outcome, outcome.winner) == (AwardOutcome.NO_VALID_BID, None)
        assert outcome.price is None

    def test_a_tie_is_settled_the_same_way_in_any_order(self) -> None:
        """Equal bids have one winner, whoever was heard first."""
        bids = (bid("a"), bid("b"), bid("c"))
        assert len({award(self.auction(), order).winner for order in permutations(bids)}) == 1

    def test_the_order_of_the_bids_does_not_matter(self) -> None:
        """Who answers first has no advantage."""
        bids = (bid("a", 2.0, 0.8), bid("b", 1.0, 0.5), bid("c", 4.0, 1.0))
        assert len({award(self.auction(), order).winner for order in permutations(bids)}) == 1

    def test_a_figure_that_makes_no_sense_never_wins(self) -> None:
        """NaN, infinities, and costs that are not above 0 lose to any sound bid, and alone."""
        odd = (math.nan, math.inf, -math.inf, -1.0, 0.0)
        broken = [bid("odd", cost=cost) for cost in odd]
        broken += [bid("odd", quality=figure) for figure in odd[:3]]
        broken += [bid("odd", reputation=figure) for figure in odd[:3]]
        for each in broken:
            assert award(self.auction(), (each, bid("sound", 50.0, 0.6))).winner == "sound", each
            assert award(self.auction(), (each,)).outcome is AwardOutcome.NO_VALID_BID, each

    def test_an_award_can_be_stored(self) -> None:
        """It is the same after it went through the journal."""
        outcome = award(self.auction(), (bid("a", 2.0), bid("b", 1.5)))
        assert from_json(Award, to_json(outcome)) == outcome
