import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.core.bidding import AwardOutcome, CallForBids, Weights
from dataagents.core.testing import AuctionContract
from dataagents.core.testing.bidding import award, bid, lot
from dataagents.plugins.bidding.scoring import AuctionOptions, scores_of
from dataagents.plugins.bidding.sealed_bid import SealedBid

FIGURES = st.one_of(st.floats(0.01, 100), st.sampled_from([0.0, -1.0, math.nan, math.inf]))


def sealed(minimum=0.0):
    return SealedBid(AuctionOptions(minimum_quality=minimum))


class TestSealedBid(AuctionContract):
    def auction(self):
        return sealed()


def test_the_best_quality_per_cost_wins_and_is_paid_what_it_bid():
    outcome = award(sealed(), [bid("dear", 4.0, 1.0), bid("fair", 2.0, 0.8), bid("poor", 1.0, 0.3)])
    assert (outcome.winner, outcome.price, outcome.runner_up) == ("fair", 2.0, "poor")
    assert [each.bidder for each in outcome.bids] == ["fair", "poor", "dear"]
    assert outcome.expected_quality == 0.8
    assert "quality 0.80 at cost 2, the best of 3" in outcome.reason


def test_reputation_corrects_what_is_promised():
    boaster, modest = bid("boaster", 1.0, 1.0, reputation=0.5), bid("modest", 1.0, 0.6)
    assert award(sealed(), [boaster, modest]).winner == "modest"


def test_a_tie_goes_to_the_first_name():
    assert award(sealed(), [bid("b"), bid("a")]).winner == "a"


def test_too_low_a_quality_is_not_valid():
    outcome = award(sealed(minimum=0.5), [bid("cheap", 0.1, 0.4)])
    assert outcome.outcome is AwardOutcome.NO_VALID_BID
    assert outcome.reason == "none of 1 bids is valid"


def test_no_bid_is_not_the_same_as_no_valid_bid_in_words():
    assert award(sealed(), []).reason == "nobody made a bid"


def test_a_promise_that_reputation_makes_too_low_is_not_valid():
    bids = [bid("boaster", 0.1, 0.9, reputation=0.5), bid("fair", 2.0, 0.6)]
    outcome = award(sealed(minimum=0.5), bids)
    assert (outcome.winner, outcome.rejected) == (
        "fair",
        {"boaster": "quality 0.45 is expected, below 0.5"},
    )


@pytest.mark.parametrize(
    ("weights", "winner"),
    [
        (Weights(), "cheap"),
        (Weights(quality=3), "good"),
        (Weights(cost=0, seconds=0), "good"),
        (Weights(seconds=1), "quick"),
    ],
)
def test_the_lots_weights_say_what_counts(weights, winner):
    bids = [
        replace(bid("cheap", 1.0, 0.5), seconds=10),
        replace(bid("good", 2.0, 0.9), seconds=10),
        replace(bid("quick", 2.0, 0.6), seconds=2),
    ]
    call = CallForBids(replace(lot("cheap", "good", "quick"), weights=weights))
    assert sealed().advance(call, bids).winner == winner


def test_scores_do_not_depend_on_the_unit_of_cost():
    bids = [bid("a", 2.0, 0.8), bid("b", 3.0, 0.9)]
    dearer = [replace(each, cost=each.cost * 4) for each in bids]
    assert award(sealed(), bids).scores == pytest.approx({"a": 0.8, "b": 0.6})
    assert award(sealed(), dearer).scores == award(sealed(), bids).scores


def test_who_states_no_time_counts_as_the_slowest():
    bids = [replace(bid("a"), seconds=4), replace(bid("b"), seconds=8), bid("silent")]
    scores = scores_of(bids, Weights(quality=0, cost=0, seconds=1))
    assert scores == {"a": 1.0, "b": 0.5, "silent": 0.5}


@given(st.lists(st.tuples(FIGURES, FIGURES, FIGURES), max_size=6))
def test_the_winner_has_the_greatest_score_of_all_valid_bids(figures):
    bids = [bid(f"agent-{n}", *each) for n, each in enumerate(figures)]
    outcome = award(sealed(), bids)
    assert [each.bidder for each in outcome.bids] == sorted(
        outcome.scores, key=lambda bidder: (-round(outcome.scores[bidder], 12), bidder)
    )
    assert all(0 <= score < math.inf for score in outcome.scores.values())
    assert (outcome.winner is None) == (not outcome.bids)
    assert set(outcome.scores) | set(outcome.rejected) == {each.bidder for each in bids}
