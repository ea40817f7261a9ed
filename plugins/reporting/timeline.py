"""How a run went in time: for each task a lane with what was planned, and what really ran.

All lengths are shares of the whole lane, from 0 to 1; the template turns them into a picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

from dataagents.core.goals import RunResult
from dataagents.core.planning import Execution, Slot, StepKind, TaskResult
from dataagents.plugins.reporting.measures import part_of

MOST_LANES: Final = 120
_ALIKE: Final = 3.0
"""Up to this factor between what was estimated and what was needed, both are on one scale."""


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which something was to run, or did."""

    left: float
    width: float
    kind: str
    """`planned`, `critical`, `slack`, `done`, `failed`, `retried` or `stopped`."""
    label: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A task in time."""

    task: str
    status: str
    """`done`, `failed`, `stopped`, `dropped` or `not run`."""
    marks: tuple[str, ...]
    """`critical`, `added`."""
    agent: str
    summary: str
    planned: tuple[Span, ...]
    ran: tuple[Span, ...]
    start: float | None
    """Seconds after which it began; None when it never did, or nobody knows."""
    seconds: float
    estimate: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """All tasks of a run in time."""

    lanes: tuple[Lane, ...]
    more: int
    """Tasks that are left out."""
    planned: float
    """Estimated seconds in all; 0 when there are no estimates."""
    ran: float
    """Measured seconds in all."""
    one_scale: bool
    """Whether planned and measured times are on the same scale."""
    whole: float
    """Seconds of the lane, for what ran."""
    changes: tuple[float, ...]
    """Where the plan changed."""


@dataclass(frozen=True, slots=True)
class _Ran:
    """A time in which a task ran, in seconds."""

    start: float
    end: float
    kind: str


def timeline_of(result: RunResult) -> Timeline:
    """Lay a run out in time."""
    execution = result.execution
    ran = _measured(result)
    longest = max((each.end for spans in ran.values() for each in spans), default=0.0)
    planned = result.plan.schedule.makespan if result.plan else 0.0
    most, least = max(planned, longest), min(planned, longest)
    one_scale = least > 0 and most <= _ALIKE * least
    whole = most if one_scale else longest
    lanes = _lanes(result, ran, _Scales(whole, whole if one_scale else planned))
    steps = execution.trace if execution else ()
    replans = [step for step in steps if step.kind is StepKind.REPLANNED]
    return Timeline(
        lanes=tuple(lanes[:MOST_LANES]),
        more=max(0, len(lanes) - MOST_LANES),
        planned=planned,
        ran=longest,
        one_scale=one_scale,
        whole=whole,
        changes=tuple(part_of(step.seconds, whole) for step in replans[:MOST_LANES]),
    )


@dataclass(frozen=True, slots=True)
class _Scales:
    """How many seconds a lane is long."""

    ran: float
    planned: float


def _lanes(result: RunResult, ran: Mapping[str, Sequence[_Ran]], scales: _Scales) -> list[Lane]:
    """Return a lane for each task of every plan that was in force, the earliest first."""
    plan, execution = result.plan, result.execution
    results = {each.task: each for each in execution.completed} if execution else {}
    first = {task.id: task for task in plan.tasks} if plan else {}
    known = dict(first)
    for replan in execution.replans if execution else ():
        known.update({task.id: task for task in replan.plan.tasks})
    slots = {slot.task: slot for slot in plan.schedule.slots} if plan and scales.planned else {}
    critical = frozenset(plan.schedule.critical_path if plan and scales.planned else ())
    remaining = frozenset(execution.remaining if execution else first)
    found: list[tuple[float, float, Lane]] = []
    for task in dict.fromkeys([*known, *results, *ran]):
        spans, slot, done = ran.get(task, ()), slots.get(task), results.get(task)
        marks = {"critical": task in critical, "added": bool(first) and task not in first}
        lane = Lane(
            task=task,
            status=_status(task, done, spans, remaining),
            marks=tuple(mark for mark, has in marks.items() if has),
            agent=(done.agent or "") if done else "",
            summary=done.summary if done else "",
            planned=_planned(slot, task in critical, scales.planned) if slot else (),
            ran=tuple(_span(each.start, each.end, scales.ran, each.kind) for each in spans),
            start=spans[0].start if spans else None,
            seconds=sum(each.end - each.start for each in spans) or (done.seconds if done else 0.0),
            estimate=known[task].seconds if task in known else 0.0,
        )
        began = inf if lane.start is None else lane.start
        found.append((began, slot.start if slot else inf, lane))
    return [lane for *_, lane in sorted(found, key=lambda each: each[:2])]


def _status(
    task: str, done: TaskResult | None, spans: Sequence[_Ran], remaining: frozenset[str]
) -> str:
    if done is not None:
        return "done"
    if spans:
        return "failed" if spans[-1].kind == "failed" else "stopped"
    return "not run" if task in remaining else "dropped"


def _planned(slot: Slot, critical: bool, whole: float) -> tuple[Span, ...]:
    if slot.finish <= slot.start:
        return ()
    planned = _span(slot.start, slot.finish, whole, "critical" if critical else "planned")
    if slot.slack <= 0:
        return (planned,)
    return planned, _span(slot.finish, slot.finish + slot.slack, whole, "slack")


def _span(start: float, end: float, whole: float, kind: str) -> Span:
    left = part_of(start, whole)
    width = min(part_of(end - start, whole), 1.0 - left)
    return Span(left, width, kind, f"{kind}: {start:.2f} to {end:.2f} s")


def _measured(result: RunResult) -> dict[str, list[_Ran]]:
    """Return when each task ran, by the trace of the execution, or else by awards and results."""
    execution = result.execution
    if execution is None:
        return {}
    if execution.trace:
        return _traced(execution)
    awarded = {award.task: award.at for award in result.awards if award.at is not None}
    found: dict[str, list[_Ran]] = {}
    for done in execution.completed:
        at = awarded.get(done.task)
        if at is not None:
            start = max(0.0, (at - result.started).total_seconds())
            found.setdefault(done.task, []).append(_Ran(start, start + done.seconds, "done"))
    return found


_ENDS: Final = {StepKind.COMPLETED: "done", StepKind.FAILED: "failed", StepKind.RETRIED: "retried"}


def _traced(execution: Execution) -> dict[str, list[_Ran]]:
    found: dict[str, list[_Ran]] = {}
    open_since: dict[str, float] = {}
    end = 0.0
    for step in execution.trace:
        end = max(end, step.seconds)
        if step.kind is StepKind.STARTED:
            open_since[step.task] = step.seconds
        elif step.kind in _ENDS and step.task in open_since:
            since = open_since.pop(step.task)
            ran = _Ran(since, max(since, step.seconds), _ENDS[step.kind])
            found.setdefault(step.task, []).append(ran)
            if step.kind is StepKind.RETRIED:
                open_since[step.task] = step.seconds
    for task, since in open_since.items():
        found.setdefault(task, []).append(_Ran(since, end, "stopped"))
    return found
