"""Bidding: tasks as lots, agents as bidders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Protocol

from annotated_types import Gt, Interval

from dataagents.core.cards import AgentCard
from dataagents.core.planning import PlannedTask


@dataclass(frozen=True, slots=True)
class Lot:
    """A task that agents may bid for."""

    id: str
    task: PlannedTask
    at: datetime
    deadline_seconds: float = 10.0
    """How long bids are taken."""
    budget: float | None = None
    """Bids above this cost are not valid."""
    bidders: tuple[str, ...] | None = None
    """Who may bid; None for every agent."""
    run: str | None = None

    @property
    def requires(self) -> Mapping[str, float]:
        """Capabilities that the task needs, each with its minimum level."""
        return self.task.requires


@dataclass(frozen=True, slots=True)
class Assessment:
    """Whether an agent could do a lot's task."""

    capable: bool
    level: float
    """The agent's level in the weakest of the capabilities needed, in [0, 1]."""
    reason: str


Positive = Annotated[float, Gt(0.0)]


@dataclass(frozen=True, slots=True)
class Offer:
    """What an agent says it would do the task for; it becomes a bid when it is accepted."""

    cost: Positive
    quality: Annotated[float, Interval(ge=0.0, le=1.0)]
    """Quality of the result it promises."""
    seconds: Annotated[float, Interval(ge=0.0)] | None = None
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


@dataclass(frozen=True, slots=True)
class CallForBids:
    """A round of an auction."""

    lot: Lot
    round: int = 1


class AwardOutcome(StrEnum):
    """How an auction ended."""

    AWARDED = "awarded"
    NO_ELIGIBLE = "no_eligible"
    """No agent has the capabilities."""
    NO_VALID_BID = "no_valid_bid"
    """Capable agents there were, but none made a valid bid."""


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
    """Return the offer that a card supports: its cost, and its weakest level as the quality."""
    assessment = assess_card(card, lot)
    if not assessment.capable:
        return None
    return Offer(
        cost=card.cost,
        quality=assessment.level,
        seconds=lot.task.seconds or None,
        reason=card.summary,
    )
