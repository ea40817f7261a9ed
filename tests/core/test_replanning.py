"""What changes a plan although no task has failed: alarms, lost agents, resources, operators."""

import asyncio

import pytest
from hierarchy_team import Head, Meter, Worker, Workshop, config, deploy, goal
from plan_bench import Hands, PlanBench, Told, chain, domain_of, ends, plan_of, task

from dataagents.core import InputError, RunStatus
from dataagents.core.planning import (
    FailureKind,
    Objective,
    StepKind,
    TaskResult,
    Trigger,
    Watch,
)
from dataagents.core.testing import MemoryStore, kernel_for


def seen(name: str, **facts: object) -> TaskResult:
    return TaskResult(name, True, {f"made:{name}": True, **facts})


# What the domain looks out for


def drift(state):
    columns = state.get("columns")
    return f"{columns} new columns" if columns else None


DRIFT = Watch("drift", Trigger.DRIFT, drift)


async def test_an_alarm_makes_the_plan_change_before_the_next_task():
    planner = Told(*chain(3))
    planner.ways = [(task("agree"), *chain(3)[1:])]
    domain = domain_of(*chain(3), task("agree"), watches=(DRIFT,))
    hands = Hands(_1=[seen("1", columns=2)])
    execution = await PlanBench(planner, domain).execute(hands)
    assert execution.success
    assert hands.order == ["1", "agree", "2", "3"]
    (replan,) = execution.replans
    assert replan.failure.trigger is Trigger.DRIFT
    assert replan.failure.task == ""
    assert replan.failure.reason == "drift: 2 new columns"
    assert replan.diff.added == ("agree",)
    assert replan.diff.stability == 1.0


async def test_the_same_alarm_is_raised_once_another_one_again():
    hands = Hands(_1=[seen("1", columns=2)], _2=[seen("2", columns=2)], _3=[seen("3", columns=3)])
    bench = PlanBench(Told(*chain(4)), domain_of(*chain(4), watches=(DRIFT,)))
    execution = await bench.execute(hands)
    reasons = [replan.failure.reason for replan in execution.replans]
    assert reasons == ["drift: 2 new columns", "drift: 3 new columns"]
    assert hands.counts == {"1": 1, "2": 1, "3": 1, "4": 1}


async def test_alarms_that_come_together_make_one_change():
    poor = Watch("quality", Trigger.QUALITY, lambda state: "0.4, below 0.9" if state else None)
    bench = PlanBench(Told(*chain(2)), domain_of(*chain(2), watches=(DRIFT, poor)))
    execution = await bench.execute(Hands(_1=[seen("1", columns=2)]))
    (replan,) = execution.replans
    assert replan.failure.reason == "drift: 2 new columns; quality: 0.4, below 0.9"


async def test_an_alarm_that_a_failed_task_raised_is_the_reason_behind_the_failure():
    outcome = TaskResult(
        "1", False, {"columns": 2}, error="breach", failure=FailureKind.RECOVERABLE
    )
    bench = PlanBench(Told(*chain(2)), domain_of(*chain(2), watches=(DRIFT,)))
    execution = await bench.execute(Hands(_1=[outcome]))
    (replan,) = execution.replans
    assert (replan.failure.task, replan.failure.trigger) == ("1", Trigger.DRIFT)
    assert replan.failure.reason == "1: breach; drift: 2 new columns"


async def test_an_alarm_without_another_plan_ends_it_unless_nothing_remains():
    for remaining in (1, 0):
        planner = Told(*chain(1 + remaining))
        planner.ways = [None]
        domain = domain_of(*chain(2), watches=(DRIFT,))
        execution = await PlanBench(planner, domain).execute(Hands(_1=[seen("1", columns=2)]))
        assert execution.success is (remaining == 0)
        assert ("2 new columns" in execution.reason) is (remaining == 1)


async def test_an_alarm_for_each_of_many_tasks_does_not_end_it_as_long_as_they_are_done():
    ever = Watch("ever", Trigger.QUALITY, lambda state: f"{len(state)} facts")
    planner = Told(*(task(f"{n:02}") for n in range(20)))
    domain = domain_of(*planner.tasks, watches=(ever,))
    bench = PlanBench(planner, domain, max_parallel_streams=1)
    execution = await bench.execute(Hands())
    assert execution.success
    assert len(execution.replans) == 20


async def test_an_alarm_that_never_stops_changing_without_progress_comes_to_an_end():
    """Each replan has the same task done again, and each time another figure is poor."""
    poor = Watch("poor", Trigger.QUALITY, lambda state: f"score {state['score']}")
    planner = Told(task("a"), task("b", "a"))
    planner.ways = [(task("a"), task("b", "a"))] * 50
    bench = PlanBench(planner, domain_of(*planner.tasks, watches=(poor,)))
    hands = Hands(a=[TaskResult("a", True, {"score": n}) for n in range(50)])
    execution = await bench.execute(hands)
    assert len(execution.replans) == 3
    assert execution.reason == "poor: score 3 (after 3 replans)"


async def test_a_watch_that_breaks_sees_nothing():
    broken = Watch("broken", Trigger.DRIFT, lambda state: state["nothing"])
    bench = PlanBench(Told(*chain(2)), domain_of(*chain(2), watches=(broken,)))
    assert (await bench.execute(Hands())).success
    assert any(record.failures for record in bench.runtime.boundary.records)


# The deadline


async def test_a_task_that_only_a_lost_agent_could_do_makes_another_plan_necessary():
    rare = task("3", "2", requires={"weld": 0.5})
    planner = Told(*chain(2), rare)
    planner.ways = [(*chain(2)[1:], task("glue", "2"))]
    bench = PlanBench(planner, domain_of(*chain(2), rare, task("glue")))
    bench.add("welder", weld=0.9)
    bench.add("clumsy", weld=0.1)
    hands = Hands(_1=[lambda: bench.roster.remove("welder")])
    execution = await bench.execute(hands)
    assert execution.success
    assert hands.order == ["1", "2", "glue"]
    (failure,) = planner.failures
    assert failure.trigger is Trigger.AGENT
    assert failure.reason == "3: nobody is left who can do it: welder (stopped)"


async def test_who_is_not_well_from_the_start_is_not_counted_on():
    rare = task("2", "1", requires={"weld": 0.5})
    planner = Told(task("1"), rare)
    planner.ways = [(task("1"), task("glue", "1"))]
    bench = PlanBench(planner, domain_of(*planner.tasks, task("glue")))
    bench.add("welder", weld=0.9)
    bench.well("welder", False)
    hands = Hands()
    assert (await bench.execute(hands)).success
    assert hands.order == ["1", "glue"]


async def test_an_agent_that_is_not_well_counts_as_lost_one_that_is_replaced_does_not():
    rare = task("2", "1", requires={"weld": 0.5})
    for successor in (False, True):
        bench = PlanBench(Told(task("1"), rare))
        bench.add("welder", weld=0.9)

        def falls_ill(bench=bench, successor=successor):
            if successor:
                bench.add("apprentice", weld=0.6)
            bench.well("welder", False)

        execution = await bench.execute(Hands(_1=[falls_ill]))
        assert execution.success is successor
        assert len(execution.replans) == (0 if successor else 3)


async def test_a_task_that_fails_because_its_agent_is_lost_says_so():
    bench = PlanBench(Told(task("1", requires={"weld": 0.5})))
    bench.add("welder", weld=0.9)

    def leaves():
        bench.roster.remove("welder")
        return "no answer"

    await bench.execute(Hands(_1=[leaves]))
    assert bench.planner.failures[0].trigger is Trigger.AGENT
    assert bench.planner.failures[0].reason.startswith("1: no answer; nobody is left")


async def test_the_state_says_for_which_tasks_nobody_is_left_as_long_as_it_is_so():
    rare = task("3", "2", requires={"weld": 0.5})
    bench = PlanBench(Told(*chain(2), rare))
    bench.add("welder", weld=0.9)
    hands = Hands(_1=[lambda: bench.well("welder", False)], _2=[lambda: bench.well("welder")])
    execution = await bench.execute(hands)
    assert execution.success
    ((problem, _),) = bench.planner.asked
    assert problem.state["nobody:3"] == "nobody is left who can do it: welder (unhealthy)"
    assert execution.state == {"made:1": True, "made:2": True, "made:3": True}


async def test_what_nobody_here_ever_could_do_is_left_to_the_auction():
    bench = PlanBench(Told(task("1", requires={"weld": 0.5})))
    bench.add("painter", paint=0.9)
    assert (await bench.execute(Hands())).success


async def test_less_of_a_resource_replans_what_no_longer_fits():
    tasks = (task("1"), task("2", "1", resources={"memory": 4.0}))
    lean = task("lean", "1", resources={"memory": 1.0})
    planner = Told(*tasks)
    planner.ways = [(lean,)]
    bench = PlanBench(planner, domain_of(*tasks, lean, resources={"memory": 8.0}))
    hands = Hands(_1=[lambda: runner.resources_changed({"memory": 2.0})])
    runner = bench.runner(hands)
    execution = await runner.execute(plan_of(*tasks), {})
    assert execution.success
    assert hands.order == ["1", "lean"]
    assert planner.failures[0].trigger is Trigger.RESOURCES
    assert planner.failures[0].reason == "2: needs 4 memory, there is 2"


async def test_more_of_a_resource_lets_more_run_at_once():
    tasks = [task(str(n), resources={"slots": 1.0}) for n in range(6)]
    bench = PlanBench(Told(*tasks), domain_of(*tasks, resources={"slots": 1.0}))
    hands = Hands(_0=[lambda: runner.resources_changed({"slots": 3.0})])
    hands.seconds = {each.id: 1.0 for each in tasks}
    runner = bench.runner(hands)
    work = asyncio.create_task(runner.execute(plan_of(*tasks), {}))
    assert (await ends(work, bench.clock)).success
    assert hands.most == 3
    assert bench.clock.monotonic() == 3.0  # one alone, then three, then two


@pytest.mark.parametrize(
    ("capacity", "problem"),
    [
        ({"memry": 1.0}, "Did you mean 'memory'"),
        ({"memory": -1.0}, "no figure of at least 0"),
        ({"memory": float("nan")}, "no figure of at least 0"),
    ],
)
async def test_amounts_that_make_no_sense_are_refused(capacity, problem):
    bench = PlanBench(Told(), domain_of(resources={"memory": 8.0}))
    with pytest.raises(InputError, match=problem):
        bench.runner(Hands()).resources_changed(capacity)


# What an operator asks for


async def test_an_operator_has_a_plan_changed_while_it_runs():
    planner = Told(*chain(3))
    planner.ways = [(task("other"),)]
    bench, hands = PlanBench(planner, domain_of(*chain(3), task("other"))), Hands()
    hands.gate["1"] = asyncio.Event()
    runner = bench.runner(hands)
    work = asyncio.create_task(runner.execute(plan_of(*chain(3)), {}))
    await bench.clock.settle()
    runner.replan("the file was replaced")
    hands.gate["1"].set()
    execution = await work
    assert execution.success
    assert hands.order == ["1", "other"]
    (failure,) = planner.failures
    assert (failure.trigger, failure.reason) == (Trigger.OPERATOR, "the file was replaced")


async def test_everything_that_an_operator_asks_for_is_done():
    bench = PlanBench(Told(*chain(2)))
    runner = bench.runner(Hands())
    runner.replan("first")
    runner.replan("second")
    execution = await runner.execute(plan_of(*chain(2)), {})
    assert [failure.reason for failure in bench.planner.failures] == ["first", "second"]
    assert execution.success


async def test_what_an_operator_asks_for_in_vain_leaves_the_plan_in_force():
    planner = Told(*chain(2))
    planner.ways = [None]
    bench = PlanBench(planner)
    runner = bench.runner(Hands())
    runner.replan("I am curious")
    execution = await runner.execute(plan_of(*chain(2)), {})
    assert execution.success
    assert execution.trace[0].kind is StepKind.FAILED
    assert "I am curious" in execution.trace[0].detail


async def test_a_run_is_stopped_at_the_kernel():
    store, worker = MemoryStore(), Worker("worker", Meter())
    async with kernel_for(Workshop(2), config=config(streams=1), store=store) as kernel:
        await deploy(kernel, Head(), worker)
        run: list[str] = []
        works = worker.act

        def stop(planned):
            with pytest.raises(InputError, match="being executed"):
                kernel.stop_plan("another")
            kernel.stop_plan(run[0], "enough")
            return works(planned)

        worker.act = stop
        result = await kernel.run(goal(1), started=run.append)
    assert result.outcome.status is RunStatus.CANCELLED
    assert result.outcome.reason == "stopped: enough"
    assert result.reflection is None
    assert result.execution.remaining == ("step2(d0000)",)
    assert [event.body["detail"] for event in store.of("plan.step")] == ["enough"]


async def test_a_run_is_replanned_at_the_kernel():
    meter = Meter()
    worker = Worker("worker", meter)
    async with kernel_for(Workshop(2), config=config(streams=1)) as kernel:
        await deploy(kernel, Head(), worker)
        run: list[str] = []
        works = worker.act

        def ask(planned):
            worker.act = works
            kernel.replan(run[0], "have another look")
            return works(planned)

        worker.act = ask
        result = await kernel.run(goal(1), started=run.append)
    assert result.outcome.status is RunStatus.DONE
    assert [each.failure.trigger for each in result.execution.replans] == [Trigger.OPERATOR]


# What earlier runs taught


async def test_objective_and_time_to_improve_come_from_the_configuration():
    asked = []

    class Asked(Told):
        async def plan(self, problem, allowance):
            asked.append((problem.objective, allowance.improving))
            return await super().plan(problem, allowance)

    for planning in ({}, {"objective": "cost"}, {"objective": "seconds", "improving": 3}):
        await PlanBench(Asked(*chain(1)), planning=planning).planning.plan(plan_of().goal)
    assert asked == [(Objective.FIRST, 0.0), (Objective.COST, 1.0), (Objective.SECONDS, 3.0)]


# The estimate of what is left
