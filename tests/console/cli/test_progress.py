"""The board that live progress shows, and its lines on a terminal of 80 columns."""

import logging
from datetime import UTC, datetime

import pytest

from dataagents.console.commands.output import Screen
from dataagents.console.commands.progress import Board, LiveProgress, ProgressLog
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


def told(stage="reading a.csv", **figures):
    return event(EventKind.TASK_PROGRESS, agent="profiler", stage=stage, **figures)


@pytest.mark.parametrize(
    ("figures", "shown"),
    [
        ({}, "reading a.csv"),
        ({"done": 1_200}, "reading a.csv, 1,200"),
        ({"done": 450_000, "total": 1_000_000}, "reading a.csv, 45% (450,000 of 1,000,000)"),
        ({"done": 12, "total": 10}, "reading a.csv, 100% (12 of 10)"),
        ({"done": 0, "total": 0}, "reading a.csv, 0"),
        ({"done": "x", "total": []}, "reading a.csv"),
    ],
)
def test_how_far_a_task_is_stands_beside_it(figures, shown):
    assert board_after(STARTED, told(**figures)).running["load(a)"].detail == shown


async def test_a_stage_is_logged_when_it_begins_and_then_every_few_seconds(caplog):
    caplog.set_level(logging.INFO)
    clock = FakeClock()
    log = ProgressLog(clock)
    for done in range(12):
        await log.observe([told(done=done, total=12)])
        await clock.advance(1.0)
    await log.observe([told("checking", done=1)])

    assert caplog.messages == [
        "profiler, load(a): reading a.csv, 0% (0 of 12)",
        "profiler, load(a): reading a.csv, 42% (5 of 12)",
        "profiler, load(a): reading a.csv, 83% (10 of 12)",
        "profiler, load(a): checking, 1",
    ]


async def test_a_display_comes_back_after_a_pause_unless_it_was_stopped():
    screen = Screen("stderr")
    with screen.capture(), LiveProgress(screen, "orders", FakeClock()) as display:
        live = display._live
        with display.paused():
            assert not live.is_started
        assert live.is_started
        with display.paused():
            display.stop()
        assert not live.is_started


async def test_what_has_come_from_stdin_is_shown():
    screen = Screen("stderr")
    display = LiveProgress(screen, "stdin", FakeClock())
    display.spooling(2_500_000)
    with screen.capture() as captured:
        screen.print(display.render())
    assert "reading stdin, 2.5 MB" in captured.get()
