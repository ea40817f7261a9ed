"""What operators want done: how commands are checked, carried out, put on record and answered."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from hierarchy_team import Head, Meter, Worker, Workshop, config, deploy, goal
from hypothesis import given
from hypothesis import strategies as st
from plan_bench import Hands, PlanBench, Told, chain, plan_of, task
from sample_agents import Voter, card

from dataagents.core import InputError, Kernel, KernelConfig, Message, MessageType, RunStatus
from dataagents.core.commands import (
    ACTIONS,
    Address,
    Command,
    CommandAnswer,
    CommandKind,
    CommandState,
    check_command,
    commands_of,
    read_address,
)
from dataagents.core.commands.person import Person
from dataagents.core.errors import StoreDamagedError, StoreError
from dataagents.core.events import Event
from dataagents.core.planning import FailureKind, StepKind
from dataagents.core.services.commands.acting import _ACTS
from dataagents.core.services.commands.service import CommandService
from dataagents.core.testing import FakeClock, MemoryStore, kernel_for
from dataagents.core.testing.clock import START
from dataagents.core.testing.commands import CommandedStore

INTERVAL = 0.5


def command(kind: str, target: str, **rest: object) -> Command:
    made = {"made": START, "expires": START + timedelta(hours=1), "epoch": 1, "reason": "why not"}
    return Command(
        **{"id": f"{kind} {target}", "actor": "anna"} | made | rest, kind=kind, target=target
    )


@asynccontextmanager
async def commanded(**settings: object) -> AsyncIterator[tuple[Kernel, CommandedStore, FakeClock]]:
    store, clock = CommandedStore(), FakeClock()
    chosen = KernelConfig.parse({"agents": (), "monitoring": False, "seed": 1, **settings})
    async with kernel_for(config=chosen, store=store, clock=clock) as kernel:
        yield kernel, store, clock


async def answered(
    store: CommandedStore, clock: FakeClock, *wanted: Command
) -> list[CommandAnswer]:
    """Issue commands and return the answers; those about one target take an interval each."""
    store.commands.issue(*wanted)
    await clock.advance(INTERVAL * len(wanted))
    return [store.commands.answers[each.id] for each in wanted]


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


# What commands do


async def test_a_paused_run_starts_no_task_until_it_is_resumed():
    hands = Hands()
    hands.gate["2"] = asyncio.Event()
    bench = PlanBench(Told(*chain(4)))
    runner = bench.runner(hands)
    async with asyncio.TaskGroup() as group:
        work = group.create_task(runner.execute(plan_of(*chain(4)), {}))
        await bench.clock.settle()
        runner.pause("lunch")
        hands.gate["2"].set()
        await bench.clock.advance(3600)
        assert hands.order == ["1", "2"]
        assert not work.done()
        runner.proceed("back")
        execution = await work
    assert execution.success
    steps = [(step.kind, step.detail) for step in execution.trace if not step.task]
    assert steps == [(StepKind.PAUSED, "lunch"), (StepKind.CONTINUED, "back")]


async def test_a_paused_run_can_be_stopped_and_replanned():
    bench, hands = PlanBench(Told(*chain(3))), Hands()
    runner = bench.runner(hands)
    runner.pause("wait")
    async with asyncio.TaskGroup() as group:
        work = group.create_task(runner.execute(plan_of(*chain(3)), {}))
        await bench.clock.settle()
        runner.replan("look again")
        await bench.clock.settle()
        assert len(bench.planner.asked) == 1
        runner.stop("enough")
        execution = await work
    assert hands.order == []
    assert execution.reason == "stopped: enough"


async def test_a_pause_after_the_last_task_began_does_not_keep_a_run_open():
    hands = Hands()
    hands.gate["1"] = asyncio.Event()
    bench = PlanBench(Told(task("1")))
    runner = bench.runner(hands)
    async with asyncio.TaskGroup() as group:
        work = group.create_task(runner.execute(plan_of(task("1")), {}))
        await bench.clock.settle()
        runner.pause("lunch")
        hands.gate["1"].set()
        assert (await work).success


async def test_a_task_that_waits_for_its_next_attempt_is_tried_at_once():
    hands = Hands(a=[FailureKind.TRANSIENT])
    bench = PlanBench(Told(task("a")), planning={"backoff": 3600.0})
    runner = bench.runner(hands)
    async with asyncio.TaskGroup() as group:
        work = group.create_task(runner.execute(plan_of(task("a")), {}))
        await bench.clock.settle()
        with pytest.raises(InputError, match=r"Known: a\."):
            runner.retry("b")
        runner.retry("a")
        execution = await work
    assert hands.counts == {"a": 2}
    assert execution.success
    with pytest.raises(InputError, match="No task waits"):
        runner.retry("a")


class Leisurely(Worker):
    """Takes its time for each task."""

    def __init__(self, id: str, meter: Meter, clock: FakeClock) -> None:
        super().__init__(id, meter)
        self.clock = clock
        self.started = asyncio.Event()

    async def execute(self, task, desk):
        self.started.set()
        await self.clock.sleep(10)
        return await super().execute(task, desk)


async def test_a_run_is_paused_resumed_and_cancelled_by_commands():
    store, clock, run = CommandedStore(), FakeClock(), list[str]()
    settings = config(streams=1)
    async with kernel_for(Workshop(3), config=settings, store=store, clock=clock) as kernel:
        worker = Leisurely("worker", Meter(), clock)
        await deploy(kernel, Head(), worker)
        async with asyncio.TaskGroup() as group:
            work = group.create_task(kernel.run(goal(1), started=run.append))
            await worker.started.wait()
            (paused,) = await answered(store, clock, command("pause", f"run:{run[0]}"))
            await clock.advance(60)
            assert not work.done()
            assert len(store.of("task.started")) == 1
            (resumed,) = await answered(store, clock, command("resume", f"run:{run[0]}"))
            await clock.advance(2)
            assert len(store.of("task.started")) == 2
            (cancelled,) = await answered(store, clock, command("cancel", f"run:{run[0]}"))
            await clock.advance(60)
            result = await work
    assert all(each.executed for each in (paused, resumed, cancelled))
    assert result.outcome.status is RunStatus.CANCELLED
    assert result.outcome.reason == "stopped: anna: why not"
    assert {event.run for event in store.of("command.executed")} == {run[0]}


async def test_a_run_that_is_not_there_is_named_with_the_nearest():
    async with commanded() as (_, store, clock):
        kinds = ("pause", "replan", "cancel", "resume")
        answers = await answered(store, clock, *(command(kind, "run:none") for kind in kinds))
        assert {answer.state for answer in answers} == {CommandState.REFUSED}
        assert all("'none'" in answer.message for answer in answers)


async def test_a_dead_letter_is_sent_again():
    async with commanded() as (kernel, store, clock):
        message = Message("m1", "kernel", "late", clock.now(), MessageType.DATA_REQUEST, {"x": 1})
        receipt = await kernel.hub.send(message)
        assert not receipt.ok
        (answer,) = await answered(store, clock, command("retry", "message:none"))
        assert "there is none with this id" in answer.message


# A person elsewhere


async def ask(kernel: Kernel, options=("yes", "no"), **rest: object):
    return await kernel.vote("Adopt?", options, about="orders", **rest)


async def test_a_person_answers_from_elsewhere():
    async with commanded(strategy_timeout=3600, consensus_timeout=600) as (kernel, store, clock):
        await kernel.deploy(Person(card("anna"), clock))
        await kernel.deploy(Voter("a", "no"))
        kernel.roster.arm("anna")
        async with asyncio.TaskGroup() as group:
            work = group.create_task(ask(kernel))
            await clock.settle()
            (asked,) = kernel.elections.booth.asked
            target = f"question:{asked.motion.id}"
            wrong, right, late = await answered(
                store, clock,
                command("answer", target, id="1", arguments={"choice": "yess"}),
                command("answer", target, id="2", arguments={"choice": "yes"}),
                command("answer", target, id="3", arguments={"choice": "no"}),
            )  # fmt: skip
            await clock.advance(2 * INTERVAL)
            election = await work
    assert "Did you mean 'yes'?" in wrong.message
    assert right.message == "anna votes 'yes' on 'orders'"
    assert {ballot.voter: ballot.choice for ballot in election.ballots} == {
        "anna": "yes",
        "a": "no",
    }
    assert next(b for b in election.ballots if b.voter == "anna").reason == "anna: why not"
    assert "does not wait for a person" in late.message


class AtTerminal(Person):
    """Is asked at a terminal that nobody looks at."""

    withdrawn = False

    async def vote(self, motion, desk):
        try:
            return await super().vote(motion, desk)
        finally:
            self.withdrawn = True


async def test_a_question_at_a_terminal_is_withdrawn_when_it_is_answered_elsewhere():
    async with commanded(strategy_timeout=3600) as (kernel, store, clock):
        person = AtTerminal(card("operator"), clock)
        await kernel.deploy(person)
        kernel.roster.arm("operator")
        async with asyncio.TaskGroup() as group:
            work = group.create_task(ask(kernel))
            await clock.settle()
            assert not person.withdrawn
            target = f"question:{kernel.elections.booth.asked[0].motion.id}"
            await answered(store, clock, command("answer", target, arguments={"choice": "no"}))
            assert person.withdrawn
            assert (await work).decision == "no"


async def test_the_answer_decides_about_a_step_that_may_have_happened():
    async with commanded() as (_, store, clock):
        context = {"run": "pay"}
        started = {"n": 1, "input": "x", "external": True, "policy": "ask"}
        for number, (kind, subject, body) in enumerate(
            [("run.started", "pay", {"task": "pay"}), ("step.started", "charge", started)]
        ):
            await store.commit([Event(str(number), clock.now(), kind, subject, body, **context)])

        def said(target: str, **arguments: str) -> Command:
            return command("answer", target, id=str(arguments), arguments=arguments)

        wrong, late, done = await answered(
            store, clock,
            said("question:pay/charge", choice="perhaps"),
            said("question:pay/chrge", choice="skip"),
            said("question:pay/charge", choice="done", result='{"eur": 5}'),
        )  # fmt: skip
        await clock.advance(INTERVAL)
    assert "Known: done, repeat, skip." in wrong.message
    assert "charge" in late.message
    assert done.executed, done.message
    (decided,) = store.of("step.decided")
    assert (decided.body["verdict"], decided.body["by"]) == ("done", "anna")
    assert decided.body["result"] == {"eur": 5}


async def test_a_person_vetoes_where_the_rule_lets_them():
    options = {"supermajority": {"veto": ["anna"], "threshold": 0.4}}
    settings = {"strategy_timeout": 3600, "options": options}
    async with commanded(**settings) as (kernel, store, clock):
        for agent in (Person(card("anna"), clock), Voter("a", "yes"), Voter("b", "yes")):
            await kernel.deploy(agent)
        kernel.roster.arm("anna")
        async with asyncio.TaskGroup() as group:
            work = group.create_task(ask(kernel))
            await clock.settle()
            target = f"election:{kernel.elections.booth.asked[0].motion.id}"
            (empty,) = await answered(store, clock, command("cast", target))
            veto = command("cast", target, id="veto", arguments={"veto": "yes"})
            (answer,) = await answered(store, clock, veto)
            election = await work
    assert "says nothing" in empty.message
    assert answer.executed
    assert election.decision is None
    assert "anna vetoed it: anna: why not" in election.tally.reason


async def test_nobody_votes_for_an_agent_or_for_a_person_who_is_not_armed():
    async with commanded(strategy_timeout=3600) as (kernel, store, clock):
        for agent in (Person(card("anna"), clock), Person(card("bert"), clock), Voter("a", "yes")):
            await kernel.deploy(agent)
        kernel.roster.arm("anna")
        kernel.roster.arm("bert")
        async with asyncio.TaskGroup() as group:
            work = group.create_task(ask(kernel))
            await clock.settle()
            target = f"election:{kernel.elections.booth.asked[0].motion.id}"

            def ballot(voter: str) -> Command:
                said = {"choice": "yes", "voter": voter}
                return command("cast", target, id=f"as {voter}", arguments=said)

            answers = [
                (await answered(store, clock, ballot(voter)))[0] for voter in ("", "a", "bert")
            ]
            kernel.roster.arm("anna", False)
            answers += await answered(store, clock, ballot("anna"))
            await clock.advance(60)
            election = await work
    said = [answer.message for answer in answers]
    assert "several people are asked. Say whose ballot it is: anna, bert." in said[0]
    assert "nobody waits for this one's ballot" in said[1]
    assert said[2] == "bert votes 'yes' on 'orders'"
    assert "no operator is armed" in said[3]
    reasons = {ballot.voter: ballot.reason for ballot in election.ballots}
    assert reasons["anna"] == "nobody answered"


async def test_a_person_who_does_not_answer_is_no_failure():
    async with commanded(strategy_timeout=3600) as (kernel, _, clock):
        await kernel.deploy(Person(card("anna"), clock))
        kernel.roster.arm("anna")
        for _ in range(7):
            async with asyncio.TaskGroup() as group:
                work = group.create_task(ask(kernel))
                await clock.advance(31)
                election = await work
            assert election.ballots[0].reason == "nobody answered"
        assert kernel.elections.booth.asked == ()


# Agents, alerts, and runs that were cut off


async def test_an_agent_is_drained_and_cannot_be_built_anew_when_it_was_given_as_an_object():
    async with commanded() as (kernel, store, clock):
        await kernel.deploy(Voter("v-1", "yes"))
        drained, again, unknown = await answered(
            store, clock,
            command("drain", "agent:v-1", arguments={"within": "5"}),
            command("redeploy", "agent:v-1"),
            command("drain", "agent:v-2", arguments={"within": "soon"}),
        )  # fmt: skip
        assert "v-1" not in kernel.roster
    assert drained.message == "agent v-1 is out of the team"
    assert again.state is CommandState.REFUSED
    assert "'soon' is no number" in unknown.message


class Ill(Voter):
    """Is well until it is not."""

    ill = False

    async def check_health(self, sample, desk):
        if self.ill:
            raise ValueError("ill")
        return await super().check_health(sample, desk)


async def test_an_alert_is_acknowledged_with_the_reason_as_the_note():
    async with commanded() as (kernel, store, clock):
        agent = Ill("v-1", "yes")
        await kernel.deploy(agent)
        agent.ill = True
        for _ in range(20):
            await kernel.monitor.collect()
            await clock.advance(10)
        (alert, *_) = kernel.monitor.alerts
        (none,) = await answered(store, clock, command("acknowledge", "alert:none"))
        wanted = command("acknowledge", f"alert:{alert.id}", reason="disk is on order")
        (answer,) = await answered(store, clock, wanted)
        seen = next(each for each in kernel.monitor.alerts if each.id == alert.id).acknowledged
    assert "no such alert stands" in none.message
    assert answer.executed
    assert (seen.by, seen.note) == ("anna", "disk is on order")


async def test_a_run_that_was_cut_off_goes_on_in_another_kernel():
    store, clock, run = CommandedStore(), FakeClock(), list[str]()
    settings = config(streams=1)
    async with kernel_for(Workshop(2), config=settings, store=store, clock=clock) as kernel:
        worker = Leisurely("worker", Meter(), clock)
        await deploy(kernel, Head(), worker)
        work = asyncio.ensure_future(kernel.run(goal(1), started=run.append))
        await worker.started.wait()
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    async with kernel_for(Workshop(2), config=settings, store=store, clock=clock) as kernel:
        worker = Leisurely("worker", Meter(), clock)
        await deploy(kernel, Head(), worker)
        target = f"run:{run[0]}"
        store.commands.issue(command("resume", target))
        await clock.advance(INTERVAL)
        await worker.started.wait()
        await clock.advance(INTERVAL)
        assert "last durable step" in store.commands.answers[f"resume {target}"].message
        while len(store.of("run.ended")) < 2:
            await clock.advance(5)
    assert store.of("run.ended")[1].body["status"] == "done"
