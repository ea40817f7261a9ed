"""The waterfall: where rows stand in time, folded gaps, zoom, what goes on, and its ruler."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from dataagents.console.view import Mark, RunsFold, TraceRow, fold, trace_rows
from dataagents.console.view.glyphs import ASCII, UNICODE
from dataagents.console.view.moment import Moment
from dataagents.console.view.runs import RunView
from dataagents.console.view.time_axis import Extent, axis_of, offset, round_step
from dataagents.console.view.waterfall import waterfall
from dataagents.core.events import EventKind
from dataagents.core.planning import ExecutionStep, StepKind

START = datetime(2026, 3, 2, 14, 0, 0, tzinfo=UTC)


def after(seconds):
    return START + timedelta(seconds=seconds)


def row(kind, *spans, mark=Mark.OK, depth=0, address=""):
    times = tuple((after(a), None if b is None else after(b)) for a, b in spans)
    return TraceRow(depth, kind, kind, "", mark, address or f"run:r/{kind}", spans=times)


def drawn(rows, width=20, *, status="done", latest=100.0, now=None, glyphs=UNICODE, **asked):
    run = RunView("r", "clean", START, status=status, latest=after(latest))
    moment = Moment(after(latest if now is None else now), glyphs=glyphs)
    return waterfall(run, rows, moment, width, **asked)


def test_bars_stand_where_their_rows_were_at_work():
    rows = [row("step", (0, 50)), row("step", (50, 100)), row("vote", (25, 75))]
    fall = drawn(rows)

    assert [fall.bar(each, UNICODE).text for each in rows] == [
        "━━━━━━━━━━━         ",
        "          ━━━━━━━━━━",
        "     ━━━━━━━━━━━    ",
    ]


def test_every_bar_is_as_wide_as_asked_and_has_the_tone_of_its_state():
    rows = [row("step", (0, 1), mark=Mark.FAIL), row("messages"), row("step", (99, 100))]
    fall = drawn(rows, 33)

    bars = [fall.bar(each, UNICODE) for each in rows]
    assert [cell_len(bar.text) for bar in bars] == [33, 33, 33]
    assert [bar.tone for bar in bars] == ["fail", "", "ok"]
    assert bars[1].text.isspace()


def test_a_moment_is_a_mark_and_the_shortest_work_one_cell():
    rows = [row("ballot", (50, 50), mark=Mark.NOTE), row("step", (50, 50.001)), row("plan", (0, 9))]
    fall = drawn([*rows, row("step", (9, 100))])

    assert fall.bar(rows[0], UNICODE).text.strip() == "·"
    assert fall.bar(rows[1], UNICODE).text.strip() == "━"


def test_what_has_no_end_goes_on_until_now_as_long_as_the_run_does():
    rows = [row("step", (0, 20)), row("task", (20, None), mark=Mark.BUSY)]

    running = drawn(rows, status="running", latest=30.0, now=200.0, fold=None)
    assert running.bar(rows[1], UNICODE).text == "  ━━━━━━━━━━━━━━━━━▶"
    assert running.whole.end == after(200)

    ended = drawn(rows, status="interrupted", latest=30.0, now=200.0, fold=None)
    assert ended.whole.end == after(30)


def test_a_long_gap_in_which_nothing_happens_is_folded_and_told():
    rows = [row("step", (0, 10)), row("step", (3600, 3610))]
    fall = drawn(rows, 21, latest=3610.0)

    assert fall.bar(rows[0], UNICODE).text == "━━━━━━━━━━           "
    assert fall.bar(rows[1], UNICODE).text == "           ━━━━━━━━━━"
    assert fall.gaps == "an idle gap of 59m50s is folded"
    assert fall.ruler(UNICODE).text == "0s        …1h00m00s  "
    assert drawn(rows, 21, latest=3610.0, fold=None).gaps == ""


def test_what_lasts_over_a_folded_gap_shows_the_fold():
    rows = [
        row("task", (0, 3610)),
        row("step", (0, 10), depth=1),
        row("step", (3600, 3610), depth=1),
    ]
    assert drawn(rows, 21, latest=3610.0).bar(rows[0], UNICODE).text == "━━━━━━━━━━…━━━━━━━━━━"


def test_a_gap_while_a_step_is_under_way_is_no_idle_gap():
    rows = [row("step", (0, 3600)), row("step", (3600, 3610))]

    assert drawn(rows, latest=3610.0).gaps == ""


def test_each_attempt_has_its_bar_and_later_ones_a_mark():
    task = row("task", (0, 20), (60, 100))
    fall = drawn([task])

    bar = fall.bar(task, UNICODE).text
    assert bar.count("▲") == 1
    assert bar.index("▲") > bar.index("━")
    assert [word for _, word, _ in fall.turns] == ["tried again"]


def test_zoom_shows_a_part_and_arrows_where_the_rest_is():
    rows = [row("step", (0, 10)), row("step", (30, 70)), row("step", (90, 100))]
    fall = drawn(rows, 10, zoom=Extent(after(40), after(60)))

    assert [fall.bar(each, UNICODE).text for each in rows] == [
        "◀         ",
        "◀━━━━━━━━▶",
        "         ▶",
    ]
    assert fall.ruler(UNICODE).text.startswith("40s")


def test_one_zooms_to_a_row_and_never_out_of_the_run():
    rows = [row("step", (20, 30)), row("ballot", (50, 50))]
    fall = drawn(rows)

    assert fall.extent_of(rows[0]) == Extent(after(20), after(30))
    assert fall.extent_of(rows[1]) is None
    wide = Extent(after(20), after(30)).zoomed(100.0)
    assert wide.within(fall.whole) == fall.whole
    late = Extent(after(90), after(110)).within(fall.whole)
    assert late == Extent(after(80), after(100))
    assert Extent(after(0), after(10)).shifted(0.5) == Extent(after(5), after(15))
    assert Extent(after(0), after(100)).zoomed(0.5, 0.0) == Extent(after(0), after(50))


def test_ascii_has_no_other_sign():
    rows = [row("task", (0, None), mark=Mark.BUSY), row("ballot", (5, 5), mark=Mark.WARN)]
    fall = drawn(rows, status="running", now=5000.0, glyphs=ASCII)
    text = "".join(fall.bar(each, ASCII).text for each in rows)

    assert (text + fall.ruler(ASCII).text + fall.marks(ASCII).text).isascii()


def test_a_real_run_has_times_for_its_work_and_marks_its_replan(story):
    view = fold(RunsFold(), [*story.kernel(), *story.whole()]).runs["run-1"]
    rows = trace_rows(view)
    fall = waterfall(view, rows, Moment(story.now), 60)
    timed = {each.kind for each in rows if each.spans}

    assert {"plan", "task", "auction", "bid", "step", "vote", "ballot", "replan"} <= timed
    (turn,) = fall.turns
    assert turn[1:] == ("plan replaced", Mark.WARN)
    assert fall.marks(UNICODE).text.count("▲") == 1
    assert all(each[0] <= (each[1] or each[0]) for one in rows for each in one.spans)


def test_a_task_that_is_begun_again_has_two_attempts(story):
    body = {"id": "load(a)"}
    place = {"task": "load(a)", "agent": "transformer"}
    events = [
        story.started(),
        story.event(EventKind.TASK_STARTED, "load(a)", body, **place),
        story.event(
            EventKind.PLAN_STEP,
            "p",
            ExecutionStep(StepKind.RETRIED, "load(a)", 0.5, "attempt 1 in 0.5 s: busy"),
        ),
        story.event(EventKind.TASK_STARTED, "load(a)", body, **place),
        story.event(EventKind.TASK_ENDED, "load(a)", {"success": True}, **place),
    ]
    view = fold(RunsFold(), events).runs["run-1"]
    task = next(each for each in trace_rows(view) if each.kind == "task")

    (first, second) = task.spans
    assert first[0] == events[1].at
    assert first[1] == events[2].at
    assert second == (events[3].at, events[4].at)


def test_a_clock_that_was_put_back_makes_no_bar_negative():
    rows = [row("step", (50, 40)), row("step", (0, 100))]

    assert drawn(rows).bar(rows[0], UNICODE).text.strip()


@pytest.mark.parametrize("width", [0, 1, 2, 7])
def test_no_width_is_too_small(width):
    rows = [row("step", (0, 10)), row("step", (3600, 3610))]
    fall = drawn(rows, width, latest=3610.0)

    assert len(fall.bar(rows[0], UNICODE).text) == fall.width == max(1, width)
    assert len(fall.ruler(UNICODE).text) == fall.width


def test_a_run_without_a_row_is_an_empty_axis():
    fall = drawn([], latest=0.0)

    assert fall.marks(UNICODE).text == ""
    assert len(fall.ruler(UNICODE).text) == 20


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e4)), max_size=20),
    st.integers(1, 200),
    st.sampled_from([None, 0.01, 0.1, 0.5]),
)
def test_later_moments_never_stand_before_earlier_ones(work, width, share):
    busy = [Extent(after(begin), after(begin + length)) for begin, length in work]
    axis = axis_of(busy, Extent(after(0), after(1e6)), width, fold=share)
    moments = sorted(each for extent in busy for each in (extent.begin, extent.end))
    columns = [axis.column(each) for each in moments]

    assert columns == sorted(columns)
    assert all(0 <= column < axis.width for column in columns)
    assert sum(piece.columns for piece in axis.pieces) + len(axis.folds) == axis.width
    assert not {fold.column for fold in axis.folds} & {
        axis.column(each) for each in moments if each < after(1e6)
    }


@pytest.mark.parametrize(
    ("seconds", "step", "text"),
    [
        (0, 1, "0s"),
        (5, 1, "5s"),
        (0.25, 0.05, "0.25s"),
        (65, 5, "1m05s"),
        (3725, 5, "1h02m05s"),
        (3720, 60, "1h02m"),
        (-2, 1, "-2s"),
        (60.5, 0.5, "1m00.5s"),
        (200_000, 7200, "2d07h"),
    ],
)
def test_labels_are_as_exact_as_their_distance(seconds, step, text):
    assert offset(seconds, step) == text


@pytest.mark.parametrize(("least", "step"), [(0.003, 0.005), (3, 5), (61, 120), (90_000, 172_800)])
def test_labels_stand_at_round_times(least, step):
    assert round_step(least) == pytest.approx(step)
