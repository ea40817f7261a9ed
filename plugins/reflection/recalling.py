"""Recalling: which lessons bear on a task, within bounds. Pure."""

from collections.abc import Iterator, Sequence
from random import Random

from dataagents.core.planning import PlannedTask
from dataagents.core.reflection import Lesson, LessonKind, Lessons, LessonState
from dataagents.core.values import JsonObject
from dataagents.plugins.reflection.methods import preferences
from dataagents.plugins.reflection.naming import split_source
from dataagents.plugins.reflection.similarity import most_similar


def recall(task: PlannedTask, lessons: Sequence[Lesson], seed: int, threshold: float) -> Lessons:
    """Return what bears on a task.

    Args:
        task: A task, or a goal: that has `datasets` among its arguments.
        lessons: All that there are.
        seed: Decides between methods that did about as well as each other.
        threshold: Probability from which on a failure is expected.
    """
    by_kind: dict[LessonKind, list[Lesson]] = {}
    for lesson in lessons:
        if lesson.state.applies:
            by_kind.setdefault(lesson.kind, []).append(lesson)
    factors = by_kind.get(LessonKind.REPUTATION, [])
    judges = by_kind.get(LessonKind.DETECTOR, [])
    sources = sources_of(task)
    methods = by_kind.get(LessonKind.METHOD, []) if "datasets" in task.args else []
    preferred = preferences(methods, sources, Random(seed))
    expected = list(_expected(task, by_kind.get(LessonKind.FORESIGHT, []), threshold))
    words = most_similar(task, sources, by_kind.get(LessonKind.PROMPT, []))
    used = [
        *expected,
        *(each for each in factors if each.value != 1.0),
        *(each for each in judges if each.value != 1.0),
        *(lesson for lesson, _ in preferred),
        *words,
    ]
    return Lessons(
        reputation={each.subject: each.value for each in factors},
        warnings=tuple(each.text for each in expected),
        preferences={lesson.subject: value for lesson, value in preferred},
        foresight={each.subject: facts_of(each) for each in expected},
        weights={each.subject: each.value for each in judges},
        advice=tuple(each.text for each in words),
        applied=tuple(each.id for each in used),
    )


def sources_of(task: PlannedTask) -> frozenset[str]:
    """Return the data sets that a task or a goal is about."""
    listed = task.args.get("datasets")
    named = [*listed] if isinstance(listed, list) else []
    return frozenset(str(each) for each in (*named, task.args.get("dataset", "")) if each)


def facts_of(lesson: Lesson) -> JsonObject:
    """Return what a domain is told about a failure that is to be expected."""
    return dict(lesson.facts)


def _expected(task: PlannedTask, lessons: Sequence[Lesson], threshold: float) -> Iterator[Lesson]:
    """Yield the failures to be expected on a task's sources: all for a goal, else its own."""
    whole, sources = "datasets" in task.args, sources_of(task)
    for lesson in lessons:
        name, source = split_source(lesson.subject)
        meant = source in sources and (whole or name == task.name)
        if meant and (lesson.value >= threshold or lesson.state is LessonState.PINNED):
            yield lesson
