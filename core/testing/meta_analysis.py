"""The contract of analysts."""

import math
from collections.abc import Sequence
from copy import deepcopy

from dataagents.core.meta_analysis import Analyst, HistoryAnalysis, StepLike
from dataagents.core.reasoning import FINAL_RESULT, Step
from dataagents.core.testing.clock import START
from dataagents.core.values import JsonObject, from_json, to_json

_LONG = "x" * 100_000


def step(
    number: int,
    action: str = "look",
    action_input: JsonObject | None = None,
    score: float = 0.5,
    *,
    thought: str = "3 rows are odd",
    error: str | None = None,
) -> Step:
    """Return a step of a reasoning."""
    given = {"dataset": f"x{number}"} if action_input is None else action_input
    return Step(number, thought, action, given, "3 rows seen", score, START, 0.1, error=error)


_HISTORIES: tuple[tuple[Step, ...], ...] = (
    (step(1, "look", {}, 0.2), step(2, "peek", {}, 0.9), step(3, FINAL_RESULT, {}, 0.9)),
    (step(1, "look", {}), step(2, "look", {}), step(3, "look", {}), step(4, "look", {})),
    tuple(step(number, name) for number, name in enumerate("abcabcab", start=1)),
    (step(1, error="there is no such column"), step(2, error="", score=0.0), step(3, thought="")),
    (step(1, score=math.nan), step(2, score=math.inf), step(3, score=-math.inf)),
    (step(1, _LONG, {_LONG: [_LONG]}, thought=_LONG), step(2, "", {"": {}}, error=_LONG)),
    (step(1, "look", {"a": [{"b": [None, 1.5, math.nan]}]}), step(2, "look", {"a": [{"b": []}]})),
)


class AnalystContract:
    """What every analyst holds to."""

    def analyst(self) -> Analyst:
        """Return the analyst under test."""
        raise NotImplementedError

    def test_a_step_alone_shows_nothing(self) -> None:
        """With fewer than two steps the score is 0.5, and there is nothing to find."""
        for steps in ((), (step(1, error="no", thought=""),)):
            analysis = self._analyze(steps)
            assert analysis.score == 0.5
            assert (analysis.circles, analysis.recommendations) == ((), ())

    def test_the_same_steps_show_the_same(self) -> None:
        """An analyst is pure: another one says the same, and the steps stay as they were."""
        for steps in _HISTORIES:
            before = deepcopy(steps)
            assert self._analyze(steps) == self._analyze(before)
            assert str(steps) == str(before)

    def test_its_figures_are_shares(self) -> None:
        """Whatever the scores of the steps are, score and progress are in [0, 1]."""
        for steps in _HISTORIES:
            analysis = self._analyze(steps)
            assert 0.0 <= analysis.score <= 1.0, analysis.score
            assert analysis.progress is None or 0.0 <= analysis.progress <= 1.0

    def test_what_it_finds_is_about_steps_that_there_are(self) -> None:
        """A circle names its actions and steps, a recommendation its step and the change."""
        for steps in _HISTORIES:
            numbers = {each.number for each in steps}
            analysis = self._analyze(steps)
            for circle in analysis.circles:
                assert circle.actions
                assert circle.reason
                assert set(circle.steps) <= numbers
            for recommendation in analysis.recommendations:
                assert recommendation.step in numbers
                assert recommendation.change.strip()

    def test_what_it_says_stays_short(self) -> None:
        """However long a history and its texts are, it can be shown and sent to a model."""
        many = tuple(step(number, "look", {}, error=_LONG) for number in range(1, 101))
        for steps in (*_HISTORIES, many):
            recommendations = self._analyze(steps).recommendations
            assert sum(len(each.change) for each in recommendations) < 10_000

    def test_an_analysis_can_be_stored(self) -> None:
        """It is the same after it went through the journal."""
        for steps in _HISTORIES:
            analysis = self._analyze(steps)
            assert from_json(HistoryAnalysis, to_json(analysis)) == analysis

    def _analyze(self, steps: Sequence[StepLike]) -> HistoryAnalysis:
        return self.analyst().analyze(steps)
