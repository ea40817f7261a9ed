from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.core.bidding import CallForBids
from dataagents.core.testing import AuctionContract
from dataagents.core.testing.bidding import award, bid, lot
from dataagents.plugins.bidding.vickrey import Vickrey, VickreyOptions

COSTS = st.integers(1, 30).map(float)


def vickrey(**options):
    return Vickrey(VickreyOptions(**options))


def sold(costs, reserve=None, auction=None, qualities=None):
    """Return the award for costs by bidder."""
    asked = replace(lot(*costs), reserve=reserve)
    bids = [bid(who, cost, (qualities or {}).get(who, 0.9)) for who, cost in costs.items()]
    return (auction or vickrey()).advance(CallForBids(asked), bids)


class TestVickrey(AuctionContract):
    def auction(self):
        return vickrey()


class TestScoredVickrey(AuctionContract):
    def auction(self):
        return vickrey(scored=True)


def test_case_a02_the_lowest_cost_wins_at_the_second_lowest(auction_case):
    case = auction_case("A02")
    bids, reserve, expected = case["input"]["bids"], case["input"]["reserve"], case["expected"]
    outcome = sold(bids, reserve)
    assert (outcome.winner, outcome.price) == (expected["winner"], expected["price"])
    assert outcome.runner_up == "b"
    assert sold({"a": 10}, reserve).price == expected["single_bid_price"]
    tie = expected["tie"]
    outcome = sold(tie["bids"], reserve)
    assert (outcome.winner, outcome.price) == (tie["winner"], tie["price"])


def test_without_reserve_or_budget_a_single_bid_is_paid_as_it_is():
    outcome = sold({"a": 10})
    assert outcome.price == 10
    assert outcome.reason == "a bids 10, the best of 1; it is alone and paid its own bid: 10"


def test_the_second_price_never_exceeds_the_reserve():
    assert sold({"a": 10, "b": 25}, reserve=20).price == 20


@pytest.mark.parametrize("scored", [False, True])
@given(
    costs=st.lists(COSTS, min_size=1, max_size=5),
    qualities=st.lists(st.sampled_from([0.5, 0.8, 1.0]), min_size=5, max_size=5),
    deviation=st.floats(0.1, 40),
    who=st.integers(0, 4),
)
def test_no_deviation_from_the_truth_pays(scored, costs, qualities, deviation, who):
    """Whatever the others bid, bidding one's cost earns at least as much as any other bid."""
    names = [f"agent-{n}" for n in range(len(costs))]
    deviator = names[who % len(names)]
    true = dict(zip(names, costs, strict=True))
    promised = dict(zip(names, qualities, strict=False))

    def gain(bids):
        outcome = sold(bids, 35.0, vickrey(scored=scored), promised)
        return outcome.price - true[deviator] if outcome.winner == deviator else 0.0

    assert gain(true) >= 0
    assert gain(true) >= gain({**true, deviator: deviation}) - 1e-9


def test_in_a_first_price_auction_a_deviation_does_pay(first_price):
    """The property above is no accident of the test."""
    honest = sold({"a": 10.0, "b": 15.0}, 20, first_price)
    shaded = sold({"a": 14.0, "b": 15.0}, 20, first_price)
    assert honest.price - 10 == 0
    assert shaded.price - 10 == 4


def test_by_score_the_winner_is_paid_where_it_would_tie():
    outcome = award(vickrey(scored=True), [bid("good", 4.0, 1.0), bid("poor", 3.0, 0.5)])
    assert (outcome.winner, outcome.price) == ("good", 6.0)
    tie = award(vickrey(scored=True), [bid("good", 6.0, 1.0), bid("poor", 3.0, 0.5)])
    assert tie.scores["good"] == tie.scores["poor"] == 0.5


@given(st.lists(COSTS, min_size=2, max_size=6))
def test_with_equal_qualities_the_score_changes_nothing(costs):
    bids = [bid(f"agent-{n}", cost) for n, cost in enumerate(costs)]
    plain, scored = award(vickrey(), bids), award(vickrey(scored=True), bids)
    assert plain.winner == scored.winner
    assert plain.price == pytest.approx(scored.price)


def test_the_award_reads_as_a_sentence():
    assert sold({"a": 10, "b": 12}, 20).reason == (
        "a bids 10, the best of 2; it is paid what the second, b, is worth: 12"
    )
