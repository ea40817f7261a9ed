"""Diff: what changed from one plan to the next, and how much of the rest stayed as it was."""

from bisect import bisect_left
from collections.abc import Collection, Sequence

from dataagents.core.planning.execution import Move, PlanDiff
from dataagents.core.planning.plan import PlannedTask


def compare(
    before: Sequence[PlannedTask],
    after: Sequence[PlannedTask],
    *,
    done: Collection[str] = (),
    why: str = "",
) -> PlanDiff:
    """Return what differs between two plans.

    A task moved when it is not in the longest common order of the tasks that both have: as few as
    possible moved. Stability is the share of the tasks still to be done that stayed and did not
    move (Fox, Gerevini, Long and Serina, "Plan Stability: Replanning versus Plan Repair", 2006).

    Args:
        before: Tasks of the plan that was in force.
        after: Tasks of the plan that takes its place.
        done: Ids of the tasks that were completed; that they are gone is no change.
        why: Why the plan changed.
    """
    new = {task.id: place for place, task in enumerate(after)}
    kept = [task.id for task in before if task.id in new]
    old = {task: place for place, task in enumerate(kept)}
    places = [new[task] for task in kept]
    still = {kept[place] for place in _longest_increasing(places)}
    ranks = {task: rank for rank, task in enumerate(sorted(kept, key=new.__getitem__))}
    due = [task.id for task in before if task.id not in done]
    return PlanDiff(
        kept=tuple(kept),
        added=tuple(task.id for task in after if task.id not in old),
        removed=tuple(task for task in due if task not in new),
        moved=tuple(Move(task, old[task], ranks[task]) for task in kept if task not in still),
        why=why,
        stability=sum(task in still for task in due) / len(due) if due else 1.0,
    )


def _longest_increasing(values: Sequence[int]) -> list[int]:
    """Return the positions of a longest increasing subsequence of different numbers.

    Patience sorting, in O(n log n) (Fredman, "On computing the length of longest increasing
    subsequences", 1975).
    """
    tops: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for place, value in enumerate(values):
        pile = bisect_left(tops, value)
        before.append(ends[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(value)
            ends.append(place)
        else:
            tops[pile], ends[pile] = value, place
    found: list[int] = []
    place = ends[-1] if ends else -1
    while place >= 0:
        found.append(place)
        place = before[place]
    return found[::-1]
