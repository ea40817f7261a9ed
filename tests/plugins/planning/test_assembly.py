"""What becomes of a plan that was found, from its actions to its phases."""

from dataclasses import replace

import pytest

from dataagents.core.errors import NoPlanError
from dataagents.core.planning import (
    Allowance,
    DataFlowError,
    Domain,
    Goal,
    Method,
    Objective,
    Operator,
    Problem,
    Task,
)
from dataagents.core.testing.planning import check_plan
from dataagents.core.values import from_json, to_json
from dataagents.plugins.planning.assembly import assemble, makespan
from dataagents.plugins.planning.found import Action, Found
from dataagents.plugins.planning.htn import HtnPlanner
from dataagents.plugins.planning.project import ResourceError


def makes(name):
    return lambda state, task: {f"{name}:{task.args['x']}": True}


READ = Operator(
    "read", effect=makes("rows"), writes=("rows:{x}",), seconds=4.0, repeatable=True, cost=1.0
)
CHECK = Operator(
    "check",
    effect=makes("quality"),
    reads=("rows:{x}",),
    writes=("quality:{x}",),
    seconds=2.0,
    success_probability=0.9,
)
COUNT = replace(CHECK, name="count", effect=makes("count"), writes=("count:{x}",), seconds=3.0)
PAIRS = Method(
    "twice",
    "look",
    lambda state, task: tuple(Task(each, task.args) for each in ("read", "check", "read", "count")),
    success_probability=0.8,
)
SHOP = Domain("shop", (READ, CHECK, COUNT), (PAIRS,), resources={"disk": 2.0})


def problem(*names, domain=SHOP, **options):
    tasks = tuple(Task("look", {"x": x}) for x in names or ("a",))
    return Problem(Goal("look"), domain, options.pop("state", {}), tasks, **options)


async def plan(asked):
    return await HtnPlanner().plan(asked, Allowance())


def found(*words):
    actions = (word.split(".") for word in words)
    return Found(tuple(Action(Task(name, {"x": x})) for name, x in actions), ())


async def test_work_is_merged_scheduled_and_weighed():
    made = await plan(problem("a"))
    check_plan(made, SHOP, {})
    assert [task.id for task in made.tasks] == ["read(a)", "check(a)", "count(a)"]
    assert [(each.kept, each.dropped) for each in made.merged] == [("read(a)", ("read(a)#2",))]
    assert made.tasks[2].depends_on == ("read(a)",)
    assert (made.seconds, made.total_seconds, made.cost) == (7.0, 9.0, 1.0)
    assert made.schedule.makespan == 7.0
    assert made.schedule.critical_path == ("read(a)", "count(a)")
    assert made.confidence == pytest.approx(0.8 * 0.9 * 0.9)
    assert [risk.task for risk in made.risks] == ["look(a)", "check(a)", "count(a)"]
    assert {task.parent for task in made.tasks} == {"look(a)"}


async def test_the_four_phases_say_what_they_did():
    made = await plan(problem("a", "b", workers=1))
    assert [phase.name for phase in made.phases] == [
        "root task",
        "decomposition",
        "optimisation",
        "risk analysis",
    ]
    root, decomposition, optimisation, risk = (phase.summary for phase in made.phases)
    assert root == "goal 'look': 2 root tasks look(a), look(b)"
    assert decomposition.startswith("8 actions by 2 choices of a method")
    assert optimisation == (
        "6 tasks, at most 1 side by side, critical path 7 s of 18 s, 18 s with 1 worker, "
        "which is the least, 2 merged"
    )
    assert risk == "confidence 0.4199, 6 risks, the largest look(a) (without it 0.105 more)"
    assert all(phase.seconds >= 0 for phase in made.phases)


async def test_phases_make_sense_without_estimates():
    bare = tuple(replace(each, seconds=0.0, success_probability=1.0) for each in SHOP.operators)
    sure = replace(PAIRS, success_probability=1.0)
    made = await plan(problem("a", domain=Domain("bare", bare, (sure,))))
    assert made.phases[2].summary == "3 tasks, 2 of them one after another, no estimates, 1 merged"
    assert made.phases[3].summary == "confidence 1, nothing is known that may fail"


async def test_the_same_problem_gives_the_same_plan_however_long_it_took():
    one, other = await plan(problem("a")), await plan(problem("a"))
    slower = tuple(replace(phase, seconds=9.0) for phase in other.phases)
    assert one == replace(other, phases=slower)
    assert from_json(type(one), to_json(one)) == one


async def test_resources_lengthen_a_plan():
    disk = tuple(replace(each, resources={"disk": 1.0}) for each in SHOP.operators)
    made = await plan(problem("a", "b", "c", domain=replace(SHOP, operators=disk)))
    assert made.seconds == 7.0
    assert made.schedule.makespan == 14.0
    assert "14 s with the resources there are" in made.phases[2].summary


def test_a_task_that_needs_too_much_is_no_plan():
    disk = tuple(replace(each, resources={"disk": 3.0}) for each in SHOP.operators)
    with pytest.raises(ResourceError, match="needs 3 of 'disk', and there is only 2") as caught:
        assemble(problem(domain=replace(SHOP, operators=disk)), found("read.a"))
    assert isinstance(caught.value, NoPlanError)
    assert caught.value.task == "read(a)"


def test_a_consumer_before_its_producer_is_no_plan():
    with pytest.raises(NoPlanError, match="'rows:a', which is made only later") as caught:
        assemble(problem(), found("check.a", "read.a"))
    assert caught.value.task == "check(a)"
    assert isinstance(caught.value.__cause__, DataFlowError)


def test_what_nobody_makes_is_no_plan_unless_it_is_known():
    with pytest.raises(NoPlanError, match="which nobody makes"):
        assemble(problem(), found("check.a"))
    assert len(assemble(problem(state={"rows:a": True}), found("check.a")).tasks) == 1


def test_an_order_that_methods_set_outlives_merging():
    actions = [Action(Task("read", {"x": "a"})), Action(Task("read", {"x": "b"}))]
    actions += [Action(Task("read", {"x": "a"}), before=(1,))]
    actions += [Action(Task("check", {"x": "a"}), before=(2,))]
    made = assemble(problem(), Found(tuple(actions), ()))
    assert made.tasks[-1].depends_on == ("read(a)", "read(b)")


def test_the_makespan_is_that_of_the_plan():
    work = found("read.a", "read.b", "read.a")
    assert makespan(problem(workers=1), work) == 8.0
    assert makespan(problem(), work) == 4.0


async def test_the_fastest_plan_is_the_fastest_with_the_workers_there_are():
    """Two short tasks side by side lose to one a little longer when one worker does them."""
    operators = (Operator("half", seconds=3.0, writes=("{n}",)), Operator("all", seconds=4.0))
    methods = (
        Method("split", "do", lambda s, t: tuple(Task("half", {"n": n}) for n in "ab")),
        Method("whole", "do", lambda s, t: (Task("all"),)),
    )
    names = {}
    for workers in (None, 1):
        asked = Problem(
            Goal("do"),
            Domain("d", operators, methods),
            {},
            (Task("do"),),
            workers=workers,
            objective=Objective.SECONDS,
        )
        made = await HtnPlanner().plan(asked, Allowance(improving=5.0))
        names[workers] = [task.name for task in made.tasks]
    assert names == {None: ["half", "half"], 1: ["all"]}


async def test_a_large_plan_is_assembled_beside_the_event_loop():
    made = await plan(problem(*map(str, range(1_000))))
    assert len(made.tasks) == 3_000
    assert made.seconds == 7.0
    assert 0 < made.confidence < 1e-180
