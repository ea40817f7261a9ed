"""Merging: work that several parts of a plan ask for is done once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dataagents.core.planning import Operator, Task, no_effect
from dataagents.plugins.planning.dependencies import Step

_ANYTHING = ""
"""Stands for what operators do that declare no facts; a fact has a name."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What is left of a list of steps."""

    kept: tuple[int, ...]
    """Places that stay, in ascending order."""
    steps: tuple[Step, ...]
    """Their steps; the places in `before` are positions in `kept`."""
    into: dict[int, int]
    """Place that was dropped → the earlier place, of an equal task, that stands for it."""


def merge(operators: Sequence[Operator], tasks: Sequence[Task], steps: Sequence[Step]) -> Merged:
    """Drop each repetition of a repeatable task that finds everything as it was the first time.

    Two tasks are equal when name and arguments are. The later one is dropped when nobody in
    between makes a fact that it has to do with. What an operator touches that has an effect and
    declares no facts is not known, so it counts as making each fact; and a repeatable task that
    declares none is merged only while nothing else that declares none came in between.

    Args:
        operators: One for each task; several may be the same one.
        tasks: In the order of the plan.
        steps: One for each task.
    """
    last = _LastMakers()
    firsts: dict[tuple[str, str], int] = {}
    into: dict[int, int] = {}
    for place, (operator, task, step) in enumerate(zip(operators, tasks, steps, strict=True)):
        if not operator.repeatable:
            last.note(place, operator, step)
            continue
        key = (task.name, json.dumps(dict(task.args), sort_keys=True))
        first = firsts.get(key)
        if first is not None and last.unchanged_since(first, step):
            into[place] = first
            continue
        firsts[key] = place
        last.note(place, operator, step)
    kept = tuple(place for place in range(len(steps)) if place not in into)
    return Merged(kept, _moved(steps, kept, into) if into else tuple(steps), into)


@dataclass(slots=True)
class _LastMakers:
    """Place of the latest step that made a fact."""

    of: dict[str, int] = field(default_factory=dict)
    unknown: int = -1
    """Place of the latest step that may have made any fact."""

    def note(self, place: int, operator: Operator, step: Step) -> None:
        for fact in step.writes:
            self.of[fact] = place
        if not (step.reads or step.uses or step.writes):
            self.of[_ANYTHING] = place
        if not step.writes and operator.effect is not no_effect:
            self.unknown = place

    def unchanged_since(self, first: int, step: Step) -> bool:
        """Whether nobody but the first of two equal tasks made what they have to do with."""
        facts = (*step.reads, *step.uses, *step.writes) or (_ANYTHING,)
        return self.unknown <= first and all(self.of.get(fact, -1) <= first for fact in facts)


def _moved(steps: Sequence[Step], kept: Sequence[int], into: dict[int, int]) -> tuple[Step, ...]:
    """Return the kept steps with places counted among the kept ones.

    Who came after a dropped step comes after the one that stands for it, and after what the
    dropped one itself would have come after.
    """
    position = {place: number for number, place in enumerate(kept)}
    stands_for: dict[int, set[int]] = {}

    def moved(before: tuple[int, ...]) -> set[int]:
        found: set[int] = set()
        for place in before:
            found.update(stands_for[place] if place in into else (position[place],))
        return found

    left: list[Step] = []
    for place, step in enumerate(steps):
        before = moved(step.before)
        if place in into:
            stands_for[place] = before | {position[into[place]]}
        elif before != set(step.before):
            left.append(replace(step, before=tuple(sorted(before))))
        else:
            left.append(step)
    return tuple(left)
