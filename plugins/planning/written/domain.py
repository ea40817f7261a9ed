"""A domain in YAML, with the problem that may stand in the same file."""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from dataagents.core.planning import Domain, Objective, Scenario, Task
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import Json
from dataagents.plugins.planning.written.compiling import Base, check_task, compiled
from dataagents.plugins.planning.written.document import Node, read_document
from dataagents.plugins.planning.written.fields import Fields, entries, items, text_of
from dataagents.plugins.planning.written.parts import (
    WrittenMethod,
    WrittenOperator,
    read_method,
    read_operator,
)
from dataagents.plugins.planning.written.tasks import read_tasks
from dataagents.plugins.planning.written.words import read_patterns

_KEYS = (
    "name", "extends", "domain", "types", "operators", "methods", "goals", "resources",
    "objects", "state", "tasks", "workers", "objective",
)  # fmt: skip
_PROBLEM = ("objects", "state", "tasks", "workers", "objective")
_ENDINGS = (".yaml", ".yml")
_MOST_FILES = 10
"""Files that extend one another."""


def read_domain(path: Path, bundled: Mapping[str, Callable[[], Domain]]) -> Domain:
    """Return the domain that a file describes, its problem as the domain's scenario.

    Args:
        path: The file.
        bundled: Name → a domain that `extends` may name.

    Raises:
        InputError: Something in it can't be used; says where, and the nearest valid name.
        MissingExtraError: What reads YAML is not installed.
    """
    return _read(path, bundled, ()).domain


def _read(
    path: Path, bundled: Mapping[str, Callable[[], Domain]], within: tuple[Path, ...]
) -> Base:
    fields = Fields(read_document(path), "a domain", _KEYS)
    base = _base(fields, path, bundled, (*within, path.resolve()))
    types = {**base.types, **_types(fields)}
    operators = _operators(fields, types)
    methods = _methods(fields, types)
    all_operators, all_methods, signatures = compiled(base, types, operators, methods)
    resources = {**base.domain.resources, **fields.numbers("resources")}
    _check_resources(operators, resources)
    known = {each.name for each in all_operators} | {each.task for each in all_methods}
    compound = tuple(dict.fromkeys(each.task for each in all_methods))
    domain = Domain(
        name=fields.text("name", path.stem),
        operators=all_operators,
        methods=all_methods,
        goals=_goals(fields, known) or base.domain.goals or compound,
        watches=base.domain.watches,
        resources=resources,
        scenario=_scenario(fields, base.domain.scenario, types, known, signatures),
    )
    return Base(domain, types, signatures)


def _base(
    fields: Fields,
    path: Path,
    bundled: Mapping[str, Callable[[], Domain]],
    within: tuple[Path, ...],
) -> Base:
    """Return what the file starts from; nothing when it does not say."""
    key = "extends" if fields.get("extends") is not None else "domain"
    node = fields.get(key)
    if node is None:
        return Base(Domain("", (), ()))
    if key == "extends" and fields.get("domain") is not None:
        raise node.wrong("'extends' and 'domain' say the same; write one of them")
    name = text_of(node, key)
    if name in bundled:
        return Base(bundled[name]())
    if not name.endswith(_ENDINGS):
        hint = did_you_mean(name, bundled).strip()
        problem = f"no domain is called {name!r}, and a file would end in .yaml"
        raise node.wrong(problem, hint=hint)
    other = path.parent / name
    if other.resolve() in within:
        raise node.wrong(f"{name!r} extends this file in turn")
    if len(within) >= _MOST_FILES:
        raise node.wrong(f"more than {_MOST_FILES} files extend one another")
    if not other.is_file():
        raise node.wrong(f"there is no file {name!r} beside it", hint=_neighbour(other))
    return _read(other, bundled, within)


def _neighbour(file: Path) -> str:
    try:
        beside = [each.name for each in file.parent.iterdir() if each.suffix in _ENDINGS]
    except OSError:
        return ""
    return did_you_mean(file.name, beside).strip()


def _types(fields: Fields) -> Mapping[str, str]:
    """Return type → the type that it is a kind of; empty for none."""
    node = fields.get("types")
    if node is None:
        return {}
    if not isinstance(node.value, Mapping):
        return {name: "" for name, _ in fields.texts("types")}
    found = {
        name: "" if value.value is None else text_of(value, name)
        for name, value in entries(node, "types").items()
    }
    for name, parent in found.items():
        if parent and parent not in found:
            hint = did_you_mean(parent, found).strip()
            raise node.wrong(f"there is no type {parent!r}", hint=hint, line=node.lines[name])
        seen = [name]
        while parent:
            if parent in seen:
                raise node.wrong(f"{name!r} is a kind of itself", line=node.lines[name])
            seen.append(parent)
            parent = found.get(parent, "")
    return found


def _operators(fields: Fields, types: Collection[str]) -> tuple[WrittenOperator, ...]:
    return tuple(
        read_operator(name, _keyed(node), line, types)
        for name, node, line in fields.mapping("operators")
    )


def _methods(fields: Fields, types: Collection[str]) -> tuple[WrittenMethod, ...]:
    found: list[WrittenMethod] = []
    for task, ways, _ in fields.mapping("methods"):
        for name, node in entries(ways, f"the methods of {task!r}").items():
            line = ways.lines.get(name, ways.line)
            found.append(read_method(task, name, _keyed(node), line, types))
    return tuple(found)


def _keyed(node: Node) -> Node:
    """Return a value with keys; one that says nothing has none."""
    return node if node.value is not None else Node(node.source, node.line, {})


def _goals(fields: Fields, known: Collection[str]) -> tuple[str, ...]:
    goals = fields.texts("goals")
    for name, node in goals:
        if name not in known:
            raise node.wrong(f"there is no task {name!r}", hint=did_you_mean(name, known).strip())
    return tuple(dict.fromkeys(name for name, _ in goals))


def _check_resources(
    operators: Collection[WrittenOperator], resources: Mapping[str, float]
) -> None:
    """Refuse an operator that could never run."""
    for operator in operators:
        for name, held in operator.resources.items():
            if held > resources.get(name, held):
                problem = f"{operator.name!r} holds {held:g} {name}, of {resources[name]:g}"
                raise operator.place.wrong(problem)


def _scenario(
    fields: Fields,
    inherited: Scenario | None,
    types: Collection[str],
    known: Collection[str],
    signatures: Mapping[str, Sequence[Mapping[str, str]]],
) -> Scenario | None:
    """Return the problem of the file; what it leaves out is that of the file it extends."""
    if all(fields.get(key) is None for key in _PROBLEM):
        return inherited
    before = inherited or Scenario(())
    tasks = read_tasks(fields.get("tasks"), "tasks", ())
    for each in tasks:
        check_task(each, known, signatures)
        if each.after:
            raise each.after[0][1].wrong("the tasks of a problem are done in their order")
    facts = read_patterns(fields.get("state"), "state", ())
    state: dict[str, Json] = {**before.state, **facts, **_objects(fields, types)}
    roots = tuple(Task(each.task, dict(each.args or {})) for each in tasks)
    return Scenario(
        tasks=roots or before.tasks,
        state=state,
        workers=fields.whole("workers", before.workers or 0, least=1) or None,
        objective=_objective(fields, before.objective),
    )


def _objects(fields: Fields, types: Collection[str]) -> Mapping[str, Json]:
    """Return the facts that say which things there are: `objects:TYPE` → their names."""
    facts: dict[str, Json] = {}
    places: dict[str, int] = {}
    for type_, node, line in fields.mapping("objects"):
        if type_ not in types:
            hint = did_you_mean(type_, types).strip() or "List it in `types`."
            raise node.wrong(f"there is no type {type_!r}", hint=hint, line=line)
        names: list[Json] = []
        for item in items(node):
            name = text_of(item, "an object")
            if name in places:
                raise item.wrong(f"the object {name!r} is in line {places[name]} already")
            places[name] = item.line
            names.append(name)
        facts[f"objects:{type_}"] = names
    return facts


def _objective(fields: Fields, default: Objective) -> Objective:
    node = fields.get("objective")
    if node is None:
        return default
    name, known = text_of(node, "objective"), [each.value for each in Objective]
    if name not in known:
        hint = did_you_mean(name, known).strip()
        raise node.wrong(f"there is no objective {name!r}", hint=hint)
    return Objective(name)
