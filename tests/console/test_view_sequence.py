"""Conversations as a sequence of arrows between lanes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from rich.cells import cell_len

from dataagents.console.view import Mark
from dataagents.console.view.exchanges import row_sections, sequence
from dataagents.console.view.glyphs import ASCII
from dataagents.console.view.message_lines import message_line
from dataagents.console.view.moment import Moment
from dataagents.console.view.sequence import lane_spans, lanes_for, sequence_cells
from dataagents.core.testing.clock import START

MOMENT = Moment(START + timedelta(seconds=20), glyphs=ASCII)


def said(id, seconds, sender, recipient, type, **more):
    at = START + timedelta(seconds=seconds)
    return message_line(
        place=id, id=f"m-{id}", at=at, sender=sender, recipient=recipient, type=type, **more
    )


VOTE = (
    said(1, 0, "election", "ana", "call_for_votes", status="delivered"),
    said(2, 0.001, "election", "bob", "call_for_votes", status="expired", reason="no answer"),
    said(3, 0.12, "ana", "election", "validation_vote", reply_to="m-1", payload={"choice": "yes"}),
    said(4, 7, "election", "ana,bob", "consensus_result", status="delivered"),
    said(5, 7.1, "bob", "bob", "task_request"),
)


def drawn(messages=VOTE, width=80, moment=MOMENT):
    layout = lanes_for(messages, width, moment)
    rows = [sequence_cells(row, layout, moment) for row in sequence(messages)]
    return layout, [(time.text, lanes.text.rstrip(), words.text) for time, lanes, words in rows]


def test_messages_are_arrows_between_lanes_and_answers_are_dashed():
    layout, lines = drawn()

    assert layout.names == ("election", "ana", "bob")
    assert layout.heading.split() == ["election", "ana", "bob"]
    assert lines == [
        (f"{START:%H:%M:%S}.000",
         "      |------------>            |",
         "+ call_for_votes, answered in 120ms"),
        (f"{START:%H:%M:%S}.001",
         "      |-------------------------X",
         "X call_for_votes expired, no answer: no answer"),
        (f"{START:%H:%M:%S}.120",
         "      <............|            |",
         ". validation_vote, after 120ms: yes"),
        ("", "      .            .            .", "6.9s later"),
        (f"{START + timedelta(seconds=7):%H:%M:%S}.000",
         "      |------------>------------>",
         "+ consensus_result"),
        (f"{START + timedelta(seconds=7):%H:%M:%S}.100",
         "      |            |            |*-",
         "* task_request on its way"),
    ]  # fmt: skip


@pytest.mark.parametrize("width", [40, 60, 80, 160])
def test_every_line_has_exactly_the_cells_of_the_lanes(width):
    messages = (*VOTE, said(9, 8, "名前が長いエージェント", "ana", "bid"))
    layout = lanes_for(messages, width, MOMENT)

    assert cell_len(layout.heading) == layout.width == layout.columns[1].width
    for row in sequence(messages):
        spans = lane_spans(row, layout, MOMENT)
        assert sum(len(span.text) for span in spans) == layout.width


def test_a_thousand_participants_share_the_last_lane_and_are_named():
    messages = [
        said(n, n / 100, "election", f"agent-{n:04}", "call_for_votes", status="delivered")
        for n in range(1_000)
    ]
    layout, lines = drawn(messages)

    assert layout.names[0] == "election"
    assert len(layout.names) + len(layout.others) == 1_001
    assert layout.sentence.startswith("others: agent-00")
    assert layout.sentence.endswith(" more")
    assert lines[500][2] == "! to agent-0500: call_for_votes, no answer"
    assert all(len(lane) <= layout.width for _, lane, _ in lines)


def test_the_busiest_have_lanes_of_their_own():
    messages = [
        said(n, n, f"quiet-{n}", "hub", "data_request", status="delivered") for n in range(20)
    ]
    messages += [said(100 + n, 50 + n, "busy", "hub", "data_request") for n in range(3)]
    layout = lanes_for(messages, 80, MOMENT)

    assert "busy" in layout.names
    assert "hub" in layout.names
    assert layout.has("busy")
    assert not layout.has("quiet-19")
    assert layout.centre("quiet-19") == layout.centre("quiet-18")


def test_names_that_begin_alike_are_told_apart_by_their_ends():
    messages = [
        said(n, n, "hub", each, "bid")
        for n, each in enumerate(("validator-valid", "validator-unique", "profiler"))
    ]

    assert lanes_for(messages, 80, MOMENT).heading.split() == [
        "hub", "~or-valid", "~r-unique", "profiler",
    ]  # fmt: skip


def test_parts_of_a_line_have_their_own_tones():
    layout = lanes_for(VOTE, 80, MOMENT)
    spans = lane_spans(sequence(VOTE)[1], layout, MOMENT)

    assert [span.tone for span in spans] == ["dim", "fail", "dim"]
    assert spans[1].text == "-" * 25 + "X"


def test_a_request_says_when_it_was_answered_or_that_it_was_not():
    rows = {row.key: row for row in sequence(VOTE)}

    assert rows["message:m-1"].answered == pytest.approx(0.12)
    assert rows["message:m-3"].latency == pytest.approx(0.12)
    assert rows["message:m-3"].answers_type == "call_for_votes"
    assert rows["message:m-2"].unanswered(MOMENT)
    assert not rows["message:m-4"].unanswered(MOMENT), "a result asks for no answer"
    assert not rows["message:m-5"].unanswered(MOMENT), "it may still come"
    assert rows["message:m-5"].unanswered(replace(MOMENT, live=False))
    told = dict(row_sections(rows["message:m-3"], MOMENT))
    assert (told["answer to"], told["answered after"]) == ("call_for_votes", "120ms")


def test_only_pauses_that_stand_out_are_told():
    steady = [said(n, 30 * n, "a", "b", "data_request", status="delivered") for n in range(5)]
    late = said(9, 30 * 4 + 600, "a", "b", "data_request", status="delivered")

    assert [row.pause for row in sequence(steady)] == [None] * 5
    rows = sequence([*steady, late])
    assert [row.pause for row in rows] == [None] * 5 + [600.0, None]
    assert rows[5].mark(MOMENT) is Mark.IDLE
    assert rows[5].words(MOMENT) == "10m00s later"
    assert rows[5].address == rows[6].address
    assert rows[5].key != rows[6].key
    assert sequence([]) == ()


def test_everything_is_ascii_where_that_is_asked_for():
    layout, lines = drawn(VOTE, 40)

    assert layout.heading.isascii()
    assert all(text.isascii() for line in lines for text in line)


def test_a_message_that_answers_itself_or_what_nobody_knows_breaks_nothing():
    odd = (
        said(1, 0, "a", "b", "bid", reply_to="m-1"),
        said(2, 1, "", "", "bid", reply_to="m-77"),
    )
    layout, lines = drawn(odd)

    assert len(lines) == 2
    assert [row.latency for row in sequence(odd)][1] is None
    assert layout.lanes == 3
