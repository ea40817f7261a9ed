"""Runs as a list: states, marks, what is shown, filters, and hostile text."""

from datetime import UTC, datetime, timedelta

import pytest

from dataagents.console.view.listing.grammar import parse
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment
from dataagents.console.view.run_lines import RUNS, run_line

START = datetime(2026, 3, 2, 14, 0, 0, tzinfo=UTC)
LIVE = Moment(START + timedelta(seconds=90))
DEAD = Moment(START + timedelta(seconds=90), live=False)


def run(status="done", **more):
    return run_line(id="r1", started=START, goal="clean", status=status, **more)


def shown(row, moment=LIVE):
    return {field.name: field.cell(row, moment).text for field in RUNS.fields if field.title}


@pytest.mark.parametrize(
    ("status", "mark"),
    [
        ("running", Mark.BUSY),
        ("done", Mark.OK),
        ("failed", Mark.FAIL),
        ("rejected", Mark.FAIL),
        ("withheld", Mark.WARN),
        ("cancelled", Mark.WARN),
        ("something new", Mark.NOTE),
    ],
)
def test_every_state_has_a_mark_and_its_word(status, mark):
    row = run(status)

    assert RUNS.mark(row, LIVE) is mark
    assert shown(row)["state"] == f"{LIVE.glyph(mark)} {status}"


def test_a_run_whose_kernel_is_gone_was_interrupted():
    row = run("running")

    assert (row.state(LIVE), row.state(DEAD)) == ("running", "interrupted")
    assert (shown(row)["took"], shown(row, DEAD)["took"]) == ("1m30s", "")
    assert RUNS.mark(row, DEAD) is Mark.WARN


def test_tasks_are_shown_as_done_of_begun_and_failures_stand_out():
    row = run("failed", tasks=7, done=5, failed=2, last_failure=811, seconds=3.2)
    cells = shown(row)

    assert (cells["tasks"], cells["failed"], cells["took"]) == ("5/7", "2", "3.2s")
    failed = next(field for field in RUNS.fields if field.name == "failed")
    assert failed.cell(row, LIVE).tone == "fail"
    assert dict(RUNS.sections(row, LIVE))["tasks"] == "5 of 7 tasks begun are done, 2 failed"
    assert row.last_failure == 811


def test_a_run_without_a_task_says_nothing_of_them():
    assert shown(run("running"))["tasks"] == ""
    assert dict(RUNS.sections(run(), LIVE))["tasks"] == "none was begun"


def test_many_data_sets_are_named_briefly_and_all_in_the_details():
    inputs = {f"d{n}": f"/in/d{n}.csv" for n in range(5)}
    row = run(inputs=inputs)

    assert shown(row)["data"] == "d0, d1, d2 and 2 more"
    assert dict(RUNS.sections(row, LIVE))["files"].count("\n") == 4
    assert "d4: /in/d4.csv" in dict(RUNS.sections(row, LIVE))["files"]


def test_only_what_is_done_counts_as_finished():
    assert RUNS.finished(run("done"), LIVE)
    assert not RUNS.finished(run("failed"), LIVE)
    assert not RUNS.finished(run("running"), LIVE)


def test_a_run_has_an_address_a_time_and_a_place():
    row = run(place=12)

    assert (RUNS.key(row), RUNS.at(row), RUNS.place(row)) == ("run:r1", START, 12)


def test_its_filters_are_valid():
    for preset in RUNS.presets:
        parse(preset.filter, RUNS.fields)


def test_text_from_data_can_not_act_on_a_terminal():
    row = run_line(
        id="\x1b[2J", started=START, goal="a\x9bb", status="\x1b]0;x", reason="x\x07",
        inputs={"\x1b": "\u202e/in"},
    )  # fmt: skip
    text = "".join(shown(row).values()) + "".join(map("".join, RUNS.sections(row, LIVE)))

    assert not set("\x1b\x9b\x07\u202e") & set(text)


def test_what_is_not_known_is_left_empty():
    row = run_line(id="r", started=START, goal=None, status=None, reason=None, inputs=None)

    assert (row.goal, row.status, row.reason, row.inputs) == ("", "running", "", ())
    assert shown(row)["quality"] == ""
