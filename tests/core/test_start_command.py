"""Starting a run by a command: what is wanted, what is refused, and what becomes of the run."""

import asyncio
import json
from pathlib import Path

import pytest
from commanding import INTERVAL, command
from hierarchy_team import Head, Meter, Worker, Workshop, config, deploy
from hypothesis import given
from hypothesis import strategies as st

from dataagents.core import InputError
from dataagents.core.commands import Command, CommandState, seen_from
from dataagents.core.commands.starting import goal_of, results_folder
from dataagents.core.testing import FakeClock, kernel_for
from dataagents.core.testing.commands import CommandedStore


@pytest.mark.parametrize(
    ("said", "inputs"),
    [
        ("orders.csv", {"orders": "orders.csv"}),
        (" a.csv , b/c.csv.gz ", {"a": "a.csv", "c": "b/c.csv.gz"}),
        ("sales=x/2026-*.csv,o.csv", {"sales": "x/2026-*.csv", "o": "o.csv"}),
        ("day=01", {"day": "01"}),
        ("./day=01/a.csv", {"a": "./day=01/a.csv"}),
        ("x/a.csv,y/a.csv", {"x-a": "x/a.csv", "y-a": "y/a.csv"}),
        ('{"a,b": "x/a,b.csv"}', {"a,b": "x/a,b.csv"}),
    ],
)
def test_inputs_are_read_as_they_are_meant(said: str, inputs: dict[str, str]):
    assert goal_of({"inputs": said}).inputs == inputs
    assert goal_of({"inputs": said}).task == "clean"


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("=a.csv", "not NAME=PATH"),
        ("a=", "not NAME=PATH"),
        ("a=x.csv,a=y.csv", "there twice"),
        ("a=x.csv,a.csv", "there twice"),
        ("-", "no standard input"),
        ("x=-", "no standard input"),
        ('{"a": 1}', "no JSON object"),
        ('{"": "a"}', "no JSON object"),
        ('{"a', "no JSON object"),
    ],
)
def test_inputs_that_make_no_sense_say_why(said: str, says: str):
    with pytest.raises(InputError, match=says):
        goal_of({"inputs": said})


names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(
    lambda name: name.strip() == name and "/" not in name and name not in ("-", ".", "..")
)


@given(st.dictionaries(names, names, min_size=1, max_size=3))
def test_paths_are_made_absolute_whatever_they_are_called(inputs: dict[str, str]):
    said = {"inputs": json.dumps(inputs), "out": "results", "task": "profile"}
    seen = seen_from(said, Path("/some,where/a=b"))
    goal = goal_of(seen)
    assert goal.inputs == {name: f"/some,where/a=b/{path}" for name, path in inputs.items()}
    assert goal.task == "profile"
    assert results_folder(seen) == Path("/some,where/a=b/results")


async def answered(store: CommandedStore, clock: FakeClock, *wanted: Command):
    """Issue commands and return the answers; looking at files takes a thread real time."""
    store.commands.issue(*wanted)
    while any(each.id not in store.commands.answers for each in wanted):
        await clock.advance(INTERVAL)
    return [store.commands.answers[each.id] for each in wanted]


async def ended_run(store: CommandedStore, clock: FakeClock):
    while not store.of("run.ended"):
        await clock.advance(INTERVAL)
    (ended,) = store.of("run.ended")
    return ended


async def test_a_run_begins_beside_everything_else_and_its_id_is_the_answer(tmp_path: Path):
    data = tmp_path / "orders.csv"
    data.write_text("a\n1\n")
    store, clock = CommandedStore(), FakeClock()
    async with kernel_for(Workshop(1), config=config(), store=store, clock=clock) as kernel:
        await deploy(kernel, Head(), Worker("worker", Meter()))
        start = command("start", "run:new", arguments={"inputs": str(data), "task": "make"})
        (answer,) = await answered(store, clock, start)
        ended = await ended_run(store, clock)
        (began,) = store.of("run.started")
    assert answer.executed
    assert answer.message == f"run {began.run} is under way: make orders"
    assert ended.run == began.run
    assert ended.body["status"] == "done"
    # The command is about no run that there is.
    assert {event.run for event in store.of("command.executed")} == {None}


async def test_what_can_not_begin_is_refused_and_leaves_no_run(tmp_path: Path):
    store, clock = CommandedStore(), FakeClock()
    data = tmp_path / "a.csv"
    data.write_text("a\n1\n")
    wrong = {
        "gone": {"inputs": str(tmp_path / "none.csv"), "task": "make"},
        "nothing fits": {"inputs": str(tmp_path / "*.tsv"), "task": "make"},
        "no goal": {"inputs": str(data), "task": "mkae"},
        "no inputs": {},
        "no argument": {"inputs": str(data), "task": "make", "on": "x"},
    }
    async with kernel_for(Workshop(1), config=config(), store=store, clock=clock) as kernel:
        await deploy(kernel, Head(), Worker("worker", Meter()))
        wanted = [
            command("start", "run:new", arguments=arguments, id=id_)
            for id_, arguments in wrong.items()
        ]
        wanted.append(command("start", "run:01k", arguments={"inputs": str(data)}))
        answers = await answered(store, clock, *wanted)
        await clock.advance(5)
    assert {answer.state for answer in answers} == {CommandState.REFUSED}
    said = [answer.message for answer in answers]
    assert "no such file" in said[0]
    assert "no such file" in said[1]
    assert "Did you mean 'make'" in said[2]
    assert "needs it" in said[3]
    assert "unknown" in said[4]
    assert "run:new" in said[5]
    assert not store.of("run.started")


async def test_a_folder_for_the_results_that_can_not_be_used_is_refused(tmp_path: Path):
    data, file = tmp_path / "a.csv", tmp_path / "taken"
    data.write_text("a\n1\n")
    file.write_text("mine")
    store, clock = CommandedStore(), FakeClock()
    async with kernel_for(Workshop(1), config=config(), store=store, clock=clock) as kernel:
        await deploy(kernel, Head(), Worker("worker", Meter()))
        arguments = {"inputs": str(data), "task": "make", "out": str(file)}
        (answer,) = await answered(store, clock, command("start", "run:new", arguments=arguments))
    assert answer.state is CommandState.REFUSED
    assert not store.of("run.started")


async def test_a_run_that_is_under_way_when_the_kernel_closes_waits_for_the_next(tmp_path: Path):
    data = tmp_path / "a.csv"
    data.write_text("a\n1\n")
    store, clock = CommandedStore(), FakeClock()

    class Endless(Worker):
        async def execute(self, task, desk):
            begun.set()
            await asyncio.Event().wait()

    begun = asyncio.Event()
    async with kernel_for(Workshop(1), config=config(), store=store, clock=clock) as kernel:
        await deploy(kernel, Head(), Endless("worker", Meter()))
        arguments = {"inputs": str(data), "task": "make"}
        (answer,) = await answered(store, clock, command("start", "run:new", arguments=arguments))
        assert answer.executed
        await begun.wait()
    (ended,) = store.of("run.ended")
    assert ended.body["status"] == "suspended"
    assert list(await store.unfinished()) == [ended.run]
