"""Ordering: what a plan keeps of the order that its methods set.

An order that a method states with `before` or `flows` is kept. Of a method whose subtasks simply
follow one another, only this is kept: an operator that declares neither what it reads nor what it
writes comes after everything before it, and before everything after it, since nothing else says
what it depends on. All other tasks of such a method are ordered by the facts that they share.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from dataagents.core.planning import Operator, TaskNetwork
from dataagents.plugins.planning.network import edges
from dataagents.plugins.planning.path import Act, Choice

Positions: TypeAlias = tuple[int, ...]


@dataclass(slots=True)
class _Line:
    """Tasks that follow one another, as far as they have been gone through."""

    hard: Positions
    """What all of them come after."""
    barrier: Positions = ()
    """What everything from here on comes after, if anything."""
    since: list[int] = field(default_factory=list)
    """What came after that."""

    def before(self) -> Positions:
        """Return what a task comes after that only shares facts with others."""
        return self.barrier or self.hard

    def taken(self, number: int, *, silent: bool) -> Positions:
        """Go past an action; return what it comes after."""
        if silent:
            found = self.all_before()
            self.barrier, self.since = (number,), []
        else:
            found = self.before()
            self.since.append(number)
        return found

    def all_before(self) -> Positions:
        """Return what a task comes after that everything has to wait for."""
        return tuple(self.since) or self.barrier or self.hard


_Child: TypeAlias = tuple[bool, int]
"""Whether it is an action, and its number among the actions or the choices."""
_Walk: TypeAlias = Generator["_Walk", None, None]


def kept_order(acts: Sequence[Act], choices: Sequence[Choice]) -> tuple[Positions, ...]:
    """Return for each action the positions of those that it has to come after."""
    line = _Line(())
    if not any(isinstance(choice.network, TaskNetwork) for choice in choices):
        return tuple(
            line.taken(number, silent=is_silent(act.operator)) for number, act in enumerate(acts)
        )
    tree = _Tree(acts, choices)
    stack: list[_Walk] = [tree.walk_all(tree.roots, line)]
    while stack:
        step = next(stack[-1], None)
        if step is None:
            stack.pop()
        else:
            stack.append(step)
    return tuple(tree.before)


class _Tree:
    """Actions and choices by what they come from; gone through without recursion."""

    def __init__(self, acts: Sequence[Act], choices: Sequence[Choice]) -> None:
        self.before: list[Positions] = [()] * len(acts)
        self._choices = choices
        self._silent = [is_silent(act.operator) for act in acts]
        self._children: list[dict[int, _Child]] = [{} for _ in choices]
        self._has_silent = [False] * len(choices)
        roots: dict[int, _Child] = {}
        for number, choice in enumerate(choices):
            siblings = roots if choice.parent < 0 else self._children[choice.parent]
            siblings[choice.place] = (False, number)
        for number, act in enumerate(acts):
            parent = act.cell.parent
            siblings = roots if parent < 0 else self._children[parent]
            siblings[act.cell.place] = (True, number)
            if parent >= 0 and self._silent[number]:
                self._has_silent[parent] = True
        for number in range(len(choices) - 1, -1, -1):
            if self._has_silent[number] and choices[number].parent >= 0:
                self._has_silent[choices[number].parent] = True
        self.roots = roots

    def walk_all(self, children: Mapping[int, _Child], line: _Line) -> _Walk:
        """Go through tasks that follow one another."""
        for place in sorted(children):
            is_action, number = children[place]
            if is_action:
                self.before[number] = line.taken(number, silent=self._silent[number])
            else:
                yield self._walk(number, line)

    def _walk(self, number: int, line: _Line) -> _Walk:
        network = self._choices[number].network
        children = self._children[number]
        if not isinstance(network, TaskNetwork):
            yield self.walk_all(children, line)
            return
        silent = self._has_silent[number]
        hard = line.all_before() if silent else line.before()
        earlier: dict[int, list[int]] = {place: [] for place in range(len(network.tasks))}
        later: set[int] = set()
        for one, other in edges(network):
            earlier[other].append(one)
            later.add(one)
        ends: dict[int, Positions] = {}
        for place in _in_order(earlier):
            waits = tuple(dict.fromkeys(at for one in earlier[place] for at in ends[one]))
            inner = _Line(waits or hard)
            yield self.walk_all({place: children[place]}, inner)
            ends[place] = inner.all_before()
        last = [at for place, found in ends.items() if place not in later for at in found]
        final = tuple(dict.fromkeys(last))
        if silent:
            line.barrier, line.since = final, []
        else:
            known = set(line.since) | set(line.before())
            line.since.extend(at for at in final if at not in known)


def _in_order(earlier: Mapping[int, Sequence[int]]) -> Iterator[int]:
    """Yield positions, each after those that it waits for."""
    done: set[int] = set()
    waiting = {place: len(set(found)) for place, found in earlier.items()}
    later: dict[int, list[int]] = {}
    for place, found in earlier.items():
        for one in set(found):
            later.setdefault(one, []).append(place)
    ready = [place for place, count in waiting.items() if not count]
    for place in ready:
        done.add(place)
        yield place
        for follower in later.get(place, ()):
            waiting[follower] -= 1
            if not waiting[follower]:
                ready.append(follower)


def is_silent(operator: Operator) -> bool:
    """Whether an operator declares no facts."""
    return not (operator.reads or operator.uses or operator.writes)
