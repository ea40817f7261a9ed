"""What `dataagents lessons` shows: a table of all, and one with its history."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Group as Lines
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from dataagents.console.commands.lesson_file import Change
from dataagents.console.commands.narrow import Column, fitting
from dataagents.console.commands.output import shown
from dataagents.core.reflection import Lesson, LessonState
from dataagents.core.values import Json, to_json

_STYLES = {
    LessonState.TRIAL: "yellow",
    LessonState.KEPT: "green",
    LessonState.PINNED: "cyan",
    LessonState.ROLLED_BACK: "red",
    LessonState.DISABLED: "dim",
    LessonState.FORGOTTEN: "dim",
}


def lessons_report(lessons: Sequence[Lesson]) -> RenderableType:
    """Return all lessons as a table."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("lesson", overflow="fold")
    table.add_column("state", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("evidence", overflow="fold")
    table.add_column("effect", overflow="fold")
    for each in lessons:
        table.add_row(
            shown(each.id),
            Text(each.state.value, _STYLES[each.state]),
            f"{each.value:.2f}",
            shown(each.evidence),
            shown(effect_of(each)),
        )
    return table


def lessons_json(lessons: Sequence[Lesson]) -> dict[str, Json]:
    """Return all lessons as JSON."""
    return {"lessons": [_plain(each) for each in lessons]}


def lesson_report(lesson: Lesson, history: Sequence[Change], width: int) -> RenderableType:
    """Return a lesson with everything that is known of it."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column("what", style="dim", no_wrap=True)
    table.add_column("value", overflow="fold")
    for what, value in _told(lesson):
        table.add_row(what, shown(value))
    columns = (
        Column("when (UTC)"), Column("change"), Column("value", "right", 2),
        Column("by", "left", 1), Column("why", least=16, folds=True), Column("run", "left", 3),
    )  # fmt: skip
    rows = [
        (
            f"{each.at:%Y-%m-%d %H:%M:%S}",
            shown(each.made.change),
            f"{each.made.lesson.value:.2f}",
            shown(each.made.by or "reflection"),
            shown(each.made.reason),
            shown(each.run or "-"),
        )
        for each in history
    ]
    changes = fitting(columns, rows, width)
    head = Text.assemble(shown(lesson.id, "bold"), "  ", (lesson.state, _STYLES[lesson.state]))
    return Lines(head, table, changes)


def lesson_json(lesson: Lesson, history: Sequence[Change]) -> dict[str, Json]:
    """Return a lesson and its history as JSON."""
    changes: list[Json] = [
        {
            "at": each.at.isoformat(),
            "change": each.made.change,
            "state": each.made.lesson.state.value,
            "value": each.made.lesson.value,
            "by": each.made.by,
            "reason": each.made.reason,
            "run": each.run,
        }
        for each in history
    ]
    return {**_plain(lesson), "history": changes}


def effect_of(lesson: Lesson) -> str:
    """Return what was expected of a lesson and what is observed."""
    expected = lesson.expected
    if expected is None:
        return "corrects itself"
    seen = "not seen yet" if lesson.observed is None else f"{lesson.observed:.2f} with it"
    wanted = f"better by {expected.least:.2f}" if expected.least else "no worse"
    runs = f"{lesson.uses} of {expected.trial} runs" if lesson.uses < expected.trial else "done"
    before = f"{expected.metric} {expected.baseline:.2f} before"
    return f"{before}, {seen}; wanted {wanted}; trial: {runs}"


def _told(lesson: Lesson) -> Iterator[tuple[str, str]]:
    yield "changes", f"{lesson.kind.value} of {lesson.subject}"
    yield "says", lesson.text
    yield "value", f"{lesson.value:.3f}, never below {lesson.low:g} nor above {lesson.high:g}"
    yield "evidence", f"{lesson.evidence} ({lesson.samples} counted)"
    yield "learned", f"{lesson.at:%Y-%m-%d %H:%M:%S} UTC"
    yield "effect", effect_of(lesson)
    yield "applied", f"in {lesson.uses} {'run' if lesson.uses == 1 else 'runs'}"
    for name, value in lesson.facts.items():
        listed = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        yield name, listed


def _plain(lesson: Lesson) -> dict[str, Json]:
    plain = to_json(lesson)
    del plain["counts"]
    return plain
