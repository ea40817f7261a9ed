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
    understood = next(each for each in made.decompositions if each.task == "understand(x)")
    assert understood.method == "lenient"
    assert understood.rejected == {
        "already understood": "the schema was turned down",
        "contract": "no contract was given",
        "sample first": "schema_decision is known",
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


STAGES = {
    *("ingest", "profile", "check_contract", "detect", "repair", "deduplicate", "judge", "route"),
    "publish",
}


async def test_a_plan_shows_its_stages():
    made = await plan("clean")
    stages = {each.task.partition("(")[0] for each in made.decompositions}
    assert stages >= STAGES
    assert "decide_schema" in {task.name for task in made.tasks}


def method_of(made, task):
    return next(each.method for each in made.decompositions if each.task == task)


MIB = 1024**2


@pytest.mark.parametrize(
    ("size", "memory", "method"),
    [
        (None, None, "batch"),
        (10 * MIB, None, "batch"),
        (600 * MIB, None, "streaming"),
        (600 * MIB, 4096 * MIB, "batch"),
    ],
)
async def test_files_too_large_for_the_memory_are_worked_on_by_one_thread(size, memory, method):
    facts = {"size:x": size, "memory": memory, "sample:x": {}}
    known = {name: fact for name, fact in facts.items() if fact is not None}
    made = await plan("clean", **known)
    modes = {"ingest(x)", "detect(x)", "repair(x)", "route(x)"}
    assert {method_of(made, stage) for stage in modes} == {method}
    work = [task for task in made.tasks if task.tools]
    assert len(work) == 4
    assert {task.args.get("mode") for task in work} == {None if method == "batch" else method}


async def test_large_files_are_looked_at_by_a_sample_first():
    made = await plan("clean", **{"size:x": 100 * MIB})
    assert [task.name for task in made.tasks][:4] == [
        "sample_data",
        "decide_sample",
        "analyze_schema",
        "validate_data",
    ]
    assert method_of(made, "understand(x)") == "sample first"


SEEN = {"columns": {"a": {"type": "integer"}}}
OTHER = {"columns": {"a": {"type": "text"}}}
ACCEPTED, REFUSED = {"accepted": True}, {"accepted": False}


async def test_all_rows_that_agree_with_the_sample_need_no_other_vote():
    known = {"size:x": 100 * MIB, "sample:x": SEEN, "sample_decision:x": ACCEPTED}
    assert await names("profile", **known, **{"schema:x": SEEN}) == ["validate_data"]


async def test_all_rows_that_disagree_with_the_sample_are_voted_on():
    known = {"size:x": 100 * MIB, "sample:x": SEEN, "sample_decision:x": ACCEPTED}
    state = {**known, "schema:x": OTHER}
    assert await names("profile", **state) == ["decide_schema", "validate_data"]
    reason = operator("validate_data").condition(state, Task("validate_data", {"dataset": "x"}))
    assert reason == "all rows disagree with the sample: `a` is text, not integer"


async def test_a_sample_that_was_turned_down_spares_the_strict_reading():
    known = {"size:x": 100 * MIB, "sample:x": SEEN, "sample_decision:x": REFUSED}
    assert await names("profile", **known) == ["relax_schema", "validate_data"]
    analyze = operator("analyze_schema")
    assert analyze.condition(known, Task("analyze_schema", {"dataset": "x"})) is not None


DRIFT = {"kind": "added", "column": "b", "explanation": "`b` is new in 2.csv"}
DRIFTED = {"schema:x": {"drift": [DRIFT], "drift_choice": None, "contract": {"given": False}}}
DECIDED = ["decide_drift", "adapt_schema", "decide_schema"]
EXPECTED = {"decide_schema": {"trigger": "schema drift", "failed": 2, "of": 2}}
REMEDY = {"decide_schema": {"trigger": "predicted failure", "remedy": ["decide_drift"]}}


def operator(name):
    return next(each for each in data_pipeline().operators if each.name == name)


def watch(name):
    return next(each for each in data_pipeline().watches if each.name == name)


async def test_drift_is_decided_on_before_the_schema():
    made = await plan("clean", **DRIFTED)
    assert [task.name for task in made.tasks] == [*DECIDED, *CLEAN[2:]]
    assert method_of(made, "check_contract(x)") == "drift"


async def test_a_given_contract_is_not_voted_on_after_drift():
    given = {"schema:x": {**DRIFTED["schema:x"], "contract": {"given": True}}}
    assert await names("clean", settings={"contract": "c.yaml"}, **given) == [
        *DECIDED[:2],
        *CLEAN[2:],
    ]


async def test_drift_that_was_decided_on_is_only_read_that_way():
    known = {**DRIFTED, "drift_decision:x": {"choice": "evolve"}}
    assert (await names("profile", **known))[:2] == ["adapt_schema", "decide_schema"]


@pytest.mark.parametrize("foreseen", [EXPECTED, REMEDY])
async def test_foreseen_drift_has_its_decision_in_the_first_plan(foreseen):
    made = await plan("clean", **{"foreseen:x": foreseen})
    assert [task.name for task in made.tasks] == ["analyze_schema", *DECIDED, *CLEAN[2:]]
    assert method_of(made, "check_contract(x)") == "drift foreseen"


async def test_what_else_is_foreseen_changes_nothing():
    unrelated = {"validate_data": {"trigger": "agent lost", "failed": 1, "of": 9}}
    assert await names("clean", **{"foreseen:x": unrelated}) == CLEAN
    assert await names("clean", **{"foreseen:y": EXPECTED}) == CLEAN


async def test_wrong_foresight_is_noticed_and_planned_around():
    calm = {"drift": [], "drift_choice": None, "contract": {"given": False}}
    state = {"foreseen:x": EXPECTED, "schema:x": calm}
    decide = Task("decide_drift", {"dataset": "x"})
    assert operator("decide_drift").condition(state, decide) == "there is no drift to decide on"
    assert await names("clean", **state) == CLEAN[1:]


def test_drift_rings_until_it_is_decided_on_and_names_the_columns():
    alarm = watch("drift").alarm
    assert alarm({}) is None
    assert alarm({"schema:x": {"drift": [], "drift_choice": None}}) is None
    assert alarm(DRIFTED) == "the files drifted (x: `b` is new in 2.csv)"
    assert alarm({**DRIFTED, "drift_decision:x": {"choice": "freeze"}}) is None
    assert alarm({"schema:x": {**DRIFTED["schema:x"], "drift_choice": "evolve"}}) is None
    assert alarm({**DRIFTED, "foreseen:x": EXPECTED}) is None


def test_a_second_drift_is_another_alarm_and_the_end_of_the_first_is_none():
    alarm = watch("drift").alarm
    both = {**DRIFTED, "schema:y": DRIFTED["schema:x"]}
    first, second = alarm(DRIFTED), alarm(both)
    assert first != second
    assert alarm({**both, "drift_decision:x": {"choice": "freeze"}}) == second


LOW = {
    "settings": {"min_score": 0.9, "on_low_quality": "quarantine"},
    "quality:x": {"score": 0.8},
    "transformed:x": {},
}


async def test_low_quality_holds_back_doubtful_rows_once():
    assert watch("quality").alarm(LOW) == "x: the quality score 0.800 is below 0.9"
    made = await plan("clean", **ADOPTED, **LOW)
    assert [(task.name, task.args.get("strict")) for task in made.tasks] == [
        ("hold_back", True),
        ("decide_release", None),
        ("route_pipeline", True),
    ]
    held = {**LOW, "quality:x": {"score": 0.85, "strict": True}}
    assert watch("quality").alarm(held) is None
    assert await names("clean", **ADOPTED, **held) == ["decide_release", "route_pipeline"]


@pytest.mark.parametrize(
    "change",
    [
        {"settings": {"min_score": 0.9}},
        {"settings": {"on_low_quality": "quarantine"}},
        {"quality:x": {"score": 0.95}},
        {"quality:x": {"score": None}},
        {"routed:x": {}},
    ],
)
async def test_no_other_way_no_alarm(change):
    state = {**ADOPTED, **LOW, **change}
    assert watch("quality").alarm(state) is None
    assert "hold_back" not in await names("clean", **state)


JOIN = {"join": {"datasets": ["x", "y", "z"], "on": [{"a": "b"}, None], "how": "inner"}}


async def test_data_sets_are_cleaned_and_then_joined_one_after_another():
    made = await plan("join", "y", "x", "z", settings=JOIN)
    joins = [task for task in made.tasks if task.name == "join_data"]
    assert [task.args for task in joins] == [
        {"dataset": "x", "other": "y", "on": {"a": "b"}, "how": "inner"},
        {"dataset": "x", "other": "z", "how": "inner"},
    ]
    assert {task.name for task in made.tasks} == {*CLEAN, "join_data"}
    assert len(made.tasks) == 3 * len(CLEAN) + 2
    waits = set(joins[0].depends_on)
    assert waits == {"route_pipeline(x)", "route_pipeline(y)"}
    assert joins[0].id in joins[1].depends_on


async def test_what_is_joined_is_not_joined_again():
    routed = {f"routed:{name}": {} for name in "xyz"}
    known = {**routed, **{f"{fact}:{name}": {} for name in "xyz" for fact in DONE}}
    adopted = {f"schema_decision:{name}": ACCEPTED for name in "xyz"}
    state = {"settings": JOIN, **known, **adopted, "joined:x": {"others": ["y"]}}
    made = await plan("join", "x", "y", "z", **state)
    assert [task.args["other"] for task in made.tasks] == ["z"]


DONE = ("schema", "quality", "transformed", "release")


async def test_rows_are_aggregated_after_they_were_joined():
    wanted = {**JOIN, "aggregate": {"by": ["a"], "measures": ["sum(n)"]}}
    made = await plan("aggregate", "x", "y", "z", settings=wanted)
    (last,) = [task for task in made.tasks if task.name == "aggregate_data"]
    assert last.args == {"dataset": "x", "by": ["a"], "measures": ["sum(n)"]}
    assert any("join_data" in each for each in last.depends_on)


async def test_one_data_set_of_several_may_be_aggregated():
    made = await plan("aggregate", "x", "y", settings={"aggregate": {"dataset": "y"}})
    assert [task.args for task in made.tasks if task.name == "aggregate_data"] == [{"dataset": "y"}]
