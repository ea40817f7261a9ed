"""How a whole reasoning is judged."""

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.core.meta_analysis import HistoryAnalysis, Recommendation, ScorePattern
from dataagents.core.reasoning import Step
from dataagents.core.testing import AnalystContract, kernel_for
from dataagents.plugins.meta_analysis.history import (
    MOST_RECOMMENDATIONS,
    HistoryAnalyst,
    score_pattern,
)
from dataagents.plugins.meta_analysis.turns import turns_of

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
NAN = float("nan")


def step(number: int, action: str, score: float = 0.5, given: object = None, **more) -> Step:
    said = {"thought": "12 rows", "observation": "seen", "at": NOON, "seconds": 0.1, **more}
    return Step(
        number=number, action=action, action_input={"of": given or number}, score=score, **said
    )


def analyze(*steps: Step) -> HistoryAnalysis:
    return HistoryAnalyst().analyze(steps)


class TestHistoryAnalyst(AnalystContract):
    def analyst(self):
        return HistoryAnalyst()


@pytest.mark.parametrize("steps", [(), (step(1, "a", 0.9, error="broke", thought=""),)])
def test_fewer_than_two_steps_score_a_half_and_show_nothing(steps):
    analysis = analyze(*steps)
    assert analysis == HistoryAnalysis(0.5, None, ScorePattern.UNKNOWN, (), ())
    assert not analysis.circular


@pytest.mark.parametrize(
    ("steps", "score", "progress"),
    [
        # 0.5 · mean + 0.3 · progress + 0.2 · direction
        ((step(1, "a", 1.0), step(2, "b", 1.0)), 0.5 + 0.3 + 0.1, 1.0),
        ((step(1, "a", 0.4), step(2, "b", 0.8)), 0.3 + 0.3 + 0.2, 1.0),
        ((step(1, "a", 0.8), step(2, "b", 0.4)), 0.3 + 0.3 + 0.0, 1.0),
        ((step(1, "a", 0.5), step(2, "b", 0.25, error="broke")), 0.1875 + 0.15, 0.5),
        ((step(1, "a", 0.0, error="x"), step(2, "b", 0.0, error="x")), 0.1, 0.0),
        # … and half of it with a circle
        ((step(1, "a", 0.5, 7), step(2, "a", 0.5, 7)), (0.25 + 0.15 + 0.1) / 2, 0.5),
        ((step(1, "a", NAN), step(2, "b", NAN)), 0.3 + 0.1, 1.0),
        ((step(1, "a", math.inf), step(2, "b", 9.0)), 0.5 + 0.3 + 0.1, 1.0),
    ],
)
def test_the_score_is_the_documented_formula(steps, score, progress):
    analysis = analyze(*steps)
    assert analysis.score == pytest.approx(score, abs=1e-4)
    assert analysis.progress == pytest.approx(progress, abs=1e-4)


@pytest.mark.parametrize(
    ("scores", "pattern"),
    [
        ([], ScorePattern.UNKNOWN),
        ([0.5], ScorePattern.UNKNOWN),
        ([0.5, 0.5], ScorePattern.STEADY),
        ([0.5, 0.54, 0.5], ScorePattern.STEADY),
        ([0.2, 0.5], ScorePattern.RISING),
        ([0.2, 0.5, 0.46, 0.9], ScorePattern.RISING),
        ([0.9, 0.5], ScorePattern.FALLING),
        ([0.9, 0.5, 0.54, 0.1], ScorePattern.FALLING),
        ([0.2, 0.9, 0.2], ScorePattern.MIXED),
        ([0.9, 0.2, 0.9], ScorePattern.MIXED),
        ([0.9, NAN], ScorePattern.FALLING),
        ([NAN, NAN], ScorePattern.STEADY),
    ],
)
def test_the_way_the_scores_go_is_one_of_a_few_patterns(scores, pattern):
    steps = [step(number, "a", score) for number, score in enumerate(scores, start=1)]
    assert score_pattern([turn.score for turn in turns_of(steps)]) is pattern


@pytest.mark.parametrize(
    ("steps", "recommended"),
    [
        ((step(1, "a"), step(2, "b")), ()),
        (
            (step(1, "a"), step(2, "b", error="no such column")),
            (Recommendation(2, "give b another input, or take another action: no such column"),),
        ),
        (
            (step(1, "a", thought=" "), step(2, "b")),
            (Recommendation(1, "say what led to a, with the figures"),),
        ),
        (
            (step(1, "a", given="x"), step(2, "b"), step(3, "a", given="x")),
            (
                Recommendation(3, "take another action than a, b"),
                Recommendation(3, "take another action than a"),
                Recommendation(3, "use what step 1 observed rather than a again"),
            ),
        ),
        (
            (step(1, "a", 0.9), step(2, "b", 0.5)),
            (
                Recommendation(
                    2, "find out what b brought to light: the score fell from 0.90 to 0.50"
                ),
            ),
        ),
    ],
)
def test_a_recommendation_names_the_step_and_the_change(steps, recommended):
    assert analyze(*steps).recommendations == recommended


def test_the_same_change_is_recommended_once():
    steps = [step(number, "a", given="x") for number in (1, 2, 3)]
    analysis = analyze(*steps)
    assert len(analysis.circles) == 2
    assert [each.change for each in analysis.recommendations].count(
        "take another action than a"
    ) == 1


ODD = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
TEXT = st.text(max_size=10) | st.just("x" * 100_000) | st.sampled_from(["a", "b"])
STEPS = st.lists(
    st.builds(
        Step,
        number=st.just(0),
        thought=TEXT,
        action=TEXT,
        action_input=st.dictionaries(st.text(max_size=3), ODD, max_size=3),
        observation=TEXT,
        score=st.floats(),
        at=st.just(NOON),
        seconds=st.just(0.0),
        error=st.none() | TEXT,
    ),
    max_size=9,
).map(lambda steps: tuple(replace(each, number=n) for n, each in enumerate(steps, start=1)))


@given(STEPS)
def test_any_history_can_be_judged(steps: tuple[Step, ...]):
    analysis = analyze(*steps)
    assert 0.0 <= analysis.score <= 1.0
    assert analysis.progress is None or 0.0 <= analysis.progress <= 1.0
    assert (analysis.progress is None) == (len(steps) < 2)
    assert analyze(*steps) == analysis


@given(STEPS)
def test_recommendations_are_few_and_short_and_about_steps_that_there_are(steps: tuple[Step, ...]):
    analysis, numbers = analyze(*steps), {each.number for each in steps}
    assert len(analysis.recommendations) <= MOST_RECOMMENDATIONS
    assert len(set(analysis.recommendations)) == len(analysis.recommendations)
    assert {each.step for each in analysis.recommendations} <= numbers
    assert all(0 < len(each.change) < 500 for each in analysis.recommendations)
    assert all(set(circle.steps) <= numbers for circle in analysis.circles)


async def test_the_bundled_analyst_is_called_history():
    async with kernel_for() as kernel:
        (plugin,) = (each for each in kernel.plugins if each.name == "meta_analysis")
    assert plugin.provides == {"analysts": ("history",)}
    assert kernel.config.strategies.analyst == "history"
