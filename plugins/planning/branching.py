"""Branch and bound: the shortest schedule of a small project, for certain.

The algorithm goes through time and starts whatever is ready; where that is more than fits, it
branches over the smallest sets of running activities that resolve the conflict by being delayed to
when the first of the others ends. A partial schedule is left when an earlier one of the same
activities, at no later a time, holds nothing for longer (Demeulemeester and Herroelen, "A
branch-and-bound procedure for the multiple resource-constrained project scheduling problem",
Management Science 38, 1992), and when it can't end sooner than the best schedule that is known.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from operator import itemgetter

from dataagents.plugins.planning.generation import Starts, fits, ranks, serial
from dataagents.plugins.planning.project import SLIP, Project, Times

_MOST = 3_000
"""Partial schedules to look at; projects that are small enough rarely get near."""

_NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class _Partial:
    """A moment, and what has been started by then; all that runs on fits."""

    now: float
    ends: tuple[float, ...]
    """Infinite for what was not started."""


def shortest(project: Project, timing: Times, known: Starts) -> tuple[Starts, bool]:
    """Return a shortest schedule, and whether it is certain that none is shorter.

    Args:
        project: Of few activities: time and memory grow exponentially with them.
        timing: Of the same project.
        known: A schedule to do better than.
    """
    search = _Search(project, timing)
    best, end = known, project.end(known)
    stack = [(0.0, _Partial(0.0, (_NEVER,) * len(project)), False)]
    looked = 0
    while stack:
        bound, partial, left = stack.pop()
        if left:
            search.note(partial)
            continue
        if bound >= end * (1 - SLIP) or search.is_dominated(partial):
            continue
        looked += 1
        if looked > _MOST:
            return best, False
        stack.append((bound, partial, True))
        longer = search.with_ready(partial)
        conflict = search.overload(longer)
        if conflict:
            resolved = search.resolved(longer, conflict)
            further = [(search.bound(each), each, False) for each in resolved]
            stack.extend(sorted(further, key=itemgetter(0), reverse=True))
        elif _NEVER in longer.ends:
            stack.append((bound, search.later(longer), False))
        elif max(longer.ends) < end:
            end = max(longer.ends)
            starts = [last - own for last, own in zip(longer.ends, project.seconds, strict=True)]
            # In the same order, each as early as it can: the sums are exact ones again.
            best = serial(project, ranks(project, starts))
    return best, True


class _Search:
    """What can follow a partial schedule of one project, and what need not be followed."""

    def __init__(self, project: Project, timing: Times) -> None:
        self._project = project
        self._tails = timing.tails
        features = zip(
            project.seconds,
            project.needs,
            map(set, project.before),
            map(set, project.after),
            strict=True,
        )
        self._twins = _twins([repr(each) for each in features])
        self._seen: dict[tuple[bool, ...], list[_Partial]] = {}

    def with_ready(self, partial: _Partial) -> _Partial:
        """Start all that can be, whether it fits or not."""
        ends = list(partial.ends)
        for number, before in enumerate(self._project.before):
            # What takes no time may end at once and make others ready: they have higher numbers.
            if ends[number] == _NEVER and all(ends[each] <= partial.now for each in before):
                ends[number] = partial.now + self._project.seconds[number]
        return _Partial(partial.now, tuple(ends))

    def later(self, partial: _Partial) -> _Partial:
        """Go on to when the first of those that run ends."""
        return _Partial(min(end for end in partial.ends if end > partial.now), partial.ends)

    def overload(self, partial: _Partial) -> list[float]:
        """Return by how much each resource is overdrawn; nothing when all fits."""
        over = [-there for there in self._project.capacities]
        for number in self._running(partial):
            for resource, amount in self._project.needs[number]:
                over[resource] += amount
        slips = (there * SLIP for there in self._project.capacities)
        return over if any(own > slip for own, slip in zip(over, slips, strict=True)) else []

    def resolved(self, partial: _Partial, over: Sequence[float]) -> Iterator[_Partial]:
        """Yield it with each smallest set of running activities delayed that makes the rest fit."""
        project = self._project
        short = {number for number, own in enumerate(over) if own > 0}
        blamed = [
            number
            for number in self._running(partial)
            if any(resource in short for resource, _ in project.needs[number])
        ]
        found: list[frozenset[int]] = []
        for size in range(1, len(blamed)):
            for chosen in map(frozenset, combinations(blamed, size)):
                if any(each <= chosen for each in found) or not self._enough(chosen, over):
                    continue
                found.append(chosen)
                if self._is_mirrored(chosen, partial.ends):
                    continue
                ends = tuple(
                    _NEVER if number in chosen else end for number, end in enumerate(partial.ends)
                )
                yield self.later(_Partial(partial.now, ends))

    def _is_mirrored(self, chosen: frozenset[int], ends: Sequence[float]) -> bool:
        """Whether a twin could be delayed in place of one of these: one of both is enough."""
        return any(
            twin not in chosen and ends[twin] == ends[number]
            for number in chosen
            for twin in self._twins[number]
        )

    def _running(self, partial: _Partial) -> list[int]:
        return [number for number, end in enumerate(partial.ends) if partial.now < end < _NEVER]

    def _enough(self, delayed: frozenset[int], over: Sequence[float]) -> bool:
        freed = [0.0] * len(over)
        for number in delayed:
            for resource, amount in self._project.needs[number]:
                freed[resource] += amount
        needs = tuple((resource, own) for resource, own in enumerate(over) if own > 0)
        return fits(self._project, needs, freed)

    def bound(self, partial: _Partial) -> float:
        """Return an end that no completion can fall below: by the longest way, and by work."""
        project, now, ends = self._project, partial.now, partial.ends
        bound = now
        work = [now * there for there in project.capacities]
        earliest: list[float] = []
        for number, (seconds, end) in enumerate(zip(project.seconds, ends, strict=True)):
            if end == _NEVER:
                end = max(now, *(earliest[each] for each in project.before[number]), 0.0) + seconds
                bound = max(bound, end - seconds + self._tails[number])
                left = seconds
            else:
                bound = max(bound, end)
                left = max(0.0, end - now)
            earliest.append(end)
            for resource, amount in project.needs[number]:
                work[resource] += left * amount
        shares = (done / there for done, there in zip(work, project.capacities, strict=True))
        return max(bound, *shares)

    def is_dominated(self, partial: _Partial) -> bool:
        """Whether all that can follow could as well follow what was looked at before."""
        now = partial.now
        return any(
            each.now <= now
            and all(
                own <= now or own <= end for own, end in zip(each.ends, partial.ends, strict=True)
            )
            for each in self._seen.get(_unplaced(partial), ())
        )

    def note(self, partial: _Partial) -> None:
        """Remember a partial schedule when all that can follow it was looked at: not before.

        One that it leads to may be of the same activities, and must not be left because of it.
        """
        self._seen.setdefault(_unplaced(partial), []).append(partial)


def _unplaced(partial: _Partial) -> tuple[bool, ...]:
    return tuple(end == _NEVER for end in partial.ends)


def _twins(features: Sequence[str]) -> list[list[int]]:
    """Return for each activity those with a higher number that nothing tells apart from it."""
    return [
        [other for other in range(number + 1, len(features)) if features[other] == own]
        for number, own in enumerate(features)
    ]
