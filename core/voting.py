"""Voting: motions, ballots and what they add up to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Protocol

from annotated_types import Interval

from dataagents.core.values import JsonObject

Confidence = Annotated[float, Interval(ge=0.0, le=1.0)]
"""In [0, 1]; NaN is refused where it is validated, for it is neither above nor below a bound."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An option that an agent puts forward."""

    option: str
    score: Confidence = 0.5
    """How good the proposer thinks it is; 0.5 when it doesn't say."""
    reason: str = ""
    proposer: str = ""


@dataclass(frozen=True, slots=True)
class Motion:
    """A question that is put to a vote; its voters are fixed when it opens."""

    id: str
    question: str
    options: tuple[str, ...]
    voters: tuple[str, ...]
    """Ids of those who may vote."""
    at: datetime
    deadline_seconds: float = 30.0
    quorum: int = 1
    """How many ballots must be cast, abstentions included, for the result to count."""
    context: JsonObject = field(default_factory=dict)
    """The evidence that voters judge by."""
    about: str = ""
    """What the decision is about, for example a data set."""
    proposals: tuple[Proposal, ...] = ()
    run: str | None = None
    task: str | None = None


@dataclass(frozen=True, slots=True)
class Vote:
    """What a voter says; it becomes a ballot when the election accepts it."""

    choice: str | None = None
    """One of the motion's options; None abstains."""
    confidence: Confidence = 0.5
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ballot:
    """An accepted vote."""

    voter: str
    choice: str | None
    confidence: Confidence
    reason: str
    at: datetime


class Verdict(StrEnum):
    """How an election ended."""

    DECIDED = "decided"
    UNDECIDED = "undecided"
    """Enough ballots, but no option reached the threshold, or several tie."""
    NO_QUORUM = "no_quorum"


@dataclass(frozen=True, slots=True)
class Tally:
    """What the ballots add up to under a rule."""

    verdict: Verdict
    decision: str | None
    """The option that won; None unless decided."""
    leaders: tuple[str, ...]
    """Every option with the most votes, in the motion's order; empty when nothing was cast."""
    counts: Mapping[str, int]
    cast: int
    """Ballots with a choice."""
    abstained: int
    confidence: float
    """Leading votes / ballots with a choice; 0 when there are none."""
    threshold: str
    """The threshold as it was compared, for example `67/100`."""
    reason: str
    """One sentence."""


@dataclass(frozen=True, slots=True)
class Election:
    """A motion with its ballots and its result."""

    motion: Motion
    rule: str
    ballots: tuple[Ballot, ...]
    missing: Mapping[str, str]
    """Voters without a ballot → why."""
    tally: Tally
    closed: datetime

    @property
    def decision(self) -> str | None:
        """The option that won; None when nothing was decided."""
        return self.tally.decision


class VotingRule(Protocol):
    """Adds ballots up. Pure: the same motion and ballots give the same tally."""

    def tally(self, motion: Motion, ballots: Sequence[Ballot]) -> Tally:
        """Return the result.

        Args:
            motion: The question; its options and quorum bind.
            ballots: At most one a voter, each for one of the options or for none.
        """
        ...
