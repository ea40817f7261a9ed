"""Meta-analysis: what can be said about a reasoning from its history."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from dataagents.core.values import JsonObject


class ScorePattern(StrEnum):
    """How the scores of the steps go."""

    RISING = "rising"
    FALLING = "falling"
    STEADY = "steady"
    MIXED = "mixed"
    UNKNOWN = "unknown"
    """There are too few steps to tell."""


class CircleSeverity(StrEnum):
    """How much a circle matters."""

    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Circle:
    """A part of a reasoning that goes round."""

    actions: tuple[str, ...]
    """The pattern, in order."""
    steps: tuple[int, ...]
    """Numbers of the steps that it consists of."""
    reason: str
    """How it was found, in a sentence."""
    severity: CircleSeverity = CircleSeverity.HIGH


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What should be done differently, and at which step."""

    step: int
    change: str


@dataclass(frozen=True, slots=True)
class HistoryAnalysis:
    """What an analyst makes of a history."""

    score: float = 0.5
    """Overall quality of the reasoning, in [0, 1]; 0.5 when there is too little to judge."""
    progress: float | None = None
    """Share of the actions that brought something new, in [0, 1]; None without findings."""
    pattern: ScorePattern = ScorePattern.UNKNOWN
    circles: tuple[Circle, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()

    @property
    def circular(self) -> bool:
        """Whether it goes round in circles."""
        return bool(self.circles)


class StepLike(Protocol):
    """What an analyst reads of a step; see `reasoning.Step`."""

    @property
    def number(self) -> int:
        """Counts from 1."""
        ...

    @property
    def thought(self) -> str:
        """What led to the action."""
        ...

    @property
    def action(self) -> str:
        """What was done."""
        ...

    @property
    def action_input(self) -> JsonObject:
        """What it was done with."""
        ...

    @property
    def score(self) -> float:
        """Confidence in [0, 1]."""
        ...

    @property
    def error(self) -> str | None:
        """What went wrong."""
        ...


class Analyst(Protocol):
    """A strategy of judging a reasoning."""

    def analyze(self, steps: Sequence[StepLike]) -> HistoryAnalysis:
        """Return what the steps so far show; the same steps always show the same."""
        ...
