"""The board that live progress shows, and its lines on a terminal of 80 columns."""

from datetime import UTC, datetime

import pytest

from dataagents.console.commands.output import Screen
from dataagents.console.commands.progress import Board, LiveProgress
from dataagents.core import Event, EventKind
from dataagents.core.testing import FakeClock

LONG = "profile the first of many columns \x1b[2J" * 10


def event(kind, subject="load(a)", agent=None, task="load(a)", **body):
    return Event("e", datetime(2026, 1, 1, tzinfo=UTC), kind, subject, body, "run", task, agent)


STARTED = event(EventKind.TASK_STARTED, agent="profiler")
PLAN = {"tasks": [{"id": "load(a)"}, {"id": "parse(a)"}]}
STEP = event(EventKind.STEP_TAKEN, number=1, action="look", observation=LONG)


def board_after(*events):
    board = Board()
    for number, each in enumerate(events):
        board.apply(each, float(number))
    return board


def test_a_task_is_shown_from_its_start_to_its_end():
    made = event(EventKind.PLAN_MADE, "plan", **PLAN)
    board = board_after(made, STARTED, STEP)
    assert board.planned == {"load(a)", "parse(a)"}
    assert (board.running["load(a)"].agent, board.running["load(a)"].since) == ("profiler", 1.0)
    assert board.running["load(a)"].detail.startswith("step 1, look: profile the first")

    board.apply(event(EventKind.TASK_ENDED, success=True), 3.0)
    assert (board.running, board.done) == ({}, {"load(a)"})


def test_a_failed_task_is_not_done_and_a_replan_counts():
    replaced = event(EventKind.PLAN_REPLACED, "plan-2", plan={"tasks": [{"id": "other(a)"}]})
    board = board_after(STARTED, event(EventKind.TASK_ENDED, success=False), replaced)

    assert (board.done, board.running, board.replans) == (set(), {}, 1)
    assert board.planned == {"other(a)"}


def test_a_vote_is_told():
    opened = event(EventKind.ELECTION_OPENED, "m", question="Release?", voters=["a", "b"])
    assert board_after(STARTED, opened).running["load(a)"].detail == "2 agents vote: Release?"


@pytest.mark.parametrize("kind", list(EventKind))
def test_a_body_of_another_shape_is_no_failure(kind):
    board_after(event(kind, plan=3, tasks="x", voters={}, number="one"))


async def test_no_line_is_full_and_nothing_is_obeyed(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    screen, clock = Screen("stderr"), FakeClock()
    progress = LiveProgress(screen, "orders", clock)
    await progress.observe([STARTED, STEP])
    await clock.advance(2.5)
    with screen.capture() as captured:
        screen.print(progress.render())

    lines = captured.get().splitlines()
    assert max(map(len, lines)) < 80
    assert "load(a)" in lines[1]
    assert "2.5s" in lines[1]
    assert "\x1b" not in captured.get()
