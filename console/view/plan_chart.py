"""A plan as rows of a tree and as bars over time: plain values, pure functions.

A plan may have a hundred thousand tasks and be nested as deeply: nothing here calls itself, and a
chart is bounded and says how much it leaves out.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from rich.cells import cell_len, set_cell_size

from dataagents.console.view.row import line
from dataagents.console.view.words import duration
from dataagents.core.planning import Decomposition, Plan, PlannedTask

MOST_LINES = 60
"""Lines of a chart."""
_LABEL = 36
"""Cells of a task's name beside its bar."""
_LEAST_BAR = 10
_LEAST_LABEL = 8
"""Cells that a name has at least; where there is no room for it beside the times, they go."""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A line of a plan's tree: a compound task and its method, or a task that is done."""

    depth: int
    title: str
    method: str = ""
    """The method that breaks it; empty for a task that is done."""
    why: str = ""
    rejected: Mapping[str, str] | None = None
    """Method → why not; None for a task that is done."""
    seconds: float = 0.0
    critical: bool = False
    question: str = ""
    """What is put to the vote; empty when the task is no decision."""
    nothing: bool = False
    """Whether the method leaves nothing to do."""


def plan_rows(plan: Plan) -> Iterator[PlanRow]:
    """Yield the hierarchy of a plan, parents before children, in the order of their subtasks."""
    children = _children(plan)
    # Where nothing takes any time, every longest chain is as long as any other.
    critical = frozenset(plan.schedule.critical_path if _is_timed(plan) else ())
    stack = [(each, 0) for each in reversed(children.pop("", []))]
    while stack:
        item, depth = stack.pop()
        if isinstance(item, PlannedTask):
            yield PlanRow(
                depth,
                line(item.id),
                seconds=item.seconds,
                critical=item.id in critical,
                question=line(item.question),
            )
            continue
        rejected = {line(name): line(why) for name, why in item.rejected.items()}
        yield PlanRow(
            depth,
            line(item.task),
            line(item.method),
            line(item.why),
            rejected,
            nothing=not item.into,
        )
        # Taken out, so that not even a decomposition that is its own parent is met twice.
        below = children.pop(item.id, []) if item.id else []
        stack += [(each, depth + 1) for each in reversed(below)]


def _children(plan: Plan) -> "dict[str, list[Decomposition | PlannedTask]]":
    """Return id of a decomposition → what it was broken into, in the order of its subtasks."""
    places = {each.id: _Places(each.into) for each in plan.decompositions if each.id}
    children: dict[str, list[tuple[int, Decomposition | PlannedTask]]] = defaultdict(list)
    members: tuple[Decomposition | PlannedTask, ...] = (*plan.decompositions, *plan.tasks)
    for each in members:
        within = places.get(each.parent)
        label = each.task if isinstance(each, Decomposition) else each.id
        place = 0 if within is None else within.take(each.id, label)
        children["" if within is None else each.parent].append((place, each))
    return {
        parent: [each for _, each in sorted(below, key=lambda pair: pair[0])]
        for parent, below in children.items()
    }


class _Places:
    """Positions among the subtasks of a method; equal ones are told apart by their order."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._last = len(labels)
        self._open: dict[str, list[int]] = defaultdict(list)
        for place in reversed(range(len(labels))):
            self._open[labels[place]].append(place)

    def take(self, *names: str) -> int:
        """Return where a subtask stands, which is then taken; the end when it is none."""
        for name in (*names, names[-1].rpartition("#")[0]):
            if self._open.get(name):
                return self._open[name].pop()
        return self._last


@dataclass(frozen=True, slots=True)
class Chart:
    """A schedule as lines of text."""

    lines: tuple[str, ...]
    critical: tuple[bool, ...]
    """For each line, whether its task is on the critical path."""
    timed: bool
    """Whether a bar is as long as its task takes; otherwise no task has an estimate, and each is
    one step."""
    hidden: int = 0
    """Tasks that have no line."""


def gantt(plan: Plan, width: int, *, ascii_only: bool = False, most: int = MOST_LINES) -> Chart:
    """Return when tasks run, a line for each: name, bar, start and finish.

    Args:
        plan: The plan.
        width: Cells of a line, 20 or more.
        ascii_only: Draw with `#` (critical), `=` and `.` rather than with blocks.
        most: Lines at most; the tasks that start first have one.
    """
    spans = _spans(plan)
    timed = _is_timed(plan)
    whole = max((finish for _, _, finish in spans), default=0.0) or 1.0
    critical = frozenset(plan.schedule.critical_path)
    strong, weak, empty = ("#", "=", ".") if ascii_only else ("█", "▒", "·")
    picked = spans[:most]
    times = [f"  {_time(start, finish, timed)}" for _, start, finish in picked]
    room = width - 2 - _LEAST_BAR - max(map(len, times), default=0)
    if room < _LEAST_LABEL:
        times = [""] * len(picked)
        room = width - 2 - _LEAST_BAR
    labels = [
        _fitted(line(task), min(_LABEL, width // 2, room), ascii_only) for task, _, _ in picked
    ]
    label_width = max(map(cell_len, labels), default=0)
    cells = width - 2 - label_width - max(map(len, times), default=0)
    lines: list[str] = []
    for label, (task, start, finish), time in zip(labels, picked, times, strict=True):
        first, last = _bar(start / whole, finish / whole, cells)
        mark = strong if task in critical else weak
        bar = empty * first + mark * (last - first) + empty * (cells - last)
        lines.append(f"{label}{' ' * (label_width - cell_len(label))}  {bar}{time}")
    on_path = tuple(task in critical for task, _, _ in picked)
    return Chart(tuple(lines), on_path, timed, len(spans) - len(picked))


def _is_timed(plan: Plan) -> bool:
    return bool(plan.schedule.slots) and plan.schedule.makespan > 0


def _spans(plan: Plan) -> list[tuple[str, float, float]]:
    """Return task, start, finish in the order of their starts; in steps where nothing is timed."""
    if _is_timed(plan):
        slots = (each for each in plan.schedule.slots if isfinite(each.start + each.finish))
        ordered = sorted(slots, key=lambda slot: (slot.start, slot.finish))
        return [(slot.task, slot.start, slot.finish) for slot in ordered]
    steps: dict[str, int] = {}
    for task in plan.tasks:
        steps[task.id] = max((steps.get(each, -1) for each in task.depends_on), default=-1) + 1
    placed = sorted(steps.items(), key=lambda item: item[1])
    return [(task, float(step), step + 1.0) for task, step in placed]


def _bar(start: float, finish: float, cells: int) -> tuple[int, int]:
    """Return the first cell of a bar and the one behind its last; no bar is empty."""
    first = min(cells - 1, round(start * cells))
    return first, max(first + 1, min(cells, round(finish * cells)))


def _time(start: float, finish: float, timed: bool) -> str:
    if not timed:
        return f"step {start + 1:.0f}"
    return f"{clock(start)}-{clock(finish)}"


def clock(seconds: float) -> str:
    """Return a point in time, or a duration, in estimated seconds."""
    return duration(seconds) if seconds else "0s"


def _fitted(text: str, cells: int, ascii_only: bool) -> str:
    """Return a text cut to so many cells."""
    if cell_len(text) <= cells:
        return text
    ellipsis = "..." if ascii_only else "…"
    return set_cell_size(text, max(0, cells - len(ellipsis))).rstrip() + ellipsis
