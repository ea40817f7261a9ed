"""A rule that decides in bulk decides each cell as it would decide a motion about it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polls import ballot, motion, rule
from volume import amount

from dataagents.core.detection import BulkRule, TallyExpression
from dataagents.core.detection.expression import (
    Confidence,
    Greatest,
    Inverse,
    Least,
    Minus,
    Number,
    Product,
    Times,
    Total,
    VoterWeight,
)
from dataagents.core.voting import Verdict
from dataagents.plugins.data.detection.tallying import tallied

ONES = [("union", None), ("union", 1.0), ("noisy-or", 1.0), ("noisy-or", 4.0)]
ONES += [("weighted-noisy-or", 1.0), ("weighted-noisy-or", 0.25)]
OPTIONS = ("error", "clean")

confidences = st.integers(1, 1000).map(lambda n: n / 1000)
weights = st.sampled_from((0.0, 0.1, 0.5, 1.0, 1.7, 20.0))
cells = st.lists(
    st.lists(st.tuples(confidences, weights), min_size=1, max_size=6), min_size=1, max_size=8
)
aggregates = st.recursive(
    st.sampled_from((Number(1.0), Number(0.5), Confidence(), VoterWeight())),
    lambda inner: (
        st.builds(Times, inner, inner)
        | st.builds(Minus, inner, inner)
        | st.builds(Least, inner, inner)
    ),
    max_leaves=5,
).flatmap(
    lambda each: st.sampled_from(
        (Total(each), Product(each), Greatest(each), Inverse(Product(each)), Inverse(Total(each)))
    )
)


@pytest.fixture(scope="module")
def engine():
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as connection:
        yield connection


def in_the_engine(engine, expression: TallyExpression, polls) -> list[tuple[float, bool]]:
    """Support and verdict of each cell, as DuckDB comes to them."""
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE ballots "
        "(_row INT, place INT, confidence DOUBLE, weight DOUBLE)"
    )
    engine.executemany(
        "INSERT INTO ballots VALUES (?, 0, ?, ?)",
        [(row, *each) for row, ballots in enumerate(polls) for each in ballots],
    )
    found = engine.execute(f"SELECT * FROM ({tallied(expression, 'ballots')}) ORDER BY _row")
    return [(support, wrong) for _, _, support, wrong in found.fetchall()]


@pytest.mark.parametrize(("name", "cost"), ONES)
@given(polls=cells)
@settings(max_examples=amount(10))
def test_the_engine_the_expression_and_the_tally_agree_on_every_cell(engine, name, cost, polls):
    made = rule(name, miss_cost=cost)
    assert isinstance(made, BulkRule)
    expression = made.bulk()
    engines = in_the_engine(engine, expression, polls)
    for ballots, (support, wrong) in zip(polls, engines, strict=True):
        given_ = [ballot(f"v{n}", "error", confidence=c) for n, (c, _) in enumerate(ballots)]
        asked = motion(OPTIONS, given_, weights={f"v{n}": w for n, (_, w) in enumerate(ballots)})
        result = made.tally(asked, given_)
        assert (expression.decides(ballots)[1], wrong) == (wrong, result.decision == "error")
        assert expression.decides(ballots)[0] == pytest.approx(support, abs=2e-9)
        assert result.figures["error"] == pytest.approx(support, abs=2e-9)


@given(aggregate=aggregates, polls=cells)
@settings(max_examples=amount(20))
def test_whatever_the_algebra_can_say_means_the_same_in_the_engine(engine, aggregate, polls):
    expression = TallyExpression(aggregate, 0.5)
    for ballots, (support, wrong) in zip(
        polls, in_the_engine(engine, expression, polls), strict=True
    ):
        expected, decided = expression.decides(ballots)
        assert support == pytest.approx(expected, rel=1e-9, abs=2e-9)
        assert wrong == decided or support == pytest.approx(0.5, abs=2e-9)


@pytest.mark.parametrize(("name", "cost"), ONES)
def test_those_who_abstain_leave_the_tally_as_it_is(name, cost):
    made = rule(name, miss_cost=cost)
    voted = [ballot("a", "error", confidence=0.7), ballot("b", "error", confidence=0.6)]
    silent = [*voted, ballot("c"), ballot("d"), ballot("e")]
    alone = made.tally(motion(OPTIONS, voted), voted)
    among = made.tally(motion(OPTIONS, silent), silent)
    assert (alone.decision, alone.figures) == (among.decision, among.figures)
    assert alone.decision == "error"
    assert made.bulk().decides([])[1] is False


@pytest.mark.parametrize("name", ["noisy-or", "weighted-noisy-or"])
@pytest.mark.parametrize(
    ("cost", "sure", "wrong"),
    [(1.0, 0.5, True), (1.0, 0.499, False), (4.0, 0.2, True), (4.0, 0.199, False)],
)
def test_the_threshold_is_where_a_miss_costs_as_much_as_a_false_alarm(name, cost, sure, wrong):
    assert cost * sure >= 1 - sure if wrong else cost * sure < 1 - sure
    assert rule(name, miss_cost=cost).bulk().decides([(sure, 1.0)])[1] is wrong


def test_two_who_doubt_are_together_surer_than_either():
    made = rule("noisy-or")
    assert made.bulk().decides([(0.4, 1.0)])[1] is False
    assert made.bulk().decides([(0.4, 1.0), (0.3, 1.0)]) == (pytest.approx(0.58), True)


def test_a_weight_makes_a_voter_count_less_or_more_but_never_more_than_certain():
    made = rule("weighted-noisy-or").bulk()
    assert made.decides([(0.8, 0.5)])[0] == pytest.approx(0.4)
    assert made.decides([(0.8, 0.0)])[0] == 0.0
    assert made.decides([(0.8, 50.0)])[0] == 1.0


def test_one_ballot_is_a_union_and_with_a_cost_a_sure_one():
    assert rule("union").bulk().decides([(0.01, 1.0)]) == (1.0, True)
    assert rule("union", miss_cost=1.0).bulk().decides([(0.4, 1.0), (0.45, 1.0)])[1] is False
    assert rule("union", miss_cost=1.0).bulk().decides([(0.4, 1.0), (0.6, 1.0)])[1] is True


def test_two_options_with_as_much_support_tie():
    given_ = [ballot("a", "error", confidence=0.8), ballot("b", "clean", confidence=0.8)]
    result = rule("noisy-or").tally(motion(OPTIONS, given_), given_)
    assert (result.verdict, result.leaders) == (Verdict.UNDECIDED, OPTIONS)
