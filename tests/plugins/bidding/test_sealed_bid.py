import math

from hypothesis import given, settings
from hypothesis import strategies as st

from dataagents.core.bidding import AwardOutcome
from dataagents.core.testing import AuctionContract
from dataagents.core.testing.bidding import award, bid
from dataagents.plugins.bidding.sealed_bid import SealedBid, SealedBidOptions, score

FIGURES = st.one_of(st.floats(0.01, 100), st.sampled_from([0.0, -1.0, math.nan, math.inf]))


def sealed(minimum=0.0):
    return SealedBid(SealedBidOptions(minimum_quality=minimum))


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


@given(st.lists(st.tuples(FIGURES, FIGURES, FIGURES), max_size=6))
@settings(deadline=None)
def test_the_winner_has_the_greatest_score_of_all_valid_bids(figures):
    bids = [bid(f"agent-{n}", *each) for n, each in enumerate(figures)]
    outcome = award(sealed(), bids)
    for each in outcome.bids:
        assert math.isfinite(score(each))
        assert score(each) <= score(outcome.bids[0])
    assert (outcome.winner is None) == (not outcome.bids)
