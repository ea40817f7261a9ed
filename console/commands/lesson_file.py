"""Lessons in a store and in files: read, meant by somebody, decided about, exchanged."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dataagents.console.commands.given_file import read_bytes, source_of
from dataagents.console.commands.operator import OPERATOR
from dataagents.console.commands.session import attended
from dataagents.core import InputError
from dataagents.core.events import EventKind
from dataagents.core.reflection import Adaptation, Lesson, LessonState
from dataagents.core.services.reflection.lesson_book import MOST_LESSONS, WINDOW, LessonBook
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import from_json, read_json, to_json
from dataagents.storage import StoreReader

if TYPE_CHECKING:
    from dataagents.core.values import Json

_FORMAT = "dataagents-lessons/1"
_LARGEST = 20_000_000
"""Bytes of a file of lessons; 500 lessons with all they count have a tenth of that."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a lesson, as it is on record."""

    at: datetime
    run: str | None
    made: Adaptation


@dataclass(frozen=True, slots=True)
class Learned:
    """What a store says about lessons."""

    lessons: tuple[Lesson, ...]
    """Those that are not forgotten, by id."""
    changes: tuple[Change, ...]
    """The latest changes of any of them, oldest first."""

    def history(self, lesson: str) -> tuple[Change, ...]:
        """Return the changes of a lesson."""
        return tuple(each for each in self.changes if each.made.lesson.id == lesson)


def read_lessons(store: Path) -> Learned:
    """Return the lessons in a store.

    Raises:
        InputError: There is no such store.
        StoreError: It can't be read.
    """
    return asyncio.run(_read(store))


async def _read(store: Path) -> Learned:
    async with StoreReader(store) as reader:
        events = [each.event for each in await reader.recent(EventKind.LESSON_CHANGED, WINDOW)]
    book = LessonBook()
    book.restore(events)
    changes: list[Change] = []
    for event in events:
        try:
            changes.append(Change(event.at, event.run, from_json(Adaptation, event.body)))
        except InputError:
            continue
    known = [each for each in book.lessons if each.state is not LessonState.FORGOTTEN]
    return Learned(tuple(sorted(known, key=lambda each: each.id)), tuple(changes))


def find_lesson(lessons: Sequence[Lesson], text: str) -> Lesson:
    """Return the lesson that somebody means.

    Args:
        lessons: Those that there are.
        text: An id or a subject, or the beginning or the end of one.

    Raises:
        InputError: None is meant by that, or several are; names the choices.
    """
    exact = [each for each in lessons if text in (each.id, each.subject)]
    meant = exact or [
        each
        for each in lessons
        if text
        and any(name.startswith(text) or name.endswith(text) for name in (each.id, each.subject))
    ]
    if len(meant) == 1:
        return meant[0]
    if meant:
        choices = ", ".join(each.id for each in meant[:8])
        raise InputError(
            f"lesson {text!r}", f"it fits {len(meant)} lessons", hint=f"It may be {choices}."
        )
    names = {each.id for each in lessons} | {each.subject for each in lessons}
    hint = did_you_mean(text, names).strip() or "There are no lessons yet."
    raise InputError(f"lesson {text!r}", "there is no such lesson", hint=hint)


def decide(store: Path, text: str, state: LessonState, reason: str) -> Lesson:
    """Bring a lesson into a state, on record as an operator's decision.

    Raises:
        InputError: There is no such store or lesson.
        StoreError: A kernel has the store open, or it can't be written.
    """

    async def change() -> Lesson:
        async with attended(store) as kernel:
            lesson = find_lesson(kernel.reflection.learned, text)
            return await kernel.reflection.change(lesson.id, state, reason=reason, by=OPERATOR)

    return asyncio.run(change())


def adopt(store: Path, lessons: Sequence[Lesson], reason: str) -> None:
    """Put lessons into a store.

    Raises:
        InputError: There is no such store, or a lesson can't be one.
        StoreError: A kernel has the store open, or it can't be written.
    """

    async def take() -> None:
        async with attended(store) as kernel:
            await kernel.reflection.adopt(lessons, reason=reason, by=OPERATOR)

    asyncio.run(take())


def write_lessons(lessons: Sequence[Lesson], file: str) -> None:
    """Write lessons to a file, or to stdout for `-`.

    Raises:
        InputError: The file can't be written.
    """
    from dataagents.console.commands.output import write_json

    body: dict[str, Json] = {"format": _FORMAT, "lessons": [to_json(each) for each in lessons]}
    if file == "-":
        write_json(body)
        return
    import json

    try:
        Path(file).write_text(json.dumps(body, indent=2, allow_nan=False) + "\n", "utf-8")
    except OSError as error:
        raise InputError(f"file {file}", error.strerror or str(error)) from error


def load_lessons(file: str) -> tuple[Lesson, ...]:
    """Return the lessons in a file that was exported; `-` is stdin.

    Raises:
        InputError: It can't be read, or is no such file; says which lesson is wrong.
    """
    what = source_of(file)
    raw = read_bytes(file, what, _LARGEST)
    try:
        body = read_json(raw)
    except (ValueError, RecursionError) as error:
        raise InputError(what, "it is no JSON object") from error
    listed = body.get("lessons")
    if body.get("format") != _FORMAT or not isinstance(listed, list):
        hint = "Write one with 'dataagents lessons export FILE'."
        raise InputError(what, f"it is no export of lessons ({_FORMAT})", hint=hint)
    if len(listed) > MOST_LESSONS:
        raise InputError(what, f"it has {len(listed):,} lessons, more than {MOST_LESSONS}")
    return tuple(
        from_json(Lesson, each, what=f"{what}: lesson {number}")
        for number, each in enumerate(listed, start=1)
    )
