"""Plans: tasks in their places, why they are there, when they run, what may go wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dataagents.core.planning.domain import Goal, Objective
from dataagents.core.values import JsonObject


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """A primitive task in its place in a plan."""

    id: str
    """Name and arguments in one readable word; unique in the plan."""
    name: str
    args: JsonObject = field(default_factory=dict)
    requires: Mapping[str, float] = field(default_factory=dict)
    tools: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    question: str = ""
    seconds: float = 0.0
    priority: int = 1
    facts: JsonObject = field(default_factory=dict)
    """The facts it reads, as they were when it was handed out."""
    success_probability: float = 1.0
    cost: float = 0.0
    resources: Mapping[str, float] = field(default_factory=dict)
    parent: str = ""
    """Id of the decomposition that it comes from; empty for a root task."""


@dataclass(frozen=True, slots=True)
class Decomposition:
    """Which method broke a compound task, and which ones did not fit."""

    task: str
    method: str
    into: tuple[str, ...]
    rejected: Mapping[str, str] = field(default_factory=dict)
    """Method → why not."""
    why: str = ""
    """Why this method was taken."""
    id: str = ""
    """The task's label; unique in the plan."""
    parent: str = ""
    """Id of the decomposition that it comes from; empty for a root task."""


@dataclass(frozen=True, slots=True)
class Risk:
    """What may go wrong with a task or a method."""

    task: str
    probability: float
    """That it goes wrong, in [0, 1]."""
    impact: str
    mitigation: str
    """What makes it less likely, or cheaper."""
    contingency: str = ""
    """What is done when it has happened."""
    loss: float = 0.0
    """How much higher the plan's confidence would be without it."""


@dataclass(frozen=True, slots=True)
class Slot:
    """When a task is to run, in seconds from the start."""

    task: str
    start: float
    finish: float
    slack: float = 0.0
    """How much later it could start without making the whole later, workers being unlimited."""
    worker: int = 0


@dataclass(frozen=True, slots=True)
class Schedule:
    """When tasks run side by side, as far as workers and resources allow."""

    slots: tuple[Slot, ...] = ()
    critical_path: tuple[str, ...] = ()
    """Tasks of the longest chain; a delay of one delays the whole."""
    makespan: float = 0.0
    """Seconds from the start of the first to the end of the last, with the workers there are."""
    workers: int | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """Equal tasks that became one."""

    kept: str
    dropped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phase:
    """What one phase of planning did, in words and measured seconds."""

    name: str
    """`root task`, `decomposition`, `optimisation` or `risk analysis`."""
    summary: str
    seconds: float = field(compare=False)
    """Measured, and so the one thing that two equal plans may differ in."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Tasks in an order that respects what they need."""

    id: str
    """Given by the kernel; a planner leaves it empty."""
    goal: Goal
    tasks: tuple[PlannedTask, ...]
    decompositions: tuple[Decomposition, ...] = ()
    risks: tuple[Risk, ...] = ()
    """The one that costs most confidence first."""
    confidence: float = 1.0
    """Product of the success probabilities of the methods and operators used."""
    seconds: float = 0.0
    """Estimated length of the critical path; 0 when no task has an estimate."""
    total_seconds: float = 0.0
    """Sum of all estimates: how long it takes one worker."""
    cost: float = 0.0
    schedule: Schedule = Schedule()
    merged: tuple[Merge, ...] = ()
    phases: tuple[Phase, ...] = ()
    objective: Objective = Objective.FIRST
