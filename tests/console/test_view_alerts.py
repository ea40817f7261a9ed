"""Alerts as lines: what they say, how they are marked, what the presets leave."""

from datetime import UTC, datetime, timedelta

import pytest

from dataagents.console.view.alert_lines import ALERTS, alert_line
from dataagents.console.view.listing import Query
from dataagents.console.view.listing.grammar import parse
from dataagents.console.view.listing.matching import select
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
MOMENT = Moment(NOW)


def alert(id="a1", severity="critical", **rest):
    made = {"raised": NOW - timedelta(minutes=5), "rule": "agent_silent", "subject": "etl-7"}
    return alert_line(id=id, severity=severity, **made | {"detail": "no answer for 60 s"} | rest)


STANDING = alert()
MILD = alert("a2", "warning")
SEEN = alert("a3", acknowledged_by="anna", acknowledged_at=NOW, note="disk is on order")
OVER = alert("a4", ended=NOW - timedelta(minutes=1))
ENDED_BY = alert("a5", ended=NOW, resolved_by="ben", resolution="a false alarm")


def cells(line, width=200):
    return [field.cell(line, MOMENT).text for field in ALERTS.fields if field.title]


def read(line):
    return "\n".join(f"{head}\n{text}" for head, text in ALERTS.sections(line, MOMENT))


@pytest.mark.parametrize(
    ("line", "state", "mark"),
    [
        (STANDING, "stands", Mark.FAIL),
        (MILD, "stands", Mark.WARN),
        (SEEN, "acknowledged", Mark.BUSY),
        (OVER, "ended", Mark.IDLE),
    ],
)
def test_only_what_nobody_looks_after_asks_for_attention(line, state, mark):
    assert (line.state, ALERTS.mark(line, MOMENT)) == (state, mark)
    assert ALERTS.key(line) == f"alert:{line.id}"


def test_a_row_says_state_severity_rule_subject_and_age():
    assert cells(STANDING)[:5] == ["✖ stands", "critical", "agent_silent", "etl-7", "5m00s"]
    assert cells(SEEN)[0] == "◐ seen"
    assert "anna" in cells(SEEN)
    assert "4m00s" in cells(OVER), "it lasted from its beginning to its end, not until now"
    assert cells(STANDING)[-1] == "no answer for 60 s"


def test_what_is_not_on_record_is_not_invented():
    line = alert_line(id="x", raised=None)
    assert "None" not in "".join(cells(line)) + read(line)
    assert "a time that is not on record" in read(line)
    assert "times" not in read(STANDING), "how often it was found is unknown"
    assert "found 4 times" in read(alert(count=4))


def test_everything_about_it_can_be_read():
    assert "nobody looks after it yet" in read(STANDING)
    assert "anna looks after it since 2026-03-02 14:00:00 UTC" in read(SEEN)
    assert "disk is on order" in read(SEEN)
    assert "ended 2026-03-02 13:59:00 UTC, 1m00s ago: its condition was gone" in read(OVER)
    assert "by ben" in read(ENDED_BY)
    assert "a false alarm" in read(ENDED_BY)


@pytest.mark.parametrize(
    ("rule", "about"),
    [
        ("agent_silent", "agent:etl-7"),
        ("queue_growing", "agent:etl-7"),
        ("quality_dropped", "dataset:etl-7"),
        ("disk_low", ""),
    ],
)
def test_it_points_to_what_it_is_about(rule, about):
    assert alert(rule=rule).about == about


@pytest.mark.parametrize(
    ("preset", "ids"),
    [
        ("all", ["a1", "a2", "a3", "a4", "a5"]),
        ("standing", ["a1", "a2", "a3"]),
        ("unacknowledged", ["a1", "a2"]),
        ("critical", ["a1", "a3", "a4", "a5"]),
    ],
)
def test_presets_leave_what_they_promise(preset, ids):
    (chosen,) = [each for each in ALERTS.presets if each.name == preset]
    query = Query(parse(chosen.filter, ALERTS.fields))
    rows = [STANDING, MILD, SEEN, OVER, ENDED_BY]
    assert [each.id for each in select(rows, query, ALERTS, MOMENT)] == ids


def test_hostile_texts_are_made_safe():
    bad = "\x1b]52;c;eA==\x07[red]\u202e"
    line = alert_line(
        id=bad, raised=NOW, rule=bad, subject=bad, severity=bad, detail=bad, impact=bad, note=bad,
        acknowledged_by=bad, resolved_by=bad, resolution=bad, ended=NOW,
    )  # fmt: skip
    shown = "".join(cells(line)) + read(line) + line.address + line.about
    assert not set("\x1b\x07\u202e") & set(shown)
    assert "[red]" in shown
