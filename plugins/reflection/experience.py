"""The experience reflector: five phases after each run, from what happened to what changes."""

from collections.abc import Sequence
from itertools import chain

from pydantic import Field

from dataagents.core import StrategyOptions
from dataagents.core.planning import PlannedTask
from dataagents.core.reflection import (
    Adaptation,
    Experience,
    Lesson,
    LessonKind,
    Lessons,
    Pattern,
    Reflection,
    ReflectionDesk,
    Trend,
)
from dataagents.plugins.reflection.evidence import Review
from dataagents.plugins.reflection.foresight import foresights
from dataagents.plugins.reflection.methods import method_lessons
from dataagents.plugins.reflection.patterns import patterns_of
from dataagents.plugins.reflection.performance import describe, trends_of
from dataagents.plugins.reflection.recalling import recall
from dataagents.plugins.reflection.recurrence import FORESEEN
from dataagents.plugins.reflection.reputation import reputations, weights
from dataagents.plugins.reflection.trials import watched
from dataagents.plugins.reflection.verbal import verbal_lessons


class ExperienceOptions(StrategyOptions):
    """Options of the experience reflector."""

    patience: int = Field(default=4, ge=1)
    """How many successes an agent is credited with before it has done anything."""
    influence: int = Field(default=12, ge=1)
    """For how many tasks what one source says about an agent may count."""
    recurring: int = Field(default=2, ge=2)
    """How often a failure has to happen to count as a pattern."""
    foreseen: float = Field(default=FORESEEN, gt=0, lt=1)
    """Probability from which on a failure is expected; see docs/reflection.md."""
    trial: int = Field(default=3, ge=1)
    """Runs after which a lesson is judged by its effect."""
    verbal: bool = True
    """Whether a model, when there is one, puts failures into words."""
    tolerance: float = Field(default=0.01, ge=0, le=1)
    """Change of a figure that still counts as steady, among too few runs for a test."""


class ExperienceReflector:
    """Depends on nothing but the experiences, the lessons and the desk.

    What it learned is carried by the lessons alone, so it survives the experiences.
    """

    def __init__(self, options: ExperienceOptions) -> None:
        self._options = options

    async def reflect(
        self,
        experiences: Sequence[Experience],
        lessons: Sequence[Lesson],
        desk: ReflectionDesk,
    ) -> Reflection:
        """Return patterns, trends, and how the lessons change by the newest run."""
        options = self._options
        review = Review(experiences, lessons, desk.now())
        patterns = patterns_of(experiences, options.recurring)
        trends = trends_of(experiences, options.tolerance)
        learned = list(self._learned(review))
        problems: tuple[str, ...] = ()
        if options.verbal and desk.model is not None:
            words, problems = await verbal_lessons(review, desk.model, options.trial)
            learned.extend(words)
        adaptations = tuple(watched(learned, review))
        return Reflection(
            id=desk.new_id(),
            at=review.now,
            summary=_summary(experiences, patterns, adaptations),
            patterns=patterns,
            trends=trends,
            insights=(*_insights(patterns, trends, adaptations), *problems),
            adaptations=adaptations,
            run=experiences[-1].run if experiences else None,
        )

    def recall(self, task: PlannedTask, lessons: Sequence[Lesson], seed: int) -> Lessons:
        """Return the lessons that bear on a task, those about sources by similarity."""
        return recall(task, lessons, seed, self._options.foreseen)

    def _learned(self, review: Review) -> chain[Adaptation]:
        options = self._options
        return chain(
            foresights(review, options.foreseen, options.trial),
            method_lessons(review, options.recurring, options.trial),
            reputations(review, options.patience, options.influence),
            weights(review, options.patience, options.influence),
        )


def _insights(
    patterns: Sequence[Pattern], trends: Sequence[Trend], adaptations: Sequence[Adaptation]
) -> tuple[str, ...]:
    """Return what is worth knowing: what recurs, what changed, and what lessons came to."""
    told = [
        f"{each.change}: {each.lesson.text or each.lesson.id} ({each.reason})"
        for each in adaptations
        if each.change in ("kept", "rolled back")
        or (each.change == "learned" and each.lesson.kind not in _COUNTED)
    ]
    moving = [
        describe(each)
        for each in trends
        if each.metric == "quality" or each.direction != "steady" or each.changed_at is not None
    ]
    return (*(pattern.detail for pattern in patterns), *told, *moving)


_COUNTED = (LessonKind.REPUTATION, LessonKind.DETECTOR)
"""Kinds of which there is news after each run."""


def _summary(
    experiences: Sequence[Experience],
    patterns: Sequence[Pattern],
    adaptations: Sequence[Adaptation],
) -> str:
    if not experiences:
        return "There is no experience to reflect on yet."
    successes = sum(experience.success for experience in experiences)
    failures = sum(pattern.kind == "recurring_failure" for pattern in patterns)
    agents = [each.lesson for each in adaptations if each.lesson.kind is LessonKind.REPUTATION]
    doubted = sum(agent.value < 1 for agent in agents)
    parts = [
        f"{successes} of {len(experiences)} runs succeeded",
        f"{failures} recurring {'failure' if failures == 1 else 'failures'}",
        f"{doubted} of {len(agents)} agents with less than full reputation",
    ]
    for change in ("learned", "kept", "rolled back"):
        lessons = sum(
            each.change == change and each.lesson.kind not in _COUNTED for each in adaptations
        )
        if lessons:
            parts.append(f"{lessons} {'lesson' if lessons == 1 else 'lessons'} {change}")
    return f"{'; '.join(parts)}."
