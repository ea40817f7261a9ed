"""Lessons in the trace of a run that is read from a store, as `dataagents trace` does."""

import asyncio
from dataclasses import replace

import pytest
from rich.console import Console

from dataagents.console.commands.trace import read_run
from dataagents.console.commands.tree import tree_of
from dataagents.core.events import EventKind
from dataagents.core.reflection import Adaptation, Lesson, LessonKind
from dataagents.storage import SqliteStore


def changed(story, evidence, run):
    lesson = Lesson(
        "foresight:parse_csv@prices", LessonKind.FORESIGHT, "parse_csv@prices", 1.0, 0.0, 1.0,
        evidence, 1, story.now, facts={"trigger": "failed task"},
    )  # fmt: skip
    adaptation = Adaptation("learned", lesson, "")
    return story.event(EventKind.LESSON_CHANGED, lesson.id, adaptation, run=run)


@pytest.fixture
def store(tmp_path, story):
    """A store in which a lesson was changed before, by and after a run that applied it."""
    path = tmp_path / "store.db"
    ran = story.whole()
    events = [
        changed(story, "failed in 1 of 2 runs", None),
        changed(story, "failed in 2 of 2 runs", "an earlier one"),
        *[replace(event, id=f"ran-{number}") for number, event in enumerate(ran)],
        story.experience("foresight:parse_csv@prices", "gone\x1b[2J"),
        changed(story, "failed in 3 of 3 runs", "run-1"),
        changed(story, "failed in 4 of 4 runs", "a later one"),
    ]

    async def write():
        async with SqliteStore(path) as store:
            await store.commit(events)

    asyncio.run(write())
    return path


def shown(view):
    console = Console(width=160, no_color=True, force_terminal=False)
    with console.capture() as captured:
        console.print(tree_of(view))
    return captured.get()


async def test_a_lesson_is_told_with_the_evidence_that_there_was_when_it_was_applied(store):
    view = await read_run(store, "run-1")

    assert [lesson.evidence for lesson in view.applied] == ["failed in 2 of 2 runs", ""]
    told = shown(view)
    applied = told.index("applied lesson foresight parse_csv@prices failed in 2 of 2 runs")
    assert "trigger failed task → planned up front" in told
    assert told.index("plan 3 tasks") < applied < told.index("phase root task")
    assert "\x1b" not in told


async def test_the_trace_tells_phases_changes_and_what_was_learned(store):
    told = shown(await read_run(store, "run-1"))

    for part in (
        "phase decomposition (2ms) 2 methods, 3 tasks",
        "critical path: load(prices); parse_csv(prices)",
        "contingency: parse as a sheet",
        "replan failed task",
        "change: +1 -1 ~0, kept 1 of 2, stability 0.50",
        "added: parse_sheet(prices)",
        "lesson foresight parse_csv@prices learned: it failed",
        "expected effect: replans better by 0.5 than 1, judged after 3 runs",
    ):
        assert part in told
