"""A schedule as bars: when the tasks of a plan are to run, and which of them delay the whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from dataagents.console.view.cells import Cell
from dataagents.console.view.glyphs import Glyphs
from dataagents.console.view.marks import Mark
from dataagents.console.view.plan_tree import tasks_of
from dataagents.console.view.plans import PlanView
from dataagents.console.view.rows import TASK_MARKS
from dataagents.console.view.runs import RunView, TaskView
from dataagents.console.view.time_axis import offset, round_step
from dataagents.console.view.words import duration, plural

_ROOM = 10
"""Cells from one label of the ruler to the next, at least."""


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """When a task is to run."""

    task: str
    address: str
    start: float
    """In seconds from the start; in steps where nothing is timed."""
    finish: float
    critical: bool
    """Whether a delay of it delays the whole."""
    slack: float | None
    """How much later it could start; None when not on record."""
    worker: int | None
    times: str
    """Start and finish in words."""
    mark: Mark
    """What the run brought it to."""
    took: float | None = None
    """How long it really took."""


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """A schedule, the tasks that start first before the others."""

    rows: tuple[ScheduleRow, ...]
    timed: bool
    """Whether a bar is as long as its task takes; otherwise each task is one step."""
    length: float
    """When the last task ends."""
    summary: str

    def bar(self, row: ScheduleRow, width: int, glyphs: Glyphs) -> Cell:
        """Return when a task runs, in so many cells; those of the critical path are solid.

        Other tasks are lines, with the slack that they have behind them.
        """
        width = max(1, width)
        first = min(width - 1, self._cell(row.start, width))
        last = max(first + 1, min(width, self._cell(row.finish, width)))
        late = min(width, self._cell(row.finish + (row.slack or 0.0), width))
        filled = (glyphs.bar if row.critical else glyphs.line) * (last - first)
        spare = glyphs.gap * max(0, late - last)
        tone = "strong" if row.critical else str(row.mark)
        return Cell((" " * first + filled + spare).ljust(width), tone)

    def _cell(self, at: float, width: int) -> int:
        return round(at / self.length * width) if self.length > 0 else 0

    def ruler(self, width: int) -> Cell:
        """Return the labels above the bars."""
        cells = [" "] * max(1, width)
        step = round_step(_ROOM * self.length / len(cells))
        step = step if self.timed else max(1.0, step)
        free, number = 0, 0
        while number * step <= self.length:
            at = number * step
            label = offset(at, step) if self.timed else f"step {at + 1:.0f}"
            column = self._cell(at, len(cells))
            if column >= free and column + len(label) <= len(cells):
                cells[column : column + len(label)] = label
                free = column + len(label) + 1
            number += 1
        return Cell("".join(cells), "dim")


def schedule_of(plan: PlanView, run: RunView | None = None) -> ScheduleView:
    """Return the schedule of a plan.

    Args:
        plan: The plan.
        run: Its run, for what became of the tasks.
    """
    states: Mapping[str, TaskView] = tasks_of(run) if run is not None else {}
    root = f"run:{run.id}" if run is not None else f"plan:{plan.id}"
    slots = [
        (slot.task, slot.start, slot.finish, slot)
        for slot in plan.schedule
        if slot.start is not None and slot.finish is not None
        if isfinite(slot.start + slot.finish) and 0 <= slot.start <= slot.finish
    ]
    length = max((finish for _, _, finish, _ in slots), default=0.0)
    # Where nothing takes any time, every longest chain is as long as any other.
    critical = frozenset(plan.critical_path if length > 0 else ())
    if length > 0:
        slots.sort(key=lambda slot: (slot[1], slot[2]))
        rows = tuple(
            _row(task, start, finish, root, states, task in critical, slot.slack, slot.worker)
            for task, start, finish, slot in slots
        )
    else:
        steps = _steps(plan)
        length = max(steps.values(), default=-1) + 1.0
        ordered = sorted(steps.items(), key=lambda item: item[1])
        rows = tuple(_row(task, float(at), at + 1.0, root, states) for task, at in ordered)
    timed = bool(critical) or any(row.worker is not None for row in rows)
    return ScheduleView(rows, timed, length, _summary(plan, rows, length, timed))


def _row(
    task: str,
    start: float,
    finish: float,
    root: str,
    states: Mapping[str, TaskView],
    critical: bool = False,
    slack: float | None = None,
    worker: int | None = None,
) -> ScheduleRow:
    state = states.get(task)
    times = f"step {start + 1:.0f}" if worker is None else f"{_at(start)}-{_at(finish)}"
    status = "planned" if state is None else state.status
    return ScheduleRow(
        task, f"{root}/task:{task}", start, finish, critical, slack, worker, times,
        TASK_MARKS.get(status, Mark.NOTE), None if state is None else state.seconds,
    )  # fmt: skip


def _at(seconds: float) -> str:
    return duration(seconds) if seconds else "0s"


def _steps(plan: PlanView) -> dict[str, int]:
    """Return task → how many tasks have to be done, one after the other, before it."""
    needs = {each.id: each.depends_on for each in plan.details}
    steps: dict[str, int] = {}
    for task in plan.tasks:
        steps[task] = max((steps.get(each, -1) for each in needs.get(task, ())), default=-1) + 1
    return steps


def _summary(plan: PlanView, rows: tuple[ScheduleRow, ...], length: float, timed: bool) -> str:
    tasks = plural(len(rows), "task")
    if not timed:
        return f"{tasks} in {plural(round(length), 'step')}; no task has an estimate"
    workers = len({row.worker for row in rows})
    critical = sum(row.critical for row in rows)
    return (
        f"{tasks} in {duration(length)} by {plural(workers, 'worker')}, "
        f"{critical} on the critical path"
    )
