"""The rule-based policy: what it does next, and the figures that it gives for it."""

import pytest
from pydantic import BaseModel

from dataagents.core.planning import FailureKind
from dataagents.core.reasoning import FINAL_RESULT, Effect, Observation, ReasoningTask, ToolCard
from dataagents.plugins.reasoning.progress import Progress
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


class Anything(BaseModel):
    dataset: str


class Sql(Anything):
    sql: str


def card(name, input_model=Anything):
    return ToolCard(name, "looks", input_model, Effect.READ)


def progress(*actions, facts=None, taken=(), wanted=(), cards=(), **args):
    task = ReasoningTask("clean x", actions, {"dataset": "x", **args}, facts or {}, wanted=wanted)
    tools = {name: card(name) for name in actions} | {each.name: each for each in cards}
    return Progress(task, tools, dict(task.facts), taken=list(taken))


def thought(*actions, **known):
    return RulePolicy().decide(progress(*actions, **known))


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


def test_the_input_is_what_the_task_says_as_far_as_the_tool_knows_it():
    decision = thought("analyze_schema", lenient=True, question="how many?")
    assert "turned down" in decision.thought
    assert decision.action_input == {"dataset": "x"}


def test_what_was_decided_on_drift_goes_into_the_input():
    class Drifting(Anything):
        on_drift: str
        by: str

    decided = {"choice": "coerce", "by": "vote", "reason": "why", "election": "e"}
    known = {"facts": {"drift_decision:x": decided}, "cards": [card("analyze_schema", Drifting)]}
    decision = thought("analyze_schema", **known)
    assert "(coerce)" in decision.thought
    assert decision.action_input == {"dataset": "x", "on_drift": "coerce", "by": "vote"}


def test_an_unknown_tool_is_used_once():
    assert thought("count_rows").action == "count_rows"
    assert thought("count_rows", taken=["count_rows"]).action == FINAL_RESULT


def test_a_tool_that_has_to_be_told_more_is_left_to_models():
    assert thought("query_data", cards=[card("query_data", Sql)]).action == FINAL_RESULT


def failed(action, failure=None, **known):
    at = progress(action, "count_rows", **known)
    at.note(action, Observation("failed", error="it broke", failure=failure))
    return RulePolicy().decide(at)


def test_a_failure_of_what_is_wanted_gives_the_task_back_with_the_reason():
    decision = failed("validate_data", wanted=("quality:x",))
    assert (decision.action, decision.thought) == ("", "it broke")


def test_without_what_is_not_wanted_it_goes_on_and_says_so():
    at = progress("count_rows", "look", wanted=("look:x",))
    at.note("count_rows", Observation("failed", error="it broke"))
    assert RulePolicy().decide(at).action == "look"
    at.note("look", Observation("3 rows"))
    decision = RulePolicy().decide(at)
    assert decision.action == FINAL_RESULT
    assert "count_rows (it broke)" in decision.thought


@pytest.mark.parametrize("kind", [FailureKind.INPUT, FailureKind.UNDECIDED, FailureKind.FATAL])
def test_a_failure_that_nothing_mends_gives_the_task_back(kind):
    assert failed("count_rows", kind, wanted=("quality:x",)).action == ""


def test_a_question_gets_what_was_measured_and_an_honest_word():
    at = progress("analyze_schema", wanted=("answer:x",))
    at.note("analyze_schema", Observation("1,000 rows, 3 columns", SCHEMA))
    decision = RulePolicy().decide(at)
    assert decision.action == FINAL_RESULT
    assert "can't read a question" in decision.thought
    assert "1,000 rows, 3 columns" in decision.thought


def test_a_barred_action_is_not_taken():
    at = progress("analyze_schema", "count_rows")
    at.barred = frozenset({"analyze_schema"})
    assert RulePolicy().decide(at).action == "count_rows"


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


def test_a_tool_that_is_not_installed_is_missed_only_where_it_is_wanted():
    at = progress("query_data", wanted=("answer:x",))
    at.tools.clear()
    assert RulePolicy().decide(at).action == FINAL_RESULT
    at = progress("query_data", wanted=("query_data:x",))
    at.tools.clear()
    assert RulePolicy().decide(at).action == "query_data"
