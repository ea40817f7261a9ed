"""Projects: tasks as numbers, for the arithmetic of schedules.

The words are those of resource-constrained project scheduling (RCPSP; see Kolisch and Hartmann,
"Heuristic Algorithms for the Resource-Constrained Project Scheduling Problem", 1999).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dataagents.core.errors import InputError, NoPlanError
from dataagents.core.planning import PlannedTask

Needs: TypeAlias = tuple[tuple[int, float], ...]
"""Number of a resource, and how much of it is held."""

SLIP = 1e-9
"""What sums of amounts or seconds may be off by, as a share of their size."""

_WORKERS = "workers"
_SLOT = ""
"""A worker, counted as a resource; no resource has an empty name."""


class ResourceError(NoPlanError):
    """Raised about a task that needs more of a resource than there is: it can never run."""

    def __init__(self, task: str, resource: str, needed: float, available: float) -> None:
        self.resource = resource
        self.needed = needed
        self.available = available
        there = "none" if available <= 0 else f"only {available:g}"
        super().__init__(task, f"it needs {needed:g} of {resource!r}, and there is {there}")


@dataclass(frozen=True, slots=True)
class Project:
    """Activities are numbered from 0, in an order that respects what they wait for."""

    seconds: tuple[float, ...]
    """Duration of each; one that takes no time holds nothing."""
    before: tuple[tuple[int, ...], ...]
    """Which ones each waits for."""
    after: tuple[tuple[int, ...], ...]
    """Which ones wait for each."""
    needs: tuple[Needs, ...]
    """What each holds of resources that can run short."""
    capacities: tuple[float, ...]
    """How much there is of the resources that can run short."""
    priorities: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.seconds)

    def reversed(self) -> "Project":
        """Return the project as it looks when time runs backwards; the numbers stay."""
        return Project(
            self.seconds, self.after, self.before, self.needs, self.capacities, self.priorities
        )

    def end(self, starts: Sequence[float]) -> float:
        """Return when the last activity ends."""
        ends = (start + length for start, length in zip(starts, self.seconds, strict=True))
        return max(ends, default=0.0)


def project(
    tasks: Sequence[PlannedTask], resources: Mapping[str, float], workers: int | None
) -> Project:
    """Return tasks as a project.

    Args:
        tasks: In an order that respects what they wait for; who is not among them is done.
        resources: How much there is of each limited resource.
        workers: How many tasks can run at once; None when that is not limited.

    Raises:
        ResourceError: A task needs more than there is.
        InputError: A task waits for one that comes later.
    """
    numbers = {task.id: number for number, task in enumerate(tasks)}
    after: list[list[int]] = [[] for _ in tasks]
    before: list[tuple[int, ...]] = []
    for number, task in enumerate(tasks):
        earlier = tuple(numbers[each] for each in task.depends_on if each in numbers)
        for each in earlier:
            if each >= number:
                problem = f"it waits for {tasks[each].id!r}, which comes later"
                raise InputError(f"task {task.id!r}", problem)
            after[each].append(number)
        before.append(earlier)
    needs, capacities = _scarce(tasks, resources, workers)
    return Project(
        seconds=tuple(task.seconds if task.seconds > 0 else 0.0 for task in tasks),
        before=tuple(before),
        after=tuple(map(tuple, after)),
        needs=needs,
        capacities=capacities,
        priorities=tuple(task.priority for task in tasks),
    )


def _scarce(
    tasks: Sequence[PlannedTask], resources: Mapping[str, float], workers: int | None
) -> tuple[tuple[Needs, ...], tuple[float, ...]]:
    """Return what is held of the resources that can run short, and how much there is of them."""
    asked: dict[str, float] = {}
    for task in tasks:
        if workers is not None and workers < 1:
            raise ResourceError(task.id, _WORKERS, 1, workers)
        for resource, amount in task.resources.items():
            there = resources.get(resource)
            if there is None:
                continue
            if amount > there * (1 + SLIP):
                raise ResourceError(task.id, resource, amount, there)
            if task.seconds > 0:
                asked[resource] = asked.get(resource, 0.0) + amount
    short = {name: resources[name] for name in asked if asked[name] > resources[name]}
    if workers is not None and sum(task.seconds > 0 for task in tasks) > workers:
        short[_SLOT] = float(workers)
    numbers = {name: number for number, name in enumerate(short)}

    def held(task: PlannedTask) -> Needs:
        if task.seconds <= 0:
            return ()
        amounts = {**task.resources, _SLOT: 1.0}
        return tuple(
            (number, amounts[name])
            for name, number in numbers.items()
            if amounts.get(name, 0.0) > 0
        )

    return tuple(map(held, tasks)), tuple(short.values())


@dataclass(frozen=True, slots=True)
class Times:
    """When activities run when nothing is short: the critical path method.

    Kelley and Walker, "Critical-Path Planning and Scheduling", 1959.
    """

    earliest: tuple[float, ...]
    """Earliest start of each."""
    tails: tuple[float, ...]
    """Longest way from the start of each to the end of all."""
    length: float
    """Seconds from the first start to the last end."""

    def slack(self, number: int) -> float:
        """Return how much later an activity could start without making the whole later."""
        slack = self.length - self.tails[number] - self.earliest[number]
        return slack if slack > self.length * SLIP else 0.0


def times(project: Project) -> Times:
    """Return the earliest starts, and the ways to the end."""
    earliest: list[float] = []
    for before in project.before:
        earliest.append(max((earliest[each] + project.seconds[each] for each in before), default=0))
    tails = list(project.seconds)
    for number in reversed(range(len(project))):
        rest = max((tails[each] for each in project.after[number]), default=0.0)
        tails[number] += rest
    return Times(tuple(map(float, earliest)), tuple(tails), project.end(earliest))


def critical_chain(project: Project, timing: Times) -> tuple[int, ...]:
    """Return the activities of the longest way; of equally long ones, one with most activities."""
    if not len(project):
        return ()
    counts: list[int] = []
    previous: list[int] = []

    def rank(each: int) -> tuple[float, int, int]:
        return timing.earliest[each] + project.seconds[each], counts[each], -each

    for before in project.before:
        last = max(before, key=rank, default=-1)
        previous.append(last)
        counts.append(1 + (counts[last] if last >= 0 else 0))
    chain = [max(range(len(project)), key=rank)]
    while previous[chain[-1]] >= 0:
        chain.append(previous[chain[-1]])
    return tuple(reversed(chain))


def least(project: Project, timing: Times) -> float:
    """Return a length that no schedule can fall below: the longest way, or work by capacity."""
    work = [0.0] * len(project.capacities)
    for seconds, needs in zip(project.seconds, project.needs, strict=True):
        for resource, amount in needs:
            work[resource] += seconds * amount
    shares = (done / there for done, there in zip(work, project.capacities, strict=True))
    return max(timing.length, *shares, 0.0)
