"""Execution: what became of tasks, what failed, how the plan changed."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dataagents.core.planning.domain import State, Trigger
from dataagents.core.planning.plan import Plan, PlannedTask
from dataagents.core.values import JsonObject


class FailureKind(StrEnum):
    """What a failure calls for."""

    TRANSIENT = "transient"
    """Trying again may help."""
    RECOVERABLE = "recoverable"
    """Another plan may help."""
    INPUT = "input"
    """Only another input will help."""
    UNDECIDED = "undecided"
    """Only a decision by a person will help."""
    FATAL = "fatal"
    """Nothing will help."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a plan has to change."""

    task: str
    """Id of the task; empty when it is not about one."""
    kind: FailureKind
    reason: str
    trigger: Trigger = Trigger.FAILED


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What became of a task."""

    task: str
    success: bool
    effects: JsonObject = field(default_factory=dict)
    """Facts as observed."""
    summary: str = ""
    error: str | None = None
    failure: FailureKind | None = None
    quality: float | None = None
    """Data quality score in [0, 1], where one was measured."""
    score: float | None = None
    """The reasoning's own confidence in [0, 1]."""
    agent: str | None = None
    reasoning: str | None = None
    election: str | None = None
    seconds: float = 0.0


def failed(task: PlannedTask, reason: str) -> TaskResult:
    """Return the result of a task that another plan may get around."""
    return TaskResult(task.id, success=False, error=reason, failure=FailureKind.RECOVERABLE)


def shortfall(task: PlannedTask, result: TaskResult | None) -> str:
    """Return what is wrong with a task's result; empty when it was done as planned."""
    if result is None:
        return f"{task.id} was not done"
    if not result.success:
        return f"{task.id}: {result.error or 'failed'}"
    missing = [fact for fact in task.writes if fact not in result.effects]
    return f"{task.id} did not make {', '.join(missing)}" if missing else ""


@dataclass(frozen=True, slots=True)
class Move:
    """A task that both plans have, at another place among those that both have."""

    task: str
    before: int
    """Position among the tasks that both plans have, from 0."""
    after: int


@dataclass(frozen=True, slots=True)
class PlanDiff:
    """What differs between two plans; ids, in the order of the plan that has them."""

    kept: tuple[str, ...] = ()
    """In both plans, moved or not."""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    moved: tuple[Move, ...] = ()
    why: str = ""
    stability: float = 1.0
    """Of the tasks that were still to be done, the share that stayed, unmoved; 1 when none was."""


@dataclass(frozen=True, slots=True)
class Replan:
    """A change of plan, and what it changed."""

    plan: Plan
    replaces: str
    """Id of the plan before."""
    failure: Failure
    diff: PlanDiff
    at: datetime


class StepKind(StrEnum):
    """What happened during an execution."""

    STARTED = "started"
    COMPLETED = "completed"
    FAILED = "failed"
    RETRIED = "retried"
    REPLANNED = "replanned"
    ABORTED = "aborted"
    STOPPED = "stopped"
    PAUSED = "paused"
    CONTINUED = "continued"


@dataclass(frozen=True, slots=True)
class ExecutionStep:
    """One line of an execution's trace."""

    kind: StepKind
    task: str
    seconds: float
    """Since the execution began."""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Execution:
    """How the execution of a plan ended."""

    plan: str
    """Id of the plan that was in force at the end."""
    success: bool
    """Whether nothing remains."""
    completed: tuple[TaskResult, ...]
    remaining: tuple[str, ...]
    state: State
    replans: tuple[Replan, ...] = ()
    reason: str = ""
    """Why it ended early; empty on success."""
    failure: Failure | None = None
    """What it could not get past; None on success."""
    trace: tuple[ExecutionStep, ...] = ()
