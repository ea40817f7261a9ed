"""The analyst: a score for a whole reasoning, and what should be done differently.

The score is 0.5 · mean of the steps' scores + 0.3 · progress + 0.2 · direction, and half of that
when there is a circle. Progress is the share of the steps that worked and did something new;
direction is 1 when the scores rise, 0 when they fall, 0.5 otherwise. A step whose score is no
number counts as one that scored 0.
"""

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from dataagents.core.meta_analysis import (
    Circle,
    HistoryAnalysis,
    Recommendation,
    ScorePattern,
    StepLike,
)
from dataagents.plugins.meta_analysis.circles import find_circles
from dataagents.plugins.meta_analysis.turns import Repeat, Turn, repeats_in, turns_of

FEWEST_STEPS = 2
"""Fewer steps than this can't be judged."""
NOTABLE = 0.05
"""Scores that differ by no more than this are alike."""
MOST_RECOMMENDATIONS = 5
_LONGEST_ERROR = 160
_LONGEST_NAME = 64
_DIRECTION = {ScorePattern.RISING: 1.0, ScorePattern.FALLING: 0.0}


class HistoryAnalyst:
    """Judges a reasoning by its steps alone."""

    def analyze(self, steps: Sequence[StepLike]) -> HistoryAnalysis:
        """Return what the steps show; a score of 0.5 and nothing else for fewer than two."""
        if len(steps) < FEWEST_STEPS:
            return HistoryAnalysis()
        turns = turns_of(steps)
        repeats, scores = repeats_in(turns), [turn.score for turn in turns]
        circles, pattern = find_circles(turns, repeats), score_pattern(scores)
        progress = _progress(turns, repeats)
        mean = sum(scores) / len(scores)
        score = 0.5 * mean + 0.3 * progress + 0.2 * _DIRECTION.get(pattern, 0.5)
        return HistoryAnalysis(
            score=round(score / 2 if circles else score, 4),
            progress=round(progress, 4),
            pattern=pattern,
            circles=circles,
            recommendations=_first(_recommend(turns, repeats, circles)),
        )


def score_pattern(scores: Sequence[float]) -> ScorePattern:
    """Return how scores go: steady within 0.05, else rising or falling when never the other."""
    if len(scores) < FEWEST_STEPS:
        return ScorePattern.UNKNOWN
    if max(scores) - min(scores) <= NOTABLE:
        return ScorePattern.STEADY
    changes = [after - before for before, after in pairwise(scores)]
    if min(changes) >= -NOTABLE and scores[-1] - scores[0] > NOTABLE:
        return ScorePattern.RISING
    if max(changes) <= NOTABLE and scores[0] - scores[-1] > NOTABLE:
        return ScorePattern.FALLING
    return ScorePattern.MIXED


def _progress(turns: Sequence[Turn], repeats: Sequence[Repeat]) -> float:
    old = {repeat.again.step.number for repeat in repeats}
    new = [turn.step.error is None and turn.step.number not in old for turn in turns]
    return sum(new) / len(turns)


def _recommend(
    turns: Sequence[Turn], repeats: Sequence[Repeat], circles: Sequence[Circle]
) -> Iterator[Recommendation]:
    """Yield what to change, what matters most first."""
    for circle in circles:
        others = ", ".join(sorted({_name(action) for action in circle.actions}))
        yield Recommendation(circle.steps[-1], f"take another action than {others}")
    for first, again in repeats:
        action = _name(again.step.action)
        change = f"use what step {first.step.number} observed rather than {action} again"
        yield Recommendation(again.step.number, change)
    for step, _, _ in turns:
        if step.error is not None:
            problem = step.error[:_LONGEST_ERROR]
            change = f"give {_name(step.action)} another input, or take another action: {problem}"
            yield Recommendation(step.number, change)
        elif not step.thought.strip():
            change = f"say what led to {_name(step.action)}, with the figures"
            yield Recommendation(step.number, change)
    yield from _drop(turns)


def _drop(turns: Sequence[Turn]) -> Iterator[Recommendation]:
    before, after = min(pairwise(turns), key=lambda pair: pair[1].score - pair[0].score)
    if before.score - after.score > NOTABLE and after.step.error is None:
        change = (
            f"find out what {_name(after.step.action)} brought to light: the score fell from "
            f"{before.score:.2f} to {after.score:.2f}"
        )
        yield Recommendation(after.step.number, change)


def _first(recommendations: Iterator[Recommendation]) -> tuple[Recommendation, ...]:
    """Return the first few that differ: circles of two kinds may call for the same change."""
    return tuple(islice(dict.fromkeys(recommendations), MOST_RECOMMENDATIONS))


def _name(action: str) -> str:
    """Return an action as it is named in a sentence: a model may have called it anything."""
    return action[:_LONGEST_NAME]
