"""Hierarchy: who leads whom, when a plan is too much for one agent to hand out.

A plan is broken down by the planner alone. An organizer only says who does what and who watches
over it: a coordinator at the top, leaders of groups below it, workers at the bottom.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from math import log2
from typing import Protocol

from dataagents.core.cards import AgentCard
from dataagents.core.errors import InputError
from dataagents.core.planning import Plan, PlannedTask, TaskResult
from dataagents.core.values import JsonObject

COORDINATE = "coordinate"
"""Capability of those who plan for the team and put its results together."""
LEAD = "lead"
"""Capability of those who lead a group."""
LEAD_GROUP = "lead_group"
"""Name of the task that a leader is given; its arguments are a `Group`."""


@dataclass(frozen=True, slots=True)
class Complexity:
    """How much there is to watch over in a plan."""

    tasks: int
    width: int
    """The most tasks that can be under way at once, each starting as early as it can."""
    depth: int
    """Tasks in the longest chain of those that wait for one another."""
    capabilities: int
    """Different capabilities that the tasks need."""

    @property
    def score(self) -> float:
        """Things that whoever hands the tasks out has to watch at the same time.

        Each task that is under way is one, and so is each kind of work beyond the first, for its
        people have to be known. A chain is waited for rather than watched, so its length counts by
        its logarithm: width + (capabilities - 1) + log2(depth). One task alone scores 1.
        """
        return self.width + max(0, self.capabilities - 1) + log2(max(1, self.depth))

    def levels(self, span: int) -> int:
        """Return how many levels there have to be, workers and coordinator included.

        Args:
            span: How many things one agent can watch over; two at least.
        """
        levels, reach = 2, max(2, span)
        while reach < self.score:
            levels, reach = levels + 1, reach * max(2, span)
        return levels


def layers(tasks: Sequence[PlannedTask]) -> Mapping[str, int]:
    """Return for each task how many tasks lie before it in the longest chain that leads to it.

    They come in an order in which each task is after those that it waits for.

    Raises:
        InputError: Tasks wait for one another, or for one that there is not; they are named.
    """
    known = {task.id: task for task in tasks}
    for task in tasks:
        for needed in task.depends_on:
            if needed not in known:
                raise InputError(f"task {task.id}", f"it waits for {needed}, which is not planned")
    found: dict[str, int] = {}
    try:
        order = TopologicalSorter({task.id: task.depends_on for task in tasks}).static_order()
        for each in order:
            before = known[each].depends_on
            found[each] = max((found[task] + 1 for task in before), default=0)
    except CycleError as error:
        raise InputError("plan", f"tasks wait for one another: {_arrows(error)}") from error
    return found


def complexity_of(tasks: Sequence[PlannedTask]) -> Complexity:
    """Return how much there is to watch over in a plan's tasks.

    Raises:
        InputError: Tasks wait for one another, or for one that there is not; they are named.
    """
    found = list(layers(tasks).values())
    return Complexity(
        tasks=len(tasks),
        width=max((found.count(layer) for layer in set(found)), default=0),
        depth=max(found, default=-1) + 1,
        capabilities=len({name for task in tasks for name in task.requires}),
    )


class OnFailure(StrEnum):
    """What becomes of a task whose worker failed or was too slow."""

    RETRY = "retry"
    """The same worker tries again; in the end the whole fails."""
    REDELEGATE = "redelegate"
    """It goes to the runner-up, then to the next; in the end the whole fails."""
    PARTIAL = "partial"
    """It goes to the runner-up, then to the next; in the end the rest goes on without it."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How failures are handled, of workers and of leaders alike."""

    on_failure: OnFailure = OnFailure.REDELEGATE
    attempts: int = 2
    """How often a task is handed out at most."""
    seconds: float | None = None
    """How long one attempt at a task may take; what is left until the deadline, divided by the
    attempts that are left, when None."""

    def tries(self, agent: str, runner_ups: Sequence[str]) -> tuple[str, ...]:
        """Return who gets a task, one after the other, as long as they fail."""
        if self.on_failure is OnFailure.RETRY:
            return (agent,) * self.attempts
        return (agent, *runner_ups)[: self.attempts]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who does a task."""

    task: PlannedTask
    agent: str
    runner_ups: tuple[str, ...] = ()
    """Who does it when the agent fails, best first."""


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks that one agent watches over, and the groups below it."""

    id: str
    leader: str
    assignments: tuple[Assignment, ...] = ()
    """What the leader hands to workers itself."""
    groups: "tuple[Group, ...]" = ()
    runner_ups: tuple[str, ...] = ()
    """Who leads it when the leader fails, best first."""

    @property
    def reports(self) -> int:
        """How many the leader has directly below."""
        return len(self.groups) + len({each.agent for each in self.assignments})

    def everything(self) -> Iterator[Assignment]:
        """Yield all assignments, those of the groups below included."""
        yield from self.assignments
        for group in self.groups:
            yield from group.everything()

    def walk(self) -> "Iterator[Group]":
        """Yield this group and all groups below."""
        yield self
        for group in self.groups:
            yield from group.walk()


@dataclass(frozen=True)
class Hierarchy:
    """Who does what, and who watches over it."""

    root: Group
    """What the coordinator hands out; it may keep tasks for itself."""
    complexity: Complexity
    policy: Policy = Policy()
    reason: str = ""
    """One sentence: why it looks like this."""
    unassigned: Mapping[str, str] = field(default_factory=dict)
    """Task that nobody can do → why."""

    @property
    def coordinator(self) -> str:
        """Who is at the top."""
        return self.root.leader

    @property
    def levels(self) -> int:
        """How deep it is, from the coordinator to the workers."""
        return _depth(self.root)

    @property
    def span(self) -> int:
        """The most agents that one has directly below."""
        return max(group.reports for group in self.root.walk())

    @cached_property
    def delegations(self) -> Mapping[str, Assignment]:
        """The delegation map: task → who does it, and who does when that one fails."""
        return {each.task.id: each for each in self.root.everything()}

    def flaw(
        self, tasks: Sequence[PlannedTask], coordinator: str, agents: Mapping[str, AgentCard]
    ) -> str:
        """Return why this can't be worked with; empty when it can.

        Args:
            tasks: What is to be done.
            coordinator: Who has to be at the top.
            agents: Who there is.
        """
        if self.coordinator != coordinator:
            return f"{self.coordinator} is at the top in place of {coordinator}"
        given = [each.task.id for each in self.root.everything()] + list(self.unassigned)
        if sorted(given) != sorted(task.id for task in tasks):
            return "it does not give each task of the plan to somebody, once"
        for leader, agent in self.lines():
            if agent not in agents:
                return f"{leader} delegates to {agent!r}, which is not here"
        return _circle(self) or next(
            (knot for each in self.root.walk() if (knot := _knot(each))), ""
        )

    def summary(self) -> JsonObject:
        """Return what is on record of it: the tasks themselves are in the plan."""
        return {
            "coordinator": self.coordinator,
            "levels": self.levels,
            "span": self.span,
            "score": self.complexity.score,
            "reason": self.reason,
            "on_failure": self.policy.on_failure.value,
            "leaders": {group.id: group.leader for group in self.root.walk()},
            "delegations": {
                each.task.id: {"agent": each.agent, "group": group.id}
                for group in self.root.walk()
                for each in group.assignments
            },
            "unassigned": dict(self.unassigned),
        }

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield each leader with each agent that it delegates to, or may have to.

        What the coordinator keeps for itself is no delegation: it has time until the results come.
        """
        for group in self.root.walk():
            below = [name for each in group.groups for name in (each.leader, *each.runner_ups)]
            below += [name for each in group.assignments for name in (each.agent, *each.runner_ups)]
            for leader in (group.leader, *group.runner_ups):
                kept = leader if group is self.root else None
                yield from ((leader, name) for name in below if name != kept)


def _depth(group: Group) -> int:
    below = [_depth(each) for each in group.groups]
    return 1 + max(below, default=1)


def _arrows(error: CycleError) -> str:
    return " → ".join(error.args[1])


def _circle(hierarchy: Hierarchy) -> str:
    above: dict[str, set[str]] = {}
    for leader, agent in hierarchy.lines():
        above.setdefault(agent, set()).add(leader)
    try:
        TopologicalSorter(above).prepare()
    except CycleError as error:
        return f"circular delegation: {_arrows(error)}"
    return ""


def _knot(group: Group) -> str:
    """Return which parts of a group wait for one another; empty when none do."""
    part = {each.task.id: each.task.id for each in group.assignments}
    part |= {each.task.id: below.id for below in group.groups for each in below.everything()}
    waits: dict[str, set[str]] = {}
    for each in group.everything():
        mine = part[each.task.id]
        needed = {part[task] for task in each.task.depends_on if task in part}
        waits.setdefault(mine, set()).update(needed - {mine})
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        return f"groups wait for one another: {_arrows(error)}"
    return ""


class Organizer(Protocol):
    """A rule of delegation: decides who does what, and who watches over it.

    Pure: the same plan and the same agents give the same hierarchy.
    """

    def organize(
        self,
        plan: Plan,
        complexity: Complexity,
        coordinator: str,
        agents: Mapping[str, AgentCard],
    ) -> Hierarchy:
        """Return a hierarchy for a plan.

        Args:
            plan: Its tasks are broken down as far as they will be.
            complexity: How much there is to watch over in it.
            coordinator: Who is at the top.
            agents: Who is ready, the coordinator included.
        """
        ...


@dataclass(frozen=True, slots=True)
class Report:
    """What a leader says about its group when it is done."""

    group: str
    results: tuple[TaskResult, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """What a coordinator makes of the results."""

    result: JsonObject
    """The results, put together."""
    problems: tuple[str, ...] = ()
    """What is wrong with them; none when they will do."""


@dataclass(frozen=True, slots=True)
class HierarchyResult:
    """How a coordination ended."""

    task: str
    """Name of the goal's task."""
    result: JsonObject
    """What the coordinator put together; empty when it did not come to that."""
    success: bool
    """Whether everything was done and the coordinator found nothing wrong with it."""
    reason: str = ""
    """Why it is no success; empty on success."""
    run: str = ""
    plan: Plan | None = None
    """The plan that was in force at the end."""
    hierarchy: Hierarchy | None = None
    results: tuple[TaskResult, ...] = ()
    """The last result of each task that was begun."""
    remaining: tuple[str, ...] = ()
    """Tasks that were not done."""
    problems: tuple[str, ...] = ()
    """What the coordinator found wrong."""
    attempts: tuple[TaskResult, ...] = ()
    """Attempts that failed and were made good by another, each with its agent and error."""
    seconds: float = 0.0
