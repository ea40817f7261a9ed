"""What operators want done: how commands are checked, carried out, put on record and answered."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from commanding import INTERVAL, answered, command, commanded
from hypothesis import given
from hypothesis import strategies as st
from plan_bench import PlanBench, Told
from sample_agents import Held, Voter
from sample_messages import message

from dataagents.core import InputError, KernelConfig
from dataagents.core.commands import (
    ACTIONS,
    Address,
    Command,
    CommandKind,
    CommandState,
    check_command,
    commands_of,
    read_address,
)
from dataagents.core.errors import StoreDamagedError, StoreError
from dataagents.core.services.commands.acting import _ACTS
from dataagents.core.services.commands.service import CommandService
from dataagents.core.testing import FakeClock, MemoryStore, kernel_for
from dataagents.core.testing.clock import START
from dataagents.core.testing.commands import CommandedStore

# Addresses and checks


@pytest.mark.parametrize(
    "text",
    ["run:01k", "run:01k/task:clean(orders)", "agent:v-1", "question:01k/pay", "message:m"],
)
def test_an_address_is_written_as_it_is_read(text: str):
    assert str(read_address(text)) == text


@given(st.sampled_from(["run", "agent", "alert"]), st.text(min_size=1), st.text())
def test_every_address_reads_back(scheme: str, id_: str, part: str):
    address = Address(scheme, id_, part if scheme == "run" else "")
    if (
        (address.task and "/" in id_)
        or ("/" in id_ and scheme == "run")
        or str(address) != str(address).strip()
    ):
        return
    assert read_address(str(address)) == address


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("validator-1", "for example agent:validator-1"),
        ("agnet:v", "Did you mean 'agent'"),
        ("agent:", "names nothing"),
        ("run:01k/step:3", "run:ID/task:ID"),
        ("run:/task:x", "names nothing"),
    ],
)
def test_what_is_no_address_is_told_how_one_looks(text: str, says: str):
    with pytest.raises(InputError, match=says):
        read_address(text)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (command("paus", "run:1"), "Did you mean 'pause'"),
        (command("pause", "agent:1"), "It takes run:ID"),
        (command("retry", "run:1"), "run:ID/task:ID or message:ID"),
        (command("pause", "run:1", arguments={"x": "1"}), "takes no arguments"),
        (command("cast", "election:1", arguments={"choise": "a"}), "Did you mean 'choice'"),
        (command("answer", "question:1"), "needs it"),
        (command("pause", "run:1", actor=" "), "nobody is named"),
        (command("cancel", "run:1", reason=" "), "say why you cancel this"),
        (command("pause", "run:1", reason="x" * 2_001), "longer than 2,000"),
        (command("pause", "run:1", problem="made: it is no time"), "no time"),
        (command("pause", "run:1", reason="\ud800"), "no text"),
        (command("answer", "question:1", arguments={str(n): "" for n in range(21)}), "than 20"),
    ],
)
def test_a_command_that_makes_no_sense_says_why(wrong: Command, says: str):
    with pytest.raises(InputError, match=says):
        check_command(wrong)


def test_every_kind_is_described_and_carried_out():
    assert set(ACTIONS) == set(CommandKind) == set(_ACTS)
    assert all(name in action.takes for action in ACTIONS.values() for name in action.needs)


# The life of a command


async def test_a_command_is_on_record_before_and_after_it_is_carried_out():
    async with commanded() as (kernel, store, clock):
        await kernel.deploy(Voter("a", "yes"))
        election = await kernel.vote("Adopt?", ("yes", "no"))
        wanted = command("recall", f"election:{election.motion.id}", reason="wrong file")
        (answer,) = await answered(store, clock, wanted)
        assert answer.state is CommandState.EXECUTED
        assert answer.message == "the decision 'yes' is recalled"
        assert kernel.votes[0].recalled == "anna: wrong file"
    kinds = [event.kind for event in store.events]
    received, recalled, executed = map(
        kinds.index, ("command.received", "election.recalled", "command.executed")
    )
    assert received < recalled < executed
    body = store.of("command.executed")[0].body
    assert (body["actor"], body["reason"], body["epoch"]) == ("anna", "wrong file", 1)


async def test_commands_that_waited_before_the_kernel_came_are_taken_at_once():
    store, clock = CommandedStore(), FakeClock()
    store.commands.issue(command("pause", "run:1", epoch=None))
    async with kernel_for(config=KernelConfig(agents=()), store=store, clock=clock):
        await clock.settle()
        assert list(store.commands.answers) == ["pause run:1"]


@pytest.mark.parametrize(
    ("change", "state", "says"),
    [
        ({"epoch": 7}, CommandState.REFUSED, "epoch 7, and this is the one of epoch 1"),
        ({"expires": START}, CommandState.EXPIRED, "before 2025-01-01 00:00:00"),
        ({"kind": "reboot"}, CommandState.REFUSED, "no such command"),
        ({"withdrawn": "ben"}, CommandState.WITHDRAWN, "ben took it back before it was begun"),
        ({"problem": "arguments: [[["}, CommandState.REFUSED, r"arguments: \[\[\["),
        ({}, CommandState.REFUSED, "no plan of it is being executed|no such run"),
    ],
)
async def test_what_is_not_done_is_answered_with_the_reason(change, state, says):
    async with commanded() as (_, store, clock):
        (answer,) = await answered(store, clock, replace(command("pause", "run:1"), **change))
    assert answer.state is state
    assert len(store.of(f"command.{state}")) == 1
    assert re.search(says, answer.message)


async def test_one_that_waits_for_another_about_the_same_can_be_taken_back():
    async with commanded() as (kernel, store, clock):
        held = Held("held")
        await kernel.deploy(held)
        kernel.hub.post(message(kernel, "held"))
        await clock.settle()
        drain = command("drain", "agent:held")
        redeploy = command("redeploy", "agent:held")
        store.commands.issue(drain, redeploy)
        await clock.advance(INTERVAL)
        for each in (drain, redeploy):
            store.commands.withdraw(each.id, "ben")
        await clock.advance(INTERVAL)
        assert store.commands.answers[redeploy.id].state is CommandState.WITHDRAWN
        assert drain.id not in store.commands.answers
        held.release.set()
        await clock.advance(INTERVAL)
        assert store.commands.answers[drain.id].state is CommandState.EXECUTED, "it was begun"
    assert len(store.of("command.withdrawn")) == 1


async def test_only_the_configured_operators_may():
    async with commanded(operators=("berta", "anne")) as (_, store, clock):
        anna, berta = command("pause", "run:1"), command("pause", "run:2", actor="berta")
        one, other = await answered(store, clock, anna, berta)
    assert "none of the configured operators. Did you mean 'anne'?" in one.message
    assert "being executed" in other.message


async def test_the_same_id_is_carried_out_once():
    async with commanded() as (kernel, store, clock):
        await kernel.deploy(Voter("a", "yes"))
        election = await kernel.vote("Adopt?", ("yes", "no"))
        wanted = command("recall", f"election:{election.motion.id}")
        await answered(store, clock, wanted)
        store.commands.answers.clear()  # the file came back as it was before the answer
        store.commands.issue()
        await clock.advance(INTERVAL)
        assert store.commands.answers[wanted.id].state is CommandState.EXECUTED
    assert len(store.of("command.executed")) == 1
    assert len(store.of("election.recalled")) == 1


async def test_a_kernel_that_was_killed_in_between_leaves_no_doubt():
    """What its successor finds in the journal decides, not what the queue says."""
    store, clock = CommandedStore(), FakeClock()
    done, begun = command("pause", "run:1", id="done"), command("pause", "run:2", id="begun")
    settings = KernelConfig(agents=())
    async with kernel_for(config=settings, store=store, clock=clock):
        await answered(store, clock, done)
    events = [event for event in store.events if event.kind.startswith("command")]
    second = CommandedStore(epoch=2)
    await second.commit(events)
    await second.commit([replace(events[0], id="x", subject="begun", kind="command.received")])
    second.commands.issue(done, begun)
    async with kernel_for(config=settings, store=second, clock=clock):
        await clock.settle()
    assert second.commands.answers["done"].message == store.commands.answers["done"].message
    assert second.commands.answers["begun"].state is CommandState.INTERRUPTED
    assert "see whether it took effect" in second.commands.answers["begun"].message
    assert len(second.of("command.failed")) == 1


async def test_commands_are_left_where_they_are_when_that_is_configured():
    async with commanded(command_interval=None) as (_, store, clock):
        store.commands.issue(command("pause", "run:1"))
        await clock.advance(60)
    assert store.commands.answers == {}


async def test_a_kernel_without_a_queue_has_nothing_to_do():
    assert commands_of(MemoryStore()) is None
    assert commands_of(None) is None
    async with kernel_for(config=KernelConfig(agents=()), store=MemoryStore()):
        pass


class Slow:
    """Carries commands out when it is told to, and notes what it was asked."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.gate = asyncio.Event()
        self.error: Exception | None = None

    async def carry_out(self, command: Command, about: Address) -> str:
        self.order.append(command.id)
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return "done"

    async def close(self) -> None:
        pass


@asynccontextmanager
async def serving(
    acting: Slow, store: CommandedStore | None = None, **settings: object
) -> AsyncIterator[tuple[CommandedStore, FakeClock, CommandService]]:
    bench = PlanBench(Told(), **settings)
    bench.store.__class__ = CommandedStore
    kept = store or CommandedStore()
    bench.store.commands = kept.commands
    async with CommandService(bench.runtime, bench.store, acting) as service:
        yield bench.store, bench.clock, service


async def test_commands_about_one_target_wait_for_each_other_and_others_do_not():
    slow = Slow()
    first, second = command("pause", "run:1", id="1"), command("resume", "run:1", id="2")
    other = command("pause", "run:2", id="3")
    async with serving(slow) as (store, clock, _):
        store.commands.issue(first, second, other)
        await clock.advance(5)
        assert slow.order == ["1", "3"]
        slow.gate.set()
        await clock.advance(2 * INTERVAL)
        assert slow.order == ["1", "3", "2"]
        assert set(store.commands.answers) == {"1", "2", "3"}


async def test_a_command_that_waits_too_long_for_its_turn_expires():
    slow, soon = Slow(), START + timedelta(seconds=3)
    first, second = (
        command("pause", "run:1", id="1"),
        command("pause", "run:1", id="2", expires=soon),
    )
    async with serving(slow) as (store, clock, _):
        store.commands.issue(first, second)
        await clock.advance(5)
        slow.gate.set()
        await clock.advance(INTERVAL)
        assert store.commands.answers["2"].state is CommandState.EXPIRED


@pytest.mark.parametrize(
    ("error", "state", "says"),
    [
        (InputError("run '1'", "it is gone"), CommandState.REFUSED, "run '1': it is gone."),
        (StoreError("s", "full"), CommandState.FAILED, "store s: full."),
        (ZeroDivisionError("oops"), CommandState.FAILED, "ZeroDivisionError: oops"),
    ],
)
async def test_what_goes_wrong_is_an_answer_and_the_next_is_taken(error, state, says):
    slow = Slow()
    slow.error = error
    slow.gate.set()
    async with serving(slow) as (store, clock, service):
        for number in range(9):  # more than a strategy is forgiven
            wanted = command("pause", "run:1", id=str(number))
            (answer,) = await answered(store, clock, wanted)
            assert answer.state is state
            assert says in answer.message
        assert service.problem == ""


async def test_a_kernel_that_closes_answers_what_it_could_not_end():
    slow = Slow()
    async with serving(slow) as (store, clock, _):
        store.commands.issue(command("pause", "run:1"))
        await clock.settle()
    assert store.commands.answers["pause run:1"].state is CommandState.INTERRUPTED
    assert [event.kind for event in store.events] == ["command.received", "command.failed"]


@pytest.mark.parametrize(
    "error", [StoreDamagedError("x.commands", "it is damaged"), TypeError("it is a bug")]
)
async def test_a_queue_that_cannot_be_read_is_an_alert_and_is_tried_again(error: Exception):
    slow = Slow()
    slow.gate.set()
    async with serving(slow) as (store, clock, service):
        changed = store.commands.changed

        async def damaged() -> bool:
            raise error

        store.commands.changed = damaged
        store.commands.issue(command("pause", "run:1"))
        await clock.advance(40)
        assert str(error) in service.problem
        assert len(store.of("alert.raised")) == 1
        store.commands.changed = changed
        await clock.advance(60)
        assert service.problem == ""
        assert store.commands.answers["pause run:1"].executed
        assert len(store.of("alert.ended")) == 1


async def test_an_answer_that_cannot_be_sent_is_sent_later_and_nothing_is_done_twice():
    slow = Slow()
    slow.gate.set()
    async with serving(slow) as (store, clock, _):
        answer = store.commands.answer

        async def locked(answers: object) -> None:
            raise StoreError("x.commands", "it is locked")

        store.commands.answer = locked
        store.commands.issue(command("pause", "run:1"))
        await clock.advance(5)
        store.commands.issue(command("pause", "run:2"))
        await clock.advance(5)
        assert slow.order.count("pause run:1") == 1
        store.commands.answer = answer
        await clock.advance(60)
        assert set(store.commands.answers) == {"pause run:1", "pause run:2"}
        assert slow.order == ["pause run:1", "pause run:2"]


async def test_nothing_is_begun_that_is_not_on_record():
    slow = Slow()
    slow.gate.set()
    async with serving(slow) as (store, clock, service):
        commit = store.commit

        async def full(unit: object) -> None:
            raise StoreError("store.db", "the disk is full")

        store.commit = full
        store.commands.issue(command("pause", "run:1"))
        await clock.advance(5)
        assert slow.order == []
        assert "full" in service.problem
        store.commit = commit
        await clock.advance(60)
        assert slow.order == ["pause run:1"]


async def test_one_look_takes_a_bounded_number_and_the_rest_comes_later():
    slow = Slow()
    slow.gate.set()
    wanted = [command("pause", f"run:{n}", expires=START) for n in range(300)]
    async with serving(slow) as (store, clock, _):
        store.commands.issue(*wanted)
        await clock.settle()
        assert len(store.commands.answers) == 256
        await clock.advance(INTERVAL)
        assert len(store.commands.answers) == 300
