"""Domains: what is to be done, and the knowledge of how, in the words of HTN planning.

A domain is knowledge as values: operators say what can be done, methods say how a compound task is
broken into smaller ones. See Nau et al., "SHOP2: An HTN Planning System" (JAIR 20, 2003).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

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


@dataclass(frozen=True, slots=True)
class Flow:
    """A fact that one subtask hands to a later one: nobody else may make it in between."""

    fact: str
    """Written like an operator's `writes`."""
    maker: int
    """Position of the subtask that makes it."""
    taker: int
    """Position of the subtask that needs it."""


@dataclass(frozen=True, slots=True)
class TaskNetwork:
    """Subtasks and what has to come before what."""

    tasks: tuple[Task, ...]
    before: tuple[tuple[int, int], ...] = ()
    """Positions (earlier, later); the rest may come in any order, interleaved with others."""
    flows: tuple[Flow, ...] = ()
    """Data-flow constraints; each one also orders its two subtasks."""


Condition = Callable[[State, Task], str | None]
"""Returns None when it holds, else a sentence fragment that says why not. Pure."""

Subtasks = Callable[[State, Task], "tuple[Task, ...] | TaskNetwork"]
"""Returns the smaller tasks: a tuple is totally ordered, a network as far as it says. Pure."""


def always(state: State, task: Task) -> str | None:
    """Hold in every state."""
    return None


def no_effect(state: State, task: Task) -> JsonObject:
    """Promise nothing."""
    return {}


def as_given(state: State, task: Task) -> Iterable[Task]:
    """Bind nothing: the task is complete as it is."""
    return (task,)


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
    uses: tuple[str, ...] = ()
    """Facts it takes into account where they are known, and does without where not."""
    writes: tuple[str, ...] = ()
    """Facts it makes, written the same way."""
    question: str = ""
    """When set, the task is a decision: this is what is put to the vote."""
    seconds: float = 0.0
    """Estimated duration; 0 when unknown."""
    priority: int = 1
    success_probability: float = 1.0
    cost: float = 0.0
    resources: Mapping[str, float] = field(default_factory=dict)
    """Resource → how much of it the task holds while it runs."""
    repeatable: bool = False
    """Whether doing it twice is as good as once, so that equal tasks may be merged."""


@dataclass(frozen=True, slots=True)
class Method:
    """One way to break a compound task into smaller ones."""

    name: str
    task: str
    """Name of the compound task."""
    subtasks: Subtasks
    """The smaller tasks; none when nothing is left to do."""
    condition: Condition = always
    success_probability: float = 1.0
    cost: float = 0.0
    bindings: Callable[[State, Task], Iterable[Task]] = as_given
    """The task with its free parameters filled in, once for each way, in the order to try them.

    Condition and subtasks get the task as it is returned here. Pure.
    """


class Trigger(StrEnum):
    """What can make a plan change."""

    FAILED = "failed task"
    PRECONDITION = "violated precondition"
    DRIFT = "schema drift"
    QUALITY = "quality below threshold"
    DEADLINE = "deadline at risk"
    AGENT = "agent lost"
    RESOURCES = "resources changed"
    OPERATOR = "operator request"
    PREDICTED = "predicted failure"


@dataclass(frozen=True, slots=True)
class Watch:
    """Something to look out for while a plan is executed: it is asked after every observation."""

    name: str
    trigger: Trigger
    alarm: Callable[[State], str | None]
    """Returns None while all is well, else why the plan has to change. Pure."""


class Objective(StrEnum):
    """What makes one plan better than another."""

    FIRST = "first"
    """Nothing: the first plan is taken, methods being tried in the domain's order."""
    COST = "cost"
    SECONDS = "seconds"
    PROBABILITY = "probability"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A problem that came together with its domain, for example in one file."""

    tasks: tuple[Task, ...]
    """The root tasks."""
    state: State = field(default_factory=dict)
    workers: int | None = None
    objective: Objective = Objective.FIRST


@dataclass(frozen=True, slots=True)
class Domain:
    """Operators and methods that belong together. Methods are tried in this order."""

    name: str
    operators: tuple[Operator, ...]
    methods: tuple[Method, ...]
    goals: tuple[str, ...] = ()
    """Names of the tasks that make sense as a goal."""
    watches: tuple[Watch, ...] = ()
    resources: Mapping[str, float] = field(default_factory=dict)
    """Resource → how much of it there is; one that is not listed is not limited."""
    scenario: Scenario | None = None
    """What can be planned without any input; None for most domains."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What a planner is given."""

    goal: Goal
    domain: Domain
    state: State
    tasks: tuple[Task, ...]
    """The root tasks."""
    workers: int | None = None
    """How many tasks can run at the same time; None when that is not limited."""
    objective: Objective = Objective.FIRST
    preferences: Mapping[str, float] = field(default_factory=dict)
    """`task/method` → how well it did, in [0, 1]; from lessons. Methods of a task that have one
    share out their places in the domain's order by it, the best first; the others keep theirs."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much a planner may spend."""

    nodes: int = 2_000_000
    seconds: float = 10.0
    megabytes: float = 1_024.0
    improving: float = 0.0
    """Seconds to look for better plans once there is one; of `seconds`."""
