"""The status line: what it says at every width, and what it gives up first."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App

from dataagents.console.safe_text import REPLACEMENT
from dataagents.console.source import SourceState
from dataagents.console.view.glyphs import ASCII
from dataagents.console.view.marks import Mark
from dataagents.console.view.status_line import Count, Status, status_parts
from dataagents.console.widgets.status_line import StatusLine

COUNTS = (
    Count("healthy", 981, Mark.OK),
    Count("busy", 0, Mark.BUSY),
    Count("late", 14, Mark.WARN),
    Count("failed", 5, Mark.FAIL),
)
LIVE = Status(
    "live", store="etl.db", pid=4121, epoch=9, lag=0.1, agents=1000, counts=COUNTS, alerts=3,
    unacknowledged=2, now=datetime(2026, 3, 2, 14, 2, 11, tzinfo=UTC),
)  # fmt: skip


def line(status, width, *glyphs):
    return "".join(part.text for part in status_parts(status, width, *glyphs))


def tones(status, width=200):
    return {part.text.strip(): part.tone for part in status_parts(status, width)}


@pytest.mark.parametrize(
    ("width", "said"),
    [
        (160, " LIVE   etl.db  kernel 4121  epoch 9  lag 100ms  read-only ~ 1,000 agents"
              "  ● 981 healthy  ▲ 14 late  ✖ 5 FAILED   ! 2 unacknowledged   14:02:11 UTC"),
        (110, " LIVE   etl.db  kernel 4121  read-only ~ ● 981 healthy  ▲ 14 late  ✖ 5 FAILED"
              "   ! 2 unacknowledged   14:02"),
        (80, " LIVE   etl.db ~ ● 981 healthy  ▲ 14 late  ✖ 5 FAILED   ! 2 unacknowledged "),
        (60, " LIVE   etl.db ~ ▲ 14 late  ✖ 5 FAILED   ! 2 unacknowledged "),
        (40, " LIVE ~ ▲ 14 late  ✖ 5 FAILED   ! 2 "),
        (20, " LIVE ~ ✖ 5   ! 2 "),
        (10, " LIVE "),
        (4, " LI…"),
    ],
)  # fmt: skip
def test_what_is_worth_least_gives_way_first(width, said):
    shown = line(LIVE, width)

    left, _, right = said.partition(" ~ ")
    assert shown.startswith(left)
    assert shown.endswith(right)
    assert not shown[len(left) : len(shown) - len(right)].strip()
    assert cell_len(shown) == width


def test_who_may_act_is_said_longer_than_that_nobody_may():
    armed = replace(LIVE, operator="anna")
    assert "operator anna" in line(armed, 110)
    assert "anna" in line(armed, 60)
    assert "read-only" not in line(armed, 200)
    assert "read-only" in line(LIVE, 200)


@pytest.mark.parametrize("state", SourceState)
def test_every_state_of_the_source_has_a_badge_and_a_reason(state):
    status = replace(LIVE, state=state, sentence="this is why")
    shown = line(status, 80)

    assert f" {state.value.upper()} " in shown
    assert tones(status)[state.value.upper()].startswith("badge-")
    unreadable = state not in ("live", "post-mortem", "stale")
    assert ("this is why" in line(status, 200)) == (state != "live")
    assert ("failed" in shown.lower()) != unreadable, "figures of a store that can't be read"


def test_a_store_that_cannot_be_read_is_told_as_far_as_there_is_room():
    status = Status("missing", "no store at etl.db, again in 2s")
    assert line(status, 30) == " MISSING   no store at etl.db…"
    assert tones(status)["MISSING"] == "badge-fail"


def test_a_dead_kernel_keeps_its_name_where_there_is_no_room_for_its_end():
    status = replace(LIVE, state="post-mortem", sentence="kernel 4121 ended 12s ago")
    assert "kernel 4121 ended 12s ago" in line(status, 110)
    assert "  kernel 4121  " in line(status, 84)


def test_lag_stands_out_when_there_is_some():
    assert tones(LIVE)["lag 100ms"] == "dim"
    late = replace(LIVE, lag=31.0)
    assert tones(late)["lag 31s"] == "warn"
    assert "lag 31s" in line(late, 90)


def test_reading_takes_the_place_of_the_lag():
    status = replace(LIVE, reading=123_456)
    assert "reading, 123,456 events so far" in line(status, 160)
    assert "lag" not in line(status, 160)


def test_a_question_to_a_person_is_said_before_all_that_can_wait():
    asked = replace(LIVE, questions=1)
    assert "? 1 waits for you" in line(asked, 110)
    assert " ? 1 " in line(asked, 40)
    assert "? 2 wait for you" in line(replace(LIVE, questions=2), 110)
    assert tones(asked)["? 1 waits for you"] == "badge-warn"
    assert "?" not in line(LIVE, 160)


def test_alerts_stand_out_while_nobody_has_seen_them():
    assert tones(LIVE)["! 2 unacknowledged"] == "badge-fail"
    assert tones(replace(LIVE, unacknowledged=0))["! 3 alerts"] == "warn"
    assert "!" not in line(replace(LIVE, unacknowledged=0, alerts=0), 200)


def test_a_warning_about_the_machine_is_told_where_there_is_room():
    status = replace(LIVE, warning="SQLite 3.40.1 may damage a store")
    assert "! SQLite 3.40.1 may damage a store" in line(status, 200)
    assert "! warning" in line(status, 160)


def test_the_clock_is_in_utc():
    east = datetime.fromisoformat("2026-03-02T16:02:11+02:00")
    assert line(replace(LIVE, now=east), 200).endswith("14:02:11 UTC")


def test_ascii_says_the_same():
    shown = line(LIVE, 80, ASCII)
    assert shown.isascii()
    assert shown.endswith("+ 981 healthy  ! 14 late  X 5 FAILED   ! 2 unacknowledged ")


hostile = st.text(max_size=300)


@given(
    store=hostile, sentence=hostile, operator=hostile, warning=hostile, word=hostile,
    state=st.sampled_from([*SourceState, "\x1b[2J"]), width=st.integers(0, 200),
)  # fmt: skip
def test_no_text_makes_the_line_longer_or_acts_on_the_terminal(
    store, sentence, operator, warning, word, state, width
):
    status = Status(
        state, sentence, store=store, pid=1, operator=operator, warning=warning,
        counts=(Count(word, 3, Mark.FAIL),), alerts=1,
    )  # fmt: skip
    shown = line(status, width)
    assert sum(cell_len(part.text) for part in status_parts(status, width)) == width
    assert all(each.isprintable() or each.isspace() for each in shown)
    assert "\n" not in shown
    assert "\x1b" not in shown


async def test_the_widget_shows_the_line_and_nothing_is_markup():
    class Lined(App[None]):
        def compose(self):
            yield StatusLine()

    app = Lined()
    async with app.run_test(size=(120, 5)) as pilot:
        app.query_one(StatusLine).show(replace(LIVE, store="[bold]x[/]\x1b"))
        await pilot.pause()
        shown = app.query_one(StatusLine).render_line(0)
        assert f"[bold]x[/]{REPLACEMENT}" in shown.text
        assert shown.cell_length == 120
