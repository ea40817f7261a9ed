import pytest

from dataagents.core.errors import NoPlanError
from dataagents.core.planning import Allowance, Goal, Problem, Task
from dataagents.core.testing import DomainContract
from dataagents.core.testing.planning import check_plan, simulate
from dataagents.plugins.planning.data_pipeline import data_pipeline
from dataagents.plugins.planning.htn import HtnPlanner

CLEAN = [
    "analyze_schema",
    "decide_schema",
    "validate_data",
    "transform_data",
    "decide_release",
    "route_pipeline",
]
ADOPTED = {"schema:x": {"lenient": False}, "schema_decision:x": {"accepted": True}}
TURNED_DOWN = {"schema:x": {"lenient": False}, "schema_decision:x": {"accepted": False}}


class TestDataPipeline(DomainContract):
    def domain(self):
        return data_pipeline()


async def plan(goal, *datasets, **state):
    tasks = tuple(Task(goal, {"dataset": name}) for name in datasets or ("x",))
    asked = Problem(Goal(goal), data_pipeline(), state, tasks)
    made = await HtnPlanner().plan(asked, Allowance())
    check_plan(made, data_pipeline(), state)
    return made


async def names(goal, **state):
    return [task.name for task in (await plan(goal, **state)).tasks]


async def test_a_file_goes_all_the_way():
    assert await names("clean") == CLEAN


async def test_looking_only_changes_and_releases_nothing():
    assert await names("profile") == CLEAN[:3]


async def test_a_question_is_answered_by_one_agent():
    made = await plan("answer", settings={"question": "how many rows?"})
    (task,) = made.tasks
    assert (task.name, task.args) == ("answer_question", {"dataset": "x"})
    assert "query_data" in task.tools
    assert task.writes == ("answer:x",)


async def test_a_question_is_answered_once():
    assert await names("answer", **{"answer:x": {"text": "7"}}) == []


async def test_a_schema_that_was_turned_down_is_read_leniently_and_not_voted_on_again():
    made = await plan("clean", **TURNED_DOWN)
    assert [task.name for task in made.tasks] == ["relax_schema", *CLEAN[2:]]
    assert made.tasks[0].args == {"dataset": "x", "lenient": True}
    understood = made.decompositions[1]
    assert understood.method == "lenient"
    assert understood.rejected == {
        "already understood": "the schema was turned down",
        "contract": "no contract was given",
        "drift": "there is no drift to decide on",
        "strict": "schema_decision is known",
    }


@pytest.mark.parametrize(
    ("known", "left"),
    [
        ({}, CLEAN[2:]),
        ({"quality:x": {}}, CLEAN[3:]),
        ({"quality:x": {}, "transformed:x": {}}, CLEAN[4:]),
        ({"quality:x": {}, "transformed:x": {}, "release:x": {}}, CLEAN[5:]),
        ({"quality:x": {}, "transformed:x": {}, "release:x": {}, "routed:x": {}}, []),
    ],
)
async def test_what_is_known_is_not_done_again(known, left):
    assert await names("clean", **ADOPTED, **known) == left


async def test_a_lenient_schema_needs_no_decision():
    state = {"schema:x": {"lenient": True}, "schema_decision:x": {"accepted": False}}
    assert await names("clean", **state) == CLEAN[2:]


async def test_data_sets_do_not_wait_for_each_other():
    made = await plan("clean", "x", "y")
    assert len(made.tasks) == 2 * len(CLEAN)
    for task in made.tasks:
        own = task.args["dataset"]
        assert all(before.endswith(f"({own})") for before in task.depends_on)


async def test_a_release_is_decided_upon_before_rows_are_separated():
    made = await plan("clean")
    waits = {task.name: task.depends_on for task in made.tasks}
    assert "decide_release(x)" in waits["route_pipeline"]
    assert set(waits["decide_release"]) == {"transform_data(x)"}
    assert {task.name for task in made.tasks if task.question} == {
        "decide_schema",
        "decide_release",
    }


async def test_a_promise_becomes_the_state_of_the_next_task():
    made = await plan("clean")
    state = simulate(made.tasks, data_pipeline(), {})
    assert set(state) == {
        "schema:x",
        "schema_decision:x",
        "quality:x",
        "transformed:x",
        "release:x",
        "routed:x",
    }


@pytest.mark.parametrize("name", ["{dataset}", "{0}", "a:b", "../x", "", "💥"])
async def test_a_data_set_may_be_called_anything(name):
    assert len((await plan("clean", name)).tasks) == len(CLEAN)


async def test_a_goal_that_the_domain_does_not_know_is_blocked():
    with pytest.raises(NoPlanError, match="sell"):
        await plan("sell")
