"""What commands do: to runs, messages, agents and alerts."""

import asyncio

import pytest
from commanding import INTERVAL, Leisurely, answered, command, commanded
from hierarchy_team import Head, Meter, Workshop, config, deploy, goal
from plan_bench import Hands, PlanBench, Told, chain, plan_of, task
from sample_agents import Voter

from dataagents.core import InputError, Message, MessageType, RunStatus
from dataagents.core.commands import (
    CommandState,
)
from dataagents.core.planning import FailureKind, StepKind
from dataagents.core.testing import FakeClock, kernel_for
from dataagents.core.testing.commands import CommandedStore


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
            twice = command("pause", f"run:{run[0]}", id="twice")
            (refused,) = await answered(store, clock, twice)
            assert "it is paused already" in refused.message
            await clock.advance(60)
            assert not work.done()
            assert len(store.of("task.started")) == 1
            (resumed,) = await answered(store, clock, command("resume", f"run:{run[0]}"))
            await clock.advance(2)
            assert len(store.of("task.started")) == 2
            twice = command("resume", f"run:{run[0]}", id="again")
            (refused,) = await answered(store, clock, twice)
            assert "it is under way, and not paused" in refused.message
            (cancelled,) = await answered(store, clock, command("cancel", f"run:{run[0]}"))
            await clock.advance(60)
            result = await work
    assert all(each.executed for each in (paused, resumed, cancelled))
    assert result.outcome.status is RunStatus.CANCELLED
    assert result.outcome.reason == "stopped: anna: why not"
    for kind in ("run.paused", "run.continued"):
        (held,) = store.of(kind)
        assert (held.run, held.body) == (run[0], {"reason": "anna: why not"})
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
