"""Answers that are remembered: what a person said about the cells of a data set, as a lesson.

There is one lesson for each data set. It is pinned, for a person said so: reflection leaves it
alone, and `dataagents lessons disable` or `forget` takes it out of force.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from dataagents.core.detection.review import Label
from dataagents.core.errors import InputError
from dataagents.core.reflection import Lesson, LessonKind, LessonState
from dataagents.core.values import from_json, to_json

_UNSAFE = re.compile(r"[^\w.+-]+", re.ASCII)
_LONGEST = 48


@dataclass(frozen=True, slots=True)
class _Answers:
    labels: tuple[Label, ...] = ()


def review_lesson(dataset: str, labels: Sequence[Label], at: datetime) -> Lesson:
    """Return the lesson that keeps what a person said about the cells of a data set.

    Args:
        dataset: Its name.
        labels: All answers, those of earlier reviews included.
        at: When.
    """
    wrong = sum(each.wrong for each in labels)
    counted = "1 cell" if len(labels) == 1 else f"{len(labels):,} cells"
    return Lesson(
        id=_id(dataset),
        kind=LessonKind.REVIEW,
        subject=dataset,
        value=1.0,
        low=0.0,
        high=1.0,
        evidence=f"a person judged {counted}: {wrong:,} wrong, {len(labels) - wrong:,} right",
        samples=len(labels),
        at=at,
        state=LessonState.PINNED,
        text=f"cells of {dataset} are judged in the light of {counted} that a person judged",
        facts=to_json(_Answers(tuple(labels))),
    )


def reviewed(lessons: Iterable[Lesson], dataset: str) -> tuple[Label, ...]:
    """Return what a person said about the cells of a data set; nothing where that is disabled."""
    for lesson in lessons:
        if lesson.kind is LessonKind.REVIEW and lesson.subject == dataset and lesson.state.applies:
            try:
                return from_json(_Answers, lesson.facts).labels
            except InputError:
                return ()
    return ()


def _id(dataset: str) -> str:
    plain = _UNSAFE.sub("-", dataset)[:_LONGEST].strip("-")
    if plain != dataset:
        plain = f"{plain}-{sha256(dataset.encode(errors='surrogatepass')).hexdigest()[:6]}"
    return f"review:{plain}"
