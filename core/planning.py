"""Planning: goals, tasks, methods and plans, in the words of HTN planning.

A domain is knowledge as values: operators say what can be done, methods say how a compound task is
broken into smaller ones. See Nau et al., "SHOP2: An HTN Planning System" (JAIR 20, 2003).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

from dataagents.core.values import Json, JsonObject

State: TypeAlias = Mapping[str, Json]
"""What is known to be true: fact → value. A fact about one thing is called `fact:thing`."""


@dataclass(frozen=True, slots=True)
class GoalLimits:
    """Bounds of a run; None means the configuration's."""

    seconds: float | None = None
    reasoning_steps: int | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """What a run is to achieve."""

    task: str
    """Name of a task of the domain, for example `clean`."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Name of a data set → its path."""
    limits: GoalLimits = GoalLimits()
    settings: JsonObject = field(default_factory=dict)
    """What the domain's tools, agents and outputs are told; they check it."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be done: primitive when an operator has its name, compound when methods do."""

    name: str
    args: JsonObject = field(default_factory=dict)


Condition = Callable[[State, Task], str | None]
"""Returns None when it holds, else a sentence fragment that says why not."""


def always(state: State, task: Task) -> str | None:
    """Hold in every state."""
    return None


def no_effect(state: State, task: Task) -> JsonObject:
    """Promise nothing."""
    return {}


@dataclass(frozen=True, slots=True)
class Operator:
    """How a primitive task is done."""

    name: str
    requires: Mapping[str, float] = field(default_factory=dict)
    """Capabilities that an agent needs for it, each with a minimum level."""
    tools: tuple[str, ...] = ()
    """Actions that the agent may take."""
    condition: Condition = always
    effect: Callable[[State, Task], JsonObject] = no_effect
    """The facts that it promises; what really happened is observed."""
    reads: tuple[str, ...] = ()
    """Facts it needs; `{name}` stands for an argument of the task."""
    writes: tuple[str, ...] = ()
    """Facts it makes, written the same way."""
    question: str = ""
    """When set, the task is a decision: this is what is put to the vote."""
    seconds: float = 0.0
    """Estimated duration; 0 when unknown."""
    priority: int = 1


@dataclass(frozen=True, slots=True)
class Method:
    """One way to break a compound task into smaller ones."""

    name: str
    task: str
    """Name of the compound task."""
    subtasks: Callable[[State, Task], tuple[Task, ...]]
    """The smaller tasks, in order; none when nothing is left to do."""
    condition: Condition = always
    success_probability: float = 1.0
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Domain:
    """Operators and methods that belong together. Methods are tried in this order."""

    name: str
    operators: tuple[Operator, ...]
    methods: tuple[Method, ...]
    goals: tuple[str, ...] = ()
    """Names of the tasks that make sense as a goal."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What a planner is given."""

    goal: Goal
    domain: Domain
    state: State
    tasks: tuple[Task, ...]
    """The root tasks."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much a planner may spend."""

    nodes: int = 100_000
    seconds: float = 10.0


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


@dataclass(frozen=True, slots=True)
class Decomposition:
    """Which method broke a compound task, and which ones did not fit."""

    task: str
    method: str
    into: tuple[str, ...]
    rejected: Mapping[str, str] = field(default_factory=dict)
    """Method → why not."""


@dataclass(frozen=True, slots=True)
class Risk:
    """What may go wrong with a task."""

    task: str
    probability: float
    impact: str
    mitigation: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Tasks in an order that respects what they need."""

    id: str
    """Given by the kernel; a planner leaves it empty."""
    goal: Goal
    tasks: tuple[PlannedTask, ...]
    decompositions: tuple[Decomposition, ...] = ()
    risks: tuple[Risk, ...] = ()
    confidence: float = 1.0
    """Product of the success probabilities of the methods used."""
    seconds: float = 0.0
    """Estimated length of the critical path; 0 when no task has an estimate."""


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
    kind: FailureKind
    reason: str


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
class Replan:
    """A change of plan, and what it changed."""

    plan: Plan
    replaces: str
    """Id of the plan before."""
    failure: Failure
    kept: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    at: datetime


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


class Planner(Protocol):
    """Finds a plan."""

    async def plan(self, problem: Problem, allowance: Allowance) -> Plan:
        """Return a plan for a problem.

        Raises:
            NoPlanError: There is none within the allowance.
        """
        ...

    async def replan(
        self, problem: Problem, plan: Plan, failure: Failure, allowance: Allowance
    ) -> Plan:
        """Return a plan from the state as it is now, keeping as much as possible.

        Raises:
            NoPlanError: There is none within the allowance.
        """
        ...
