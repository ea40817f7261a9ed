from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from volume import amount

from dataagents.core.config import KernelConfig, parse_settings
from dataagents.core.errors import ConfigError
from dataagents.core.testing.voting import ballots, motion
from dataagents.core.voting import Verdict
from dataagents.plugins.voting.counting import supermajority
from dataagents.plugins.voting.options import SupermajorityOptions
from dataagents.plugins.voting.standing import Rule

YES, NO = "accept", "reject"


def tally(*choices, threshold=0.67, quorum=1):
    rule = Rule(supermajority, SupermajorityOptions(threshold=threshold))
    return rule.tally(motion(len(choices), quorum=quorum), ballots(*choices))


@pytest.mark.parametrize(
    ("yes", "no", "threshold", "decided"),
    [
        (4, 2, 0.67, False),  # two thirds are less than 67 of 100
        (67, 33, 0.67, True),
        (66, 34, 0.67, False),
        (3, 2, 0.6, True),  # equality is enough, and 0.6 means 3/5 exactly
        (7, 3, 0.7, True),
        (29, 71, 0.71, True),  # for the other option
        (4, 2, 2 / 3, True),  # the float lies just below two thirds
        (1, 0, 1.0, True),
        (999, 1, 1.0, False),
    ],
)
def test_the_leading_share_is_compared_exactly(yes, no, threshold, decided):
    result = tally(*[YES] * yes, *[NO] * no, threshold=threshold)
    assert (result.verdict is Verdict.DECIDED) == decided
    assert result.threshold == str(Fraction(str(threshold)))


def test_four_of_six_are_no_supermajority_and_the_reason_has_the_figures():
    result = tally(YES, YES, YES, YES, NO, NO)
    assert (result.verdict, result.decision, result.leaders) == (Verdict.UNDECIDED, None, (YES,))
    assert result.reason == "'accept' leads with 4 of 6 votes (66.7%), 67.0% needed"


def test_an_abstention_does_not_lower_the_share():
    result = tally(YES, YES, None, None)
    assert (result.decision, result.confidence, result.abstained) == (YES, 1.0, 2)


def test_a_tie_names_all_who_lead():
    result = tally(YES, NO, threshold=0.3)
    assert (result.verdict, result.leaders) == (Verdict.UNDECIDED, (YES, NO))
    assert "accept and reject tie" in result.reason


def test_all_who_abstain_decide_nothing():
    result = tally(None, None, None)
    assert result.verdict is Verdict.UNDECIDED
    assert result.reason == "all 3 voters abstained"


def test_a_missing_quorum_comes_before_everything_else():
    assert tally(YES, quorum=2).verdict is Verdict.NO_QUORUM


@pytest.mark.parametrize(
    "threshold",
    [0, -0.1, 1.01, float("nan"), float("inf"), "most", "3/2", "1/0", "0.67", True, None, 10**400],
)
def test_a_threshold_that_makes_no_sense_is_refused(threshold):
    with pytest.raises(ConfigError, match="threshold"):
        parse_settings(SupermajorityOptions, {"threshold": threshold}, source="test")


def test_the_default_threshold_is_sixty_seven_percent():
    assert KernelConfig().strategies.voting_rule == "supermajority"
    assert SupermajorityOptions().threshold == 0.67


@given(yes=st.integers(0, 60), no=st.integers(0, 60), percent=st.integers(1, 100))
@settings(max_examples=amount(60))
def test_it_decides_exactly_when_whole_numbers_say_so(yes, no, percent):
    result = tally(*[YES] * yes, *[NO] * no, threshold=percent / 100)
    most, cast = max(yes, no), yes + no
    wins = yes != no and most * 100 >= percent * cast
    assert (result.verdict is Verdict.DECIDED) == wins


def test_a_threshold_can_be_written_as_a_fraction():
    assert tally(YES, YES, NO, threshold="2/3").decision == YES
    assert tally(YES, YES, NO, threshold="2/3").threshold == "2/3"
