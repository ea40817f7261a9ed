"""The file of `dataagents auction`: lots, agents and bids, as people write them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, cast

from pydantic import Field, field_validator

from dataagents.console.commands.decision_file import FileSettings
from dataagents.core.bidding import Bid, Lot, Weights, assess_card
from dataagents.core.cards import AgentCard
from dataagents.core.errors import InputError
from dataagents.core.planning import PlannedTask

WHEN = datetime(2000, 1, 1, tzinfo=UTC)
"""Nobody bid at any time."""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class BidEntry(FileSettings):
    """What an agent would do the task for."""

    cost: Positive
    """Where the price asked falls round by round, the lowest price it agrees to."""
    quality: Share = 1.0
    seconds: NotNegative | None = None
    reputation: NotNegative | None = None
    """As it is for this lot; the agent's own when None."""
    reason: str = ""


class AgentEntry(FileSettings):
    """What is known of an agent."""

    capabilities: dict[str, Share] | None = None
    """Capability → level; None for everything that may be asked for."""
    reputation: NotNegative = 1.0


class WeightsEntry(FileSettings):
    """What counts in a score."""

    quality: NotNegative = 1.0
    cost: NotNegative = 1.0
    seconds: NotNegative = 0.0


class LotEntry(FileSettings):
    """A task, and the bids for it."""

    task: str = Field(min_length=1, max_length=200)
    requires: dict[str, Share] = Field(default={})
    seconds: NotNegative = 0.0
    """How long it takes, by estimate."""
    budget: Positive | None = None
    reserve: Positive | None = None
    weights: WeightsEntry = WeightsEntry()
    bids: dict[str, BidEntry] = Field(default={})

    @field_validator("bids", mode="before")
    @classmethod
    def _costs(cls, value: object) -> object:
        """Take a figure for a bid of that cost."""
        if not isinstance(value, Mapping):
            return value
        bids = cast(Mapping[object, object], value)
        return {
            who: bid if isinstance(bid, Mapping | BidEntry) else {"cost": bid}
            for who, bid in bids.items()
        }


class AuctionFile(FileSettings):
    """All of the file."""

    auction: str | None = None
    """The auction, or the allocator that shares all lots out at once."""
    auction_options: dict[str, Any] = Field(default={})
    agents: dict[str, AgentEntry] = Field(default={})
    """Whoever bids and is not here can do everything."""
    lot: LotEntry | None = None
    lots: tuple[LotEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Market:
    """Lots, and what everybody would do them for."""

    lots: tuple[Lot, ...]
    bids: tuple[Mapping[str, Bid], ...]
    """For each lot: agent → its bid, at its lowest price."""
    ineligible: tuple[Mapping[str, str], ...]
    """For each lot: agent → the capability that it lacks."""


def market_of(
    file: AuctionFile, source: str, auction: str, terms: Mapping[str, Any], *, batch: bool
) -> Market:
    """Return the lots of a file with their bids, those of agents that can't do the task apart.

    Raises:
        InputError: There is no lot, two have one name, or one is for nobody; names file and field.
    """
    entries = file.lots if file.lot is None else (file.lot, *file.lots)
    where = [f"lots.{n}" for n in range(len(entries))]
    if file.lot is not None:
        if file.lots:
            raise InputError(f"{source}: lot", "give either 'lot' or 'lots', not both")
        where = ["lot"]
    if not entries:
        raise InputError(source, "it has no lot", hint="Give a 'lot' with a 'task' and 'bids'.")
    tasks = [entry.task for entry in entries]
    for place, task in zip(where, tasks, strict=True):
        if tasks.count(task) > 1:
            raise InputError(f"{source}: {place}.task", f"{task!r} is the name of two lots")
    agents = tuple(dict.fromkeys((*file.agents, *(who for each in entries for who in each.bids))))
    if not agents:
        hint = "Give each lot 'bids': the agents and what they would do it for."
        raise InputError(source, "nobody bids", hint=hint)
    lots = tuple(
        Lot(
            id=entry.task,
            task=PlannedTask(
                entry.task, entry.task, requires=entry.requires, seconds=entry.seconds
            ),
            at=WHEN,
            budget=entry.budget,
            bidders=agents,
            reserve=entry.reserve,
            weights=Weights(entry.weights.quality, entry.weights.cost, entry.weights.seconds),
            auction=auction,
            terms=dict(terms),
            batch=source if batch else None,
        )
        for entry in entries
    )
    ineligible = tuple(_ineligible(file, lot) for lot in lots)
    bids = tuple(
        {who: _bid(file, who, bid) for who, bid in entry.bids.items() if who not in unable}
        for entry, unable in zip(entries, ineligible, strict=True)
    )
    return Market(lots, bids, ineligible)


def _bid(file: AuctionFile, who: str, bid: BidEntry) -> Bid:
    known = file.agents.get(who, AgentEntry()).reputation
    reputation = known if bid.reputation is None else bid.reputation
    return Bid(who, bid.cost, bid.quality, WHEN, bid.seconds, bid.reason, reputation)


def _ineligible(file: AuctionFile, lot: Lot) -> dict[str, str]:
    """Return the agents that lack a capability, each with the reason."""
    unable: dict[str, str] = {}
    for who, agent in file.agents.items():
        if agent.capabilities is not None:
            assessment = assess_card(AgentCard(who, "bidder", agent.capabilities), lot)
            if not assessment.capable:
                unable[who] = assessment.reason
    return unable
