"""The contracts of auctions and allocators."""

import math
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

from dataagents.core.allocation import Allocation, Allocator
from dataagents.core.bidding import Auction, Award, AwardOutcome, Bid, Lot
from dataagents.core.planning import PlannedTask
from dataagents.core.testing.clock import START
from dataagents.core.values import from_json, to_json

_MOST_ROUNDS = 1_000


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

    def test_an_uninvited_a_late_and_a_second_bid_do_not_count(self) -> None:
        """The award says why, by the name of the bidder."""
        asked = replace(lot("a", "b", "late"), deadline_seconds=5)
        bids = (
            bid("a", 3.0),
            replace(bid("a", 0.5), at=START + timedelta(seconds=1)),
            bid("b", 4.0),
            replace(bid("late", 1.0), at=START + timedelta(seconds=6)),
            bid("stranger", 1.0),
        )
        auction = self.auction()
        outcome = auction.advance(auction.open(asked), bids)
        for _ in range(_MOST_ROUNDS):
            if isinstance(outcome, Award):
                break
            outcome = auction.advance(outcome, ())
        assert isinstance(outcome, Award)
        assert outcome.winner == "a"
        assert [each.cost for each in outcome.bids if each.bidder == "a"] == [3.0]
        assert set(outcome.rejected) == {"a", "late", "stranger"}
        assert all(outcome.rejected.values()), "each with its reason"

    def test_nothing_above_the_limit_wins_or_is_paid(self) -> None:
        """Budget and reserve bound the price, whatever is bid."""
        for asked in (replace(lot("a", "b"), budget=2.0), replace(lot("a", "b"), reserve=2.0)):
            auction = self.auction()
            outcome = auction.advance(auction.open(asked), (bid("a", 2.5), bid("b", 3.0)))
            assert isinstance(outcome, Award)
            assert outcome.outcome is AwardOutcome.NO_VALID_BID
            assert set(outcome.rejected) == {"a", "b"}

    def test_an_award_can_be_stored(self) -> None:
        """It is the same after it went through the journal."""
        outcome = award(self.auction(), (bid("a", 2.0), bid("b", 1.5)))
        assert from_json(Award, to_json(outcome)) == outcome


Bids = Mapping[str, Sequence[Bid]]


def lots(number: int, *bidders: str) -> tuple[Lot, ...]:
    """Return lots `lot-0`, `lot-1` … for these bidders."""
    return tuple(
        Lot(f"lot-{n}", PlannedTask(f"work({n})", "work"), START, bidders=bidders, batch="batch")
        for n in range(number)
    )


def bids_of(costs: Sequence[Sequence[float | None]], seconds: bool = False) -> Bids:
    """Return the bids of `a0`, `a1` … from a table: a row for each lot, None for no bid."""
    return {
        f"lot-{row}": [
            replace(bid(f"a{column}", cost), seconds=cost if seconds else None)
            for column, cost in enumerate(figures)
            if cost is not None
        ]
        for row, figures in enumerate(costs)
    }


class AllocatorContract:
    """What every allocator holds to."""

    TABLE = ((3.0, 1.0, 4.0), (1.0, 5.0, 9.0), (2.0, 6.0, 5.0), (3.0, 5.0, 8.0))

    def allocator(self) -> Allocator:
        """Return the allocator under test."""
        raise NotImplementedError

    def allocated(self, costs: Sequence[Sequence[float | None]]) -> Allocation:
        """Return how lots are shared out by a table of costs, which are the seconds as well."""
        bidders = [f"a{column}" for column in range(max(map(len, costs), default=0))]
        return self.allocator().allocate(lots(len(costs), *bidders), bids_of(costs, seconds=True))

    def test_each_lot_has_its_award_in_the_order_of_the_lots(self) -> None:
        """A winner made a bid for that very lot, and is paid what it bid."""
        outcome = self.allocated(self.TABLE)
        assert [award.lot for award in outcome.awards] == ["lot-0", "lot-1", "lot-2", "lot-3"]
        for row, each in enumerate(outcome.awards):
            assert each.winner in {"a0", "a1", "a2"}
            assert each.price == self.TABLE[row][int(each.winner[1:])]
            assert each.runner_up != each.winner
            assert each.reason, "an award says why"

    def test_it_says_which_method_ran_and_how_far_it_may_be_off(self) -> None:
        """The value lies at the bound or above, and at it when the method is exact."""
        outcome = self.allocated(self.TABLE)
        assert outcome.method
        assert outcome.objective
        assert 0 < outcome.bound <= outcome.value < math.inf
        assert outcome.gap >= 0
        assert not outcome.exact or outcome.value == outcome.bound

    def test_the_same_bids_give_the_same_allocation(self) -> None:
        """It is pure, leaves the bids as they were, and their order is of no consequence."""
        bids = bids_of(self.TABLE)
        before = deepcopy(bids)
        asked = lots(4, "a0", "a1", "a2")
        first = self.allocator().allocate(asked, bids)
        assert bids == before
        turned = {key: tuple(reversed(bids[key])) for key in reversed(tuple(bids))}
        assert self.allocator().allocate(asked, turned) == first

    def test_a_lot_without_a_valid_bid_is_left_over(self) -> None:
        """It costs that lot alone, and the award says why."""
        outcome = self.allocated(((1.0, 2.0), (None, None), (math.nan, -1.0)))
        assert [award.outcome for award in outcome.awards] == [
            AwardOutcome.AWARDED,
            AwardOutcome.NO_VALID_BID,
            AwardOutcome.NO_VALID_BID,
        ]
        assert outcome.awards[1].winner is None
        assert set(outcome.awards[2].rejected) == {"a0", "a1"}
        assert outcome.value == 1.0

    def test_nothing_to_share_out_is_shared_out(self) -> None:
        """No lots, no awards; lots without bidders are all left over."""
        assert self.allocator().allocate((), {}).awards == ()
        outcome = self.allocator().allocate(lots(2), {})
        assert {award.outcome for award in outcome.awards} == {AwardOutcome.NO_VALID_BID}
        assert (outcome.value, outcome.gap) == (0.0, 0.0)

    def test_an_allocation_can_be_stored(self) -> None:
        """It is the same after it went through the journal."""
        outcome = self.allocated(self.TABLE)
        assert from_json(Allocation, to_json(outcome)) == outcome
