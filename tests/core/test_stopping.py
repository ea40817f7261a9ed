"""Stopping a plan: before its next task, and only one that is there."""

import asyncio

import pytest
from plan_bench import (
    Hands,
    PlanBench,
    Told,
    chain,
    kinds,
    plan_of,
)

from dataagents.core import InputError
from dataagents.core.planning import (
    StepKind,
)


async def test_stop_ends_before_the_next_task_and_lets_those_that_run_finish():
    bench, hands = PlanBench(Told(*chain(4))), Hands()
    hands.gate["2"] = asyncio.Event()
    runner = bench.runner(hands)
    work = asyncio.create_task(runner.execute(plan_of(*chain(4)), {}))
    await bench.clock.settle()
    runner.stop("lunch")
    await bench.clock.settle()
    assert not work.done()
    hands.gate["2"].set()
    execution = await work
    assert not execution.success
    assert execution.reason == "stopped: lunch"
    assert [each.task for each in execution.completed] == ["1", "2"]
    assert execution.remaining == ("3", "4")
    assert execution.failure is None
    assert kinds(execution)[-1] is StepKind.STOPPED
    assert bench.store.of("plan.step")[0].body["detail"] == "lunch"


async def test_stop_comes_too_late_for_the_last_task():
    bench, hands = PlanBench(Told(*chain(1))), Hands()
    hands.gate["1"] = asyncio.Event()
    runner = bench.runner(hands)
    work = asyncio.create_task(runner.execute(plan_of(*chain(1)), {}))
    await bench.clock.settle()
    runner.stop("lunch")
    hands.gate["1"].set()
    assert (await work).success


async def test_a_stopped_execution_replans_nothing():
    bench, hands = PlanBench(Told(*chain(2))), Hands(_1=["no"])
    runner = bench.runner(hands)
    hands.gate["1"] = asyncio.Event()
    work = asyncio.create_task(runner.execute(plan_of(*chain(2)), {}))
    await bench.clock.settle()
    runner.stop("lunch")
    hands.gate["1"].set()
    execution = await work
    assert bench.planner.asked == []
    assert execution.failure.reason == "1: no"


async def test_who_stops_a_run_that_is_not_there_is_told_which_are():
    bench = PlanBench(Told())
    with bench.planning.executions.open("run-1", bench.runner(Hands())):
        with pytest.raises(InputError, match="run-1"):
            bench.planning.executions.of("run-2")
        assert bench.planning.executions.runs == ("run-1",)
    assert bench.planning.executions.runs == ()
