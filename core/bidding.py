"""Bidding: tasks as lots, agents as bidders.

It is procurement: agents bid what they want to be paid for a task, so the lower price is the better
one, and a reserve is the highest price that is paid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Protocol

from annotated_types import Gt, Interval
from pydantic import Strict

from dataagents.core.cards import AgentCard
from dataagents.core.planning import PlannedTask, TaskResult
from dataagents.core.values import JsonObject

Positive = Annotated[float, Strict(), Gt(0.0)]
NotNegative = Annotated[float, Strict(), Interval(ge=0.0)]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each figure of a bid counts in its score: an exponent, 0 for not at all."""

    quality: NotNegative = 1.0
    cost: NotNegative = 1.0
    seconds: NotNegative = 0.0


@dataclass(frozen=True, slots=True)
class Lot:
    """A task that agents may bid for."""

    id: str
    task: PlannedTask
    at: datetime
    deadline_seconds: float = 10.0
    """How long bids are taken."""
    budget: float | None = None
    """Bids above this cost are not valid; bidders are told."""
    bidders: tuple[str, ...] | None = None
    """Who may bid; None for every agent."""
    run: str | None = None
    reserve: float | None = None
    """The highest price that is paid; bidders are not told."""
    weights: Weights = Weights()
    auction: str = ""
    """Name of the auction, or of the allocator when it is part of a batch."""
    terms: JsonObject = field(default_factory=dict)
    """Options of the auction: with its name, the rules that everybody bids under."""
    batch: str | None = None
    """Id of the allocation that it is part of; None when it is auctioned alone."""
    round: int = 1
    """As bidders see it: the round that they are asked in."""
    asking: float | None = None
    """As bidders see it: the price that is asked; only a bid at or below it counts."""

    @property
    def requires(self) -> Mapping[str, float]:
        """Capabilities that the task needs, each with its minimum level."""
        return self.task.requires

    @property
    def limit(self) -> float | None:
        """The lower one of budget and reserve."""
        return min((each for each in (self.budget, self.reserve) if each is not None), default=None)


@dataclass(frozen=True, slots=True)
class Assessment:
    """Whether an agent could do a lot's task."""

    capable: bool
    level: float
    """The agent's level in the weakest of the capabilities needed, in [0, 1]."""
    reason: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What an agent says it would do the task for; it becomes a bid when it is accepted."""

    cost: Positive
    quality: Annotated[float, Strict(), Interval(ge=0.0, le=1.0)]
    """Quality of the result it promises."""
    seconds: NotNegative | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Bid:
    """An accepted offer; sealed until the deadline."""

    bidder: str
    cost: float
    quality: float
    at: datetime
    seconds: float | None = None
    reason: str = ""
    reputation: float = 1.0
    """Factor learned from earlier awards: what was delivered / what was promised."""
    round: int = 1

    @property
    def expected_quality(self) -> float:
        """What is promised, corrected by reputation."""
        return self.quality * self.reputation


@dataclass(frozen=True, slots=True)
class CallForBids:
    """A round of an auction, with what the rounds before it came to."""

    lot: Lot
    round: int = 1
    asking: float | None = None
    """The price asked; only bids at or below it count. None for any price up to the limit."""
    bidders: tuple[str, ...] | None = None
    """Who is asked in this round; everybody that may bid when None."""
    standing: tuple[Bid, ...] = ()
    """The best bid so far of each bidder, best first."""
    step: float | None = None
    """How far the price asked lies below the best bid."""
    rejected: Mapping[str, str] = field(default_factory=dict)
    """Bidder → why a bid of an earlier round did not count."""
    at: datetime | None = None
    """When it was made, filled in by the kernel; the lot's time when None."""

    @property
    def announced(self) -> Lot:
        """The lot as bidders are told of it: with round and price, without the reserve."""
        return replace(self.lot, round=self.round, asking=self.asking, reserve=None)


@dataclass(frozen=True, slots=True)
class Refusals:
    """Who made no valid bid in a round, and why."""

    round: int
    ineligible: Mapping[str, str]
    """Agents without the capabilities."""
    rejected: Mapping[str, str]
    """Agents whose bid does not count, or that made none in time."""


class AwardOutcome(StrEnum):
    """How an auction ended."""

    AWARDED = "awarded"
    NO_ELIGIBLE = "no_eligible"
    """No agent has the capabilities."""
    NO_VALID_BID = "no_valid_bid"
    """Capable agents there were, but none made a valid bid."""
    NO_CAPACITY = "no_capacity"
    """Bids there were, but in the allocation all those who made them have as much as they may."""


@dataclass(frozen=True, slots=True)
class Award:
    """The end of an auction."""

    lot: str
    outcome: AwardOutcome
    reason: str
    winner: str | None = None
    price: float | None = None
    """What the winner is paid."""
    expected_seconds: float | None = None
    expected_quality: float | None = None
    runner_up: str | None = None
    bids: tuple[Bid, ...] = ()
    """All valid bids, best first."""
    ineligible: Mapping[str, str] = field(default_factory=dict)
    """Agents that could not take part → why."""
    at: datetime | None = None
    task: str = ""
    """Id of the lot's task; like the two before, filled in by the kernel."""
    rejected: Mapping[str, str] = field(default_factory=dict)
    """Agents whose bid did not count, or that made none in time → why."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """Bidder → what its bid was worth, where the auction goes by a score."""
    rounds: int = 1
    retries: int = 0
    """How often the task is awarded anew, to the next best, when whoever has it fails."""
    seconds_allowed: float | None = None
    """How long the winner has, where the auction holds it to what it promised."""
    failed: tuple[str, ...] = ()
    """Who had the task before and failed, filled in by the kernel."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An award, and what came of it."""

    award: Award
    result: TaskResult


@dataclass(frozen=True, slots=True)
class Contract:
    """How a task was awarded and done, or why it was not."""

    result: TaskResult
    award: Award
    """The last one."""
    attempts: tuple[Attempt, ...] = ()
    """Everybody who had the task, in order; the last one succeeded, or nobody did."""

    @property
    def awards(self) -> tuple[Award, ...]:
        """All awards, the one without a winner included that ended it."""
        awards = tuple(attempt.award for attempt in self.attempts)
        return awards if awards and awards[-1] == self.award else (*awards, self.award)


class Auction(Protocol):
    """A pure state machine: from a lot through rounds of bids to an award."""

    def open(self, lot: Lot) -> CallForBids:
        """Return the first call."""
        ...

    def advance(self, call: CallForBids, bids: Sequence[Bid]) -> CallForBids | Award:
        """Return the next round, or how it ended."""
        ...


def assess_card(card: AgentCard, lot: Lot) -> Assessment:
    """Judge an agent by its card: each capability needed must be there at its minimum level."""
    levels: list[float] = []
    for capability, minimum in lot.requires.items():
        level = card.capabilities.get(capability)
        if level is None:
            return Assessment(False, 0.0, f"lacks {capability!r}")
        if level < minimum:
            return Assessment(False, level, f"{capability!r} at {level:g}, needs {minimum:g}")
        levels.append(level)
    return Assessment(True, min(levels, default=1.0), "has every capability needed")


def offer_from_card(card: AgentCard, lot: Lot) -> Offer | None:
    """Return the offer that a card supports: its cost, and its weakest level as the quality.

    Where a price is asked, it is taken as long as it covers the cost: asking for less would only
    give money away, and leaving earlier the task.
    """
    assessment = assess_card(card, lot)
    if not assessment.capable or (lot.asking is not None and lot.asking < card.cost):
        return None
    return Offer(
        cost=card.cost if lot.asking is None else lot.asking,
        quality=assessment.level,
        seconds=lot.task.seconds or None,
        reason=card.summary,
    )
