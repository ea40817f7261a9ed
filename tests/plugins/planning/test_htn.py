import pytest

from dataagents.core.errors import NoPlanError
from dataagents.core.planning import (
    Allowance,
    Domain,
    Goal,
    Method,
    Operator,
    Problem,
    Task,
)
from dataagents.core.testing import PlannerContract
from dataagents.core.testing.planning import problem
from dataagents.plugins.planning.htn import HtnPlanner

PLENTY = Allowance(nodes=200_000, seconds=60)


class TestHtn(PlannerContract):
    def planner(self):
        return HtnPlanner()


async def plan(domain, *tasks, allowance=PLENTY, **state):
    return await HtnPlanner().plan(Problem(Goal("g"), domain, state, tasks), allowance)


def countdown(length):
    """A domain whose one compound task calls itself at its end, `length` times."""

    def left(state, task):
        return None if task.args["left"] else "nothing is left"

    def done(state, task):
        return "something is left" if task.args["left"] else None

    def step(state, task):
        return (Task("tick"), Task("count", {"left": task.args["left"] - 1}))

    methods = (
        Method("on", "count", step, left),
        Method("end", "count", lambda state, task: (), done),
    )
    return Domain("countdown", (Operator("tick"),), methods), Task("count", {"left": length})


async def test_the_way_back_is_explained():
    made = await HtnPlanner().plan(problem("deliver"), PLENTY)
    assert [task.name for task in made.tasks] == ["fetch", "sand", "paint", "print_label", "pack"]
    choices = {each.task: each for each in made.decompositions}
    assert choices["finish()"].method == "painted"
    assert choices["finish()"].rejected == {"polished": "led to no plan"}
    assert choices["deliver()"].rejected == {"by machine": "machine is not there"}


async def test_the_deepest_block_is_named():
    with pytest.raises(NoPlanError) as caught:
        await HtnPlanner().plan(problem("shine"), PLENTY)
    assert (caught.value.task, caught.value.reason) == ("polish()", "wax not there")


async def test_a_task_that_nobody_knows_is_named():
    with pytest.raises(NoPlanError, match="no operator and no method has this name"):
        await plan(Domain("empty", (), ()), Task("fly"))


@pytest.mark.parametrize("count", [5_000, pytest.param(20_000, marks=pytest.mark.slow)])
async def test_a_deep_recursion_is_no_recursion_of_python(count):
    domain, task = countdown(count)
    made = await plan(domain, task)
    assert len(made.tasks) == count
    assert made.tasks[-1].id == f"tick()#{count}"


async def test_the_allowance_bounds_the_search():
    domain, task = countdown(1_000)
    with pytest.raises(NoPlanError, match="the allowance is used up"):
        await plan(domain, task, allowance=Allowance(nodes=100))


async def test_nothing_to_do_is_a_plan():
    made = await plan(*countdown(0))
    assert (made.tasks, made.seconds, made.confidence) == ((), 0.0, 1.0)


async def test_confidence_is_the_product_and_each_doubt_a_risk():
    methods = (
        Method("bold", "a", lambda state, task: (Task("do"),), success_probability=0.5),
        Method("meek", "a", lambda state, task: (Task("do"),)),
        Method("only", "b", lambda state, task: (Task("a"), Task("a")), success_probability=0.8),
    )
    made = await plan(Domain("d", (Operator("do"),), methods), Task("b"))
    assert made.confidence == pytest.approx(0.8 * 0.5 * 0.5)
    assert [(risk.task, risk.probability) for risk in made.risks] == [
        ("a()", 0.5),
        ("a()#2", 0.5),
        ("b()", pytest.approx(0.2)),
    ]
    assert [risk.mitigation for risk in made.risks] == ["replan by meek", "replan by meek", "none"]
