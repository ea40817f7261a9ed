"""Compiling: what is written becomes plain operators and methods, checked against one another."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dataagents.core.planning import Domain, Method, Operator, Task
from dataagents.core.planning.lifting import lifted_method, lifted_operator
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import Json
from dataagents.plugins.planning.written.parts import WrittenMethod, WrittenOperator
from dataagents.plugins.planning.written.rules import Rule
from dataagents.plugins.planning.written.tasks import WrittenTask


@dataclass(frozen=True, slots=True)
class Base:
    """A domain to start from, and what is known of how its tasks are written."""

    domain: Domain
    types: Mapping[str, str] = field(default_factory=dict)
    """Type → the type that it is a kind of; empty for none."""
    signatures: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)
    """Task → the arguments it takes, once for each method; nothing for a task in Python."""


def compiled(
    base: Base,
    types: Mapping[str, str],
    operators: Sequence[WrittenOperator],
    methods: Sequence[WrittenMethod],
) -> tuple[tuple[Operator, ...], tuple[Method, ...], Mapping[str, Sequence[Mapping[str, str]]]]:
    """Return a base's operators and methods with what is written added, and all signatures.

    Methods that are written are tried before those of the base, unless they say where.

    Raises:
        InputError: A name is taken, a subtask is unknown or lacks an argument.
    """
    _check_names(base.domain, operators, methods)
    signatures = _signatures(base, operators, methods)
    known = {each.name for each in base.domain.operators} | {each.name for each in operators}
    known |= {each.task for each in base.domain.methods} | {each.task for each in methods}
    parents = {child: parent for child, parent in types.items() if parent}
    for method in methods:
        for subtask in method.subtasks:
            check_task(subtask, known, signatures, method.rule.names)
    made = [_operator(each, parents) for each in operators]
    placed = list(base.domain.methods)
    front = 0
    for written in methods:
        at = _place(written, placed)
        placed.insert(front if at is None else at, _method(written, parents, signatures))
        front += at is None or at <= front
    return (*base.domain.operators, *made), tuple(placed), signatures


def check_task(
    written: WrittenTask,
    known: Iterable[str],
    signatures: Mapping[str, Sequence[Mapping[str, str]]],
    names: Iterable[str] = (),
) -> None:
    """Check that a task can be worked on, and that its arguments are those it takes.

    Args:
        written: The task.
        known: All tasks.
        signatures: The arguments that each takes, once for each method.
        names: Variables that arguments may be taken from when none are given.

    Raises:
        InputError: It is unknown, has an argument too many, or lacks one.
    """
    names_of_tasks = tuple(known)
    if written.task not in names_of_tasks:
        hint = did_you_mean(written.task, names_of_tasks).strip()
        problem = f"no operator and no method is for the task {written.task!r}"
        raise written.place.wrong(problem, hint=hint)
    takes = signatures.get(written.task)
    if not takes:
        return
    given = tuple(names) if written.args is None else tuple(written.args)
    for name in written.args or ():
        allowed = [parameter for each in takes for parameter in each]
        if name not in allowed:
            hint = did_you_mean(name, allowed).strip()
            raise written.place.wrong(f"{written.task!r} has no parameter {name!r}", hint=hint)
    lacking = [[name for name in each if name not in given] for each in takes]
    if all(lacking):
        fewest = min(lacking, key=len)
        hint = f"Write `{written.task}: {{{fewest[0]}: …}}`."
        raise written.place.wrong(f"{written.task!r} needs {' and '.join(fewest)}", hint=hint)


def _check_names(
    domain: Domain, operators: Sequence[WrittenOperator], methods: Sequence[WrittenMethod]
) -> None:
    primitive = {each.name for each in domain.operators}
    compound = {each.task for each in domain.methods}
    ways = {(each.task, each.name) for each in domain.methods}
    for operator in operators:
        if operator.name in primitive or operator.name in compound:
            problem = f"domain {domain.name!r} has {operator.name!r} already"
            raise operator.place.wrong(problem, hint="Choose another name.")
    primitive |= {each.name for each in operators}
    for method in methods:
        if method.task in primitive:
            problem = f"{method.task!r} is an operator, so it can't have a method"
            raise method.place.wrong(problem, hint="Choose another name.")
        if (method.task, method.name) in ways:
            problem = f"domain {domain.name!r} has a method {method.name!r} of {method.task!r}"
            raise method.place.wrong(problem, hint="Choose another name.")


def _signatures(
    base: Base, operators: Sequence[WrittenOperator], methods: Sequence[WrittenMethod]
) -> Mapping[str, Sequence[Mapping[str, str]]]:
    """Return what each task takes; nothing is known of tasks that have a method in Python."""
    found = {task: list(takes) for task, takes in base.signatures.items()}
    found.update({each.name: [each.rule.parameters] for each in operators})
    python = {each.task for each in base.domain.methods} - set(base.signatures)
    for method in methods:
        if method.task not in python:
            found.setdefault(method.task, []).append(method.rule.parameters)
    return found


def _place(written: WrittenMethod, placed: Sequence[Method]) -> int | None:
    """Return where a method says that it belongs; None when it does not."""
    if written.ahead_of is None and written.behind is None:
        return None
    if written.ahead_of is not None and written.behind is not None:
        raise written.behind[1].wrong("a method is placed 'before' or 'after', not both")
    places = {each.name: n for n, each in enumerate(placed) if each.task == written.task}
    name, node = written.ahead_of or written.behind or ("", written.place)
    if name not in places:
        hint = did_you_mean(name, places).strip()
        raise node.wrong(f"{written.task!r} has no method {name!r} so far", hint=hint)
    return places[name] + (written.behind is not None)


def _patterned(names: Mapping[str, str]) -> dict[str, str]:
    return {f"?{name}": type_ for name, type_ in names.items()}


def _operator(written: WrittenOperator, types: Mapping[str, str]) -> Operator:
    rule = written.rule
    operator = lifted_operator(
        written.name,
        parameters=_patterned(rule.parameters),
        free=_patterned(rule.variables),
        when=rule.when,
        unless=rule.unless,
        differ=rule.differ,
        makes=written.makes,
        types=types,
        requires=written.requires,
        tools=written.tools,
        reads=written.reads,
        writes=written.writes,
        question=written.question,
        seconds=written.seconds,
        priority=written.priority,
        success_probability=written.success_probability,
        cost=written.cost,
        resources=written.resources,
        repeatable=written.repeatable,
    )
    return replace(operator, uses=written.uses)


def _method(
    written: WrittenMethod,
    types: Mapping[str, str],
    signatures: Mapping[str, Sequence[Mapping[str, str]]],
) -> Method:
    rule = written.rule
    return lifted_method(
        written.name,
        written.task,
        [task_of(each, rule, signatures) for each in written.subtasks],
        parameters=_patterned(rule.parameters),
        free=_patterned(rule.variables),
        when=rule.when,
        unless=rule.unless,
        differ=rule.differ,
        types=types,
        before=written.before,
        flows=written.flows,
        success_probability=written.success_probability,
        cost=written.cost,
    )


def task_of(
    written: WrittenTask,
    rule: Rule,
    signatures: Mapping[str, Sequence[Mapping[str, str]]],
) -> Task:
    """Return a task with its arguments; without any, those it takes that are called the same here.

    A task in Python says nothing of what it takes: it gets the arguments of the compound task.
    """
    if written.args is not None:
        return Task(written.task, dict(written.args))
    takes = signatures.get(written.task)
    if takes is None:
        names = tuple(rule.parameters)
    else:
        wanted = {name for each in takes for name in each}
        names = tuple(name for name in rule.names if name in wanted)
    args: dict[str, Json] = {name: f"?{name}" for name in names}
    return Task(written.task, args)
