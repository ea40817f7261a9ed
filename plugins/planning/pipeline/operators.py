"""Operators: what can be done, each by one tool or one decision.

Durations are left out: they depend on the size of the files, and a constant would be invented.
"""

from collections.abc import Callable

from dataagents.core.planning import Operator, State, Task
from dataagents.core.values import Json, JsonObject
from dataagents.plugins.planning.pipeline.facts import (
    FORESEEN,
    about,
    any_drift,
    every,
    fact,
    foresees_drift,
    known,
    no_open_drift,
    sample_not_turned_down,
    schema_stands,
    settings_of,
)
from dataagents.plugins.planning.pipeline.relations import joined

ADOPT = "Adopt this schema? Rows that break it will be quarantined."
SAMPLED = "Adopt the schema of this sample, if all rows agree with it?"
DRIFT = "These files drifted from what was agreed on. What is to become of the drift?"
RELEASE = "Release the clean rows?"

Effect = Callable[[State, Task], JsonObject]


def operators() -> tuple[Operator, ...]:
    """Return all operators."""
    return (*_understanding(), *_work(), *_relating())


def _understanding() -> tuple[Operator, ...]:
    schema, decision = "schema:{dataset}", "schema_decision:{dataset}"
    sample, sampled = "sample:{dataset}", "sample_decision:{dataset}"
    drift = "drift_decision:{dataset}"
    return (
        Operator(
            "sample_data",
            requires={"profile": 0.5},
            tools=("sample_data",),
            effect=_promise("sample"),
            writes=(sample,),
            repeatable=True,
        ),
        Operator(
            "decide_sample",
            requires={"coordinate": 0.5},
            condition=_sample_without_drift,
            effect=_promise("sample_decision"),
            reads=(sample,),
            writes=(sampled,),
            question=SAMPLED,
        ),
        Operator(
            "analyze_schema",
            requires={"profile": 0.5},
            tools=("analyze_schema",),
            condition=sample_not_turned_down,
            effect=_analyzed,
            uses=(sampled,),
            writes=(schema,),
            repeatable=True,
        ),
        Operator(
            "decide_schema",
            requires={"coordinate": 0.5},
            condition=no_open_drift,
            effect=_promise("schema_decision"),
            reads=(schema,),
            writes=(decision,),
            question=ADOPT,
        ),
        Operator(
            "decide_drift",
            requires={"coordinate": 0.5},
            condition=any_drift,
            effect=_promise("drift_decision"),
            reads=(schema,),
            uses=("settings",),
            writes=(drift,),
            question=DRIFT,
        ),
        Operator(
            "adapt_schema",
            requires={"profile": 0.5},
            tools=("analyze_schema",),
            condition=known("drift_decision"),
            effect=_adapted,
            reads=(schema, drift),
            writes=(schema,),
            repeatable=True,
        ),
        Operator(
            "relax_schema",
            requires={"profile": 0.5},
            tools=("analyze_schema",),
            effect=_promise("schema", lenient=True),
            uses=(decision, sampled),
            writes=(schema,),
            repeatable=True,
        ),
        Operator(
            "answer_question",
            requires={"profile": 0.5},
            tools=("analyze_schema", "validate_data", "query_data"),
            effect=_promise("answer"),
            uses=("settings",),
            writes=("answer:{dataset}",),
        ),
    )


def _work() -> tuple[Operator, ...]:
    schema, decision = "schema:{dataset}", "schema_decision:{dataset}"
    quality, transformed = "quality:{dataset}", "transformed:{dataset}"
    release, routed = "release:{dataset}", "routed:{dataset}"
    return (
        Operator(
            "validate_data",
            requires={"validate": 0.5},
            tools=("validate_data",),
            condition=schema_stands,
            effect=_promise("quality"),
            reads=(schema,),
            uses=(decision,),
            writes=(quality,),
            repeatable=True,
        ),
        Operator(
            "transform_data",
            requires={"transform": 0.5},
            tools=("transform_data", "validate_data"),
            condition=schema_stands,
            effect=_promise("transformed"),
            reads=(schema, quality),
            writes=(transformed, quality),
        ),
        Operator(
            "hold_back",
            requires={"validate": 0.5},
            tools=("validate_data",),
            condition=every(schema_stands, known("transformed")),
            effect=_promise("quality", strict=True),
            reads=(schema, quality, transformed),
            writes=(quality,),
            repeatable=True,
        ),
        Operator(
            "decide_release",
            requires={"coordinate": 0.5},
            effect=_promise("release"),
            reads=(quality, transformed),
            writes=(release,),
            question=RELEASE,
        ),
        Operator(
            "route_pipeline",
            requires={"route": 0.5},
            tools=("route_pipeline",),
            condition=schema_stands,
            effect=_promise("routed"),
            reads=(schema, quality, transformed, release),
            writes=(routed,),
            repeatable=True,
        ),
    )


def _relating() -> tuple[Operator, ...]:
    routed, related = "routed:{dataset}", "joined:{dataset}"
    return (
        Operator(
            "join_data",
            requires={"relate": 0.5},
            tools=("join_data",),
            condition=_both_routed,
            effect=joined,
            reads=(routed, "routed:{other}"),
            writes=(related,),
            repeatable=True,
        ),
        Operator(
            "aggregate_data",
            requires={"relate": 0.5},
            tools=("aggregate_data",),
            condition=known("routed"),
            effect=_promise("aggregated"),
            reads=(routed,),
            uses=(related,),
            writes=("aggregated:{dataset}",),
            repeatable=True,
        ),
    )


def _promise(name: str, **more: bool) -> Effect:
    promised: dict[str, Json] = {"accepted": True, "lenient": False, **more}
    return lambda state, task: {f"{name}:{about(task)}": promised}


def _analyzed(state: State, task: Task) -> JsonObject:
    """Promise a schema; with drift to decide on where drift is foreseen."""
    given = settings_of(state).get("contract") is not None
    promised: dict[str, Json] = {"lenient": False, "contract": {"given": given}}
    if foresees_drift(state, about(task)):
        promised |= {"drift": [{"kind": FORESEEN}], "drift_choice": None}
    return {f"schema:{about(task)}": promised}


def _adapted(state: State, task: Task) -> JsonObject:
    schema = dict(fact(state, "schema", about(task)) or {})
    return {f"schema:{about(task)}": {**schema, "drift_choice": "decided"}}


def _sample_without_drift(state: State, task: Task) -> str | None:
    if foresees_drift(state, about(task)):
        return "the files drift, which has to be decided on first"
    return None


def _both_routed(state: State, task: Task) -> str | None:
    for name in (about(task), str(task.args.get("other"))):
        if fact(state, "routed", name) is None:
            return f"the rows of {name} were not separated yet"
    return None
