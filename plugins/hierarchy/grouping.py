"""Grouping: which tasks are watched over together.

Tasks are cut into groups along an order in which each comes after what it waits for. So a group
waits only for groups before it, and none can wait for one another.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import groupby
from typing import TypeAlias

from dataagents.core.hierarchy import layers
from dataagents.core.planning import PlannedTask

Key: TypeAlias = Callable[[PlannedTask], tuple[int, str]]
"""Tasks with the same key belong together; those with a lower one come first."""


def stages(tasks: Sequence[PlannedTask], kept: Collection[str]) -> list[list[PlannedTask]]:
    """Return the tasks that are handed down, in parts that a kept task lies between.

    Args:
        tasks: All tasks of a plan.
        kept: Those that stay at the top. What waits for one can't be in a group with what it
            waits for.
    """
    known = {task.id: task for task in tasks}
    stage: dict[str, int] = {}
    parts: list[list[PlannedTask]] = []
    for task in layers(tasks):
        needed = known[task].depends_on
        stage[task] = max((stage[each] + (each in kept) for each in needed), default=0)
        parts += [[] for _ in range(stage[task] + 1 - len(parts))]
        if task not in kept:
            parts[stage[task]].append(known[task])
    return [part for part in parts if part]


def divisions(tasks: Sequence[PlannedTask]) -> Key:
    """Return a key by which tasks belong together that depend on each other, however indirectly."""
    division = {task.id: task.id for task in tasks}

    def root(task: str) -> str:
        while division[task] != task:
            division[task] = division[division[task]]
            task = division[task]
        return task

    place = {task: number for number, task in enumerate(layers(tasks))}
    for task in tasks:
        for needed in task.depends_on:
            first, second = sorted((root(task.id), root(needed)), key=place.__getitem__)
            division[second] = first
    return lambda task: (place[root(task.id)], "")


def functions(tasks: Sequence[PlannedTask]) -> Key:
    """Return a key by which tasks belong together that are as far on, and need the same."""
    layer = layers(tasks)
    return lambda task: (layer[task.id], " ".join(sorted(task.requires)))


def cut(
    tasks: Iterable[PlannedTask], key: Key, size: int, *, mixed: bool
) -> list[list[PlannedTask]]:
    """Return tasks in groups.

    Args:
        tasks: In an order in which each comes after what it waits for.
        key: What belongs together; it does not take a task before what it waits for.
        size: The most tasks of one group.
        mixed: Whether a group may hold several that don't belong together.
    """
    groups: list[list[PlannedTask]] = [[]]
    # Sorting is stable: within what belongs together the order stays.
    for _, each in groupby(sorted(tasks, key=key), key):
        together = list(each)
        if groups[-1] and (not mixed or len(groups[-1]) + len(together) > size):
            groups.append([])
        for task in together:
            if len(groups[-1]) == size:
                groups.append([])
            groups[-1].append(task)
    return [group for group in groups if group]
