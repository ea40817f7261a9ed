"""What `report.json` says of plans, their changes and lessons: bounded, and what is left out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from dataagents.core.planning import Decomposition, Execution, Plan, PlannedTask, Replan
from dataagents.core.reflection import Adaptation, Lesson
from dataagents.core.values import Json, to_json
from dataagents.plugins.reporting.lessons import expected_effect

T = TypeVar("T")
MOST: Final = 500
"""Items of each list; the number of those that are left out stands under `left_out`."""
_DUTIES: Final = ("completed", "failed", "retried", "replanned", "aborted", "stopped")


class _Bounded:
    """Cuts lists to what a report holds, and counts what it cut."""

    def __init__(self) -> None:
        self.left_out: dict[str, Json] = {}

    def cut(self, name: str, items: Sequence[T], tell: Callable[[T], Json]) -> list[Json]:
        """Return the first items as JSON."""
        if len(items) > MOST:
            self.left_out[name] = len(items) - MOST
        return [tell(item) for item in items[:MOST]]


def plan_report(plan: Plan | None) -> dict[str, Json] | None:
    """Return the plan that a run began with; None when there was none."""
    if plan is None:
        return None
    bounded, schedule = _Bounded(), plan.schedule
    return {
        "id": plan.id,
        "size": len(plan.tasks),
        "confidence": plan.confidence,
        "seconds": plan.seconds,
        "total_seconds": plan.total_seconds,
        "cost": plan.cost,
        "objective": plan.objective.value,
        "phases": bounded.cut("phases", plan.phases, to_json),
        "tasks": bounded.cut("tasks", plan.tasks, _task),
        "decompositions": bounded.cut("decompositions", plan.decompositions, _decomposition),
        "schedule": {
            "makespan": schedule.makespan,
            "workers": schedule.workers,
            "critical_path": bounded.cut("critical_path", schedule.critical_path, str),
            "slots": bounded.cut("slots", schedule.slots, to_json),
        },
        "merged": bounded.cut("merged", plan.merged, to_json),
        "risks": bounded.cut("risks", plan.risks, to_json),
        "left_out": bounded.left_out,
    }


def execution_report(execution: Execution | None) -> dict[str, Json] | None:
    """Return how a plan was executed, in figures and steps; None when none was."""
    if execution is None:
        return None
    bounded = _Bounded()
    kinds = [step.kind.value for step in execution.trace]
    return {
        "plan": execution.plan,
        "success": execution.success,
        "completed": len(execution.completed),
        "remaining": bounded.cut("remaining", execution.remaining, str),
        "reason": execution.reason,
        "counts": {kind: kinds.count(kind) for kind in _DUTIES if kind in kinds},
        "trace": bounded.cut("trace", execution.trace, to_json),
        "left_out": bounded.left_out,
    }


def replan_report(replan: Replan) -> dict[str, Json]:
    """Return a change of plan: what made it, and what is different."""
    bounded, diff = _Bounded(), replan.diff
    return {
        "plan": replan.plan.id,
        "replaces": replan.replaces,
        "at": replan.at.isoformat(),
        "task": replan.failure.task,
        "kind": replan.failure.kind.value,
        "trigger": replan.failure.trigger.value,
        "reason": replan.failure.reason,
        "diff": {
            "added": bounded.cut("added", diff.added, str),
            "removed": bounded.cut("removed", diff.removed, str),
            "moved": bounded.cut("moved", diff.moved, to_json),
            "kept": len(diff.kept),
            "why": diff.why,
            "stability": diff.stability,
        },
        "size": len(replan.plan.tasks),
        "confidence": replan.plan.confidence,
        "left_out": bounded.left_out,
    }


def lessons_report(applied: Sequence[Lesson], adaptations: Sequence[Adaptation]) -> dict[str, Json]:
    """Return the lessons that a run applied, and those that it learned or changed."""
    bounded = _Bounded()
    return {
        "applied": bounded.cut("applied", applied, _lesson),
        "learned": bounded.cut(
            "learned",
            adaptations,
            lambda each: {
                "change": each.change,
                "reason": each.reason,
                "lesson": _lesson(each.lesson),
            },
        ),
        "left_out": bounded.left_out,
    }


def _lesson(lesson: Lesson) -> Json:
    told: Mapping[str, Json] = to_json(lesson)
    return {**told, "expected_effect": expected_effect(lesson.expected)}


def _task(task: PlannedTask) -> Json:
    return {
        "id": task.id,
        "name": task.name,
        "depends_on": list(task.depends_on[:MOST]),
        "seconds": task.seconds,
        "priority": task.priority,
        "success_probability": task.success_probability,
        "question": task.question,
        "parent": task.parent,
    }


def _decomposition(each: Decomposition) -> Json:
    return {
        "id": each.id,
        "parent": each.parent,
        "task": each.task,
        "method": each.method,
        "into": list(each.into[:MOST]),
        "why": each.why,
        "rejected": dict(each.rejected),
    }
