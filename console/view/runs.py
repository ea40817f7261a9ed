"""What is known of a run: its plan, tasks, auctions, steps, elections and what was learned.

The classes are filled while events arrive. Their texts are safe to show; see `fields`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from dataagents.console.view.lessons import LessonView, ReflectionView
from dataagents.console.view.plans import PlanStepView, PlanView, ReplanView


@dataclass(slots=True)
class StepView:
    """One turn of thought, action and observation."""

    number: int
    thought: str
    action: str
    input: str
    observation: str
    at: datetime
    score: float | None = None
    quality: float | None = None
    error: str = ""
    seconds: float | None = None
    agent: str = ""
    by: str = ""
    """Who decided: `rules`, a model's name, or `rules, for MODEL: WHY`."""
    model_seconds: float | None = None
    tokens: int | None = None
    cost: float | None = None
    """In US dollars. This and the two before are None where no model was asked, or nobody knows."""


@dataclass(slots=True)
class CircleView:
    """A part of a reasoning that went round."""

    actions: tuple[str, ...]
    """The pattern, in order."""
    steps: tuple[int, ...]
    reason: str
    severity: str


@dataclass(slots=True)
class RecommendationView:
    """What should be done differently, and at which step."""

    step: int
    change: str


@dataclass(slots=True)
class AnalysisView:
    """What the analyst makes of a reasoning."""

    score: float | None
    progress: float | None
    pattern: str
    circles: list[CircleView] = field(default_factory=list)
    recommendations: list[RecommendationView] = field(default_factory=list)


@dataclass(slots=True)
class ReasoningView:
    """A reasoning; it has no stop reason while it goes on."""

    id: str
    agent: str
    steps: list[StepView] = field(default_factory=list)
    stop: str = ""
    summary: str = ""
    score: float | None = None
    seconds: float | None = None
    tokens: int | None = None
    cost: float | None = None
    """In US dollars. This and the tokens are None where no model was asked, or nobody knows."""
    analysis: AnalysisView | None = None
    """None while it goes on, and where none was recorded."""
    at: datetime | None = None
    """When it began; that of its first step as long as it goes on."""
    until: datetime | None = None
    """When it ended; None while it goes on."""
    kind: Literal["reasoning"] = "reasoning"


@dataclass(slots=True)
class BallotView:
    """One vote."""

    voter: str
    choice: str
    """Empty for an abstention."""
    confidence: float | None
    reason: str
    at: datetime | None = None


@dataclass(slots=True)
class ElectionView:
    """A question, its ballots and what they added up to; no verdict while it is open."""

    id: str
    question: str
    about: str = ""
    options: tuple[str, ...] = ()
    voters: tuple[str, ...] = ()
    quorum: int = 1
    ballots: list[BallotView] = field(default_factory=list)
    rule: str = ""
    verdict: str = ""
    decision: str = ""
    sentence: str = ""
    """The tally in words."""
    missing: dict[str, str] = field(default_factory=dict)
    by: str = ""
    """Agent that put it to the vote; empty for the kernel."""
    at: datetime | None = None
    """When it was opened."""
    until: datetime | None = None
    """When it was closed; None while it is open."""
    kind: Literal["election"] = "election"


@dataclass(slots=True)
class BidView:
    """One bid."""

    bidder: str
    cost: float | None
    quality: float | None
    seconds: float | None
    reputation: float | None
    reason: str
    at: datetime | None = None


@dataclass(slots=True)
class AuctionView:
    """A task as a lot; no outcome while bids are taken."""

    id: str
    task: str
    bids: list[BidView] = field(default_factory=list)
    outcome: str = ""
    winner: str = ""
    price: float | None = None
    runner_up: str = ""
    reason: str = ""
    ineligible: dict[str, str] = field(default_factory=dict)
    at: datetime | None = None
    """When it was opened."""
    until: datetime | None = None
    """When it was closed; None while bids are taken."""
    kind: Literal["auction"] = "auction"


@dataclass(slots=True)
class AttemptView:
    """One time that a task was begun."""

    at: datetime
    until: datetime | None = None
    """When it ended; None while it goes on, and where that was never recorded."""
    agent: str = ""


@dataclass(slots=True)
class RequestView:
    """The message by which somebody was asked to do a task."""

    message: str
    """Its id."""
    sender: str
    recipient: str
    at: datetime


TaskPart: TypeAlias = AuctionView | ReasoningView | ElectionView | PlanStepView


@dataclass(slots=True)
class TaskView:
    """A task of the plan with everything that was done for it, in the order it was begun."""

    id: str
    status: str = "planned"
    """`planned`, `running`, `done`, `failed` or `dropped`."""
    agent: str = ""
    attempts: int = 0
    stage: str = ""
    """How far it is, as it said last; empty when it is not running."""
    summary: str = ""
    error: str = ""
    quality: float | None = None
    score: float | None = None
    seconds: float | None = None
    parts: list[TaskPart] = field(default_factory=list)
    tries: list[AttemptView] = field(default_factory=list)
    """The times that it was begun, in order."""
    request: RequestView | None = None
    """Who asked for it last; None when no such message is on record."""
    election: str = ""
    """Id of the vote that its result names; empty when it was no decision."""
    kind: Literal["task"] = "task"


@dataclass(slots=True)
class AssignmentView:
    """A task in a hierarchy."""

    task: str
    agent: str
    group: str


@dataclass(slots=True)
class HierarchyView:
    """Who leads whom, and does what."""

    coordinator: str
    levels: int
    span: int
    complexity: float | None
    reason: str
    on_failure: str
    leaders: dict[str, str] = field(default_factory=dict)
    """Group → who leads it."""
    delegations: dict[str, str] = field(default_factory=dict)
    """Task → who does it, and in which group."""
    unassigned: dict[str, str] = field(default_factory=dict)
    """Task → why nobody does it."""
    assignments: list[AssignmentView] = field(default_factory=list)
    """The delegations again, field by field."""
    plan: str = ""
    """Id of the plan that it is for."""
    at: datetime | None = None
    kind: Literal["hierarchy"] = "hierarchy"


RunPart: TypeAlias = PlanView | ReplanView | HierarchyView | TaskView | ReflectionView | TaskPart


@dataclass(slots=True)
class RunView:
    """A run and its trace."""

    id: str
    goal: str
    started: datetime
    inputs: dict[str, str] = field(default_factory=dict)
    status: str = "running"
    """`running`, `interrupted` when its kernel ended without it, or how it ended."""
    seconds: float | None = None
    reason: str = ""
    summary: dict[str, str] = field(default_factory=dict)
    messages: int = 0
    failed_messages: int = 0
    parts: list[RunPart] = field(default_factory=list)
    applied: list[LessonView] = field(default_factory=list)
    """Lessons of earlier runs that changed something in this one, as they stood then."""
    ended: datetime | None = None
    latest: datetime | None = None
    """When its newest event was; whatever its kernel took with it ended then, or later."""
    revision: int = 0
    """Grows with every event of the run."""
