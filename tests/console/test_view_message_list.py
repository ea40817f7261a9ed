"""Messages as a list."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dataagents.console.view import Mark
from dataagents.console.view.listing import Query
from dataagents.console.view.listing.grammar import parse
from dataagents.console.view.listing.matching import select
from dataagents.console.view.message_lines import MESSAGES, message_line, message_lines
from dataagents.console.view.moment import Moment
from dataagents.core.events import EventKind
from dataagents.core.messaging import Message, MessageType, Receipt, ReceiptStatus
from dataagents.core.testing.clock import START
from tests.support.decided import stored

MOMENT = Moment(START + timedelta(seconds=10))
DEAD = replace(MOMENT, live=False)


def message(id="m-1", **more):
    facts = {
        "place": 3, "id": id, "at": START, "type": "task_request", "sender": "coordinator",
        "recipient": "profiler", "run": "run-1",
    }  # fmt: skip
    return message_line(**{**facts, **more})


@pytest.mark.parametrize(
    ("more", "moment", "state"),
    [
        ({"status": "delivered"}, MOMENT, ("delivered", Mark.OK)),
        ({"status": "queued"}, MOMENT, ("queued", Mark.OK)),
        ({"status": "mailbox_full"}, MOMENT, ("mailbox full", Mark.FAIL)),
        ({"reply_to": "m-0"}, MOMENT, ("answer", Mark.NOTE)),
        ({"reply_to": "m-0", "status": "expired"}, MOMENT, ("expired", Mark.FAIL)),
        ({}, MOMENT, ("on its way", Mark.BUSY)),
        ({}, DEAD, ("no receipt", Mark.IDLE)),
        ({"deadline": START + timedelta(seconds=9)}, MOMENT, ("overdue", Mark.WARN)),
        ({"deadline": START + timedelta(seconds=11)}, MOMENT, ("on its way", Mark.BUSY)),
        (
            {"status": "delivered", "seconds": 3.0, "deadline": START + timedelta(seconds=2)},
            MOMENT,
            ("delivered late", Mark.WARN),
        ),
        (
            {"status": "delivered", "seconds": 1.0, "deadline": START + timedelta(seconds=2)},
            MOMENT,
            ("delivered", Mark.OK),
        ),
    ],
)
def test_a_message_stands_as_its_receipt_and_its_deadline_say(more, moment, state):
    assert message(**more).state(moment) == state


def test_events_become_the_lines_that_the_store_gives():
    sent = Message(
        "m-1", "coordinator", "profiler", START, MessageType.TASK_REQUEST, {"id": "load(a)"},
        conversation="c-1", run="run-1", deadline=START + timedelta(seconds=5),
    )  # fmt: skip
    receipt = Receipt("m-1", "profiler", ReceiptStatus.AGENT_FAILED, START, "KeyError", 0.5)
    lost = Receipt("m-9", "nobody", ReceiptStatus.UNKNOWN_RECIPIENT, START, "no such agent")
    lines = message_lines(
        [
            stored(3, EventKind.MESSAGE_SENT, "m-1", sent),
            stored(4, EventKind.MESSAGE_SETTLED, "m-1", receipt),
            stored(5, EventKind.MESSAGE_SETTLED, "m-9", lost),
            stored(6, EventKind.RUN_ENDED, "run-1", {}),
        ]
    )

    assert lines[0] == message(
        payload=sent.payload, conversation="c-1", status="agent_failed", reason="KeyError",
        seconds=0.5, deadline=sent.deadline,
    )  # fmt: skip
    assert (lines[1].sender, lines[1].recipient, lines[1].reason) == (
        "?",
        "nobody",
        "no such agent",
    )
    told = dict(MESSAGES.sections(lines[0], MOMENT))
    assert told["state"] == "✖ agent failed after 500ms"
    assert told["says"] == "id: load(a)"
    assert told["conversation"] == "conversation:c-1"


@pytest.mark.parametrize(
    ("preset", "found"),
    [
        ("all", "1 2 3 4 5 6"),
        ("undelivered", "2"),
        ("late", "3"),
        ("no checks", "1 2 3 5 6"),
        ("votes", "5"),
        ("auctions", "6"),
        ("tasks", "1 2 3"),
    ],
)
def test_presets_find_what_they_are_called(preset, found):
    lines = (
        message("1", status="delivered"),
        message("2", status="expired"),
        message("3", deadline=START),
        message("4", type="health_check"),
        message("5", type="validation_vote", reply_to="x"),
        message("6", type="call_for_bids"),
    )
    (filter_,) = [each.filter for each in MESSAGES.presets if each.name == preset]
    query = Query(parse(filter_, MESSAGES.fields))

    assert " ".join(line.id for line in select(lines, query, MESSAGES, MOMENT)) == found


def test_what_arrived_is_over_and_what_failed_is_not():
    arrived, answer, failed, open_ = (
        message(status="delivered"),
        message(reply_to="x"),
        message(status="refused"),
        message(),
    )

    assert [MESSAGES.finished(each, MOMENT) for each in (arrived, answer, failed, open_)] == [
        True, True, False, False,
    ]  # fmt: skip


def test_hostile_text_becomes_harmless_wherever_it_is_shown():
    evil = "\x1b]0;x\x07\u202e[@click=app.quit]"
    line = message(
        sender=evil, recipient=evil, type=evil, payload={"id": evil, evil: [evil]}, reason=evil,
        conversation=evil, status=evil,
    )  # fmt: skip
    shown = [
        *(field.cell(line, MOMENT).text for field in MESSAGES.fields),
        *(text for _, text in MESSAGES.sections(line, MOMENT)),
    ]

    assert not any(character in text for text in shown for character in "\x1b\x07\u202e")
