"""The data-pipeline domain: what it takes to get from a file to data that can be trusted.

Facts are called `fact:dataset`. `schema`, `quality`, `transformed` and `routed` hold what a tool
observed; `schema_decision`, `drift_decision` and `release` hold what was decided; `answer` is what
a question was answered with. `settings` holds what the goal says beside its inputs.
"""

from collections.abc import Callable, Mapping

from dataagents.core.planning import Condition, Domain, Method, Operator, State, Task
from dataagents.core.values import Json, JsonObject

ADOPT = "Adopt this schema? Rows that break it will be quarantined."
DRIFT = "These files drifted from what was agreed on. What is to become of the drift?"
RELEASE = "Release the clean rows?"


STRUCTURAL = ("added", "removed", "renamed", "retyped")
"""Kinds of drift that have to be decided on."""


def data_pipeline() -> Domain:
    """Return the domain."""
    return Domain(
        name="data-pipeline",
        operators=_operators(),
        methods=_methods(),
        goals=("clean", "profile", "answer"),
    )


def _operators() -> tuple[Operator, ...]:
    schema, decision = "schema:{dataset}", "schema_decision:{dataset}"
    quality, transformed = "quality:{dataset}", "transformed:{dataset}"
    release, routed = "release:{dataset}", "routed:{dataset}"
    drift = "drift_decision:{dataset}"
    return (
        Operator(
            "analyze_schema",
            requires={"profile": 0.5},
            tools=("analyze_schema",),
            effect=_analyzed,
            writes=(schema,),
        ),
        Operator(
            "decide_schema",
            requires={"coordinate": 0.5},
            condition=_no_open_drift,
            effect=_promise("schema_decision"),
            reads=(schema,),
            writes=(decision,),
            question=ADOPT,
        ),
        Operator(
            "decide_drift",
            requires={"coordinate": 0.5},
            effect=_promise("drift_decision"),
            reads=(schema, "settings"),
            writes=(drift,),
            question=DRIFT,
        ),
        Operator(
            "adapt_schema",
            requires={"profile": 0.5},
            tools=("analyze_schema",),
            effect=_adapted,
            reads=(schema, drift),
            writes=(schema,),
        ),
        Operator(
            "relax_schema",
            requires={"profile": 0.5},
            tools=("analyze_schema",),
            effect=_promise("schema", lenient=True),
            reads=(decision,),
            writes=(schema,),
        ),
        Operator(
            "validate_data",
            requires={"validate": 0.5},
            tools=("validate_data",),
            condition=_schema_stands,
            effect=_promise("quality"),
            reads=(schema, decision),
            writes=(quality,),
        ),
        Operator(
            "transform_data",
            requires={"transform": 0.5},
            tools=("transform_data", "validate_data"),
            condition=_schema_stands,
            effect=_promise("transformed"),
            reads=(schema, quality),
            writes=(transformed, quality),
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
            condition=_schema_stands,
            effect=_promise("routed"),
            reads=(schema, quality, transformed, release),
            writes=(routed,),
        ),
        Operator(
            "answer_question",
            requires={"profile": 0.5},
            tools=("analyze_schema", "validate_data", "query_data"),
            effect=_promise("answer"),
            reads=("settings",),
            writes=("answer:{dataset}",),
        ),
    )


def _methods() -> tuple[Method, ...]:
    return (
        Method("file", "clean", _each("understand", "assess", "repair", "judge", "separate")),
        Method("look only", "profile", _each("understand", "assess")),
        Method("already answered", "answer", _nothing, _known("answer")),
        Method("one agent", "answer", _each("answer_question")),
        Method("already understood", "understand", _nothing, _schema_stands),
        Method("drift", "understand", _drifted, _open_drift),
        Method("contract", "understand", _each("analyze_schema"), _contract_is_given),
        Method("strict", "understand", _strict, _unknown("schema_decision")),
        Method("lenient", "understand", _relaxed, _turned_down),
        Method("already assessed", "assess", _nothing, _known("quality")),
        Method("validate", "assess", _each("validate_data")),
        Method("already repaired", "repair", _nothing, _known("transformed")),
        Method("format fixes", "repair", _each("transform_data")),
        Method("already judged", "judge", _nothing, _known("release")),
        Method("vote", "judge", _each("decide_release")),
        Method("already separated", "separate", _nothing, _known("routed")),
        Method("hard rules", "separate", _each("route_pipeline")),
    )


def _fact(state: State, name: str, task: Task) -> Mapping[str, Json] | None:
    value = state.get(f"{name}:{task.args.get('dataset')}")
    return value if isinstance(value, dict) else None


def _promise(fact: str, *, lenient: bool = False) -> Callable[[State, Task], JsonObject]:
    promised: dict[str, Json] = {"accepted": True, "lenient": lenient}
    return lambda state, task: {f"{fact}:{task.args.get('dataset')}": promised}


def _each(*names: str) -> Callable[[State, Task], tuple[Task, ...]]:
    return lambda state, task: tuple(Task(name, task.args) for name in names)


def _nothing(state: State, task: Task) -> tuple[Task, ...]:
    return ()


def _strict(state: State, task: Task) -> tuple[Task, ...]:
    decide = Task("decide_schema", task.args)
    known = _fact(state, "schema", task) is not None
    return (decide,) if known else (Task("analyze_schema", task.args), decide)


def _drifted(state: State, task: Task) -> tuple[Task, ...]:
    """Decide on drift and read the files again; a contract of one's own is then voted on."""
    steps = (Task("decide_drift", task.args), Task("adapt_schema", task.args))
    return steps if _given(state, task) else (*steps, Task("decide_schema", task.args))


def _relaxed(state: State, task: Task) -> tuple[Task, ...]:
    return (Task("relax_schema", {**task.args, "lenient": True}),)


def _known(fact: str) -> Condition:
    return lambda state, task: None if _fact(state, fact, task) is not None else f"no {fact} yet"


def _unknown(fact: str) -> Condition:
    return lambda state, task: None if _fact(state, fact, task) is None else f"{fact} is known"


def _given(state: State, task: Task) -> bool:
    """Whether the schema is a contract that the user gave, so that nobody has to adopt it."""
    contract = (_fact(state, "schema", task) or {}).get("contract")
    return isinstance(contract, dict) and contract.get("given") is True


def _contract_is_given(state: State, task: Task) -> str | None:
    settings = state.get("settings")
    if not isinstance(settings, dict) or settings.get("contract") is None:
        return "no contract was given"
    return "the files were read" if _fact(state, "schema", task) is not None else None


def _drift_of(state: State, task: Task) -> int:
    """Return how many changes nobody has decided on; those that only inform don't count."""
    schema = _fact(state, "schema", task) or {}
    changes = schema.get("drift")
    if not isinstance(changes, list) or schema.get("drift_choice") is not None:
        return 0
    kinds = [change.get("kind") for change in changes if isinstance(change, dict)]
    return sum(kind in STRUCTURAL for kind in kinds)


def _no_open_drift(state: State, task: Task) -> str | None:
    changes = _drift_of(state, task)
    if not changes:
        return None
    word = "change" if changes == 1 else "changes"
    return f"the files drifted: {changes} {word} to decide on"


def _open_drift(state: State, task: Task) -> str | None:
    if not _drift_of(state, task):
        return "there is no drift to decide on"
    known = _fact(state, "drift_decision", task) is not None
    return "the drift was decided on" if known else None


def _analyzed(state: State, task: Task) -> JsonObject:
    settings = state.get("settings")
    given = isinstance(settings, dict) and settings.get("contract") is not None
    promised: dict[str, Json] = {"lenient": False, "contract": {"given": given}}
    return {f"schema:{task.args.get('dataset')}": promised}


def _adapted(state: State, task: Task) -> JsonObject:
    schema = dict(_fact(state, "schema", task) or {})
    return {f"schema:{task.args.get('dataset')}": {**schema, "drift_choice": "decided"}}


def _schema_stands(state: State, task: Task) -> str | None:
    """Hold when the schema was adopted, was given, or is the lenient one; and no drift is open."""
    drift = _no_open_drift(state, task)
    if drift is not None:
        return drift
    decision = _fact(state, "schema_decision", task) or {}
    schema = _fact(state, "schema", task) or {}
    if decision.get("accepted") is True or schema.get("lenient") is True or _given(state, task):
        return None
    return "the schema was turned down" if decision else "no schema was adopted yet"


def _turned_down(state: State, task: Task) -> str | None:
    decision = _fact(state, "schema_decision", task)
    if decision is not None and decision.get("accepted") is not True:
        return None
    return "no schema was turned down"
