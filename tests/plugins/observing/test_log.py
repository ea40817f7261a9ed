import logging

import pytest

from dataagents.core.events import EventKind
from dataagents.core.testing import ObserverContract
from dataagents.core.testing.operation import HOSTILE, event
from dataagents.plugins.observing.log import LogObserver


class TestLog(ObserverContract):
    def observer(self):
        return LogObserver()


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.DEBUG, logger="dataagents.events")
    return lambda: caplog.records


async def test_an_event_is_one_line_with_what_it_says(lines):
    await LogObserver().observe([event(text="12 rows")])
    assert [line.getMessage() for line in lines()] == ["task.ended 12 rows: 12 rows"]


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        (EventKind.ALERT_RAISED, logging.WARNING),
        (EventKind.RUN_ENDED, logging.INFO),
        (EventKind.STEP_TAKEN, logging.DEBUG),
        ("somebody.else", logging.DEBUG),
    ],
)
async def test_what_people_want_to_read_has_a_level_of_its_own(lines, kind, level):
    await LogObserver().observe([event(kind=kind)])
    assert lines()[0].levelno == level


async def test_hostile_text_can_not_move_the_cursor_or_start_a_line(lines):
    await LogObserver().observe([event(text=HOSTILE)])
    (line,) = (record.getMessage() for record in lines())
    assert "\x1b" not in line
    assert "\n" not in line
    assert "\u202e" not in line
    assert line.isprintable()


async def test_a_long_text_is_cut(lines):
    await LogObserver().observe([event(kind="x", text="a" * 500)])
    assert len(lines()[0].getMessage()) < 500 + 310


def test_it_wants_what_somebody_reads(caplog):
    wants = LogObserver().wants
    caplog.set_level(logging.INFO, logger="dataagents.events")
    assert (wants(EventKind.RUN_ENDED), wants(EventKind.STEP_TAKEN)) == (True, False)
    caplog.set_level(logging.ERROR, logger="dataagents.events")
    assert not wants(EventKind.RUN_ENDED)
