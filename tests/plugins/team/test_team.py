import pytest

from dataagents.core import AgentCard, AgentConfig, Kernel, KernelConfig, Motion
from dataagents.core.agents import Agent
from dataagents.core.planning import Goal, PlannedTask, TaskResult
from dataagents.core.testing import AgentContract, kernel_for
from dataagents.core.testing.clock import START
from dataagents.plugins.team.coordinator import ACCEPT, REJECT, DataCoordinator
from dataagents.plugins.team.validator import Validator, ValidatorOptions

COLUMNS = {
    "id": {"type": "integer", "present": 100, "conforming": 90, "distinct": 60},
    "name": {"type": "text", "present": 100, "conforming": 0, "distinct": 3},
    "gone": {"type": "text", "present": 0, "conforming": 0, "distinct": 0},
}
SCHEMA = {"schema:x": {"rows": 100, "key": ["id"], "columns": COLUMNS}}
QUALITY = {"quality:x": {"dimensions": {"completeness": 0.5, "validity": 1.0, "uniqueness": None}}}


def validator(view="validity", minimum=0.8):
    options = ValidatorOptions(view=view, minimum=minimum)
    return Validator(options, AgentCard("v", "validator", {"validate": 0.9}))


def motion(decision, facts):
    context = {"decision": decision, "dataset": "x", "facts": facts}
    return Motion("m", "Accept?", (ACCEPT, REJECT), ("v",), START, context=context)


async def vote(view, decision, facts, minimum=0.8):
    return await validator(view, minimum).vote(motion(decision, facts), None)


class TestValidator(AgentContract):
    def agent(self):
        return validator()


class TestCoordinator(AgentContract):
    def agent(self):
        return DataCoordinator(AgentCard("c", "coordinator", {"coordinate": 1.0}))


class TestWorker(AgentContract):
    def agent(self):
        return Agent(AgentCard("w", "transformer", {"transform": 0.9}))


@pytest.mark.parametrize(
    ("view", "minimum", "choice", "confidence", "figures"),
    [
        ("completeness", 0.8, REJECT, 1 / 3, "2 of 3 columns hold values, 80% needed"),
        ("completeness", 0.6, ACCEPT, 2 / 3, "2 of 3 columns"),
        ("validity", 0.9, ACCEPT, 0.9, "at least 90.0% of 100 rows fit"),
        ("validity", 0.95, REJECT, 0.1, "at least 90.0% of 100 rows fit"),
        ("uniqueness", 0.8, REJECT, 0.4, "60 distinct among 100 values of the key `id`"),
    ],
)
async def test_a_schema_is_judged_by_the_view(view, minimum, choice, confidence, figures):
    cast = await vote(view, "decide_schema", SCHEMA, minimum)
    assert (cast.choice, cast.confidence) == (choice, pytest.approx(confidence))
    assert figures in cast.reason


@pytest.mark.parametrize(
    ("view", "choice"), [("completeness", REJECT), ("validity", ACCEPT), ("uniqueness", None)]
)
async def test_a_release_is_judged_by_the_measured_dimension(view, choice):
    assert (await vote(view, "decide_release", QUALITY)).choice == choice


@pytest.mark.parametrize("view", ["completeness", "validity", "uniqueness"])
@pytest.mark.parametrize(
    "facts",
    [{}, {"schema:x": {}}, {"schema:x": {"columns": {}, "rows": 0}}, {"schema:y": SCHEMA}],
)
async def test_who_has_no_evidence_abstains_and_says_so(view, facts):
    cast = await vote(view, "decide_schema", facts)
    assert cast.choice is None
    assert cast.reason == f"nothing is measured about {view} here"


@pytest.mark.parametrize(("key", "present"), [("no such column", 100), (None, 100), ("id", 0)])
async def test_a_key_that_is_no_key_is_no_evidence(key, present):
    column = {**COLUMNS["id"], "present": present}
    facts = {"schema:x": {"rows": 100, "key": key, "columns": {"id": column}}}
    assert (await vote("uniqueness", "decide_schema", facts)).choice is None


def team(*views):
    members = [AgentConfig(id="boss", kind="coordinator", capabilities={"coordinate": 1.0})]
    members += [
        AgentConfig(id=f"v-{view}", kind="validator", options={"view": view}) for view in views
    ]
    return KernelConfig(agents=tuple(members))


async def decided(kernel: Kernel) -> TaskResult:
    task = PlannedTask(
        "decide_release(x)", "decide_release", {"dataset": "x"},
        writes=("release:x",), question="Release?", facts=QUALITY,
    )  # fmt: skip
    return await kernel.delegate(task, "boss")


async def test_the_coordinator_puts_a_decision_to_the_vote():
    async with kernel_for(config=team("validity", "uniqueness")) as kernel:
        result = await decided(kernel)
        (election,) = kernel.votes
    assert result.effects["release:x"]["accepted"] is True
    assert result.election == election.motion.id == result.effects["release:x"]["election"]
    assert result.summary.startswith("accepted: ")
    assert {each.voter for each in election.ballots} == {"boss", "v-validity", "v-uniqueness"}


async def test_a_decision_against_is_a_success_with_its_reason():
    async with kernel_for(config=team("completeness")) as kernel:
        result = await decided(kernel)
    assert result.success
    assert result.effects["release:x"]["accepted"] is False
    assert "'reject' won with 1 of 1 votes" in result.effects["release:x"]["reason"]


async def test_aggregating_says_what_is_withheld_and_leaves_details_out():
    coordinator = DataCoordinator(AgentCard("c", "coordinator"))
    results = (
        TaskResult("analyze", True, {"schema:x": {"rows": 3, "columns": {}, "gaps": [1]}}),
        TaskResult("judge", True, {"release:x": {"accepted": False, "reason": "too many gaps"}}),
    )
    goal = Goal("clean", {"x": "x.csv", "y": "y.csv"})
    summary = await coordinator.aggregate(goal, results, None)
    assert summary["datasets"]["x"]["schema"] == {"rows": 3}
    assert summary["datasets"]["y"]["schema"] is None
    assert summary["withheld"] == "x: too many gaps"
