"""HTN planning: total order, depth first, with backtracking.

The algorithm is SHOP's (Nau et al., "SHOP: Simple Hierarchical Ordered Planner", IJCAI 1999): take
the first task of the network; a primitive one is applied, a compound one is replaced by the
subtasks of the first method that fits; when nothing fits, go back to the latest choice. It is a
loop over an explicit stack, so the depth of a decomposition is not bounded by Python's.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias, TypeVar, cast

from dataagents.core.errors import NoPlanError
from dataagents.core.planning import (
    Allowance,
    Decomposition,
    Domain,
    Failure,
    Method,
    Operator,
    Plan,
    Problem,
    State,
    Task,
)
from dataagents.plugins.planning.layout import critical_path, label, lay_out, risks

T = TypeVar("T")
_PAUSE = 500
"""Nodes after which others get a turn on the event loop."""

# Linked lists: the branches of a search share their tails instead of copying them.
Agenda: TypeAlias = "tuple[Task, Agenda] | None"
Actions: TypeAlias = "tuple[Task, Actions] | None"
Choices: TypeAlias = "tuple[Decomposition, Choices] | None"


@dataclass(frozen=True, slots=True)
class Node:
    """A point of the search: what is left to do, in which state, and how it was reached."""

    agenda: Agenda
    state: State
    actions: Actions = None
    choices: Choices = None
    confidence: float = 1.0
    depth: int = 0


class HtnPlanner:
    """Finds the first plan, in the order in which the domain lists its methods."""

    async def plan(self, problem: Problem, allowance: Allowance) -> Plan:
        """Return the first plan for a problem.

        Raises:
            NoPlanError: There is none within the allowance; names the deepest task that blocked.
        """
        search = _Search(problem.domain)
        found = await search.run(_root(problem), allowance)
        tasks = lay_out(tuple(_oldest_first(found.actions)), problem.domain)
        return Plan(
            id="",
            goal=problem.goal,
            tasks=tasks,
            decompositions=tuple(_oldest_first(found.choices)),
            risks=risks(_oldest_first(found.choices), problem.domain),
            confidence=found.confidence,
            seconds=critical_path(tasks),
        )

    async def replan(
        self, problem: Problem, plan: Plan, failure: Failure, allowance: Allowance
    ) -> Plan:
        """Plan again from the state as it is now; what is already true needs no task.

        Raises:
            NoPlanError: There is none within the allowance.
        """
        return await self.plan(problem, allowance)


class _Search:
    """One search; remembers the deepest place where it was blocked."""

    def __init__(self, domain: Domain) -> None:
        self._operators = {operator.name: operator for operator in domain.operators}
        self._methods: dict[str, list[Method]] = {}
        for method in domain.methods:
            self._methods.setdefault(method.task, []).append(method)
        self._deepest = -1
        self._blocked = ("", "nothing was tried")

    async def run(self, root: Node, allowance: Allowance) -> Node:
        """Return the first node with nothing left to do."""
        branches: list[Iterator[Node]] = [iter((root,))]
        deadline = time.monotonic() + allowance.seconds
        for visited in count():
            if visited >= allowance.nodes or time.monotonic() > deadline:
                deepest, reason = self._blocked
                task = deepest or (label(root.agenda[0]) if root.agenda else "")
                raise NoPlanError(task, f"the allowance is used up; deepest block: {reason}")
            if visited % _PAUSE == _PAUSE - 1:
                await asyncio.sleep(0)
            node = next(branches[-1], None)
            if node is not None:
                if node.agenda is None:
                    return node
                first, rest = node.agenda
                branches.append(self._expand(node, first, rest))
            elif len(branches) > 1:
                branches.pop()
            else:
                break
        raise NoPlanError(*self._blocked)

    def _expand(self, node: Node, task: Task, rest: Agenda) -> Iterator[Node]:
        operator = self._operators.get(task.name)
        if operator is not None:
            return self._apply(node, operator, task, rest)
        if task.name not in self._methods:
            self._block(node, task, "no operator and no method has this name")
        return self._decompose(node, task, rest)

    def _apply(self, node: Node, operator: Operator, task: Task, rest: Agenda) -> Iterator[Node]:
        reason = operator.condition(node.state, task)
        if reason is not None:
            self._block(node, task, reason)
            return
        state = {**node.state, **operator.effect(node.state, task)}
        actions = (task, node.actions)
        yield Node(rest, state, actions, node.choices, node.confidence, node.depth + 1)

    def _decompose(self, node: Node, task: Task, rest: Agenda) -> Iterator[Node]:
        rejected: dict[str, str] = {}
        for method in self._methods.get(task.name, ()):
            reason = method.condition(node.state, task)
            if reason is not None:
                rejected[method.name] = reason
                self._block(node, task, f"{method.name}: {reason}")
                continue
            subtasks = method.subtasks(node.state, task)
            agenda = rest
            for subtask in reversed(subtasks):
                agenda = (subtask, agenda)
            into = tuple(label(subtask) for subtask in subtasks)
            choice = Decomposition(label(task), method.name, into, dict(rejected))
            confidence = node.confidence * method.success_probability
            choices = (choice, node.choices)
            yield Node(agenda, node.state, node.actions, choices, confidence, node.depth + 1)
            rejected[method.name] = "led to no plan"

    def _block(self, node: Node, task: Task, reason: str) -> None:
        if node.depth >= self._deepest:
            self._deepest, self._blocked = node.depth, (label(task), reason)


def _root(problem: Problem) -> Node:
    agenda: Agenda = None
    for task in reversed(problem.tasks):
        agenda = (task, agenda)
    return Node(agenda, problem.state)


def _oldest_first(chain: "tuple[T, object] | None") -> tuple[T, ...]:
    """Return a linked list, which grows at its head, in the order it grew."""
    values: list[T] = []
    link = chain
    while link is not None:
        value, rest = link
        values.append(value)
        link = cast("tuple[T, object] | None", rest)
    return tuple(reversed(values))
