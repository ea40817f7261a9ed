"""Schedule generation: start times by rules of thumb, when workers or resources are short.

Kolisch, "Serial and parallel resource-constrained project scheduling methods revisited" (EJOR 90,
1996), for the two schemes and the rules; Li and Willis, "An iterative scheduling technique for
resource-constrained project scheduling" (EJOR 56, 1992), for going back and forth.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from heapq import heapify, heappop, heappush
from typing import TypeAlias

from dataagents.plugins.planning.project import SLIP, Needs, Project, Times

Starts: TypeAlias = list[float]
Rule: TypeAlias = Callable[[Project, Times], Sequence[float]]
"""Returns a figure for each activity; the smaller, the sooner it is its turn."""


def longest_way(project: Project, timing: Times) -> Sequence[float]:
    """Prefer the longest way to the end; the same order as that of the latest starts."""
    return [-tail for tail in timing.tails]


def latest_finish(project: Project, timing: Times) -> Sequence[float]:
    """Prefer what has to end first."""
    return [own - tail for own, tail in zip(project.seconds, timing.tails, strict=True)]


def most_work(project: Project, timing: Times) -> Sequence[float]:
    """Prefer what holds the largest share of a short resource, for the longest."""
    return [
        -seconds * max((held / project.capacities[each] for each, held in needs), default=0.0)
        for seconds, needs in zip(project.seconds, project.needs, strict=True)
    ]


def positional_weight(project: Project, timing: Times) -> Sequence[float]:
    """Prefer what is longest together with those that wait for it directly."""
    return [
        -seconds - sum(project.seconds[each] for each in after)
        for seconds, after in zip(project.seconds, project.after, strict=True)
    ]


def most_waiting(project: Project, timing: Times) -> Sequence[float]:
    """Prefer what most activities wait for, directly or not."""
    waiting = [0] * len(project)
    for number in reversed(range(len(project))):
        for each in project.after[number]:
            waiting[number] |= waiting[each] | 1 << each
    return [-each.bit_count() for each in waiting]


RULES: tuple[Rule, ...] = (
    longest_way,
    latest_finish,
    most_waiting,
    positional_weight,
    most_work,
)


def ranks(project: Project, figures: Sequence[float]) -> list[int]:
    """Return each activity's turn; equal figures go by priority, then by place in the plan."""
    order = sorted(
        range(len(project)), key=lambda each: (figures[each], -project.priorities[each], each)
    )
    turns = [0] * len(project)
    for turn, number in enumerate(order):
        turns[number] = turn
    return turns


def parallel(project: Project, turns: Sequence[int]) -> Starts:
    """Go through time, and start whatever is ready and fits, in turn.

    Takes time in proportion to the activities and their dependencies, and to how many different
    needs there are.
    """
    site = _Site(project, turns)
    now = 0.0
    while True:
        site.start_ready(now)
        if not site.running:
            return site.starts
        now = site.running[0][0]
        site.end_until(now)


class _Site:
    """What runs, what is ready and what is free, at one moment."""

    def __init__(self, project: Project, turns: Sequence[int]) -> None:
        self.starts = [0.0] * len(project)
        self.running: list[tuple[float, int]] = []
        """When each ends; a heap."""
        self._project = project
        self._turns = turns
        self._free = list(project.capacities)
        self._waiting = [len(before) for before in project.before]
        self._ready: dict[Needs, list[tuple[int, int]]] = {}
        """Turns of those that are ready, by what they need; heaps."""
        for number, count in enumerate(self._waiting):
            if not count:
                self._make_ready(number)

    def start_ready(self, now: float) -> None:
        """Start all that fit."""
        while (number := self._next()) is not None:
            self.starts[number] = now
            for resource, amount in self._project.needs[number]:
                self._free[resource] -= amount
            if self._project.seconds[number]:
                heappush(self.running, (now + self._project.seconds[number], number))
            else:
                self._end(number)

    def end_until(self, now: float) -> None:
        """End all that are over."""
        while self.running and self.running[0][0] <= now:
            self._end(heappop(self.running)[1])

    def _end(self, number: int) -> None:
        for resource, amount in self._project.needs[number]:
            self._free[resource] += amount
        for each in self._project.after[number]:
            self._waiting[each] -= 1
            if not self._waiting[each]:
                self._make_ready(each)

    def _make_ready(self, number: int) -> None:
        queue = self._ready.setdefault(self._project.needs[number], [])
        heappush(queue, (self._turns[number], number))

    def _next(self) -> int | None:
        """Take the first of those that are ready and fit; those with equal needs fit alike."""
        best: list[tuple[int, int]] | None = None
        for needs, queue in self._ready.items():
            first = queue and (best is None or queue[0] < best[0])
            if first and fits(self._project, needs, self._free):
                best = queue
        return heappop(best)[1] if best else None


def fits(project: Project, needs: Needs, free: Sequence[float]) -> bool:
    """Whether what is needed is free."""
    return all(
        amount <= free[resource] + project.capacities[resource] * SLIP for resource, amount in needs
    )


def serial(project: Project, turns: Sequence[int]) -> Starts:
    """Give each activity, in turn, the earliest start that those before it leave."""
    waiting = [len(before) for before in project.before]
    queue = [(turns[number], number) for number, count in enumerate(waiting) if not count]
    heapify(queue)
    starts = [0.0] * len(project)
    calendar = _Calendar(project)
    while queue:
        _, number = heappop(queue)
        before = project.before[number]
        soonest = max((starts[each] + project.seconds[each] for each in before), default=0.0)
        starts[number] = calendar.book(number, soonest)
        for each in project.after[number]:
            waiting[each] -= 1
            if not waiting[each]:
                heappush(queue, (turns[each], each))
    return starts


class _Calendar:
    """What is free from when on, between the moments at which that changes."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._moments = [0.0]
        self._free = [list(project.capacities)]

    def book(self, number: int, soonest: float) -> float:
        """Return the earliest start from `soonest` on, and hold from there what is needed."""
        needs, seconds = self._project.needs[number], self._project.seconds[number]
        if not needs:
            return soonest
        start = soonest
        place = bisect_right(self._moments, start) - 1
        while place < len(self._moments) and self._moments[place] < start + seconds:
            if not fits(self._project, needs, self._free[place]):
                # At the last moment everything is free, so there is a next one.
                start = self._moments[place + 1]
            place += 1
        for each in range(self._cut(start), self._cut(start + seconds)):
            for resource, amount in needs:
                self._free[each][resource] -= amount
        return start

    def _cut(self, moment: float) -> int:
        place = bisect_left(self._moments, moment)
        if place == len(self._moments) or self._moments[place] != moment:
            self._moments.insert(place, moment)
            self._free.insert(place, list(self._free[place - 1]))
        return place


def back_and_forth(project: Project, starts: Starts) -> Iterator[Starts]:
    """Yield shorter and shorter schedules, by shifting all to the right and then to the left.

    Each activity, the last to end first, is put as late as possible; then each one, the first to
    start first, as early as possible. It stops when that no longer helps.
    """
    backwards = project.reversed()
    end = project.end(starts)
    while True:
        ends = [-start - own for start, own in zip(starts, project.seconds, strict=True)]
        late = serial(backwards, ranks(project, ends))
        latest = [-start - own for start, own in zip(late, project.seconds, strict=True)]
        starts = serial(project, ranks(project, latest))
        if project.end(starts) >= end * (1 - SLIP):
            return
        end = project.end(starts)
        yield starts
