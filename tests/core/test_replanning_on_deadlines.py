"""A deadline at risk, and the plan that is faster."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_bench import Hands, PlanBench, Told, domain_of, ends, task

from dataagents.core.planning import (
    Objective,
    Trigger,
)
from dataagents.core.services.planning.deadline import Deadline


def timed(count: int, estimate: float = 1.0):
    return tuple(
        task(str(n), *([str(n - 1)] if n > 1 else []), seconds=estimate)
        for n in range(1, count + 1)
    )


async def run_against_the_clock(tasks, took: float, seconds: float, ways=()):
    planner = Told(*tasks)
    planner.ways = list(ways)
    bench, hands = PlanBench(planner, domain_of(*tasks, task("fast"))), Hands()
    hands.seconds = {each.id: took for each in tasks}
    work = asyncio.create_task(bench.execute(hands, seconds=seconds))
    return await ends(work, bench.clock), planner, hands


async def test_a_deadline_at_risk_asks_for_a_faster_plan_once():
    """Ten tasks of a second each, which take two: after the first, 18 s are needed, 14 left."""
    ways = [(task("fast"),)]
    execution, planner, hands = await run_against_the_clock(timed(10), 2.0, 16.0, ways)
    assert execution.success
    assert hands.order == ["1", "fast"]
    ((problem, failure),) = planner.asked
    assert problem.objective is Objective.SECONDS
    assert failure.trigger is Trigger.DEADLINE
    assert failure.reason == "what is left takes 18 s, at 2 times the estimates; there are 14 s"


async def test_a_deadline_at_risk_with_no_faster_plan_changes_nothing():
    execution, planner, _ = await run_against_the_clock(timed(5), 2.0, 8.0)
    assert execution.success
    assert execution.replans == ()
    assert len(planner.asked) == 1
    execution, planner, _ = await run_against_the_clock(timed(5), 2.0, 8.0, [None])
    assert execution.success
    assert any("The plan stays in force" in step.detail for step in execution.trace)


async def test_a_deadline_is_not_at_risk_while_there_is_time_or_without_estimates():
    _, planner, _ = await run_against_the_clock(timed(5), 1.0, 5.0)
    assert planner.asked == []
    _, planner, _ = await run_against_the_clock(timed(5, 0.0), 9.0, 5.0)
    assert planner.asked == []


async def test_work_that_does_not_fit_side_by_side_puts_a_deadline_at_risk_too():
    """Twenty tasks that wait for nothing, on two streams: half the sum is what counts."""
    tasks = tuple(task(str(n), seconds=1.0) for n in range(20))
    bench, hands = PlanBench(Told(*tasks), max_parallel_streams=2), Hands()
    hands.seconds = {each.id: 1.0 for each in tasks}
    await ends(asyncio.create_task(bench.execute(hands, seconds=9.0)), bench.clock)
    assert [failure.trigger for failure in bench.planner.failures] == [Trigger.DEADLINE]


# Agents and resources


def longest_chain(tasks, left):
    ends = {}
    for each in tasks:
        if each.id in left:
            ends[each.id] = each.seconds + max(
                (ends.get(one, 0.0) for one in each.depends_on), default=0.0
            )
    return max(ends.values(), default=0.0)


@given(st.lists(st.tuples(st.integers(0, 9), st.sets(st.integers(0, 30))), min_size=1, max_size=20))
def test_what_is_left_is_the_longest_chain_of_what_is_not_done(drawn):
    """Also after each task that is done, and whatever the number of streams."""
    tasks = [
        task(str(n), *(str(each) for each in sorted(before) if each < n), seconds=float(seconds))
        for n, (seconds, before) in enumerate(drawn)
    ]
    left = {each.id for each in tasks}
    for done in tasks:
        left.remove(done.id)
        for streams in (1, 3):
            deadline = Deadline(tasks, streams, 0.0, (1.0, 1.0))
            for each in tasks:
                if each.id not in left:
                    deadline.done(each, each.seconds)
            needed = max(
                longest_chain(tasks, left),
                sum(each.seconds for each in tasks if each.id in left) / streams,
            )
            said = deadline.risk(0.0)
            assert bool(said) is (needed > 0)
            assert not said or float(said.split()[4]) == pytest.approx(needed, rel=0.01)
