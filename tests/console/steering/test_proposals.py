"""Proposals: what has to be filled in, what is said before, and the commands they become."""

import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dataagents.console.steering import (
    Proposal,
    Situation,
    Subject,
    blanks,
    briefing,
    check_proposal,
    commands_of,
    lacking,
    located,
    offers,
    propose,
)
from dataagents.core.commands import check_command
from dataagents.core.errors import InputError
from dataagents.storage import Holder

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
HOLDER = Holder(4121, "boot", 9, "here", NOW)
OPTIONS = ("evolve", "freeze")


def proposal(name="drain", *targets, **rest):
    made = {"actor": "anna", "id": "abc", "epoch": 9, "holder": HOLDER}
    return Proposal(name=name, targets=targets or ("agent:etl-7",), **made | rest)


def names(of, options=()):
    return [blank.name for blank in blanks(of, options)]


def missing(of, count=""):
    found = lacking(of, count, NOW)
    return None if found is None else found[0]


def test_an_offer_becomes_a_proposal_for_the_kernel_that_is_there():
    situation = Situation(subjects=(Subject("agent:a"),), holder=HOLDER, operator="anna")
    drain, *_ = [offer for offer in offers(situation) if offer.name == "drain"]
    made = propose(drain, "anna", HOLDER, "id1")
    assert (made.targets, made.epoch, made.id, made.actor) == (("agent:a",), 9, "id1", "anna")
    pause, *_ = [offer for offer in offers(situation) if offer.name == "pause"]
    with pytest.raises(InputError, match="needs a run"):
        propose(pause, "anna", HOLDER, "id2")


def test_its_commands_have_the_same_ids_each_time_and_make_sense():
    made = proposal("drain", "agent:a", "agent:b", reason="slow", arguments={"within": "5"})
    first, second = commands_of(made, NOW, "anna@here")
    assert (first.id, second.id) == ("abc", "abc-1")
    assert first.expires == NOW + timedelta(seconds=300)
    assert (first.epoch, first.origin, first.arguments) == (9, "anna@here", {"within": "5"})
    assert [each.id for each in commands_of(made, NOW + timedelta(1))] == ["abc", "abc-1"]
    for command in (first, second):
        check_command(command)


def test_a_veto_is_a_ballot():
    made = proposal("veto", "election:m", arguments={"veto": "evolve"})
    (command,) = commands_of(made, NOW)
    assert (command.kind, command.arguments) == ("cast", {"veto": "evolve"})
    check_proposal(made, NOW)


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (proposal(), ["reason", "within"]),
        (proposal("redeploy"), ["reason", "count"]),
        (proposal("drain", *[f"agent:{n}" for n in range(11)]), ["reason", "count", "within"]),
        (proposal("drain", *[f"agent:{n}" for n in range(10)]), ["reason", "within"]),
        (proposal("cast", "election:m"), ["choice", "reason", "confidence", "voter"]),
        (proposal("veto", "election:m"), ["veto", "reason", "choice", "confidence", "voter"]),
        (proposal("answer", "question:m"), ["choice", "reason", "confidence", "voter"]),
        (proposal("answer", "question:run/pay"), ["choice", "reason", "result"]),
        (proposal("recall", "election:m"), ["reason", "count"]),
        (proposal("start", "run:new"), ["inputs", "reason", "task", "out"]),
    ],
)
def test_what_is_needed_comes_first(made, wanted):
    assert names(made, OPTIONS) == wanted


def test_choices_are_those_of_the_election_or_of_the_step():
    by_name = {blank.name: blank for blank in blanks(proposal("cast", "election:m"), OPTIONS)}
    assert by_name["choice"].choices == OPTIONS
    assert by_name["confidence"].choices == ()
    step = blanks(proposal("answer", "question:run/pay"), OPTIONS)
    assert step[0].choices == ("done", "repeat", "skip")


@pytest.mark.parametrize(
    ("made", "count", "lacks"),
    [
        (proposal(), "", None),
        (proposal("redeploy"), "1", "reason"),
        (proposal("redeploy", reason="  "), "1", "reason"),
        (proposal("redeploy", reason="new rules"), "", "count"),
        (proposal("redeploy", reason="new rules"), "2", "count"),
        (proposal("redeploy", reason="new rules"), " 1 ", None),
        (proposal("replan", "run:r"), "", "reason"),
        (proposal("cast", "election:m"), "", "choice"),
        (proposal("veto", "election:m", arguments={"choice": "freeze"}), "", "veto"),
        (proposal(arguments={"within": "soon"}), "", "within"),
        (proposal(arguments={"within": "-1"}), "", "within"),
        (proposal(arguments={"within": "nan"}), "", "within"),
        (proposal("start", "run:new"), "", "inputs"),
        (proposal("start", "run:new", arguments={"inputs": "a.csv"}), "", None),
        (proposal("pause", "agent:a"), "", ""),
        (proposal(reason="x" * 3_000), "", ""),
    ],
)
def test_nothing_goes_on_while_something_is_missing(made, count, lacks):
    assert missing(made, count) == lacks


def test_confidence_is_a_share():
    cast = proposal("cast", "election:m", arguments={"choice": "freeze"})
    for said, lacks in (("0.8", None), ("1.5", "confidence"), ("sure", "confidence")):
        made = replace(cast, arguments={**cast.arguments, "confidence": said})
        assert missing(made) == lacks, said


def test_the_briefing_says_everything_that_matters():
    made = proposal("redeploy", *[f"agent:etl-{n}" for n in range(12)], reason="new rules")
    told = briefing(made, NOW, work=("task load(a), 3.0s", "task load(b), 9.0s"), store="my s.db")
    assert (told.verb, told.count, told.destructive) == ("redeploy", 12, True)
    assert told.targets.startswith("12 targets: agent:etl-0, agent:etl-1,")
    assert told.targets.endswith("and 7 more")
    assert (
        told.effect == "it finishes what it has, and is built anew; what takes too long is "
        "handed back"
    )
    assert told.work == "2 under way: task load(a), 3.0s, task load(b), 9.0s"
    assert told.kernel == "process 4121 on here, of epoch 9"
    assert told.expires == "14:05:00 UTC, in 5m00s"
    assert told.more_lines == 11
    assert shlex.split(told.line) == [
        "dataagents", "act", "redeploy", "agent:etl-0", "--as", "anna", "--reason", "new rules",
        "--yes", "--store", "my s.db",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (proposal("retry", "run:r/task:t"), "tried at once"),
        (proposal("retry", "message:m"), "sent again"),
        (proposal("veto", "election:m", arguments={"veto": "evolve"}), "against 'evolve'"),
        (proposal(epoch=8), "of epoch 9; meant for epoch 8"),
        (proposal(epoch=None, holder=None), "none has the store open now; any epoch may take it"),
    ],
)
def test_the_effect_and_the_kernel_are_exact(made, says):
    told = briefing(made, NOW)
    assert says in told.effect + told.kernel


def test_the_briefing_is_safe_to_show():
    bad = "\x1b]52;c;eA==\x07[red]\u202e"
    made = proposal("cast", f"election:{bad}", reason=bad, actor=bad, arguments={"choice": bad})
    told = briefing(made, NOW, work=(bad,), store=bad)
    shown = "".join(str(getattr(told, field)) for field in told.__dataclass_fields__)
    assert not set("\x1b\x07\u202e") & set(shown)


def test_files_are_meant_from_where_the_operator_is():
    made = proposal("start", "run:new", arguments={"inputs": "a.csv,b=/data/b.csv", "out": "done"})
    said = located(made, Path("/home/anna")).arguments
    assert said["out"] == "/home/anna/done"
    assert sorted(said["inputs"].split(",")) == ["a=/home/anna/a.csv", "b=/data/b.csv"]
    assert located(located(made, Path("/home/anna")), Path("/other")).arguments == said
    assert located(proposal(), Path("/home/anna")) == proposal()
