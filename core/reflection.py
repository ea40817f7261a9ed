"""Reflection: what a run taught, and how the next one uses it.

What was learned is a set of lessons. A lesson changes later behaviour in a stated way within stated
bounds, says what it expects, and is on trial until that shows or does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dataagents.core.models import LanguageModel
from dataagents.core.planning import Failure, PlannedTask, Trigger
from dataagents.core.values import JsonObject


@dataclass(frozen=True, slots=True)
class Delivery:
    """What an agent promised for a task, and what came of it."""

    task: str
    """Name of the operator, not the task's id: what can recur."""
    agent: str
    success: bool
    promised_quality: float | None
    score: float | None
    """The reasoning's confidence, where the task was reasoned about; in [0, 1]."""
    seconds: float
    promised_seconds: float | None = None
    source: str = ""
    """Name of the data set; empty when it is not about one."""


@dataclass(frozen=True, slots=True)
class MethodUse:
    """A method that a plan used for a compound task, and whether its tasks were done as planned."""

    task: str
    """Name of the compound task."""
    method: str
    source: str
    success: bool
    """Whether none of its tasks failed or was replanned away."""


@dataclass(frozen=True, slots=True)
class Mishap:
    """Something that went wrong, with everything that it may recur by."""

    task: str
    """Name of the operator."""
    source: str
    trigger: Trigger
    reason: str
    agent: str = ""
    column: str = ""
    rule: str = ""
    remedy: tuple[str, ...] = ()
    """Names of the operators that the plan got to deal with it."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a validator or detector said in a vote, and whether the run bore it out."""

    judge: str
    source: str
    right: bool


@dataclass(frozen=True, slots=True)
class Experience:
    """One run, as far as others can learn from it."""

    id: str
    at: datetime
    goal: str
    sources: tuple[str, ...]
    """Names of the data sets."""
    success: bool
    seconds: float
    quality: float | None
    """Mean data quality score that the run ended with; None when none was measured."""
    deliveries: tuple[Delivery, ...] = ()
    failures: tuple[Failure, ...] = ()
    replans: int = 0
    run: str | None = None
    methods: tuple[MethodUse, ...] = ()
    mishaps: tuple[Mishap, ...] = ()
    records: int | None = None
    """Rows that were read; None when they were not counted."""
    applied: tuple[str, ...] = ()
    """Ids of the lessons that changed something in this run."""
    judgements: tuple[Judgement, ...] = ()


@dataclass(frozen=True, slots=True)
class Pattern:
    """Something that recurs."""

    kind: str
    """For example `recurring_failure`, `sequence`."""
    subject: str
    occurrences: int
    detail: str
    by: str = ""
    """What it recurs by: `source`, `column`, `rule`, `agent` or `time`."""


@dataclass(frozen=True, slots=True)
class Trend:
    """Where a figure is heading."""

    metric: str
    """`quality`, `latency`, `throughput` or `error rate`."""
    direction: str
    """`up`, `down` or `steady`."""
    before: float
    now: float
    samples: int
    p: float | None = None
    """Chance of such a trend among figures without one; None when no test was made."""
    changed_at: int | None = None
    """Sample, from 0, at which the figure changed its level; None when none was detected."""
    source: str = ""


class LessonKind(StrEnum):
    """What a lesson changes."""

    REPUTATION = "reputation"
    """Subject: an agent. A factor on the quality that its bids promise."""
    METHOD = "method preference"
    """Subject: `task/method`. How early the planner tries the method."""
    FORESIGHT = "foresight"
    """Subject: `task@source`. That this task is expected to fail on this source."""
    DETECTOR = "detector weight"
    """Subject: a detector or validator. The weight of its ballots."""
    PROMPT = "prompt lesson"
    """Subject: `task@source`, or a task. Words that a model gets to read beside its task."""
    REVIEW = "review"
    """Subject: a data set. What a person said about cells of it, for the next vote on them."""


class LessonState(StrEnum):
    """Where a lesson stands."""

    TRIAL = "trial"
    """Applied, and watched: does the expected effect show?"""
    KEPT = "kept"
    PINNED = "pinned"
    """Applied whatever happens, because a person said so."""
    ROLLED_BACK = "rolled back"
    """Not applied any more: the expected effect did not show."""
    DISABLED = "disabled"
    """Not applied, because a person said so."""
    FORGOTTEN = "forgotten"
    """Gone, because a person said so; new evidence alone brings it back."""

    @property
    def applies(self) -> bool:
        """Whether a lesson in this state changes anything."""
        return self in (LessonState.TRIAL, LessonState.KEPT, LessonState.PINNED)


@dataclass(frozen=True, slots=True)
class Expectation:
    """The effect that a lesson is expected to have on a figure, and how long it is watched."""

    metric: str
    """`success`, `replans`, `quality` or `seconds` of the runs that it is applied in."""
    baseline: float
    """Mean before the lesson."""
    least: float
    """How much better the mean has to be; 0 when it only must not get worse."""
    trial: int
    """Runs after which it is judged."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A bounded change of later behaviour, with its evidence and what is expected of it."""

    id: str
    """Same kind and subject, same id: a lesson is updated, not repeated."""
    kind: LessonKind
    subject: str
    value: float
    low: float
    high: float
    """Bounds of `value`, whatever the evidence."""
    evidence: str
    samples: int
    at: datetime
    """When it was learned."""
    expected: Expectation | None = None
    """None when it is recomputed from all evidence each time, and so corrects itself."""
    state: LessonState = LessonState.TRIAL
    uses: int = 0
    """Runs in which it was applied."""
    observed: float | None = None
    """Mean of the expectation's figure over the runs that it was applied in."""
    text: str = ""
    """What a person, or a model, is told."""
    facts: JsonObject = field(default_factory=dict)
    """What the domain is told, for foresight: for example the trigger that is to be expected."""
    counts: JsonObject = field(default_factory=dict)
    """What the reflector counted so far, so that a lesson outlives the experiences behind it."""


@dataclass(frozen=True, slots=True)
class Adaptation:
    """A change that a reflection made to a lesson."""

    change: str
    """`learned`, `updated`, `kept` or `rolled back`; by persons `pinned`, `disabled`, `enabled`,
    `forgotten` or `imported`."""
    lesson: Lesson
    """As it is afterwards."""
    reason: str
    by: str = ""
    """Who did it; empty for the reflector."""


@dataclass(frozen=True, slots=True)
class Reflection:
    """What was learned, by the phases of reflecting."""

    id: str
    at: datetime
    summary: str
    """Experience analysis, in a sentence or two."""
    patterns: tuple[Pattern, ...] = ()
    trends: tuple[Trend, ...] = ()
    insights: tuple[str, ...] = ()
    adaptations: tuple[Adaptation, ...] = ()
    """In the order in which they are applied."""
    integrated: bool = True
    """Whether what was learned is in force now; the service sets it."""
    run: str | None = None


@dataclass(frozen=True, slots=True)
class Lessons:
    """What earlier reflections say about a task or a goal."""

    reputation: Mapping[str, float] = field(default_factory=dict)
    """Agent → factor on the quality that it promises; 1 for an agent nobody knows."""
    warnings: tuple[str, ...] = ()
    preferences: Mapping[str, float] = field(default_factory=dict)
    """`task/method` → how well it did, in [0, 1]."""
    foresight: Mapping[str, JsonObject] = field(default_factory=dict)
    """`task@source` → what is expected to go wrong there."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """Detector or validator → weight of its ballots."""
    advice: tuple[str, ...] = ()
    """Words for a model, the most similar task first."""
    applied: tuple[str, ...] = ()
    """Ids of the lessons that this comes from."""


class ReflectionDesk(Protocol):
    """What a reflector gets beside the experiences."""

    @property
    def model(self) -> LanguageModel | None:
        """The language model; None when there is none."""
        ...

    def now(self) -> datetime:
        """Return the kernel's time, in UTC."""
        ...

    def new_id(self) -> str:
        """Return a new id."""
        ...


class Reflector(Protocol):
    """Learns from runs."""

    async def reflect(
        self,
        experiences: Sequence[Experience],
        lessons: Sequence[Lesson],
        desk: ReflectionDesk,
    ) -> Reflection:
        """Return what can be learned.

        Args:
            experiences: Oldest first; the last one is the run that just ended.
            lessons: All that there are, in whatever state; those of persons are not to be changed.
            desk: Time, ids, and the model if there is one.
        """
        ...

    def recall(self, task: PlannedTask, lessons: Sequence[Lesson], seed: int) -> Lessons:
        """Return what bears on a task.

        Pure and deterministic by the seed. For planning, the task is the goal: its name, and the
        names of the data sets in `args["datasets"]`.
        """
        ...
