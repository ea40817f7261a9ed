import pytest

from dataagents.core.planning import FailureKind
from dataagents.core.reasoning import FINAL_RESULT, Observation, ReasoningTask, StopReason
from dataagents.core.testing import ReasonerContract
from dataagents.plugins.reasoning.react import Progress, React
from dataagents.plugins.reasoning.rules import RulePolicy

QUALITY = {
    "gaps": [
        {"rule": "trim", "column": "a", "cells": 1_200},
        {"rule": "trim", "column": "b", "cells": 34},
        {"rule": "null_tokens", "column": "a", "cells": 5},
    ],
    "violating_rows": 7,
}
SCHEMA = {
    "rows": 1_000,
    "columns": {
        "id": {"type": "integer", "present": 1_000, "conforming": 1_000},
        "age": {"type": "integer", "present": 800, "conforming": 792},
        "name": {"type": "text", "present": 10, "conforming": 0},
    },
}


class TestReact(ReasonerContract):
    def reasoner(self):
        return React(RulePolicy())


class Desk:
    """A desk whose actions show what a test wants, and that records what was done."""

    def __init__(self, *observations, steps=8):
        self.observations = list(observations)
        self.actions, self.thoughts, self.budget = [], [], steps

    @property
    def spent(self):
        return StopReason.MAX_STEPS if len(self.actions) >= self.budget else None

    async def think(self, thought):
        self.thoughts.append(thought)

    async def act(self, action, action_input):
        self.actions.append((action, action_input))
        return self.observations.pop(0)

    async def finish(self, result, summary):
        return StopReason.FINAL_RESULT, result, summary

    async def stop(self, result, summary):
        return self.spent, result, summary

    async def give_up(self, reason):
        return StopReason.FAILED, {}, reason


def task(*actions, facts=None, **args):
    return ReasoningTask("clean x", actions, {"dataset": "x", **args}, facts or {})


def thought(*actions, facts=None, taken=(), **args):
    asked = task(*actions, facts=facts, **args)
    return RulePolicy().decide(Progress(asked, dict(asked.facts), taken=list(taken)))


async def test_what_was_observed_is_the_result():
    desk = Desk(Observation("1,000 rows", SCHEMA), Observation("score 0.9", QUALITY))
    stop, result, summary = await React(RulePolicy()).reason(
        task("validate_data", "analyze_schema"), desk
    )
    assert (stop, summary) == (StopReason.FINAL_RESULT, "score 0.9")
    assert [action for action, _ in desk.actions] == ["analyze_schema", "validate_data"]
    assert result == {"schema:x": SCHEMA, "quality:x": QUALITY}


async def test_a_used_up_budget_keeps_what_was_observed():
    desk = Desk(Observation("1,000 rows", SCHEMA), steps=1)
    stop, result, _ = await React(RulePolicy()).reason(
        task("analyze_schema", "validate_data"), desk
    )
    assert (stop, result) == (StopReason.MAX_STEPS, {"schema:x": SCHEMA})


async def test_no_budget_at_all_takes_no_action():
    desk = Desk(steps=0)
    stop, result, _ = await React(RulePolicy()).reason(task("analyze_schema"), desk)
    assert (stop, result, desk.thoughts) == (StopReason.MAX_STEPS, {}, [])


async def test_a_failed_action_ends_it_with_the_reason():
    failed = Observation("failed", error="x: empty file", failure=FailureKind.INPUT)
    desk = Desk(failed)
    stop, result, reason = await React(RulePolicy()).reason(
        task("analyze_schema", "validate_data"), desk
    )
    assert (stop, result, reason) == (StopReason.FAILED, {}, "x: empty file")
    assert len(desk.actions) == 1


async def test_transformed_data_is_measured_again():
    changed = Observation("1,239 cells", {"cells_changed": 1_239})
    desk = Desk(changed, Observation("score 1.0"))
    facts = {"quality:x": QUALITY}
    await React(RulePolicy()).reason(task("transform_data", "validate_data", facts=facts), desk)
    assert [action for action, _ in desk.actions] == ["transform_data", "validate_data"]
    assert desk.thoughts[1] == "1,239 cells were changed: measure the quality again."


@pytest.mark.parametrize(
    ("action", "facts", "figures"),
    [
        ("validate_data", {"schema:x": SCHEMA}, "`age` is 99.0% integer, 1.0% not"),
        ("transform_data", {"quality:x": QUALITY}, "trim in 1,234 cells, null_tokens in 5 cells"),
        ("transform_data", {}, "0 format gaps"),
        (
            "route_pipeline",
            {"quality:x": QUALITY, "schema:x": SCHEMA},
            "7 of 1,000 rows break the schema",
        ),
    ],
)
def test_a_thought_gives_the_figures_that_lead_to_the_action(action, facts, figures):
    decision = thought(action, facts=facts)
    assert decision.action == action
    assert figures in decision.thought


def test_a_lenient_reading_says_why():
    decision = thought("analyze_schema", lenient=True)
    assert "turned down" in decision.thought
    assert decision.action_input == {"dataset": "x", "lenient": True}


def test_an_unknown_tool_is_used_once():
    assert thought("count_rows").action == "count_rows"
    assert thought("count_rows", taken=["count_rows"]).action == FINAL_RESULT


@pytest.mark.parametrize(
    "facts",
    [
        {"quality:x": None},
        {"quality:x": {"gaps": "many", "violating_rows": "seven"}},
        {"schema:x": {"columns": [1], "rows": None}},
        {"schema:x": {"columns": {"a": None, "b": {"type": "integer", "present": 0}}}},
    ],
)
@pytest.mark.parametrize(
    "action", ["analyze_schema", "validate_data", "transform_data", "route_pipeline"]
)
def test_facts_of_the_wrong_shape_cost_figures_only(action, facts):
    assert thought(action, facts=facts).action == action
