"""Steering: what is proposed reaches a real kernel through STORE.commands, and is answered."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from dataagents.console.steering import (
    Outcome,
    Proposal,
    Situation,
    Steering,
    Subject,
    commands_of,
    new_id,
    offers,
    propose,
    told,
)
from dataagents.console.view.marks import Mark
from dataagents.core import Agent, AgentCard, Kernel, KernelConfig
from dataagents.core.clock import SystemClock
from dataagents.core.errors import InputError
from dataagents.core.events import EventKind
from dataagents.storage import SqliteStore, StoreReader
from dataagents.storage.commands import CommandFile, commands_path

CLOCK = SystemClock()
SETTINGS = {"agents": (), "monitoring": False, "seed": 1, "command_interval": 0.01}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store.db"


@asynccontextmanager
async def working(path, *agents):
    """A kernel that has the store open."""
    async with (
        SqliteStore(path) as store,
        Kernel(KernelConfig.parse(SETTINGS), store=store, discover=True) as kernel,
    ):
        for id_ in agents:
            await kernel.deploy(Agent(AgentCard(id_, "worker", {})))
        yield kernel


def drain(steering, *agents, **rest):
    holder = steering.kernel()
    subjects = tuple(Subject(f"agent:{each}") for each in agents)
    situation = Situation(subjects=subjects, holder=holder, operator="anna")
    (offer,) = [each for each in offers(situation) if each.name == "drain"]
    made = propose(offer, "anna", holder, new_id())
    return replace(made, **{"reason": "too slow"} | rest)


async def on_record(path, kind):
    async with StoreReader(path) as reader:
        return [each.event for each in await reader.recent(kind, 100)]


async def test_an_action_is_carried_out_answered_and_audited(path):
    async with working(path, "etl-7") as kernel, Steering(path, CLOCK, what="console") as steering:
        proposal = drain(steering, "etl-7")
        (outcome,) = await steering.submit(proposal)
        assert outcome.state == "executed"
        assert "etl-7" not in kernel.roster.cards
        sentence, mark = told([outcome])
        assert sentence == "executed: agent etl-7 is out of the team"
        assert mark is Mark.OK
    (received,) = await on_record(path, EventKind.COMMAND_RECEIVED)
    assert outcome.address == f"command:{received.subject}"
    said = received.body
    assert (said["actor"], said["reason"], said["epoch"]) == ("anna", "too slow", 1)
    assert said["origin"].endswith(" console")


async def test_the_same_proposal_twice_is_done_once(path):
    async with (
        working(path, "etl-7"), Steering(path, CLOCK) as one, Steering(path, CLOCK) as other,
    ):  # fmt: skip
        proposal = drain(one, "etl-7")
        first, second = await asyncio.gather(one.submit(proposal), other.submit(proposal))
        third = await one.submit(proposal)
    assert first[0].answer == second[0].answer == third[0].answer
    assert first[0].state == "executed"
    assert len(await on_record(path, EventKind.COMMAND_RECEIVED)) == 1


async def test_the_answer_is_there_after_the_kernel_went(path):
    async with Steering(path, CLOCK) as steering:
        async with working(path, "etl-7"):
            proposal = drain(steering, "etl-7")
            (before,) = await steering.submit(proposal)
        (after,) = await steering.submit(proposal)
        assert after.answer == before.answer
        assert await steering.answer(proposal.id) == before.answer


async def test_one_that_was_meant_for_another_kernel_is_refused_and_on_record(path):
    async with Steering(path, CLOCK) as steering:
        async with working(path, "etl-7"):
            proposal = drain(steering, "etl-7")
        async with working(path, "etl-7") as kernel:
            (outcome,) = await steering.submit(proposal)
            assert "etl-7" in kernel.roster.cards
    assert outcome.state == "refused"
    assert "epoch 1, and this is the one of epoch 2" in told([outcome])[0]
    assert len(await on_record(path, EventKind.COMMAND_REFUSED)) == 1


async def test_without_a_kernel_it_is_refused_before_anything_is_written(path):
    async with Steering(path, CLOCK) as steering:
        async with working(path, "etl-7"):
            proposal = drain(steering, "etl-7")
        assert steering.kernel() is None
        with pytest.raises(InputError, match=r"store store\.db: no kernel has it open"):
            await steering.submit(proposal)
    assert not commands_path(path).exists()


async def test_one_for_any_kernel_waits_for_the_next(path):
    async with Steering(path, CLOCK) as steering:
        async with working(path):
            pass
        waits = Proposal(
            name="acknowledge", targets=("alert:x",), actor="anna", id="later", epoch=None
        )
        (outcome,) = await steering.submit(waits, wait=0)
        assert (outcome.state, outcome.mark) == ("waiting", Mark.WARN)
        assert [each.id for each in await steering.waiting()] == ["later"]
        async with working(path):
            (outcome,) = await steering.submit(waits)
        assert outcome.state == "refused", "there is no such alert, says the next one"


async def test_one_that_came_too_late_expires(path):
    async with working(path, "etl-7") as kernel, Steering(path, CLOCK) as steering:
        (outcome,) = await steering.submit(drain(steering, "etl-7", expires=0.0))
        assert "etl-7" in kernel.roster.cards
    assert (outcome.state, outcome.mark) == ("expired", Mark.FAIL)


async def test_what_makes_no_sense_is_never_issued(path):
    async with working(path, "etl-7"), Steering(path, CLOCK) as steering:
        for wrong, says in (
            (drain(steering, "etl-7", arguments={"withn": "5"}), "Did you mean 'within'"),
            (drain(steering, "etl-7", actor=" "), "nobody is named"),
            (drain(steering, "etl-7", name="redeploy", reason=""), "say why you redeploy this"),
            (drain(steering, "etl-7", targets=()), "nothing that it would be about"),
        ):
            with pytest.raises(InputError, match=says):
                await steering.submit(wrong)
        assert await steering.waiting() == ()


async def test_what_no_kernel_has_got_to_can_be_taken_back(path):
    async with Steering(path, CLOCK) as steering:
        async with SqliteStore(path):  # its kernel hangs
            commands = await steering.issue(drain(steering, "etl-7"))
            (outcome,) = await steering.withdraw(commands, "ben", wait=0)
        assert outcome.answer is None
        assert "taken back; no kernel begins it" in told([outcome])[0]
        (waiting,) = await steering.waiting()
        assert waiting.withdrawn == "ben"
        async with working(path, "etl-7") as kernel:
            (outcome,) = await steering.await_answers(commands)
            assert "etl-7" in kernel.roster.cards
    assert (outcome.state, outcome.mark) == ("withdrawn", Mark.NOTE)
    assert told([outcome])[0] == "withdrawn: ben took it back before it was begun"
    assert len(await on_record(path, EventKind.COMMAND_WITHDRAWN)) == 1


async def test_what_was_done_already_is_told_to_whoever_takes_it_back(path):
    async with working(path, "etl-7"), Steering(path, CLOCK) as steering:
        commands = await steering.issue(drain(steering, "etl-7"))
        await steering.await_answers(commands)
        (outcome,) = await steering.withdraw(commands, "ben")
    assert (outcome.state, outcome.mark) == ("executed", Mark.OK)


class Passing(SystemClock):
    """Time that passes only by waiting; something happens at the first wait."""

    def __init__(self, happens=None) -> None:
        self.time = 0.0
        self._happens = happens

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        if seconds > 1:  # a limit of the database's
            return await super().sleep(seconds)
        self.time += seconds
        if self._happens is not None:
            happens, self._happens = self._happens, None
            await happens()
        return None


async def test_a_kernel_that_dies_meanwhile_is_not_waited_for(path):
    # A store that somebody holds, and nobody acts on its commands: a kernel that hangs.
    store = SqliteStore(path)
    await store.__aenter__()

    async def dies():
        await store.__aexit__(None, None, None)

    clock = Passing(dies)
    async with Steering(path, clock) as steering:
        (outcome,) = await steering.submit(drain(steering, "etl-7"), wait=10)
    assert clock.time < 1
    assert outcome.answer is None
    sentence, mark = told([outcome])
    assert sentence.startswith("drain agent:etl-7: the kernel ended before it answered")
    assert mark is Mark.WARN


async def test_a_kernel_that_hangs_is_waited_for_only_so_long(path):
    clock = Passing()
    async with SqliteStore(path), Steering(path, clock) as steering:
        (outcome,) = await steering.submit(drain(steering, "etl-7"), wait=2)
    assert 2 <= clock.time < 2.2
    assert "no answer within 2 s; it is not begun after" in outcome.why


async def test_a_run_is_started_on_files_of_the_operator(path, tmp_path, monkeypatch):
    (tmp_path / "prices.csv").write_text("id,price\n1,2\n2,3\n")
    monkeypatch.chdir(tmp_path)
    async with working(path), Steering(path, CLOCK) as steering:
        kernel = steering.kernel()
        start = Proposal(
            name="start", targets=("run:new",), actor="anna", id="s", epoch=kernel.epoch,
            arguments={"inputs": "prices.csv"},
        )  # fmt: skip
        (outcome,) = await steering.submit(start)
    assert outcome.state == "executed", outcome
    (received,) = await on_record(path, EventKind.COMMAND_RECEIVED)
    assert received.body["arguments"] == {"inputs": f"prices={tmp_path}/prices.csv"}
    (started,) = await on_record(path, EventKind.RUN_STARTED)
    assert started.run in outcome.answer.message


async def test_what_came_of_many_is_told_in_one_sentence(path):
    async with working(path, "a", "b") as kernel, Steering(path, CLOCK) as steering:
        outcomes = await steering.submit(drain(steering, "a", "b", "c"))
        assert not {"a", "b"} & set(kernel.roster.cards)
    sentence, mark = told(outcomes)
    assert sentence.startswith("drain: 2 executed, 1 ")
    assert "agent:c: " in sentence
    assert mark is Mark.FAIL


async def test_a_console_never_makes_or_writes_the_store(path):
    async with working(path, "etl-7"):
        pass
    before = path.read_bytes()
    async with Steering(path, CLOCK) as steering:
        proposal = Proposal(
            name="drain", targets=("agent:etl-7",), actor="anna", id="x", epoch=None
        )
        await steering.submit(proposal, wait=0)
    assert path.read_bytes() == before
    async with CommandFile(path) as file:
        assert [each.target for each in await file.waiting(9)] == ["agent:etl-7"]


def test_a_hostile_answer_is_told_safely():
    made = Proposal(name="drain", targets=("agent:\x1b[2J",), actor="a", id="x", epoch=1)
    (command,) = commands_of(made, CLOCK.now())
    sentence, _ = told([Outcome(command, None, "no answer\x07")])
    assert "\x1b" not in sentence
    assert "\x07" not in sentence
