"""Execution: in which order, what at the same time, and what becomes of what fails."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_bench import (
    RUN,
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

from dataagents.core import Goal, InputError
from dataagents.core.errors import StoreError
from dataagents.core.planning import (
    FailureKind,
    Operator,
    Schedule,
    Slot,
    StepKind,
    TaskResult,
    Trigger,
)
from dataagents.core.services.planning.frontier import Frontier


async def test_an_action_that_fails_once_is_replanned_from_where_it_stands():
    """Case R01: what was done before it is not done again."""
    bench, hands = PlanBench(Told(*chain(6))), Hands(_3=["raised"])
    execution = await bench.execute(hands)
    assert execution.success
    assert hands.counts == {"1": 1, "2": 1, "3": 2, "4": 1, "5": 1, "6": 1}
    assert len(execution.replans) == 1
    assert execution.remaining == ()
    (failure,) = bench.planner.failures
    assert (failure.task, failure.reason, failure.trigger) == ("3", "3: raised", Trigger.FAILED)


async def test_an_action_that_always_fails_ends_after_three_replans():
    """Case R04: what was done is kept, and what failed is named, with the reason."""
    bench, hands = PlanBench(Told(*chain(6))), Hands(_3=["never works"] * 99)
    execution = await bench.execute(hands)
    assert not execution.success
    assert len(execution.replans) == 3
    assert hands.counts["3"] == 4
    assert [each.task for each in execution.completed] == ["1", "2"]
    assert execution.remaining == ("3", "4", "5", "6")
    assert execution.state == {"made:1": True, "made:2": True}
    assert execution.failure.task == "3"
    assert execution.reason == "3: never works (after 3 replans)"
    assert kinds(execution)[-1] is StepKind.ABORTED


async def test_every_task_has_its_own_three_replans():
    """Four tasks that fail three times each, one after the other or side by side, are no end."""
    tasks = [task(name) for name in "abcd"]
    for streams in (1, 4):
        bench = PlanBench(Told(*tasks), max_parallel_streams=streams)
        hands = Hands(**{name: ["no"] * 3 for name in "abcd"})
        execution = await bench.execute(hands)
        assert execution.success, execution.reason


async def test_progress_elsewhere_does_not_let_a_hopeless_task_go_on_for_ever():
    tasks = [task("bad"), *(task(f"good{n:02}") for n in range(40))]
    bench = PlanBench(Told(*tasks), max_parallel_streams=2)
    execution = await bench.execute(Hands(bad=["no"] * 99))
    assert len(execution.replans) == 3


async def test_two_tasks_that_take_turns_in_failing_come_to_an_end():
    a, b = task("a"), task("b")
    planner = Told(a, b)
    planner.ways = [(b, a), (a, b)] * 50
    execution = await PlanBench(planner, max_parallel_streams=1).execute(
        Hands(a=["no"] * 99, b=["no"] * 99)
    )
    assert len(execution.replans) == 6
    assert not execution.success


async def test_a_planner_that_has_done_things_undone_comes_to_an_end():
    """Each replan does the first task again, which is no progress."""
    a, b = task("a"), task("b", "a")
    planner = Told(a, b)
    planner.ways = [(a, b)] * 50
    execution = await PlanBench(planner).execute(Hands(b=["no"] * 99))
    assert len(execution.replans) == 3


async def test_a_planner_that_gives_every_task_a_new_name_comes_to_an_end():
    planner = Told(task("a"), task("b"))
    names = [replace(task("a"), id=f"a#{n}") for n in range(50)]
    planner.ways = [(name,) for name in names]
    hands = Hands(a=["no"], b=["no"], **{f"a#{n}": ["no"] for n in range(50)})
    execution = await PlanBench(planner).execute(hands)
    assert len(execution.replans) == 6  # three for each task that it began with
    assert "in all" in execution.reason


@pytest.mark.parametrize("kind", [FailureKind.FATAL, FailureKind.INPUT, FailureKind.UNDECIDED])
async def test_what_no_plan_gets_around_ends_it_at_once(kind: FailureKind):
    bench = PlanBench(Told(*chain(3)))
    execution = await bench.execute(Hands(_2=[kind]))
    assert bench.planner.asked == []
    assert execution.failure.kind is kind
    assert execution.remaining == ("2", "3")
    (step,) = [step for step in execution.trace if step.kind is StepKind.ABORTED]
    assert step.task == "2"
    (event,) = bench.store.of("plan.step")
    assert event.body["kind"] == "aborted"
    assert (event.subject, event.run, event.task) == ("plan", "run", "2")


async def test_of_two_that_fail_the_one_that_nothing_helps_decides():
    bench, hands = PlanBench(Told(task("a"), task("b"))), Hands(a=["no"], b=[FailureKind.FATAL])
    execution = await bench.execute(hands)
    assert execution.failure.task == "b"


async def test_what_a_failed_task_observed_counts():
    seen = TaskResult("1", False, {"rows": 3}, error="no", failure=FailureKind.RECOVERABLE)
    bench = PlanBench(Told(*chain(2)))
    execution = await bench.execute(Hands(_1=[seen]))
    assert execution.state["rows"] == 3
    assert bench.planner.asked[0][0].state["rows"] == 3


async def test_effects_are_those_observed_not_those_promised():
    operator = Operator("1", effect=lambda state, task: {"promised": True})
    done = TaskResult("1", True, {"made:1": "as it was"})
    bench = PlanBench(Told(*chain(1)), domain_of(operators=[operator]))
    execution = await bench.execute(Hands(_1=[done]))
    assert execution.state == {"made:1": "as it was"}


async def test_plan_and_state_of_the_caller_stay_as_they_were():
    bench, state = PlanBench(Told(*chain(3))), {"known": [1]}
    plan = plan_of(*chain(3))
    await bench.execute(Hands(_2=["no"]), plan, state)
    assert state == {"known": [1]}
    assert plan == plan_of(*chain(3))


async def test_a_plan_in_which_nothing_is_to_be_done_is_done():
    execution = await PlanBench(Told()).execute(Hands())
    assert (execution.success, execution.trace) == (True, ())


async def test_the_facts_that_a_task_reads_are_those_at_its_start():
    reading = task("2", "1", reads=("made:1", "unknown"))
    bench, hands = PlanBench(Told(task("1"), reading)), Hands()
    await bench.execute(hands)
    assert hands.facts == [{}, {"made:1": True}]


async def test_the_trace_says_what_happened_and_when():
    bench, hands = PlanBench(Told(*chain(2))), Hands(_2=["no"])
    hands.seconds = {"1": 2.0, "2": 3.0}
    work = asyncio.create_task(bench.execute(hands))
    execution = await ends(work, bench.clock)
    assert [(step.kind.value, step.task, step.seconds) for step in execution.trace] == [
        ("started", "1", 0.0),
        ("completed", "1", 2.0),
        ("started", "2", 2.0),
        ("failed", "2", 5.0),
        ("replanned", "2", 5.0),
        ("started", "2", 5.0),
        ("completed", "2", 8.0),
    ]
    assert execution.trace[4].detail == "failed task: 2: no; stability 1.00"


async def test_with_one_stream_the_order_is_the_plans_whatever_else_is_said():
    slots = tuple(Slot(name, start, start + 1) for start, name in enumerate("dcba"))
    tasks = [task(name, priority=n) for n, name in enumerate("abcd")]
    plan = plan_of(*tasks, schedule=Schedule(slots))
    hands = Hands()
    await PlanBench(Told(*tasks), max_parallel_streams=1).execute(hands, plan)
    assert hands.order == list("abcd")
    assert hands.most == 1


async def test_several_streams_follow_the_schedule_then_the_priority_then_the_plan():
    slots = tuple(
        Slot(name, start, 9.0) for name, start in zip("abcde", (2, 0, 2, 0, 2), strict=True)
    )
    priorities = dict(zip("abcde", (1, 1, 1, 2, 7), strict=True))
    tasks = [task(name, priority=priorities[name]) for name in "abcde"]
    hands = Hands()
    plan = plan_of(*tasks, schedule=Schedule(slots))
    await PlanBench(Told(*tasks), max_parallel_streams=2).execute(hands, plan)
    assert hands.order == list("dbeac")
    assert hands.most == 2


async def test_resources_bound_what_runs_at_the_same_time_and_let_others_pass():
    big = [task(f"big{n}", resources={"memory": 0.6}) for n in range(3)]
    small = [task(f"small{n}", resources={"memory": 0.4}) for n in range(2)]
    free = [task("free")]
    domain = domain_of(*big, *small, *free, resources={"memory": 1.0})
    held = most = 0.0

    class Weighing(Hands):
        async def __call__(self, planned, place):
            nonlocal held, most
            held += planned.resources.get("memory", 0.0)
            most = max(most, held)
            try:
                return await super().__call__(planned, place)
            finally:
                held -= planned.resources.get("memory", 0.0)

    hands = Weighing()
    execution = await PlanBench(Told(*big, *small, *free), domain).execute(hands)
    assert execution.success
    assert most == pytest.approx(1.0)
    assert hands.order[:3] == ["big0", "small0", "free"]


async def test_a_task_that_needs_more_than_there_is_makes_another_plan_necessary():
    huge, frugal = task("huge", resources={"memory": 9.0}), task("frugal")
    planner = Told(huge, task("other"))
    planner.ways = [(frugal,)]
    domain = domain_of(huge, frugal, task("other"), resources={"memory": 4.0})
    hands = Hands()
    execution = await PlanBench(planner, domain).execute(hands)
    assert execution.success
    assert "huge" not in hands.order
    (failure,) = planner.failures
    assert failure.trigger is Trigger.RESOURCES
    assert failure.reason == "huge: needs 9 memory, there is 4"


async def test_a_precondition_that_does_not_hold_makes_another_plan_necessary():
    shut = Operator("2", condition=lambda state, task: None if "key" in state else "it is shut")
    fetch = task("fetch", writes=("key",))
    planner = Told(*chain(2))
    planner.ways = [(fetch, *chain(2)[1:])]
    bench = PlanBench(planner, domain_of(*chain(2), fetch, operators=[shut]))
    hands = Hands()
    execution = await bench.execute(hands)
    assert execution.success
    assert hands.order == ["1", "fetch", "2"]
    assert planner.failures[0].trigger is Trigger.PRECONDITION
    assert planner.failures[0].reason == "2: it is shut"


async def test_a_precondition_that_never_holds_is_replanned_three_times_then_given_up():
    shut = Operator("2", condition=lambda state, task: "it is shut")
    bench = PlanBench(Told(*chain(2)), domain_of(*chain(2), operators=[shut]))
    execution = await bench.execute(Hands())
    assert len(execution.replans) == 3
    assert execution.reason == "2: it is shut (after 3 replans)"


async def test_tasks_that_run_end_before_another_plan_takes_effect():
    bench, hands = PlanBench(Told(task("a"), task("b"), task("c", "a"))), Hands(a=["no"])
    hands.gate["b"] = asyncio.Event()
    work = asyncio.create_task(bench.execute(hands))
    await bench.clock.settle()
    assert bench.planner.asked == []
    hands.gate["b"].set()
    assert (await work).success
    assert hands.counts == {"a": 2, "b": 1, "c": 1}


async def test_a_planner_that_breaks_costs_what_is_left_not_what_was_done():
    class Broken(Told):
        async def replan(self, problem, plan, failure, allowance):
            raise ZeroDivisionError("oops")

    execution = await PlanBench(Broken(*chain(3))).execute(Hands(_2=["no"]))
    assert "oops" in execution.reason
    assert [each.task for each in execution.completed] == ["1"]


async def test_a_store_that_fails_ends_the_execution_and_what_runs_in_it():
    async def perform(planned, place):
        if planned.id == "b":
            raise StoreError("x.db", "the disk is full")
        await asyncio.Event().wait()

    bench = PlanBench(Told(task("a"), task("b")))
    with pytest.raises(StoreError):
        await bench.execute(perform := _Hands(perform))
    assert perform.cancelled == ["a"]


class _Hands(Hands):
    def __init__(self, act):
        super().__init__()
        self.act, self.cancelled = act, []

    async def __call__(self, planned, place):
        try:
            return await self.act(planned, place)
        except asyncio.CancelledError:
            self.cancelled.append(planned.id)
            raise


# Any plan


@st.composite
def plans(draw):
    count = draw(st.integers(1, 12))
    tasks = []
    for number in range(count):
        before = draw(st.sets(st.integers(0, max(0, number - 1)), max_size=3)) if number else set()
        tasks.append(
            task(
                str(number),
                *(str(each) for each in sorted(before)),
                priority=draw(st.integers(0, 3)),
                resources=draw(st.sampled_from([{}, {"r": 1.0}, {"r": 2.0}, {"q": 1.0}])),
            )
        )
    return tuple(tasks)


@settings(max_examples=60)
@given(plans(), st.integers(1, 4), st.sets(st.integers(0, 11), max_size=3))
async def test_every_task_is_done_once_after_those_that_it_waits_for(tasks, streams, failing):
    domain = domain_of(*tasks, resources={"r": 2.0, "q": 1.0})
    bench = PlanBench(Told(*tasks), domain, max_parallel_streams=streams)
    hands = Hands(**{f"_{number}": ["no"] for number in failing})
    execution = await bench.execute(hands)
    assert execution.success
    assert hands.most <= streams
    wanted = {each.id: 1 + (int(each.id) in failing) for each in tasks}
    assert hands.counts == wanted
    last = {name: place for place, name in enumerate(hands.order)}
    assert all(last[each] < last[one.id] for one in tasks for each in one.depends_on)
    if streams == 1 and not failing:
        assert hands.order == [each.id for each in tasks]


def test_a_large_plan_is_walked_without_looking_at_everything_each_time():
    """A hundred thousand tasks, half of them a chain: quadratic work would take hours."""
    count = 100_000
    chained = [task(str(n), str(n - 2)) if n % 2 and n > 1 else task(str(n)) for n in range(count)]
    frontier, done = Frontier(plan_of(*chained), (), 4), 0
    looks = 0

    def fits(needs):
        nonlocal looks
        looks += 1
        return True

    while (first := frontier.first(fits)) is not None:
        frontier.take(first)
        frontier.finish(first.id)
        done += 1
    assert done == count
    assert looks <= count + 1
    assert len(frontier) == 0


async def test_a_run_is_named_in_everything_that_is_recorded():
    bench = PlanBench(Told(*chain(2)))
    await bench.execute(Hands(_1=["no"]))
    (event,) = bench.store.of("plan.replaced")
    assert event.run == RUN.run


async def test_a_goal_without_input_is_the_callers_mistake():
    with pytest.raises(InputError, match="has no input"):
        await PlanBench(Told()).planning.plan(Goal("make"))
