"""The frontier: which tasks of a plan can be started now, and which of them is the first.

Each task counts what it still waits for, so an execution looks at each task and each dependency
once: n tasks and m dependencies take O(m + n log n) in all.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable
from heapq import heappop, heappush
from typing import TypeAlias

from dataagents.core.planning import Plan, PlannedTask

Needs: TypeAlias = tuple[tuple[str, float], ...]
"""Resource and amount, in the order of the resources' names."""
Rank: TypeAlias = tuple[float, int, int]


class Frontier:
    """The tasks of one plan that are still to be done.

    Args:
        plan: What is to be done. A dependency that is not part of it counts as met.
        done: Ids of the tasks that were done.
        streams: How many tasks may run at the same time. One stream follows the plan's order;
            several follow its schedule: the start, then the priority, then the plan's order.
    """

    def __init__(self, plan: Plan, done: Container[str], streams: int) -> None:
        self._plan = plan
        self._open = {task.id: task for task in plan.tasks if task.id not in done}
        self._ranks = _ranks(plan, streams)
        self._ready: dict[Needs, list[tuple[Rank, str]]] = {}
        """Tasks of the same needs fit or don't fit together: only their first one is looked at."""
        self._waits: dict[str, int] = {}
        self._followers: defaultdict[str, list[str]] = defaultdict(list)
        for task in self._open.values():
            awaited = {each for each in task.depends_on if each in self._open}
            self._waits[task.id] = len(awaited)
            for each in awaited:
                self._followers[each].append(task.id)
            if not awaited:
                self._push(task)

    def __len__(self) -> int:
        """Return how many tasks are not done, those that run included."""
        return len(self._open)

    @property
    def remaining(self) -> tuple[PlannedTask, ...]:
        """The tasks that are not done, in the plan's order."""
        return tuple(self._open.values())

    def first(self, fits: Callable[[Needs], bool]) -> PlannedTask | None:
        """Return the first task that waits for nothing and whose needs fit; it stays ready."""
        heads = [heap[0] for needs, heap in self._ready.items() if fits(needs)]
        return self._open[min(heads)[1]] if heads else None

    def take(self, task: PlannedTask) -> None:
        """Take the task that `first` returned: it is not ready any more, for it runs."""
        needs = needs_of(task)
        heappop(self._ready[needs])
        if not self._ready[needs]:
            del self._ready[needs]

    def finish(self, task: str) -> None:
        """Note that a task is done; what waited for it alone becomes ready."""
        del self._open[task]
        for follower in self._followers.pop(task, ()):
            self._waits[follower] -= 1
            if not self._waits[follower]:
                self._push(self._open[follower])

    def stuck(self) -> tuple[str, tuple[str, ...]]:
        """Return a task that will never be ready, and what it waits for."""
        task = next(iter(self._open.values()))
        return task.id, tuple(each for each in task.depends_on if each in self._open)

    def _push(self, task: PlannedTask) -> None:
        heap = self._ready.setdefault(needs_of(task), [])
        heappush(heap, (self._ranks[task.id], task.id))


def needs_of(task: PlannedTask) -> Needs:
    """Return what a task holds while it runs."""
    return tuple(sorted(task.resources.items())) if task.resources else ()


def _ranks(plan: Plan, streams: int) -> dict[str, Rank]:
    if streams == 1:
        return {task.id: (0.0, 0, place) for place, task in enumerate(plan.tasks)}
    starts = {slot.task: slot.start for slot in plan.schedule.slots}
    return {
        task.id: (starts.get(task.id, 0.0), -task.priority, place)
        for place, task in enumerate(plan.tasks)
    }


def longest_tails(tasks: Iterable[PlannedTask]) -> dict[str, float]:
    """Return for each task the estimated seconds from its start to the end of all that follow it.

    The backward pass of the critical path method (Kelley and Walker, 1959).

    Args:
        tasks: In an order that respects what they wait for.
    """
    tails: dict[str, float] = {}
    after: defaultdict[str, float] = defaultdict(float)
    for task in reversed(tuple(tasks)):
        tails[task.id] = task.seconds + after[task.id]
        for each in task.depends_on:
            after[each] = max(after[each], tails[task.id])
    return tails
