"""Names of lessons: short, readable, and safe to type in a shell."""

import re
from hashlib import sha256

from dataagents.core.reflection import LessonKind

_LONGEST = 48
_PREFIXES = {
    LessonKind.REPUTATION: "reputation",
    LessonKind.METHOD: "method",
    LessonKind.FORESIGHT: "foresight",
    LessonKind.DETECTOR: "detector",
    LessonKind.PROMPT: "advice",
    LessonKind.REVIEW: "review",
}
_UNSAFE = re.compile(r"[^\w.@/+-]+", re.ASCII)


def lesson_id(kind: LessonKind, subject: str) -> str:
    """Return the id of the lesson of a kind about a subject.

    It is the subject itself where that can be typed; else what can be of it, and a digest.
    """
    plain = _UNSAFE.sub("-", subject)[:_LONGEST].strip("-")
    if plain != subject:
        plain = f"{plain}-{sha256(subject.encode()).hexdigest()[:6]}"
    return f"{_PREFIXES[kind]}:{plain}"


def at_source(task: str, source: str) -> str:
    """Return the subject of what is learned about a task on a source."""
    return f"{task}@{source}"


def split_source(subject: str) -> tuple[str, str]:
    """Return the task and the source of a subject; a task's name has no `@`."""
    task, _, source = subject.partition("@")
    return task, source
