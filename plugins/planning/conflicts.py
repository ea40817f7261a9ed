"""Conflicts: what explains that nothing led on from a point, and what could not have helped."""

from collections.abc import Mapping, Sequence

from dataagents.core.planning import (
    Method,
    Operator,
    State,
    Task,
    TaskNetwork,
    as_given,
    no_effect,
)
from dataagents.plugins.planning.guidance import Guidance
from dataagents.plugins.planning.memo import NOTHING, Conflict, joined
from dataagents.plugins.planning.network import Thread
from dataagents.plugins.planning.path import Frame
from dataagents.plugins.planning.state import Facts, Recording


def explained(
    frame: Frame, facts: Facts, operators: Mapping[str, Operator], guidance: Guidance
) -> Conflict:
    """Return what was read where nothing else was tried: why ways did not fit, or led on."""
    conflict: Conflict = NOTHING
    thread: Thread | None = (frame.cell, frame.place, frame.others)
    while thread is not None and conflict is not None:
        task = thread[0].task
        operator = operators.get(task.name)
        recording = Recording(facts.known)
        if operator is None:
            for way in guidance.ways(task):
                _read_again(way.method, recording, task)
        elif operator.condition(recording, task) is None:
            recording.reads.clear()
            if frame.links:
                return None
        read = None if recording.everything else frozenset(recording.reads)
        conflict = joined(conflict, read)
        thread = thread[2]
    return conflict


def is_pointless(
    network: TaskNetwork | tuple[Task, ...],
    skip: Conflict,
    operators: Mapping[str, Operator],
) -> bool:
    """Whether subtasks can't write what made the tasks after them fail."""
    if skip is None:
        return False
    tasks = network.tasks if isinstance(network, TaskNetwork) else network
    for task in tasks:
        operator = operators.get(task.name)
        written = None if operator is None else _written(operator, task)
        if written is None or not skip.isdisjoint(written):
            return False
    return True


def bindings(method: Method, view: State, task: Task) -> Sequence[Task]:
    """Return the ways to complete a task for a method; as a whole, since the state will change."""
    return (task,) if method.bindings is as_given else tuple(method.bindings(view, task))


def _read_again(method: Method, recording: Recording, task: Task) -> None:
    """Ask a method once more, to see what it reads; what made it fit does not matter."""
    bound = bindings(method, recording, task)
    for each in bound:
        before = set(recording.reads)
        if method.condition(recording, each) is None:
            recording.reads = before
            method.subtasks(recording, each)
    if not bound:
        method.condition(recording, task)


def _written(operator: Operator, task: Task) -> frozenset[str] | None:
    """Return the facts that an operator may make; None when it does not say."""
    if operator.effect is no_effect:
        return frozenset()
    if not operator.writes:
        return None
    try:
        return frozenset(each.format_map(dict(task.args)) for each in operator.writes)
    except (KeyError, ValueError, IndexError, AttributeError):
        return None


def extra(task: Task, bound: Task) -> str:
    """Return what a method added to a task, in words."""
    added = {key: value for key, value in bound.args.items() if task.args.get(key) != value}
    return ", ".join(f"{key} = {value}" for key, value in added.items()) or bound.name
