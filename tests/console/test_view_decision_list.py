"""Votes and auctions in one list."""

from datetime import timedelta

import pytest

from dataagents.console.view import Mark
from dataagents.console.view.decisions import (
    DECISIONS,
    auction_line,
    auction_replay,
    decision_of,
    election_line,
    election_replay,
)
from dataagents.console.view.listing import Query
from dataagents.console.view.listing.grammar import parse
from dataagents.console.view.listing.matching import select
from dataagents.console.view.moment import Moment
from dataagents.core.bidding import Bid, Lot
from dataagents.core.planning import PlannedTask
from dataagents.core.testing.clock import START
from dataagents.plugins.planning.pipeline import operators
from tests.support.decided import sale, vote
from tests.support.polls import ballot

MOMENT = Moment(START + timedelta(minutes=1))
LATER = START + timedelta(seconds=4)


def schema(**more):
    facts = {
        "place": 7, "id": "m-1", "question": operators.ADOPT, "about": "prices", "at": START,
        "closed": LATER, "verdict": "decided", "decision": "accept", "rule": "supermajority",
        "voted": 4, "abstained": 1, "confidence": 0.75, "counts": {"accept": 3, "reject": 1},
        "task": "decide_schema(prices)", "run": "run-1",
    }  # fmt: skip
    return election_line(**{**facts, **more})


def lot(**more):
    facts = {"place": 9, "id": "l-1", "at": START, "task": "load(prices)", "bids": 2}
    return auction_line(**{**facts, **more})


LINES = (
    schema(),
    schema(id="m-2", task=None, question=operators.RELEASE, counts={"accept": 4}, confidence=1.0),
    schema(id="m-3", closed=None, verdict=None, decision=None, counts=None, confidence=None,
           voted=None, question="Shall we go on?", task=None),
    schema(id="m-4", verdict="no_quorum", decision=None, counts={}, task=None,
           question=operators.DRIFT),
    lot(outcome="awarded", winner="ana", price=2.0, closed=LATER, budget=5.0),
    lot(id="l-2", outcome="no_valid_bid", bids=0),
    lot(id="l-3"),
)  # fmt: skip


def cells(line, *names):
    fields = {field.name: field for field in DECISIONS.fields}
    return [fields[each].cell(line, MOMENT).text for each in names]


def test_a_vote_says_how_many_were_for_and_against_what_was_decided():
    line = LINES[0]

    assert cells(line, "kind", "about", "outcome", "for", "against", "sure") == [
        "● vote", "prices", "accept", "3", "1", "75%",
    ]  # fmt: skip
    told = dict(DECISIONS.sections(line, MOMENT))
    assert told["votes"] == "3 for, 1 against, 1 abstained"
    assert told["took"] == "4.0s"
    assert line.address == "election:m-1"


def test_without_the_counts_nobody_claims_to_know_who_was_against():
    line = schema(counts=None)

    assert cells(line, "for", "against") == ["", ""]
    assert dict(DECISIONS.sections(line, MOMENT))["votes"] == "4 voted, 1 abstained"
    assert line.contested, "less than the whole was for it"


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        (operators.ADOPT, "schema"), (operators.SAMPLED, "schema"), (operators.DRIFT, "schema"),
        (operators.RELEASE, "quality"), ("Which bank holiday is next?", "other"), ("", "other"),
    ],
)  # fmt: skip
def test_the_questions_of_the_bundled_agents_are_filed_without_the_task(question, topic):
    assert schema(task=None, question=question).topic == topic


def test_the_task_that_asks_decides_the_topic_before_the_words_do():
    assert schema(task="decide_release(a)", question="Release this schema?").topic == "quality"


@pytest.mark.parametrize(
    ("preset", "found"),
    [
        ("all", "m-1 m-2 m-3 m-4 l-1 l-2 l-3"),
        ("votes", "m-1 m-2 m-3 m-4"),
        ("schema", "m-1 m-4"),
        ("quality", "m-2"),
        ("auctions", "l-1 l-2 l-3"),
        ("open", "m-3 l-3"),
        ("contested", "m-1 m-4"),
    ],
)
def test_presets_find_what_they_are_called(preset, found):
    (filter_,) = [each.filter for each in DECISIONS.presets if each.name == preset]
    query = Query(parse(filter_, DECISIONS.fields))

    assert " ".join(line.id for line in select(LINES, query, DECISIONS, MOMENT)) == found


def test_what_hangs_is_marked_as_idle_when_no_kernel_is_there_to_close_it():
    dead = Moment(MOMENT.now, live=False)

    assert DECISIONS.mark(LINES[2], MOMENT) is Mark.BUSY
    assert DECISIONS.mark(LINES[2], dead) is Mark.IDLE
    outcome = dict(DECISIONS.sections(LINES[2], dead))["outcome"]
    assert outcome == "○ open (no kernel is there to close it)"


def test_outcomes_are_marked_by_what_came_of_them():
    marks = {line.id: line.mark for line in (*LINES, schema(id="m-5", recalled=True))}

    assert marks == {
        "m-1": Mark.OK, "m-2": Mark.OK, "m-3": Mark.BUSY, "m-4": Mark.WARN, "m-5": Mark.WARN,
        "l-1": Mark.OK, "l-2": Mark.FAIL, "l-3": Mark.BUSY,
    }  # fmt: skip


def test_a_replay_gives_the_same_line_as_the_store():
    ballots = [ballot("a", "accept"), ballot("b", "reject"), ballot("c", "accept"), ballot("d")]
    line = decision_of(election_replay(vote(ballots)), 1, START)

    assert (line.outcome, line.in_favour, line.against, line.abstained) == ("accept", 2, 1, 1)
    assert (line.topic, line.contested, line.rule) == ("schema", True, "majority")
    task = PlannedTask("load(a)", "load")
    bought = sale(Lot("lot-1", task, START), [Bid("ana", 1.0, 0.9, START)])
    opened = decision_of(auction_replay(bought), 2, START)
    assert (opened.kind, opened.outcome, opened.about, opened.bids) == (
        "auction", "open", "load(a)", 1,
    )  # fmt: skip
