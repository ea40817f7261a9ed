"""How lessons look: what each is about, what it changes, what it rests on, where it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dataagents.core.reflection import Adaptation, Expectation, Lesson, LessonKind
from dataagents.plugins.reporting.measures import part_of

MOST_LESSONS: Final = 60
_EFFECTS: Final[Mapping[LessonKind, str]] = {
    LessonKind.REPUTATION: "the quality that it promises counts {value:.3g} times",
    LessonKind.METHOD: "tried in the order of how well methods did, this one {value:.3g}",
    LessonKind.FORESIGHT: "planned up front",
    LessonKind.DETECTOR: "its ballots weigh {value:.3g} times as much",
    LessonKind.PROMPT: "told to the model",
    LessonKind.REVIEW: "the next vote on its cells goes by the answers",
}
_FACTORS: Final = (LessonKind.REPUTATION, LessonKind.DETECTOR)
"""Kinds whose value is a factor, so that 1 changes nothing."""


@dataclass(frozen=True, slots=True)
class LessonRow:
    """A lesson, laid out."""

    change: str
    """`applied`, `learned`, `updated`, `kept` or `rolled back`."""
    kind: str
    subject: str
    text: str
    effect: str
    trigger: str
    """What is expected to go wrong; empty where it foresees nothing."""
    evidence: str
    reason: str
    expected: str
    observed: float | None
    state: str
    uses: int
    value: float
    low: float
    high: float
    place: float
    """Where the value is between its bounds, from 0 to 1."""


def applied_rows(lessons: Sequence[Lesson]) -> tuple[LessonRow, ...]:
    """Lay out lessons of earlier runs that changed something in this one."""
    return tuple(_row(each, "applied", "") for each in lessons[:MOST_LESSONS])


def learned_rows(adaptations: Sequence[Adaptation]) -> tuple[LessonRow, ...]:
    """Lay out what a reflection did with lessons: the new before those brought up to date."""
    ranked = sorted(
        adaptations, key=lambda each: (each.change == "updated", each.lesson.kind in _FACTORS)
    )
    return tuple(_row(each.lesson, each.change, each.reason) for each in ranked[:MOST_LESSONS])


def expected_effect(expected: Expectation | None) -> str:
    """Return the effect that is expected of a lesson, in words; empty when none is watched."""
    if expected is None:
        return ""
    better = f"better by {expected.least:.3g}" if expected.least else "no worse"
    return (
        f"{expected.metric} {better} than {expected.baseline:.3g}, "
        f"judged after {expected.trial} runs"
    )


def _row(lesson: Lesson, change: str, reason: str) -> LessonRow:
    trigger = lesson.facts.get("trigger")
    neutral = lesson.kind in _FACTORS and f"{lesson.value:.3g}" == "1"
    return LessonRow(
        change=change,
        kind=lesson.kind.value,
        subject=lesson.subject,
        text=lesson.text,
        effect="nothing yet" if neutral else _EFFECTS[lesson.kind].format(value=lesson.value),
        trigger=trigger if isinstance(trigger, str) else "",
        evidence=lesson.evidence,
        reason="" if reason == lesson.evidence else reason,
        expected=expected_effect(lesson.expected),
        observed=lesson.observed,
        state=lesson.state.value,
        uses=lesson.uses,
        value=lesson.value,
        low=lesson.low,
        high=lesson.high,
        place=part_of(lesson.value - lesson.low, lesson.high - lesson.low),
    )
