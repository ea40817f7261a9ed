"""Hierarchical coordination when workers, leaders, organizers or stores fail, or are slow."""

import asyncio

import pytest
from hierarchy_team import (
    Head,
    Leader,
    Meter,
    Slow,
    Worker,
    Workshop,
    config,
    deploy,
    done,
    goal,
)

from dataagents.core import Agent, Strategy, hookimpl
from dataagents.core.errors import StoreError
from dataagents.core.hierarchy import (
    Assignment,
    Group,
    Hierarchy,
    Policy,
)
from dataagents.core.planning import FailureKind, GoalLimits, PlannedTask, TaskResult, failed
from dataagents.core.testing import FakeClock, MemoryStore, kernel_for


def chain(*names: str) -> tuple[PlannedTask, ...]:
    before = [(), *((name,) for name in names)]
    return tuple(
        PlannedTask(name, name, depends_on=needed)
        for name, needed in zip(names, before, strict=False)
    )


async def coordinate(*agents: Agent, inputs: int = 3, steps: int = 1, **options):
    async with kernel_for(Workshop(steps), config=config(**options)) as kernel:
        await deploy(kernel, Head(), *agents)
        return await kernel.coordinate(goal(inputs))


async def test_a_worker_that_fails_is_followed_by_the_runner_up():
    meter = Meter()
    bad = Worker("bad", meter, work=1.0).fail()
    result = await coordinate(bad, Worker("good", meter))
    assert result.success, result.reason
    assert {each.agent for each in result.results} == {"good"}
    assert [(each.agent, each.error) for each in result.attempts] == [("bad", "out of order")] * 2


async def test_by_retry_the_same_worker_tries_again_as_often_as_allowed():
    meter = Meter()
    twice = Worker("twice", meter, work=1.0).fail(2)
    result = await coordinate(
        twice, Worker("other", meter), inputs=1, on_failure="retry", attempts=3
    )
    assert result.success, result.reason
    assert meter.by == {"twice": ["step1(d0000)"] * 3}
    meter.by.clear()
    twice.fail()
    result = await coordinate(twice, inputs=1, on_failure="retry", attempts=3)
    assert not result.success
    assert "step1(d0000): out of order" in result.reason
    assert result.remaining == ("step1(d0000)",)


async def test_when_all_fail_the_planner_replans_and_then_the_whole_fails():
    meter = Meter()
    result = await coordinate(Worker("bad", meter).fail(), inputs=2, attempts=1)
    assert not result.success
    assert result.result == {}
    assert result.reason == "step1(d0000): out of order"
    assert len(meter.by["bad"]) == 4  # once, and after each of three replans


async def test_a_replan_goes_on_from_where_things_stand():
    meter = Meter()
    result = await coordinate(Worker("bad", meter).fail(2), inputs=1, attempts=1)
    assert result.success, result.reason
    assert len(meter.by["bad"]) == 3


async def test_a_partial_result_is_a_result_but_no_success():
    meter = Meter()

    def act(task: PlannedTask) -> TaskResult:
        return failed(task, "no") if task.id == "step1(d0001)" else done(task)

    workers = [Worker(f"w{n}", meter) for n in range(2)]
    for worker in workers:
        worker.act = act
    result = await coordinate(*workers, steps=2, on_failure="partial")
    assert not result.success
    assert sorted(result.result) == ["step1:d0000", "step1:d0002", "step2:d0000", "step2:d0002"]
    assert result.remaining == ("step1(d0001)", "step2(d0001)")
    assert result.problems == ("step1(d0001): no", "step2(d0001) was not done")
    assert result.reason == "; ".join(result.problems)


async def test_a_failure_in_one_group_costs_a_later_group_what_depends_on_it_alone():
    meter = Meter()

    class Stamping(Head):
        async def execute(self, task, desk):
            return failed(task, "no ink") if "d0002" in task.id else done(task)

    async with kernel_for(Workshop(), config=config(span=2, on_failure="partial")) as kernel:
        leaders = [Leader("lead0"), Leader("lead1")]
        await deploy(kernel, Stamping(), *leaders, *(Worker(f"w{n}", meter) for n in range(4)))
        result = await kernel.coordinate(goal(4, "make_and_stamp"))
    assert result.remaining == ("stamp(d0002)", "pack(d0002)")
    assert sum(name.startswith("pack") for name in result.result) == 3


async def test_nobody_able_is_said_before_anything_is_begun():
    result = await coordinate(Worker("other", Meter(), cook=1.0))
    assert not result.success
    assert result.reason == "step1(d0000): nobody can do it: no agent has 'work' at 0.5"
    assert result.results == tuple(
        TaskResult(f"step1(d{n:04})", False, error=result.reason.partition(": ")[2])
        for n in range(3)
    )


async def test_without_a_coordinator_there_is_no_coordination():
    async with kernel_for(Workshop(), config=config()) as kernel:
        await deploy(kernel, Worker("w", Meter()))
        result = await kernel.coordinate(goal(1))
    assert not result.success
    assert "no agent has 'coordinate'" in result.reason


async def test_what_no_other_agent_would_get_around_ends_it_at_once():
    meter = Meter()
    workers = [Worker(f"w{n}", meter) for n in range(3)]
    for worker in workers:
        worker.act = lambda task: TaskResult(
            task.id, False, error="empty file", failure=FailureKind.INPUT
        )
    result = await coordinate(*workers, inputs=1, attempts=3)
    assert result.reason == "step1(d0000): empty file"
    assert sum(map(len, meter.by.values())) == 1


async def test_an_answer_about_another_task_is_a_failure():
    meter = Meter()
    liar = Worker("liar", meter, work=1.0)
    liar.act = lambda task: TaskResult("step1(d9999)", success=True)
    result = await coordinate(liar, Worker("good", meter), inputs=1)
    assert result.success, result.reason
    assert [each.error for each in result.attempts] == ["answered about 'step1(d9999)'"]


async def timed(clock: FakeClock, passing: float, *agents: Agent, limit=None, **options):
    async with kernel_for(Workshop(), config=config(**options), clock=clock) as kernel:
        await deploy(kernel, Head(), *agents)
        limits = GoalLimits(seconds=limit)
        work = asyncio.create_task(kernel.coordinate(goal(1, limits=limits)))
        await clock.advance(passing)
        assert work.done()
        return await work


async def test_a_slow_worker_gets_the_seconds_of_an_attempt(clock: FakeClock):
    meter = Meter()
    workers = (Slow("slow", meter, work=1.0), Worker("good", meter))
    result = await timed(clock, 3.1, *workers, seconds=3.0)
    assert result.success, result.reason
    assert [each.agent for each in result.attempts] == ["slow"]
    assert result.results[0].agent == "good"


async def test_or_its_share_of_the_time_until_the_deadline(clock: FakeClock):
    meter = Meter()
    workers = (Slow("slow", meter, work=1.0), Worker("good", meter))
    result = await timed(clock, 5.2, *workers, limit=10.0)
    assert result.success, result.reason
    result = await timed(clock, 10.2, Slow("slow", meter), limit=10.0, attempts=1)
    assert not result.success
    assert "10 s" in result.reason or "deadline" in result.reason


async def test_a_leader_that_fails_is_followed_by_another_that_does_the_rest():
    meter = Meter()

    class Quitting(Leader):
        async def lead(self, group, desk):
            first = group.assignments[0]
            await desk.lead(Group(group.id, group.leader, (first,)))
            raise ValueError("quits")

    workers = [Worker(f"w{n}", meter) for n in range(4)]
    quitter, steady = Quitting("a-quitter", 1.0), Leader("steady")
    result = await coordinate(quitter, steady, *workers, inputs=4, span=2)
    assert result.success, result.reason
    assert sum(map(len, meter.by.values())) == 4  # nothing was done twice
    assert [(each.task, each.agent) for each in result.attempts] == [("group-1", "a-quitter")]
    assert "quits" in str(result.attempts[0].error)
    assert [len(led) for led in steady.led] in ([1, 2], [2, 1])


async def test_a_leader_may_hand_out_its_tasks_by_itself():
    class Own(Leader):
        async def lead(self, group, desk):
            return [await desk.delegate(each.task, each.agent) for each in group.assignments]

    meter = Meter()
    workers = [Worker(f"w{n}", meter) for n in range(4)]
    result = await coordinate(Own("x"), Own("y"), *workers, inputs=4, span=2)
    assert result.success, result.reason
    assert len(result.result) == 4


async def test_a_leader_that_says_nothing_of_a_task_has_not_done_it():
    class Silent(Leader):
        async def lead(self, group, desk):
            return []

    workers = [Worker(f"w{n}", Meter()) for n in range(4)]
    result = await coordinate(Silent("x"), Silent("y"), *workers, inputs=4, span=2)
    assert not result.success
    assert "who leads group-" in result.reason
    assert "says nothing of it" in result.reason


async def test_the_coordinator_has_the_last_word():
    class Strict(Head):
        async def validate(self, goal, tasks, results, desk):
            found = list(await super().validate(goal, tasks, results, desk))
            return [*found, f"{len(results)} are too few"]

    async with kernel_for(Workshop(), config=config()) as kernel:
        await deploy(kernel, Strict(), Worker("w", Meter()))
        result = await kernel.coordinate(goal(2))
    assert not result.success
    assert result.problems == ("2 are too few",)
    assert len(result.result) == 2


async def test_a_fact_that_was_promised_and_not_made_is_a_problem():
    worker = Worker("w", Meter())
    worker.act = lambda task: TaskResult(task.id, success=True)
    result = await coordinate(worker, inputs=1)
    assert result.problems == ("step1(d0000) did not make step1:d0000",)


async def test_an_organizer_that_goes_in_circles_is_refused_with_the_circle_named():
    class Circular:
        def organize(self, plan, complexity, coordinator, agents):
            task, other = plan.tasks
            groups = (
                Group("g", "a", (Assignment(task, "b"),)),
                Group("h", "b", (Assignment(other, "a"),)),
            )
            return Hierarchy(Group("top", coordinator, (), groups), complexity, Policy())

        @hookimpl
        def register_organizers(self):
            return [Strategy("circular", lambda options: self)]

    meter = Meter()
    settings = config("circular")
    async with kernel_for(Workshop(), Circular(), config=settings) as kernel:
        await deploy(kernel, Head(), Worker("a", meter), Worker("b", meter))
        result = await kernel.coordinate(goal(2))
    assert not result.success
    assert "circular delegation: a → b → a" in result.reason or "b → a → b" in result.reason
    assert meter.by == {}


async def test_a_store_that_is_gone_is_an_error_and_nothing_is_left_running():
    class Gone(MemoryStore):
        async def commit(self, unit):
            if any(event.kind == "task.ended" for event in unit):
                raise StoreError("store.db", "the disk is full")
            await super().commit(unit)

    meter = Meter()
    async with kernel_for(Workshop(), config=config(), store=Gone()) as kernel:
        await deploy(kernel, Head(), *(Worker(f"w{n}", meter) for n in range(3)))
        with pytest.raises(StoreError, match="the disk is full"):
            await kernel.coordinate(goal(9))


async def test_a_leader_that_hangs_is_followed_by_another(clock: FakeClock):
    class Hanging(Leader):
        async def lead(self, group, desk):
            await desk.lead(Group(group.id, group.leader, group.assignments[:1]))
            await asyncio.Event().wait()

    meter = Meter()
    workers = [Worker(f"w{n}", meter) for n in range(4)]
    async with kernel_for(Workshop(), config=config(span=2), clock=clock) as kernel:
        await deploy(kernel, Head(), Hanging("a-hung", 1.0), Leader("steady"), *workers)
        limits = GoalLimits(seconds=20.0)
        work = asyncio.create_task(kernel.coordinate(goal(4, limits=limits)))
        await clock.advance(10.5)
        result = await work
    assert result.success, result.reason
    assert [each.agent for each in result.attempts] == ["a-hung"]
    assert sum(map(len, meter.by.values())) == 4


async def test_a_coordination_that_is_cancelled_is_recorded_as_cancelled(store: MemoryStore):
    meter = Meter()
    slow = Slow("slow", meter)
    async with kernel_for(Workshop(), config=config(), store=store) as kernel:
        await deploy(kernel, Head(), slow)
        work = asyncio.create_task(kernel.coordinate(goal(1)))
        await slow.started.wait()
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
    ended = [event.body["status"] for event in store.events if event.kind == "run.ended"]
    assert ended == ["cancelled"]
