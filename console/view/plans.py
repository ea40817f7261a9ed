"""What is known of plans and their changes, and how an event's body becomes that."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from dataagents.console.view.fields import Fields


@dataclass(slots=True)
class DecompositionView:
    """Which method broke a compound task, why, and which ones did not fit."""

    task: str
    method: str
    into: tuple[str, ...]
    rejected: dict[str, str]
    why: str = ""
    id: str = ""
    parent: str = ""
    """Id of the decomposition that it comes from; empty for a root task."""


@dataclass(slots=True)
class RiskView:
    """What may go wrong with a task."""

    task: str
    probability: float | None
    impact: str
    mitigation: str
    contingency: str = ""
    loss: float | None = None
    """How much confidence it costs."""


@dataclass(slots=True)
class PhaseView:
    """What one phase of planning did, and how long it took."""

    name: str
    summary: str
    seconds: float | None


@dataclass(slots=True)
class SlotView:
    """When a task is to run, in estimated seconds from the start."""

    task: str
    start: float | None
    finish: float | None
    worker: int
    slack: float | None = None
    """How much later it could start without making the whole later."""


@dataclass(slots=True)
class PlannedTaskView:
    """A task as a plan has it: what it needs, what it makes, what it is a part of."""

    id: str
    name: str
    depends_on: tuple[str, ...] = ()
    requires: dict[str, str] = field(default_factory=dict)
    """Capability → least level of who does it."""
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    question: str = ""
    """What is put to the vote; empty when the task is no decision."""
    seconds: float | None = None
    parent: str = ""
    """Id of the decomposition that it comes from; empty for a root task."""


@dataclass(slots=True)
class PlanView:
    """A plan as it was made; a figure that nobody estimated is None."""

    id: str
    tasks: tuple[str, ...]
    decompositions: list[DecompositionView] = field(default_factory=list)
    risks: list[RiskView] = field(default_factory=list)
    confidence: float | None = None
    seconds: float | None = None
    """Estimated, along the critical path."""
    total_seconds: float | None = None
    """Estimated, for one worker."""
    cost: float | None = None
    objective: str = ""
    phases: list[PhaseView] = field(default_factory=list)
    schedule: list[SlotView] = field(default_factory=list)
    critical_path: tuple[str, ...] = ()
    merged: dict[str, str] = field(default_factory=dict)
    """Task that is done once → the equal ones that it stands for."""
    details: list[PlannedTaskView] = field(default_factory=list)
    """The tasks again, with what is known of each."""
    by: str = ""
    """Agent that planned; empty for the kernel."""
    at: datetime | None = None
    kind: Literal["plan"] = "plan"


@dataclass(slots=True)
class DiffView:
    """What a change of plan left, added, removed and moved."""

    kept: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    stability: float | None = None
    """Of the tasks that were still to be done, the share that stayed; None when not on record."""


@dataclass(slots=True)
class ReplanView:
    """A change of plan."""

    plan: PlanView
    replaces: str
    task: str
    """The task that failed, or was about to; empty when it was not about one."""
    failure: str
    reason: str
    diff: DiffView
    trigger: str = ""
    """What made the plan change; empty in what older versions recorded."""
    at: datetime | None = None
    kind: Literal["replan"] = "replan"


@dataclass(slots=True)
class PlanStepView:
    """Something that happened to a plan's execution, which nothing else in the trace tells."""

    step: str
    """`retried`, `stopped` or `aborted`."""
    detail: str
    seconds: float | None
    """Since the execution began."""
    number: int
    """Tells it from others of its run."""
    at: datetime | None = None
    kind: Literal["execution"] = "execution"


def plan_of(body: Fields) -> PlanView:
    """Return a plan from a `planning.Plan`."""
    schedule = body.part("schedule")
    objective = body.name("objective")
    return PlanView(
        id=body.name("id"),
        tasks=tuple(task.name("id") for task in body.parts("tasks")),
        decompositions=[_decomposition(each) for each in body.parts("decompositions")],
        risks=[_risk(each) for each in body.parts("risks")],
        confidence=body.number("confidence"),
        seconds=body.number("seconds") or None,
        total_seconds=body.number("total_seconds") or None,
        cost=body.number("cost") or None,
        objective="" if objective == "first" else objective,
        phases=[
            PhaseView(each.name("name"), each.text("summary"), each.number("seconds"))
            for each in body.parts("phases")
        ],
        schedule=[
            SlotView(
                each.name("task"), each.number("start"),
                each.number("finish"), each.count("worker"), each.number("slack"),
            )
            for each in schedule.parts("slots")
        ],
        critical_path=schedule.texts("critical_path"),
        merged={
            each.name("kept"): ", ".join(each.texts("dropped")) for each in body.parts("merged")
        },
        details=[_planned(each) for each in body.parts("tasks")],
    )  # fmt: skip


def replan_of(body: Fields) -> ReplanView:
    """Return a change of plan from a `planning.Replan`."""
    failure = body.part("failure")
    # Before there was a diff, what it says was written beside the plan.
    diff = body.part("diff") or body
    return ReplanView(
        plan=plan_of(body.part("plan")),
        replaces=body.name("replaces"),
        task=failure.name("task"),
        failure=failure.name("kind"),
        reason=failure.text("reason"),
        diff=DiffView(
            kept=diff.texts("kept"),
            added=diff.texts("added"),
            removed=diff.texts("removed"),
            moved=tuple(each.name("task") for each in diff.parts("moved")),
            stability=diff.number("stability"),
        ),
        trigger=failure.name("trigger"),
    )


def plan_step_of(body: Fields, number: int) -> PlanStepView:
    """Return a step of an execution from a `planning.ExecutionStep`."""
    return PlanStepView(body.name("kind"), body.text("detail"), body.number("seconds"), number)


def _planned(body: Fields) -> PlannedTaskView:
    return PlannedTaskView(
        id=body.name("id"),
        name=body.name("name"),
        depends_on=body.texts("depends_on"),
        requires=body.pairs("requires"),
        reads=body.texts("reads"),
        writes=body.texts("writes"),
        question=body.line("question"),
        seconds=body.number("seconds") or None,
        parent=body.name("parent"),
    )


def _decomposition(body: Fields) -> DecompositionView:
    return DecompositionView(
        task=body.name("task"),
        method=body.name("method"),
        into=body.texts("into"),
        rejected=body.pairs("rejected"),
        why=body.text("why"),
        id=body.name("id"),
        parent=body.name("parent"),
    )


def _risk(body: Fields) -> RiskView:
    return RiskView(
        task=body.name("task"),
        probability=body.number("probability"),
        impact=body.text("impact"),
        mitigation=body.text("mitigation"),
        contingency=body.text("contingency"),
        loss=body.number("loss"),
    )
