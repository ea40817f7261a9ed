from dataclasses import replace

import pytest
from sample_plugins import FakeDataTools

from dataagents.core import Kernel, KernelConfig, Observation, ReasoningTask
from dataagents.core.hookspecs import hookimpl
from dataagents.core.planning import FailureKind, PlannedTask
from dataagents.core.reasoning import (
    Answer,
    Step,
    StepBudget,
    StopReason,
    confidence,
    task_result,
)
from dataagents.core.registry import Strategy
from dataagents.core.testing import FakeClock, MemoryStore


class Scripted:
    """A reasoner that acts as it is told."""

    def __init__(self, *actions: tuple[str, dict[str, object]]) -> None:
        self.actions = actions
        self.seen: list[Observation] = []

    async def reason(self, task, desk):
        for action, action_input in self.actions:
            await desk.think(f"next comes {action}, number {len(self.seen)}")
            self.seen.append(await desk.act(action, action_input))
        if desk.spent:
            return await desk.stop({"best": "so far"}, "stopped")
        return await desk.finish({"done": True}, "finished")

    @hookimpl
    def register_reasoners(self):
        return [Strategy("scripted", lambda options: self)]


CONFIG = KernelConfig.parse(
    {"seed": 1, "agents": [], "disabled_plugins": ["data"], "strategies": {"reasoner": "scripted"}}
)
TASK = ReasoningTask("how good is it?", ("analyze_schema", "validate_data"))


async def reason(reasoner: Scripted, task: ReasoningTask = TASK, store=None) -> Answer:
    plugins = [reasoner, FakeDataTools()]
    async with Kernel(CONFIG, plugins=plugins, clock=FakeClock(), store=store) as kernel:
        return await kernel.reason(task, inputs={"orders": "x.csv"})


async def test_steps_are_numbered_scored_and_end_with_the_result(store: MemoryStore):
    reasoner = Scripted(
        ("analyze_schema", {"dataset": "orders"}), ("validate_data", {"dataset": "orders"})
    )
    answer = await reason(reasoner, store=store)
    assert answer.stop is StopReason.FINAL_RESULT
    assert answer.result == {"done": True}
    assert [step.number for step in answer.steps] == [1, 2, 3]
    assert [step.action for step in answer.steps] == [
        "analyze_schema",
        "validate_data",
        "final_result",
    ]
    assert answer.steps[1].quality == 0.97
    assert all(0 <= step.score <= 1 for step in answer.steps)
    recorded = [event for event in store.events if event.kind == "step.taken"]
    assert [event.body["number"] for event in recorded] == [1, 2, 3]


@pytest.mark.parametrize(
    ("action", "action_input", "says"),
    [
        ("export", {}, "'export' is not allowed here"),
        ("route_pipeline", {"dataset": "orders"}, "not allowed"),
        ("analyze_schema", {"dataset": "orders", "sql": "DROP"}, "sql"),
        ("analyze_schema", {}, "dataset"),
        ("analyze_schema", {"dataset": 3}, "dataset"),
    ],
)
async def test_an_action_that_is_not_allowed_or_not_valid_is_an_observation_and_never_runs(
    action: str, action_input: dict[str, object], says: str
):
    reasoner = Scripted((action, action_input))
    answer = await reason(reasoner)
    assert says in (reasoner.seen[0].error or "")
    assert answer.steps[0].error == reasoner.seen[0].error
    assert answer.steps[0].score <= 0.25


async def test_a_budget_of_steps_stops_acting(store: MemoryStore):
    reasoner = Scripted(*[("analyze_schema", {"dataset": "orders"})] * 5)
    answer = await reason(reasoner, replace(TASK, budget=StepBudget(steps=3)))
    assert answer.stop is StopReason.MAX_STEPS
    assert answer.result == {"best": "so far"}
    assert len(answer.steps) == 3
    assert "the budget is used up" in (reasoner.seen[4].error or "")


async def test_each_call_starts_an_empty_history():
    reasoner = Scripted(("analyze_schema", {"dataset": "orders"}))
    async with Kernel(CONFIG, plugins=[reasoner, FakeDataTools()]) as kernel:
        first = await kernel.reason(TASK)
        second = await kernel.reason(TASK)
    assert [len(first.steps), len(second.steps)] == [2, 2]
    assert first.id != second.id


@pytest.mark.parametrize(
    ("thought", "observation", "expected"),
    [
        ("12 rows are odd", Observation("ok", quality=1.0), 1.0),
        ("rows are odd", Observation("ok", quality=1.0), 0.875),
        ("", Observation("ok", quality=1.0), 0.75),
        ("12", Observation("ok"), 0.875),
        ("12", Observation("ok", quality=float("nan")), 0.75),
        ("12", Observation("ok", quality=9.0), 1.0),
        ("12", Observation("no", error="broke"), 0.25),
        ("", Observation("no", error="broke"), 0.0),
    ],
)
def test_confidence_is_the_documented_formula(
    thought: str, observation: Observation, expected: float
):
    assert confidence(thought, observation) == pytest.approx(expected)


def test_a_task_succeeds_only_with_a_final_result(clock: FakeClock):
    task = PlannedTask("t", "t")
    step = Step(1, "t", "a", {}, "o", 0.5, clock.now(), 0.1, quality=0.8)
    done = Answer("r", StopReason.FINAL_RESULT, {"f": 1}, "fine", 0.5, (step,))
    assert task_result(task, done).success
    assert task_result(task, done).quality == 0.8
    spent = replace(done, stop=StopReason.MAX_STEPS, summary="spent")
    assert task_result(task, spent).failure is FailureKind.RECOVERABLE
    assert task_result(task, spent).error == "spent"
    rejected = replace(done, stop=StopReason.FAILED, failure=FailureKind.INPUT)
    assert task_result(task, rejected).failure is FailureKind.INPUT


@pytest.mark.parametrize(
    ("returned", "says"),
    [
        ("just text", "returned str, not Observation"),
        (Observation("x", quality=7.0), "quality"),
        (Observation(3), "str"),  # type: ignore[arg-type]
        (Observation("x", {"odd": object()}), "object"),
        (Observation("x", {"odd": "\ud800"}), "surrogates"),
    ],
    ids=["text", "quality", "summary", "object", "surrogate"],
)
async def test_what_a_tool_returns_is_not_trusted(returned: object, says: str):
    reasoner = Scripted(("validate_data", {"dataset": "orders"}))
    tools = FakeDataTools()
    tools.tools["validate_data"].observe = lambda request: returned
    async with Kernel(CONFIG, plugins=[reasoner, tools]) as kernel:
        answer = await kernel.reason(TASK)
    assert says in (reasoner.seen[0].error or "")
    assert answer.steps[0].score <= 0.25


async def test_a_quality_that_is_no_number_is_none_measured():
    reasoner = Scripted(("validate_data", {"dataset": "orders"}))
    tools = FakeDataTools()
    tools.tools["validate_data"].observe = lambda request: Observation("x", quality=float("nan"))
    async with Kernel(CONFIG, plugins=[reasoner, tools]) as kernel:
        answer = await kernel.reason(TASK)
    assert answer.steps[0].quality is None


async def test_a_tool_that_fails_again_and_again_is_not_called_any_more():
    reasoner = Scripted(*[("validate_data", {"dataset": "orders"})] * 7)
    tools = FakeDataTools()
    tools.fail("validate_data", *[ValueError("no")] * 9)
    async with Kernel(CONFIG, plugins=[reasoner, tools]) as kernel:
        await kernel.reason(TASK)
    assert len(tools.tools["validate_data"].requests) == 5
    assert "quarantined after 5 failures in a row" in (reasoner.seen[6].error or "")
