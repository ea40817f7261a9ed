"""The data-pipeline domain: what it takes to get from a file to data that can be trusted.

Facts are called `fact:dataset`. `schema`, `quality`, `transformed` and `routed` hold what a tool
observed; `schema_decision` and `release` hold what the agents decided.
"""

from collections.abc import Callable, Mapping

from dataagents.core.planning import Condition, Domain, Method, Operator, State, Task
from dataagents.core.values import Json, JsonObject

ADOPT = "Adopt this schema? Rows that break it will be quarantined."
RELEASE = "Release the clean rows?"


def data_pipeline() -> Domain:
    """Return the domain."""
    return Domain(
        name="data-pipeline", operators=_operators(), methods=_methods(), goals=("clean", "profile")
    )


def _operators() -> tuple[Operator, ...]:
    schema, decision = "schema:{dataset}", "schema_decision:{dataset}"
    quality, transformed = "quality:{dataset}", "transformed:{dataset}"
    release, routed = "release:{dataset}", "routed:{dataset}"
    return (
        Operator(
            "analyze_schema",
            requires={"profile": 0.5},
            tools=("analyze_schema",),
            effect=_promise("schema"),
            writes=(schema,),
        ),
        Operator(
            "decide_schema",
            requires={"coordinate": 0.5},
            effect=_promise("schema_decision"),
            reads=(schema,),
            writes=(decision,),
            question=ADOPT,
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
    )


def _methods() -> tuple[Method, ...]:
    return (
        Method("file", "clean", _each("understand", "assess", "repair", "judge", "separate")),
        Method("look only", "profile", _each("understand", "assess")),
        Method("already understood", "understand", _nothing, _schema_stands),
        Method(
            "strict",
            "understand",
            _strict,
            _unknown("schema_decision"),
        ),
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


def _fact(state: State, name: str, task: Task) -> Mapping[str, object] | None:
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


def _relaxed(state: State, task: Task) -> tuple[Task, ...]:
    return (Task("relax_schema", {**task.args, "lenient": True}),)


def _known(fact: str) -> Condition:
    return lambda state, task: None if _fact(state, fact, task) is not None else f"no {fact} yet"


def _unknown(fact: str) -> Condition:
    return lambda state, task: None if _fact(state, fact, task) is None else f"{fact} is known"


def _schema_stands(state: State, task: Task) -> str | None:
    """Hold when the schema was adopted, or when it is the lenient one that nobody has to adopt."""
    decision = _fact(state, "schema_decision", task) or {}
    schema = _fact(state, "schema", task) or {}
    if decision.get("accepted") is True or schema.get("lenient") is True:
        return None
    return "the schema was turned down" if decision else "no schema was adopted yet"


def _turned_down(state: State, task: Task) -> str | None:
    decision = _fact(state, "schema_decision", task)
    if decision is not None and decision.get("accepted") is not True:
        return None
    return "no schema was turned down"
