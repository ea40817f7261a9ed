"""What earlier runs taught about failures, and how a plan changes before they happen."""

from plan_bench import RUN, Hands, PlanBench, Told, chain, domain_of, plan_of, task

from dataagents.core.planning import (
    Domain,
    FailureKind,
    Method,
    Operator,
    Task,
    Trigger,
)
from dataagents.core.reflection import Lessons
from dataagents.plugins.planning.htn import HtnPlanner

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
