"""Reflection: what a run taught, and how the next one uses it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from dataagents.core.planning import Failure, PlannedTask


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


@dataclass(frozen=True, slots=True)
class Pattern:
    """Something that recurs."""

    kind: str
    """For example `recurring_failure`."""
    subject: str
    occurrences: int
    detail: str


@dataclass(frozen=True, slots=True)
class Trend:
    """Where a figure is heading."""

    metric: str
    direction: str
    """`up`, `down` or `steady`."""
    before: float
    now: float
    samples: int


@dataclass(frozen=True, slots=True)
class Adaptation:
    """A bounded change of later behaviour, with its evidence."""

    kind: str
    """`reputation`: a factor on what an agent's bids promise."""
    subject: str
    value: float
    evidence: str
    samples: int


@dataclass(frozen=True, slots=True)
class Reflection:
    """What was learned."""

    id: str
    at: datetime
    summary: str
    patterns: tuple[Pattern, ...] = ()
    trends: tuple[Trend, ...] = ()
    insights: tuple[str, ...] = ()
    adaptations: tuple[Adaptation, ...] = ()
    run: str | None = None


@dataclass(frozen=True, slots=True)
class Lessons:
    """What earlier reflections say about a task."""

    reputation: Mapping[str, float] = field(default_factory=dict)
    """Agent → factor on the quality that it promises; 1 for an agent nobody knows."""
    warnings: tuple[str, ...] = ()


class ReflectionDesk(Protocol):
    """What a reflector gets beside the experiences."""

    def now(self) -> datetime:
        """Return the kernel's time, in UTC."""
        ...

    def new_id(self) -> str:
        """Return a new id."""
        ...


class Reflector(Protocol):
    """Learns from runs."""

    async def reflect(self, experiences: Sequence[Experience], desk: ReflectionDesk) -> Reflection:
        """Return what can be learned.

        Args:
            experiences: Oldest first; the last one is the run that just ended.
            desk: Time and ids.
        """
        ...

    def recall(self, task: PlannedTask, reflections: Sequence[Reflection]) -> Lessons:
        """Return what bears on a task. Pure; reflections come oldest first."""
        ...
