"""Tasks as they are written: subtasks with their order and flows, and what a problem asks for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from dataagents.core.planning import Flow
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import Json
from dataagents.plugins.planning.written.document import Node
from dataagents.plugins.planning.written.fields import Fields, entries, items, text_of
from dataagents.plugins.planning.written.words import fact_of, value_of


@dataclass(frozen=True, slots=True)
class WrittenTask:
    """A task as a subtask, or as what a problem asks for."""

    task: str
    place: Node
    args: Mapping[str, Json] | None
    """Its arguments; None for those that are called the same here."""
    name: str = ""
    """How `after` and `flows` call it."""
    after: tuple[tuple[str, Node], ...] = ()


def read_tasks(node: Node | None, what: str, variables: Collection[str]) -> tuple[WrittenTask, ...]:
    """Return a list of tasks: `name`, `name: {argument: value}`, or with `task`, `with`, `after`.

    Raises:
        InputError: One is none.
    """
    if node is None:
        return ()
    return tuple(_task(item, what, variables) for item in items(node))


def _task(node: Node, what: str, variables: Collection[str]) -> WrittenTask:
    if not isinstance(node.value, Mapping):
        return WrittenTask(text_of(node, what), node, None)
    if "task" not in node.value:
        if len(node.value) != 1:
            hint = "Write `name`, `name: {argument: value}`, or `task: name` with `with`."
            raise node.wrong(f"a task of {what!r} is not written as one", hint=hint)
        ((name, arguments),) = node.value.items()
        return WrittenTask(name, node, _arguments(arguments, variables))
    fields = Fields(node, f"a task of {what!r}", ("task", "with", "name", "after"))
    given = fields.get("with")
    return WrittenTask(
        task=fields.text("task"),
        place=fields.need("task"),
        args=None if given is None else _arguments(given, variables),
        name=fields.text("name"),
        after=fields.texts("after"),
    )


def _arguments(node: Node, variables: Collection[str]) -> Mapping[str, Json]:
    if node.value is None:
        return {}
    found: dict[str, Json] = {}
    for name, value in entries(node, "the arguments of a task").items():
        found[name] = value_of(value, variables)
    return found


def places_of(subtasks: Sequence[WrittenTask]) -> Mapping[str, int]:
    """Return name → position; a task that is there once needs no name of its own.

    Raises:
        InputError: Two have the same name.
    """
    tasks = [each.task for each in subtasks]
    places: dict[str, int] = {}
    for place, each in enumerate(subtasks):
        name = each.name or (each.task if tasks.count(each.task) == 1 else "")
        if name in places:
            raise each.place.wrong(f"two subtasks are called {name!r}")
        if name:
            places[name] = place
    return places


def read_order(
    subtasks: Sequence[WrittenTask], places: Mapping[str, int]
) -> tuple[tuple[int, int], ...] | None:
    """Return what comes before what; None when no subtask has an `after`.

    Raises:
        InputError: An `after` names nobody, or subtasks wait for one another in a circle.
    """
    if not any(each.after for each in subtasks):
        return None
    pairs = tuple(
        (_position(name, node, places), place)
        for place, each in enumerate(subtasks)
        for name, node in each.after
    )
    sorter = TopologicalSorter[int]()
    for earlier, later in pairs:
        sorter.add(later, earlier)
    try:
        sorter.prepare()
    except CycleError as error:
        circle: list[int] = error.args[1]
        names = {place: name for name, place in places.items()}
        told = " after ".join(names.get(place, subtasks[place].task) for place in reversed(circle))
        first = subtasks[circle[0]].place
        raise first.wrong(f"no subtask of a circle can be the first: {told}") from error
    return pairs


def read_flows(
    fields: Fields, variables: Collection[str], places: Mapping[str, int]
) -> tuple[Flow, ...]:
    """Return what subtasks hand to one another.

    Raises:
        InputError: A flow names no fact, or no subtask.
    """
    node = fields.get("flows")
    flows: list[Flow] = []
    for item in () if node is None else items(node):
        flow = Fields(item, "a flow", ("fact", "from", "to"))
        fact, maker, taker = (flow.need(key) for key in ("fact", "from", "to"))
        template = fact_of(text_of(fact, "fact"), fact, variables)
        made = _position(text_of(maker, "from"), maker, places)
        flows.append(Flow(template, made, _position(text_of(taker, "to"), taker, places)))
    return tuple(flows)


def _position(name: str, node: Node, places: Mapping[str, int]) -> int:
    if name not in places:
        hint = did_you_mean(name, places).strip()
        raise node.wrong(f"no subtask is called {name!r}", hint=hint)
    return places[name]
