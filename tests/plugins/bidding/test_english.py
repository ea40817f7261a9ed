from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.core.bidding import Award, CallForBids
from dataagents.core.testing import AuctionContract
from dataagents.core.testing.bidding import award, bid, lot
from dataagents.plugins.bidding.english import English, EnglishOptions
from dataagents.plugins.bidding.vickrey import Vickrey, VickreyOptions


def english(**options):
    return English(EnglishOptions(**options))


def held(costs, reserve=None, **options):
    """Hold an auction among agents that agree to each price until it falls below their cost."""
    auction = english(**options)
    call, rounds = auction.open(replace(lot(*costs), reserve=reserve)), []
    while isinstance(call, CallForBids):
        asked = call.lot.bidders if call.bidders is None else call.bidders
        price = call.asking
        bids = [
            replace(bid(who, costs[who] if price is None else price), round=call.round)
            for who in asked
            if price is None or costs[who] <= price
        ]
        rounds.append((price, asked))
        call = auction.advance(call, bids)
    return call, rounds


class TestEnglish(AuctionContract):
    def auction(self):
        return english()


def test_the_price_falls_by_steps_until_nobody_goes_lower():
    outcome, rounds = held({"a": 10, "b": 12, "c": 15}, reserve=20, step=1)
    assert [price for price, _ in rounds] == [20, 19, 18, 17, 16, 15, 14, 13, 12, 11]
    assert (outcome.winner, outcome.price, outcome.runner_up) == ("a", 12, "b")
    assert outcome.rounds == 10


def test_the_leader_is_not_asked_to_go_below_itself():
    _, rounds = held({"a": 10, "b": 12}, reserve=20, step=4)
    assert rounds == [(20, ("a", "b")), (16, ("b",)), (12, ("a",)), (8, ("b",))]


def test_who_does_not_answer_is_out():
    _, rounds = held({"a": 1, "b": 2, "c": 19}, reserve=20, step=5)
    assert [set(asked) for _, asked in rounds[1:3]] == [{"b", "c"}, {"a"}]


def test_a_single_bidder_is_paid_the_reserve():
    outcome, _ = held({"a": 10}, reserve=20)
    assert (outcome.price, outcome.rounds) == (20, 1)


def test_without_a_limit_the_lowest_opening_bid_is_where_it_starts():
    outcome, rounds = held({"a": 10, "b": 12}, share=0.1)
    assert rounds[0][0] is None
    assert (rounds[1], outcome.price) == ((9, ("b",)), 10)


def test_a_bid_above_the_price_asked_does_not_count():
    outcome = award(english(), [bid("a", 2.0), bid("b", 1.5)])
    assert outcome.winner == "b"
    assert "is above the price asked" in outcome.rejected["a"]


@given(
    st.lists(st.integers(1, 99).map(float), min_size=2, max_size=6),
    st.sampled_from([0.01, 0.05, 0.2]),
)
def test_it_comes_to_what_a_vickrey_auction_comes_to_within_a_step(costs, share):
    agents = {f"agent-{n}": cost for n, cost in enumerate(costs)}
    outcome, _ = held(agents, reserve=100, share=share)
    asked = CallForBids(replace(lot(*agents), reserve=100))
    second = Vickrey(VickreyOptions()).advance(asked, [bid(*each) for each in agents.items()])
    assert abs(outcome.price - second.price) <= 100 * share + 1e-9
    assert agents[outcome.winner] <= outcome.price
    if sorted(costs)[1] - sorted(costs)[0] > 2 * 100 * share:
        assert outcome.winner == second.winner


@given(st.floats(1e-9, 1e9), st.floats(1e-9, 1e9))
def test_any_step_ends_within_a_thousand_rounds(step, reserve):
    outcome, rounds = held({"a": 1e-12, "b": 1e-12}, reserve=reserve, step=step)
    assert isinstance(outcome, Award)
    assert len(rounds) <= 1_000


@pytest.mark.parametrize("options", [{"step": 0}, {"share": 0.001}, {"step": float("inf")}])
def test_steps_that_lead_nowhere_are_refused(options):
    with pytest.raises(ValueError, match="validation error"):
        EnglishOptions(**options)
