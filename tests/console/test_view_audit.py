"""Commands as lines: who did what and why, what came of it, and how to do it again."""

import shlex
from datetime import UTC, datetime, timedelta

import pytest

from dataagents.console.view.audit_lines import AUDIT, audit_line, audit_listing
from dataagents.console.view.listing import Query
from dataagents.console.view.listing.grammar import parse
from dataagents.console.view.listing.matching import select
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
MOMENT = Moment(NOW)


def command(id="c1", state="executed", **rest):
    made = {"kind": "drain", "target": "agent:etl-7", "actor": "anna", "reason": "too slow"}
    answered = NOW - timedelta(seconds=58) if state else None
    made |= {"made": NOW - timedelta(minutes=1), "answered": answered, "epoch": 9}
    return audit_line(id=id, state=state, **made | rest)


DONE = command(message="agent etl-7 is out of the team", origin="anna@here 12")
WAITS = command("c2", "", actor="ben b")
REFUSED = command("c3", "refused", message="it was meant for the kernel of epoch 8")


def cells(line):
    return [field.cell(line, MOMENT).text for field in AUDIT.fields if field.title]


def read(line):
    return "\n".join(f"{head}\n{text}" for head, text in AUDIT.sections(line, MOMENT))


@pytest.mark.parametrize(
    ("state", "mark"),
    [
        ("", Mark.BUSY),
        ("withdrawn", Mark.NOTE),
        ("executed", Mark.OK),
        ("refused", Mark.FAIL),
        ("failed", Mark.FAIL),
        ("expired", Mark.WARN),
        ("interrupted", Mark.WARN),
        ("of a later version", Mark.NOTE),
    ],
)
def test_the_state_is_told_by_word_and_mark(state, mark):
    line = command(state=state)
    assert line.mark is mark
    assert line.state == (state or "begun")
    assert f"{MOMENT.glyph(mark)} {line.state}" in cells(line)


def test_a_row_says_when_who_what_of_what_and_why():
    assert cells(DONE)[:6] == ["1m00s", "anna", "drain", "agent:etl-7", "● executed", "2.0s"]
    assert "too slow" in cells(DONE)
    assert WAITS.seconds is None
    assert AUDIT.key(DONE) == "command:c1"


def test_everything_about_it_can_be_read():
    text = read(DONE)
    assert "executed after 2.0s: agent etl-7 is out of the team" in text
    assert "anna from anna@here 12" in text
    assert "2026-03-02 13:59:00 UTC, kernel of epoch 9" in text
    assert "dataagents act drain agent:etl-7 --as anna --reason 'too slow'" in text
    assert "it gets nothing new to do" in text


def test_the_line_does_the_same_again():
    line = command(
        kind="cancel", target="run:a b", reason="so; $(rm)", arguments={"x": "1 2"}, store="my s.db"
    ).line
    assert shlex.split(line) == [
        "dataagents", "act", "cancel", "run:a b", "--as", "anna", "--reason", "so; $(rm)",
        "--arg", "x=1 2", "--yes", "--store", "my s.db",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("target", "about"),
    [
        ("agent:a", "agent:a"),
        ("run:r/task:t", "run:r/task:t"),
        ("question:m", "election:m"),
        ("question:r/pay", "run:r"),
        ("run:new", ""),
    ],
)
def test_it_points_to_what_it_was_about(target, about):
    assert command(target=target).about == about


@pytest.mark.parametrize(
    ("preset", "ids"),
    [("all", ["c1", "c2", "c3"]), ("mine", ["c2"]), ("not done", ["c3"]), ("waiting", ["c2"])],
)
def test_presets_leave_what_they_promise(preset, ids):
    listing = audit_listing("ben b")
    (chosen,) = [each for each in listing.presets if each.name == preset]
    query = Query(parse(chosen.filter, listing.fields))
    rows = [DONE, WAITS, REFUSED]
    assert [each.id for each in select(rows, query, listing, MOMENT)] == ids
    assert not [each for each in AUDIT.presets if each.name == "mine"]


def test_hostile_and_missing_values_are_shown_as_text():
    bad = "\x1b]52;c;eA==\x07[red]\u202e"
    line = audit_line(
        id=bad, kind=bad, target=bad, actor=bad, made=None, reason=bad, origin=bad, state=bad,
        message=bad, arguments={bad: bad},
    )  # fmt: skip
    shown = "".join(cells(line)) + read(line) + line.line + line.address
    assert not set("\x1b\x07\u202e") & set(shown)
    assert "None" not in shown
