"""Trying a task again: after a pause, when what went wrong may pass."""

import asyncio
from itertools import pairwise

from plan_bench import (
    Hands,
    PlanBench,
    Told,
    chain,
    domain_of,
    ends,
    kinds,
    plan_of,
    task,
)

from dataagents.core.planning import (
    FailureKind,
    Operator,
    StepKind,
)


async def test_a_transient_failure_is_tried_again_after_a_pause():
    bench = PlanBench(Told(*chain(2)))
    work = asyncio.create_task(bench.execute(hands := Hands(_1=[FailureKind.TRANSIENT] * 2)))
    await bench.clock.settle()
    assert hands.counts == {"1": 1}
    execution = await ends(work, bench.clock)
    assert execution.success
    assert hands.counts == {"1": 3, "2": 1}
    assert bench.planner.asked == []
    assert kinds(execution, of="1") == ["started", "retried", "retried", "completed"]
    details = [step.detail for step in execution.trace if step.kind is StepKind.RETRIED]
    assert [detail.split(" in ")[0] for detail in details] == ["attempt 2", "attempt 3"]
    assert "transient trouble" in details[0]
    assert [event.body["kind"] for event in bench.store.of("plan.step")] == ["retried"] * 2


async def test_pauses_grow_and_are_the_same_for_the_same_seed():
    async def pauses(seed):
        settings = {"attempts": 9, "backoff": 2.0}
        bench = PlanBench(Told(*chain(1)), seed=seed, planning=settings)
        execution = await ends(
            asyncio.create_task(bench.execute(Hands(_1=[FailureKind.TRANSIENT] * 8))), bench.clock
        )
        moments = [0.0] + [
            step.seconds for step in execution.trace if step.kind is StepKind.RETRIED
        ]
        return [later - earlier for earlier, later in pairwise(moments)][1:]

    first = await pauses(1)
    assert await pauses(1) == first
    assert await pauses(2) != first
    assert all(pause <= min(60.0, 2.0 * 2**n) for n, pause in enumerate(first))


async def test_what_stays_transient_is_replanned_in_the_end():
    bench = PlanBench(Told(*chain(1)), planning={"attempts": 2})
    work = asyncio.create_task(bench.execute(hands := Hands(_1=[FailureKind.TRANSIENT] * 3)))
    execution = await ends(work, bench.clock)
    assert execution.success
    assert hands.counts == {"1": 4}
    assert len(execution.replans) == 1


async def test_a_pause_ends_when_the_execution_is_stopped():
    bench = PlanBench(Told(*chain(2)), planning={"backoff": 50.0})
    hands = Hands(_1=[FailureKind.TRANSIENT] * 2)
    runner = bench.runner(hands)
    work = asyncio.create_task(runner.execute(plan_of(*chain(2)), {}))
    await bench.clock.settle()
    runner.stop("lunch")
    execution = await work
    assert execution.reason == "stopped: lunch"
    assert hands.counts == {"1": 1}
    assert bench.clock.monotonic() == 0.0


async def test_a_task_is_not_tried_again_when_others_took_away_what_it_needs():
    shut = Operator("a", condition=lambda state, task: "shut" if "made:b" in state else None)
    bench = PlanBench(Told(task("a"), task("b")), domain_of(task("b"), operators=[shut]))
    hands = Hands(a=[FailureKind.TRANSIENT])
    planner = bench.planner
    planner.ways = [()]
    execution = await ends(asyncio.create_task(bench.execute(hands)), bench.clock)
    assert hands.counts == {"a": 1, "b": 1}
    assert planner.failures[0].reason == "a: shut"
    assert execution.success
