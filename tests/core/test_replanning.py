"""What makes a plan change although no task has failed, and what earlier runs taught about it."""

import asyncio

import pytest
from hierarchy_team import Head, Meter, Worker, Workshop, config, deploy, goal
from hypothesis import given
from hypothesis import strategies as st
from plan_bench import RUN, Hands, PlanBench, Told, chain, domain_of, ends, plan_of, task

from dataagents.core import InputError, RunStatus
from dataagents.core.planning import (
    Domain,
    FailureKind,
    Method,
    Objective,
    Operator,
    StepKind,
    Task,
    TaskResult,
    Trigger,
    Watch,
)
from dataagents.core.reflection import Lessons
from dataagents.core.services.planning.deadline import Deadline
from dataagents.core.testing import MemoryStore, kernel_for
from dataagents.plugins.planning.htn import HtnPlanner


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

FORESEEN = {"2": {"trigger": "failed task", "failed": 6, "of": 10}}


async def test_a_failure_that_is_foreseen_changes_the_plan_before_it_happens():
    planner = Told(*chain(3))
    planner.ways = [(task("detour"), task("3", "detour"))]
    bench = PlanBench(planner, domain_of(*chain(3), task("detour")))
    hands = Hands()
    execution = await bench.execute(hands, state={"foreseen:orders": FORESEEN})
    assert execution.success
    assert hands.order == ["1", "detour", "3"]
    (failure,) = planner.failures
    assert (failure.task, failure.trigger) == ("2", Trigger.PREDICTED)
    assert failure.kind is FailureKind.RECOVERABLE
    assert failure.reason == "2: expected to fail, as in 6 of 10 runs (failed task)"


async def test_when_there_is_no_other_way_what_is_foreseen_is_tried():
    bench, hands = PlanBench(Told(*chain(3))), Hands()
    execution = await bench.execute(hands, state={"foreseen:orders": FORESEEN})
    assert execution.success
    assert len(bench.planner.asked) == 1
    assert execution.replans == ()
    assert bench.store.of("plan.replaced") == ()
    assert hands.counts == {"1": 1, "2": 1, "3": 1}


async def test_what_is_foreseen_for_another_data_set_changes_nothing():
    bench = PlanBench(Told(*chain(3)))
    await bench.execute(Hands(), state={"foreseen:customers": FORESEEN, "foreseen:orders": {}})
    assert bench.planner.asked == []


def lessons() -> Lessons:
    return Lessons(
        preferences={"clean/strict": 0.9},
        foresight={"2@orders": {"failed": 6, "of": 10}, "2@elsewhere": {"failed": 1, "of": 1}},
        applied=("lesson-1", "lesson-2"),
    )


async def test_lessons_reach_the_planner_as_preferences_and_facts():
    bench = PlanBench(Told(*chain(3)), lessons=lessons())
    plan = await bench.planning.plan(plan_of().goal, {"settings": {}}, RUN)
    problem = bench.planner.problems[0]
    assert problem.preferences == {"clean/strict": 0.9}
    foreseen = {"foreseen:orders": {"2": {"failed": 6, "of": 10}}}
    assert problem.state == {"settings": {}, **foreseen}
    assert (problem.workers, problem.seed) == (8, 1)
    (subject,) = bench.recalled_for
    assert (subject.id, subject.name, subject.args) == ("make", "make", {"datasets": ["orders"]})
    assert bench.planning.recalled("run") == ("lesson-1", "lesson-2")
    assert bench.planning.recalled("another") == ()
    execution = await bench.execute(Hands(_1=["no"]), plan)
    assert bench.planner.asked[0][0].preferences == {"clean/strict": 0.9}
    assert execution.state["foreseen:orders"] == foreseen["foreseen:orders"]
    assert bench.planning.recalled("run") == ("lesson-1", "lesson-2")


async def test_foresight_that_the_plan_provided_for_asks_for_nothing_more():
    """The planner did something else because of it: that is the provision."""

    class Wary(Told):
        def left(self, state):
            wary = (task("ask"),) if "foreseen:orders" in state else ()
            return (*wary, *super().left(state))

    bench = PlanBench(Wary(*chain(3)), domain_of(*chain(3), task("ask")), lessons=lessons())
    plan = await bench.planning.plan(plan_of().goal)
    hands = Hands()
    assert (await bench.execute(hands, plan)).success
    assert bench.planner.asked == []
    assert hands.order == ["ask", "1", "2", "3"]
    assert len(bench.store.of("plan.made")) == 1


async def test_foresight_that_the_plan_ignored_is_asked_about_once():
    bench = PlanBench(Told(*chain(3)), lessons=lessons())
    plan = await bench.planning.plan(plan_of().goal)
    assert (await bench.execute(Hands(), plan)).success
    assert [failure.trigger for failure in bench.planner.failures] == [Trigger.PREDICTED]


async def test_the_bundled_planner_gets_round_what_is_foreseen_and_who_is_lost():
    def by(name):
        return lambda state, task: (Task(name, task.args),)

    methods = (Method("quick", "make", by("fast")), Method("thorough", "make", by("slow")))
    for reason in (Trigger.PREDICTED, Trigger.AGENT, Trigger.FAILED):
        fast = Operator("fast", requires={"run": 0.5}, writes=("fast:{dataset}",))
        domain = Domain("two ways", (fast, Operator("slow")), methods, ("make",))
        foresight = {"fast@orders": {"failed": 6, "of": 10}} if reason is Trigger.PREDICTED else {}
        bench = PlanBench(HtnPlanner(), domain, lessons=Lessons(foresight=foresight))
        bench.add("runner", run=0.9)
        plan = await bench.planning.plan(plan_of().goal)
        assert [each.name for each in plan.tasks] == ["fast"]
        bench.well("runner", reason is not Trigger.AGENT)
        hands = Hands()
        hands.script["fast(orders)"] = ["no"] if reason is Trigger.FAILED else []
        execution = await bench.execute(hands, plan)
        assert execution.success
        assert hands.order[-1] == "slow(orders)"
        assert len(hands.order) == 1 + (reason is Trigger.FAILED)
        assert [each.failure.trigger for each in execution.replans] == [reason]


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
