"""Schedules: when each task runs, how much time it has to spare, and which ones decide the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from dataagents.core.planning import PlannedTask, Schedule, Slot
from dataagents.plugins.planning.branching import shortest
from dataagents.plugins.planning.generation import (
    RULES,
    Starts,
    back_and_forth,
    longest_way,
    parallel,
    ranks,
    serial,
)
from dataagents.plugins.planning.project import (
    SLIP,
    Project,
    Times,
    critical_chain,
    least,
    project,
    times,
)

_EXACT = 12
"""Most tasks for which the shortest schedule is looked for until it is certain."""

_IMPROVED = 200
"""Most tasks for which several rules are tried and improved on; above, one has to do."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A schedule, and what is known about it."""

    schedule: Schedule
    length: float
    """Seconds of the longest chain: the makespan if nothing were short."""
    proven: bool
    """Whether no schedule can be shorter."""


def arrange(
    tasks: Sequence[PlannedTask],
    resources: Mapping[str, float] | None = None,
    workers: int | None = None,
) -> Arrangement:
    """Return a schedule as short as can be found.

    For up to a dozen tasks it is a shortest one; for up to some hundred the best of several rules,
    improved by shifting back and forth; above, the longest way to the end goes first. A task
    without an estimate takes no time and holds nothing.

    Args:
        tasks: In an order that respects what they wait for.
        resources: Resource → how much there is of it; one that is not listed is not limited.
        workers: How many tasks can run at once; None when that is not limited.

    Raises:
        ResourceError: A task needs more of a resource than there is; names both.
        InputError: A task waits for one that comes later.
    """
    work = project(tasks, resources or {}, workers)
    timing = times(work)
    starts, proven = _starts(work, timing)
    order = sorted(range(len(tasks)), key=lambda each: (starts[each], each))
    lanes = _lanes(work, starts, workers)
    slots = tuple(
        Slot(
            task=tasks[each].id,
            start=starts[each],
            finish=starts[each] + work.seconds[each],
            slack=timing.slack(each),
            worker=lanes[each],
        )
        for each in order
    )
    schedule = Schedule(
        slots=slots,
        critical_path=tuple(tasks[each].id for each in critical_chain(work, timing)),
        makespan=work.end(starts),
        workers=workers,
    )
    return Arrangement(schedule, timing.length, proven)


def _starts(work: Project, timing: Times) -> tuple[Starts, bool]:
    """Return start times, and whether no schedule can be shorter."""
    if not work.capacities:
        return list(timing.earliest), True
    goal = least(work, timing) * (1 + SLIP)
    best = parallel(work, ranks(work, longest_way(work, timing)))
    if work.end(best) <= goal or len(work) > _IMPROVED:
        return best, work.end(best) <= goal
    best = _improved(work, timing, best, goal)
    if work.end(best) > goal and len(work) <= _EXACT:
        return shortest(work, timing, best)
    return best, work.end(best) <= goal


def _improved(work: Project, timing: Times, best: Starts, goal: float) -> Starts:
    """Return the best of what several rules make, stopping when it can't get better."""
    for rule in RULES:
        turns = ranks(work, rule(work, timing))
        for scheme in (parallel, serial):
            starts = scheme(work, turns)
            for found in (starts, *back_and_forth(work, starts)):
                if work.end(found) < work.end(best) * (1 - SLIP):
                    best = found
            if work.end(best) <= goal:
                return best
    return best


def _lanes(work: Project, starts: Sequence[float], workers: int | None) -> list[int]:
    """Return the number of the worker that does each activity, the lowest that is free.

    What takes no time may find all of them busy; it goes to whoever is done first.
    """
    lanes = [0] * len(work)
    free: list[int] = []
    busy: list[tuple[float, int]] = []
    count = 0
    for each in sorted(range(len(work)), key=lambda each: (starts[each], work.seconds[each], each)):
        while busy and busy[0][0] <= starts[each]:
            heappush(free, heappop(busy)[1])
        if free:
            lane = heappop(free)
        elif workers is None or count < workers:
            lane, count = count, count + 1
        else:
            lane = busy[0][1]
        lanes[each] = lane
        if work.seconds[each]:
            heappush(busy, (starts[each] + work.seconds[each], lane))
        elif lane not in {other for _, other in busy[:1]}:
            heappush(free, lane)
    return lanes
