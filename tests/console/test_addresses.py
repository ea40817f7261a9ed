"""Addresses: read, written, guessed; and what an event points to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.console.view.addresses import (
    SCHEMES,
    Address,
    find_id,
    nearest_address,
    parse_address,
    pointers_of,
    subject_of,
)
from dataagents.console.view.event_lines import EventFilter, event_line
from dataagents.console.view.marks import Mark
from dataagents.core.errors import InputError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("agent:profiler", Address("agent", "profiler")),
        ("run:R1", Address("run", "R1")),
        ("run:R1/task:load(a)/step:3", Address("run", "R1", "task:load(a)/step:3")),
        ("lesson:reputation:router", Address("lesson", "reputation:router")),
        ("dataset:orders/2024:clean", Address("dataset", "orders/2024:clean")),
        ("vote:M1", Address("election", "M1")),
        (" auction:L1 ", Address("lot", "L1")),
    ],
)
def test_an_address_is_read(text, expected):
    assert parse_address(text) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("agnt:x", "Did you mean 'agent'"),
        ("profiler", "agent:NAME"),
        ("agent:", "no scheme:id"),
        ("run:/task:a", "names no run"),
        ("", "no scheme:id"),
    ],
)
def test_what_is_no_address_is_refused_with_the_nearest(text, says):
    with pytest.raises(InputError, match=says):
        parse_address(text)


IDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=20)


@given(st.sampled_from(sorted(SCHEMES)), IDS)
def test_what_is_written_is_read_back(scheme, id):
    address = Address(scheme, id.replace("/", "-"))
    assert parse_address(str(address)) == address


def test_an_id_may_be_shortened_but_not_to_several():
    known = ("abc-1", "abd-2", "xyz-3")
    assert find_id(Address("alert", "abc"), known) == "abc-1"
    assert find_id(Address("alert", "-3"), known) == "xyz-3"
    with pytest.raises(InputError, match=r"it fits 2 of them.*abc-1, abd-2"):
        find_id(Address("alert", "ab"), known)
    with pytest.raises(InputError, match="Did you mean 'alert:abc-1'"):
        find_id(Address("alert", "abx-1"), known)
    with pytest.raises(InputError, match="There is none on record"):
        find_id(Address("alert", "a"), ())
    assert nearest_address(Address("agent", "profilr"), ("profiler",)) == Address(
        "agent", "profiler"
    )


def test_events_know_what_they_are_about_and_point_to(story):
    for event in story.whole():
        about = subject_of(event)
        assert about is not None
        assert parse_address(str(about)) == about
    closed = next(event for event in story.whole() if event.kind == "auction.closed")
    assert {str(each) for each in pointers_of(closed)} >= {
        "lot:lot-run-1-load(prices)", "run:run-1/task:load(prices)", "agent:transformer",
    }  # fmt: skip


def test_rules_that_decided_a_step_are_no_agent(story):
    step = story.event("step.taken", "r1", {"by": "rules", "agent": "profiler"})
    assert "agent:rules" not in {str(each) for each in pointers_of(step)}


def test_figures_and_progress_are_told_in_words(story):
    lag = story.event("metric.sampled", "loop_lag", {"value": 0.0237, "unit": "s"}, run=None)
    half = {"stage": "checking rows", "done": 3, "total": 6}
    task = story.event("task.progress", "load(a)", half)
    assert event_line(1, lag).gist == "24ms"
    assert event_line(2, task).gist == "checking rows, 50% (3 of 6)"


def test_every_kind_of_event_is_a_line_that_is_safe_to_show(story):
    hostile = story.event("agent.refused", "x\x1b[2J", {"reason": "\x9b31m\nnext"}, run=None)
    for number, event in enumerate([*story.kernel(), *story.whole(), story.alert(), hostile]):
        line = event_line(number, event)
        assert line.kind == event.kind
        assert not {"\x1b", "\x9b", "\n"} & set(line.subject + line.gist)
    assert event_line(1, hostile).mark is Mark.FAIL


def test_a_filter_takes_patterns_of_kinds_and_a_run(story):
    events = [*story.kernel(), *story.whole()]
    kinds = {each.kind for each in events if EventFilter(("auction.*", "bid.made")).fits(each)}
    assert kinds == {"auction.opened", "auction.closed", "bid.made"}
    assert not [each for each in events if EventFilter(run="other").fits(each)]
    assert len([each for each in events if EventFilter(run="run-1").fits(each)]) == len(
        story.whole()
    )
