"""Organizers: the two classic ways to divide work among leaders.

See Mintzberg, "The Structuring of Organizations" (1979), on grouping by market and by function.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, cycle

from pydantic import Field

from dataagents.core import StrategyOptions
from dataagents.core.cards import AgentCard
from dataagents.core.hierarchy import (
    Assignment,
    Complexity,
    Group,
    Hierarchy,
    OnFailure,
    Policy,
)
from dataagents.core.planning import Plan, PlannedTask
from dataagents.plugins.hierarchy.grouping import Key, cut, divisions, functions, stages
from dataagents.plugins.hierarchy.staffing import Staff, runner_ups


class OrganizerOptions(StrategyOptions):
    """Options of the bundled organizers."""

    span: int = Field(default=8, ge=2, le=10_000)
    """How many one leader can watch over; where the levels don't suffice, it has to watch more."""
    max_levels: int = Field(default=3, ge=2, le=10)
    """The most levels, coordinator and workers included; 2 means that nobody leads but it."""
    runner_ups: int = Field(default=2, ge=0, le=100)
    """How many stand by for each task and each group."""
    promote: bool = True
    """Let agents lead that have nothing else to do, where those with the capability are too few."""
    on_failure: OnFailure = OnFailure.REDELEGATE
    """What becomes of a task whose worker fails: `retry`, `redelegate` or `partial`."""
    attempts: int = Field(default=2, ge=1, le=100)
    """How often a task is handed out at most."""
    seconds: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """How long one attempt may take; an equal share of the time that is left when None."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A group to be: its tasks, or the parts below it."""

    tasks: tuple[PlannedTask, ...] = ()
    parts: "tuple[_Part, ...]" = ()

    @property
    def height(self) -> int:
        return 1 + max(part.height for part in self.parts) if self.parts else 0

    def walk(self) -> "Iterator[_Part]":
        yield self
        for part in self.parts:
            yield from part.walk()


class _Organizer:
    """Puts as many levels between coordinator and workers as the complexity asks for."""

    mixed: bool
    """Whether one group may hold several kinds of what belongs together."""
    key: Callable[[Sequence[PlannedTask]], Key]

    def __init__(self, options: OrganizerOptions) -> None:
        self._options = options

    def organize(
        self,
        plan: Plan,
        complexity: Complexity,
        coordinator: str,
        agents: Mapping[str, AgentCard],
    ) -> Hierarchy:
        """Return a hierarchy for a plan."""
        options = self._options
        asked = complexity.levels(options.span)
        levels = min(asked, options.max_levels)
        staff = Staff(coordinator, agents, options.runner_ups)
        unassigned = {task.id: staff.lacking(task) for task in plan.tasks if not staff.has(task)}
        kept = {task.id for task in plan.tasks if staff.keeps(task)}
        handed_down = stages(plan.tasks, kept)
        parts = self._divide(plan.tasks, handed_down, levels, staff)
        leaders = staff.leaders
        if len(parts) < 2 or not leaders:
            parts, kept = [], {task.id for task in plan.tasks}
        root = Group(
            id="top",
            leader=coordinator,
            assignments=_assign((task for task in plan.tasks if task.id in kept), staff),
            groups=_staffed(parts, leaders, staff, options.runner_ups),
        )
        return Hierarchy(
            root,
            complexity,
            Policy(options.on_failure, options.attempts, options.seconds),
            unassigned=unassigned,
            reason=f"a score of {complexity.score:.1f} with a span of {options.span} asks for "
            f"{asked} levels",
        )

    def _divide(
        self,
        tasks: Sequence[PlannedTask],
        handed_down: Sequence[Sequence[PlannedTask]],
        levels: int,
        staff: Staff,
    ) -> list[_Part]:
        """Return the groups right below the coordinator."""
        if levels < 3:
            return []
        size, key = self._options.span, self.key(tasks)
        while size ** (levels - 1) < sum(map(len, handed_down)):
            size += 1
        cuts = [cut(stage, key, _even(len(stage), size), mixed=self.mixed) for stage in handed_down]
        if self._options.promote:
            staff.promote(tasks, max(map(len, cuts), default=0))
        by_stage = [[_Part(tuple(group)) for group in groups] for groups in cuts]
        for _ in range(levels - 3):
            raised = [_raised(parts, size) for parts in by_stage]
            if sum(map(_uppers, raised)) >= len(staff.leaders):
                break
            by_stage = raised
        return [part for parts in by_stage for part in parts]


class Divisional(_Organizer):
    """What belongs together has one leader: tasks that depend on each other, however indirectly.

    For a team that works on many data sets: each leader answers for whole data sets.
    """

    mixed = True
    key = staticmethod(divisions)


class Functional(_Organizer):
    """What needs the same capabilities has one leader, a step of the plan after the other.

    For a team of specialists: each leader answers for one kind of work.
    """

    mixed = False
    key = staticmethod(functions)


def _even(number: int, size: int) -> int:
    """Return a size that is no greater and leaves no small rest."""
    groups = -(-number // size)
    return -(-number // groups)


def _uppers(parts: Sequence[_Part]) -> int:
    """Return how many have others below them."""
    return sum(bool(each.parts) for part in parts for each in part.walk())


def _raised(parts: Sequence[_Part], size: int) -> list[_Part]:
    if len(parts) <= 1:
        return list(parts)
    cuts = (tuple(parts[start : start + size]) for start in range(0, len(parts), size))
    return [_Part(parts=each) for each in cuts]


def _staffed(
    parts: Sequence[_Part], leaders: Sequence[str], staff: Staff, most: int
) -> tuple[Group, ...]:
    """Return groups with those who lead them: nobody leads, or stands by, on two levels."""
    heights = Counter(each.height for part in parts for each in part.walk() if each.parts)
    pools: dict[int, Sequence[str]] = {}
    for height in sorted(heights, reverse=True):
        pools[height], leaders = leaders[: heights[height]], leaders[heights[height] :]
    pools[0] = leaders
    turns = {height: cycle(pool) for height, pool in pools.items()}
    numbers = count(1)

    def group(part: _Part) -> Group:
        leader = next(turns[part.height])
        return Group(
            id=f"group-{next(numbers)}",
            leader=leader,
            assignments=_assign(part.tasks, staff),
            groups=tuple(map(group, part.parts)),
            runner_ups=runner_ups(pools[part.height], leader, most),
        )

    return tuple(map(group, parts))


def _assign(tasks: Iterable[PlannedTask], staff: Staff) -> tuple[Assignment, ...]:
    found = (staff.assign(task) for task in tasks)
    return tuple(each for each in found if each is not None)
