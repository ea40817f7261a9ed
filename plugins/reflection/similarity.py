"""Similarity: which words of advice suit a task. Pure."""

import re
from collections.abc import Collection, Sequence

from dataagents.core.planning import PlannedTask
from dataagents.core.reflection import Lesson
from dataagents.plugins.reflection.naming import split_source

MOST_ADVICE = 3
"""Pieces of advice that one task gets."""
MOST_CHARACTERS = 600
"""Characters of all of them together."""
_SAME_TASK = 2.0
_SAME_SOURCE = 1.0
_ENOUGH = 1.0
_WORD = re.compile(r"[^\W_]{3,}")


def most_similar(
    task: PlannedTask, sources: Collection[str], lessons: Sequence[Lesson]
) -> tuple[Lesson, ...]:
    """Return the advice for a task, the most similar first.

    The same operator counts 2, the same source 1, and the overlap of words (Jaccard's) between the
    task and what the advice is about counts up to 1. A goal gets none: only tasks are reasoned
    about.
    """
    if "datasets" in task.args:
        return ()
    own = _words(f"{task.name} {task.question}")
    scored = [(_similarity(task, sources, own, lesson), lesson) for lesson in lessons]
    found: list[Lesson] = []
    left = MOST_CHARACTERS
    for score, lesson in sorted(scored, key=lambda each: (-each[0], each[1].id)):
        if score < _ENOUGH or len(found) == MOST_ADVICE:
            break
        if len(lesson.text) <= left:
            found.append(lesson)
            left -= len(lesson.text)
    return tuple(found)


def _similarity(
    task: PlannedTask, sources: Collection[str], own: frozenset[str], lesson: Lesson
) -> float:
    name, source = split_source(lesson.subject)
    about = _words(f"{name} {lesson.evidence}")
    either = own | about
    overlap = len(own & about) / len(either) if either else 0.0
    same_source = bool(source) and source in sources
    return _SAME_TASK * (name == task.name) + _SAME_SOURCE * same_source + overlap


def _words(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(text.replace("_", " ")))
