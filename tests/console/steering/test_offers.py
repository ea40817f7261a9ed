"""Offers: which actions fit the rows that are meant, and why the others don't."""

from datetime import UTC, datetime

import pytest

from dataagents.console.steering import LETTERS, Situation, Subject, offers, targets_of
from dataagents.console.view.fields import name
from dataagents.core.commands import ACTIONS
from dataagents.storage import Holder

HOLDER = Holder(4121, "boot", 9, "here", datetime(2026, 3, 2, tzinfo=UTC))


def situation(*subjects, operator="anna", holder=HOLDER):
    rows = tuple(Subject(each) if isinstance(each, str) else each for each in subjects)
    return Situation(subjects=rows, holder=holder, operator=operator)


def offered(*subjects, **rest):
    return {offer.name: offer for offer in offers(situation(*subjects, **rest))}


def possible(*subjects, **rest):
    found = offered(*subjects, **rest)
    return {name for name, offer in found.items() if not offer.refused} - {"start"}


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("run:r", {"pause", "resume", "cancel", "replan"}),
        ("run:r/task:t", {"pause", "resume", "cancel", "replan", "retry"}),
        ("agent:a", {"drain", "redeploy"}),
        ("election:m", {"cast", "veto", "answer", "recall"}),
        ("question:r/pay", {"answer"}),
        ("alert:a1", {"acknowledge"}),
        ("message:m1", {"retry"}),
        ("dataset:prices", set()),
        ("command:c1", set()),
        ("no address", set()),
    ],
)
def test_what_fits_follows_from_the_address(address, names):
    assert possible(address) == names


def test_every_kind_of_command_is_offered_under_a_letter_of_its_own():
    assert set(LETTERS) - {"veto"} == set(ACTIONS)
    assert len(set(LETTERS.values())) == len(LETTERS)
    assert "A" not in LETTERS.values(), "that one arms"


def test_each_offer_names_its_targets_once_and_in_order():
    rows = ("agent:b", "agent:a", "agent:b", "alert:x")
    drain = offered(*rows)["drain"]
    assert drain.targets == ("agent:b", "agent:a")
    assert drain.passed_over == 1
    assert offered(*rows)["acknowledge"].passed_over == 3


@pytest.mark.parametrize(
    ("address", "targets"),
    [
        ("run:r/task:load(a)/reasoning:x/step:3", ["run:r/task:load(a)", "run:r"]),
        ("run:r/task:load(a/b)/auction:l/bid:etl", ["run:r/task:load(a/b)", "run:r"]),
        ("run:r/task:t/vote:m/ballot:v", ["question:m", "election:m", "run:r/task:t", "run:r"]),
        ("run:r/messages", ["run:r"]),
        ("task:t", []),
    ],
)
def test_a_row_of_a_trace_stands_for_what_it_is_part_of(address, targets):
    assert [str(each) for each in targets_of(address)] == targets


def test_what_a_row_is_about_can_be_meant_as_well():
    row = Subject("alert:x", "stands", ("agent:etl-7",))
    assert possible(row) == {"acknowledge", "drain", "redeploy"}
    assert offered(row)["drain"].targets == ("agent:etl-7",)


@pytest.mark.parametrize(
    ("subject", "kind", "why"),
    [
        (Subject("run:r", "done"), "pause", "it is over"),
        (Subject("run:r", "interrupted"), "pause", "it is not under way"),
        (Subject("run:r/task:t", "done"), "retry", "it does not wait"),
        (Subject("agent:a", "stopped"), "drain", "it is not in the team"),
        (Subject("election:m", "closed"), "cast", "it is closed"),
        (Subject("election:m", "closed"), "veto", "it is closed"),
        (Subject("election:m", "open"), "recall", "it is still open"),
        (Subject("alert:x", "ended"), "acknowledge", "it has ended"),
        (Subject("message:m", "delivered"), "retry", "it was delivered"),
        (Subject("agent:a"), "pause", "needs a run"),
        (Subject("agent:a"), "retry", "needs a task of a run or a message"),
    ],
)
def test_what_has_no_sense_now_says_why(subject, kind, why):
    offer = offered(subject)[kind]
    assert offer.refused == why
    assert offer.targets == ()


def test_one_that_fits_is_enough_and_the_others_are_counted():
    offer = offered(Subject("run:a", "done"), Subject("run:b", "running"))["pause"]
    assert (offer.targets, offer.refused, offer.passed_over) == (("run:b",), "", 1)


def test_a_part_of_a_run_knows_how_the_run_and_its_task_are():
    part = Subject("run:r/task:t/step:1", within={"run:r": "done", "run:r/task:t": "done"})
    assert offered(part)["pause"].refused == "it is over"
    assert offered(part)["retry"].refused == "it does not wait"
    assert not offered(Subject("run:r/task:t/step:1", within={"run:r": "running"}))["pause"].refused


def test_the_state_of_a_task_says_nothing_about_its_run():
    assert not offered(Subject("run:r/task:t", "done"))["cancel"].refused


def test_an_agent_that_left_can_be_built_anew():
    assert possible(Subject("agent:a", "stopped")) == {"redeploy"}
    assert possible(Subject("run:r", "interrupted")) == {"resume", "cancel"}


def test_nothing_can_be_done_without_a_kernel_or_by_nobody():
    assert possible("agent:a", holder=None) == set()
    assert offered("agent:a", holder=None)["drain"].refused == "no kernel has the store open"
    assert possible("agent:a", operator="") == set()
    assert offered("agent:a", operator="")["drain"].refused == "read-only: arm first"


def test_what_can_be_done_comes_first_and_what_nothing_fits_last():
    assert [offer.name for offer in offers(situation("alert:x"))][:2] == ["acknowledge", "start"]
    read_only = offers(situation("alert:x", operator=""))
    assert [offer.name for offer in read_only][:3] == ["acknowledge", "start", "pause"]


def test_an_id_that_was_made_fit_to_be_shown_is_never_acted_upon():
    for id_ in ("a\x1b[2J", "a" * 500):
        assert targets_of(f"agent:{name(id_)}") == ()
        assert targets_of(f"run:{name(id_)}/task:t") == ()
        assert possible(f"agent:{name(id_)}") == set()


def test_a_run_can_be_started_wherever_one_is():
    assert not offered()["start"].refused
    assert offered("agent:a")["start"].targets == ("run:new",)
    assert offered(operator="")["start"].refused == "read-only: arm first"
