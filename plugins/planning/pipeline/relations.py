"""Relations: what the goal's settings say about joining data sets and aggregating rows.

Without them, nothing is joined, and all rows are counted. `join` names two or more `datasets`, the
first of which keeps its rows; `on` may have for each of the others the columns to match, or None to
have them found; `how` is `left` or `inner`. `aggregate` has `measures`, columns to group `by`, and
may name the `dataset` it is about.
"""

from dataagents.core.planning import State, Task
from dataagents.core.values import Json, JsonObject
from dataagents.plugins.planning.pipeline.facts import about, fact, settings_of


def joined_datasets(state: State) -> tuple[str, ...]:
    """Return the data sets that are to be joined, the leading one first; none when none are."""
    join = settings_of(state).get("join")
    names = join.get("datasets") if isinstance(join, dict) else None
    listed = names if isinstance(names, list | tuple) else ()
    found = tuple(name for name in listed if isinstance(name, str))
    return found if len(found) > 1 and len(set(found)) == len(found) else ()


def aggregated_dataset(state: State) -> str | None:
    """Return the one data set whose rows are to be aggregated; None when it is each."""
    aggregate = settings_of(state).get("aggregate")
    name = aggregate.get("dataset") if isinstance(aggregate, dict) else None
    if isinstance(name, str):
        return name
    names = joined_datasets(state)
    return names[0] if names else None


def leads(state: State, task: Task) -> str | None:
    """Hold for the data set that the others are joined to."""
    names = joined_datasets(state)
    if not names:
        return "the setting `join` does not name two data sets"
    return None if names[0] == about(task) else f"{names[0]} is what others are joined to"


def follows(state: State, task: Task) -> str | None:
    """Hold for the data sets that do not lead, if there is a join."""
    names = joined_datasets(state)
    if not names:
        return "the setting `join` does not name two data sets"
    return None if about(task) != names[0] else "others are joined to it"


def others_of(state: State, task: Task) -> tuple[str, ...]:
    """Return the data sets that still have to be joined to a task's."""
    done = (fact(state, "joined", about(task)) or {}).get("others")
    known = done if isinstance(done, list) else []
    return tuple(name for name in joined_datasets(state)[1:] if name not in known)


def join_task(state: State, dataset: str, other: str) -> Task:
    """Return the task that joins one data set to another; what is not said is left out."""
    args: dict[str, Json] = {"dataset": dataset, "other": other}
    join = settings_of(state).get("join")
    said: JsonObject = join if isinstance(join, dict) else {}
    pairs, place = said.get("on"), joined_datasets(state).index(other) - 1
    if isinstance(pairs, list) and place < len(pairs) and pairs[place] is not None:
        args["on"] = pairs[place]
    if said.get("how") is not None:
        args["how"] = said["how"]
    return Task("join_data", args)


def joined(state: State, task: Task) -> JsonObject:
    """Return what a join promises: that one more data set is joined."""
    before = (fact(state, "joined", about(task)) or {}).get("others")
    known = list(before) if isinstance(before, list) else []
    return {f"joined:{about(task)}": {"others": [*known, task.args.get("other")]}}


def aggregates(state: State, task: Task) -> str | None:
    """Hold when the rows of a task's data set are to be aggregated."""
    name = aggregated_dataset(state)
    return None if name in (None, about(task)) else f"the rows of {name} are aggregated"


def aggregate_task(state: State, task: Task) -> Task:
    """Return the task that aggregates a data set's rows, or those of what it was joined to."""
    aggregate = settings_of(state).get("aggregate")
    said: JsonObject = aggregate if isinstance(aggregate, dict) else {}
    args: dict[str, Json] = {"dataset": about(task)}
    args |= {name: said[name] for name in ("by", "measures") if said.get(name)}
    return Task("aggregate_data", args)
