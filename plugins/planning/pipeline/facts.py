"""Facts: what the domain reads out of a state, as conditions of its methods and operators.

Facts are called `fact:dataset`. `sample`, `schema`, `quality`, `transformed`, `routed`, `joined`
and `aggregated` hold what a tool observed; `sample_decision`, `schema_decision`, `drift_decision`
and `release` hold what was decided; `answer` is what a question was answered with. `settings` holds
what the goal says beside its inputs. Three are known before anything is done, where somebody told
them: `size:dataset` (bytes of its files), `memory` (bytes that an engine may use) and
`foreseen:dataset` (what went wrong in earlier runs: task → trigger, remedy and figures).
"""

from collections.abc import Mapping, Sequence

from dataagents.core.planning import Condition, State, Task, Trigger
from dataagents.core.values import Json, JsonObject

STRUCTURAL = ("added", "removed", "renamed", "retyped")
"""Kinds of drift that have to be decided on."""
FORESEEN = "foreseen"
"""Kind of the drift that a schema is expected to have before it is read."""
_NOTHING: JsonObject = {}


def about(task: Task) -> str:
    """Return the name of the data set that a task is about."""
    return str(task.args.get("dataset"))


def fact(state: State, name: str, dataset: str) -> JsonObject | None:
    """Return a fact about a data set; None when it is not known."""
    value = state.get(f"{name}:{dataset}")
    return value if isinstance(value, dict) else None


def settings_of(state: State) -> JsonObject:
    """Return what the goal says beside its inputs."""
    value = state.get("settings")
    return value if isinstance(value, dict) else _NOTHING


def number(state: State, name: str) -> float | None:
    """Return a fact that is a number; None when it is not known."""
    value = state.get(name)
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if known and isinstance(value, int | float) else None


def known(name: str) -> Condition:
    """Return the condition that a fact is known."""
    return lambda state, task: None if _is(state, name, task) else f"no {name} yet"


def unknown(name: str) -> Condition:
    """Return the condition that a fact is not known."""
    return lambda state, task: None if not _is(state, name, task) else f"{name} is known"


def _is(state: State, name: str, task: Task) -> bool:
    return fact(state, name, about(task)) is not None


def every(*conditions: Condition) -> Condition:
    """Return the condition that all conditions hold; it says why the first one does not."""

    def holds(state: State, task: Task) -> str | None:
        reasons = (condition(state, task) for condition in conditions)
        return next((reason for reason in reasons if reason is not None), None)

    return holds


def given(state: State, dataset: str) -> bool:
    """Whether the schema is a contract that the user gave, so that nobody has to adopt it."""
    contract = (fact(state, "schema", dataset) or {}).get("contract")
    return isinstance(contract, dict) and contract.get("given") is True


def contract_in_settings(state: State, task: Task) -> str | None:
    """Hold when the goal names a contract."""
    return None if settings_of(state).get("contract") is not None else "no contract was given"


def structural(schema: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    """Return the changes of a schema that are, or were, to be decided on."""
    drift = schema.get("drift")
    kinds = (*STRUCTURAL, FORESEEN)
    return [
        each
        for each in (drift if isinstance(drift, list) else ())
        if isinstance(each, dict) and each.get("kind") in kinds
    ]


def open_changes(schema: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    """Return the changes that nobody has decided on; those that only inform don't count."""
    return structural(schema) if schema.get("drift_choice") is None else []


def drift_of(state: State, dataset: str) -> Sequence[Mapping[str, Json]]:
    """Return the changes of a data set that nobody has decided on."""
    return open_changes(fact(state, "schema", dataset) or {})


def only_foreseen(state: State, dataset: str) -> bool:
    """Whether the drift is expected, and the files were not read yet."""
    changes = drift_of(state, dataset)
    return bool(changes) and all(each.get("kind") == FORESEEN for each in changes)


def no_open_drift(state: State, task: Task) -> str | None:
    """Hold when there is nothing to decide on."""
    changes = drift_of(state, about(task))
    if not changes:
        return None
    word = "change" if len(changes) == 1 else "changes"
    return f"the files drifted: {len(changes)} {word} to decide on"


def open_drift(state: State, task: Task) -> str | None:
    """Hold when there is drift that was found in the files."""
    if not drift_of(state, about(task)):
        return "there is no drift to decide on"
    return "nothing was read yet" if only_foreseen(state, about(task)) else None


def foreseen_drift(state: State, task: Task) -> str | None:
    """Hold when drift is expected before the files were read."""
    return None if only_foreseen(state, about(task)) else "no drift is foreseen"


def any_drift(state: State, task: Task) -> str | None:
    """Hold when there is drift, found or foreseen."""
    return None if drift_of(state, about(task)) else "there is no drift to decide on"


def foresees_drift(state: State, dataset: str) -> bool:
    """Whether earlier runs, or the sample, say that the files of a data set drift.

    Runs do when a task failed by drift, or when what got around its failure was to decide on it.
    """
    for expected in (fact(state, "foreseen", dataset) or {}).values():
        if not isinstance(expected, dict):
            continue
        remedy = expected.get("remedy")
        decided = isinstance(remedy, list) and "decide_drift" in remedy
        if decided or expected.get("trigger") == Trigger.DRIFT:
            return True
    return bool(open_changes(fact(state, "sample", dataset) or {}))


def schema_stands(state: State, task: Task) -> str | None:
    """Hold when the schema was adopted, was given, or is the lenient one; and no drift is open."""
    dataset = about(task)
    drift = no_open_drift(state, task)
    if drift is not None:
        return drift
    schema = fact(state, "schema", dataset) or {}
    if schema.get("lenient") is True or given(state, dataset):
        return None
    decision = fact(state, "schema_decision", dataset)
    if decision is not None:
        return None if decision.get("accepted") is True else "the schema was turned down"
    sampled = fact(state, "sample_decision", dataset) or {}
    if not schema or sampled.get("accepted") is not True:
        return "no schema was adopted yet"
    return _disagreement(fact(state, "sample", dataset) or {}, schema)


def _disagreement(sample: JsonObject, schema: JsonObject) -> str | None:
    """Return what all rows say otherwise than the sample that was voted on; None if nothing."""
    expected, found = _types(sample), _types(schema)
    for name in expected if found else ():
        if found.get(name) != expected[name]:
            seen = f"is {found[name]}" if name in found else "is not there"
            return f"all rows disagree with the sample: `{name}` {seen}, not {expected[name]}"
    more = [name for name in found if name not in expected] if expected else []
    return f"all rows disagree with the sample: it had no `{more[0]}`" if more else None


def _types(schema: JsonObject) -> dict[str, str]:
    columns = schema.get("columns")
    return {
        name: str(column.get("type"))
        for name, column in (columns.items() if isinstance(columns, dict) else ())
        if isinstance(column, dict)
    }


def a_schema_turned_down(state: State, task: Task) -> str | None:
    """Hold when a schema was voted on, of a sample or of all rows, and not adopted."""
    dataset = about(task)
    for name in ("schema_decision", "sample_decision"):
        decision = fact(state, name, dataset)
        if decision is not None:
            accepted = decision.get("accepted") is True
            return "no schema was turned down" if accepted else None
    return "no schema was turned down"


def sample_not_turned_down(state: State, task: Task) -> str | None:
    """Hold unless agents saw a sample and did not want its schema."""
    decision = fact(state, "sample_decision", about(task))
    if decision is None or decision.get("accepted") is True:
        return None
    return "the schema of the sample was turned down"
