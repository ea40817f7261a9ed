"""Resuming: finds the auction, or allocation, that a run was in the middle of when it was cut off.

Nothing here waits or sends.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dataagents.core.allocation import Allocation, BidSheet
from dataagents.core.bidding import Award, Bid, Lot, Refusals
from dataagents.core.events import Event, EventKind
from dataagents.core.planning import TaskResult
from dataagents.core.values import JsonObject, from_json

_OWN = ("id", "at", "bidders", "deadline_seconds")
"""Fields of a lot that say nothing about what is offered."""


@dataclass(frozen=True, slots=True)
class EarlierAuction:
    """An auction on record, and what came of its awards."""

    lot: Lot
    bids: tuple[Bid, ...] = ()
    """Those that count, of all rounds."""
    refusals: tuple[Refusals, ...] = ()
    awards: tuple[Award, ...] = ()
    """How often it was awarded; none while it is open."""
    results: tuple[TaskResult, ...] = ()
    """What those who had the task came back with."""

    def made(self, round: int) -> dict[str, Bid]:
        """Return the bids of a round, by bidder."""
        return {bid.bidder: bid for bid in self.bids if bid.round == round}

    def is_over(self, round: int) -> bool:
        """Whether everybody has answered to the call of a round."""
        return any(each.round == round for each in self.refusals) or any(
            bid.round > round for bid in self.bids
        )

    @property
    def ineligible(self) -> dict[str, str]:
        """Agents without the capabilities → why."""
        return {who: why for each in self.refusals for who, why in each.ineligible.items()}

    @property
    def rejected(self) -> dict[str, str]:
        """Agents whose bid does not count, or that made none in time → why."""
        return {who: why for each in self.refusals for who, why in each.rejected.items()}


def earlier_auction(
    events: Sequence[Event], offered: JsonObject, bidders: Collection[str] | None
) -> EarlierAuction | None:
    """Return the latest auction on record that offers the same task under the same terms.

    Args:
        events: The decisions of one attempt at a task, oldest first.
        offered: The lot that would be offered otherwise, as it would be recorded.
        bidders: Who may bid; whoever is there when None.

    Returns:
        None when there is none, and when the task was done under its award: it is to be done again.
    """
    lots = [each for each in events if each.kind == EventKind.AUCTION_OPENED]
    for opened in reversed(lots):
        if not _same(opened.body, offered):
            continue
        lot = from_json(Lot, opened.body)
        if bidders is not None and not set(lot.bidders or ()) <= set(bidders):
            continue
        later = events[events.index(opened) :]
        ended = (each.body for each in later if each.kind == EventKind.TASK_ENDED)
        results = tuple(from_json(TaskResult, body) for body in ended)
        if any(result.success for result in results):
            return None
        about = [each for each in later if each.subject == lot.id]
        return EarlierAuction(
            lot,
            tuple(from_json(Bid, body) for body in _bodies(about, EventKind.BID_MADE)),
            tuple(from_json(Refusals, body) for body in _bodies(about, EventKind.BIDS_REFUSED)),
            tuple(from_json(Award, body) for body in _bodies(about, EventKind.AUCTION_CLOSED)),
            results,
        )
    return None


@dataclass(frozen=True, slots=True)
class EarlierAllocation:
    """An allocation on record."""

    id: str
    lots: tuple[Lot, ...]
    sheets: Mapping[str, BidSheet] = field(default_factory=dict)
    """Agent → what it said to the lots."""
    allocation: Allocation | None = None
    """Its result; None while it is open."""


def earlier_allocation(
    events: Sequence[Event], offered: Sequence[JsonObject], bidders: Collection[str] | None
) -> EarlierAllocation | None:
    """Return the latest allocation on record of the same tasks under the same terms.

    Args:
        events: The decisions of one attempt at a task, oldest first.
        offered: The lots that would be offered otherwise, as they would be recorded.
        bidders: Who may bid; whoever is there when None.
    """
    batches: dict[str, list[Event]] = {}
    for event in events:
        batch = event.body.get("batch") if event.kind == EventKind.AUCTION_OPENED else None
        if isinstance(batch, str):
            batches.setdefault(batch, []).append(event)
    for batch, opened in reversed(batches.items()):
        lots = tuple(from_json(Lot, each.body) for each in opened)
        strangers = bidders is not None and not set(lots[0].bidders or ()) <= set(bidders)
        if strangers or [_task_of(each.body) for each in opened] != [*map(_task_of, offered)]:
            continue
        about = [each for each in events if each.subject == batch]
        sheets = [from_json(BidSheet, body) for body in _bodies(about, EventKind.BIDS_MADE)]
        result: Allocation | None = None
        for body in _bodies(about, EventKind.ALLOCATION_CLOSED):
            closed = _bodies(events, EventKind.AUCTION_CLOSED)
            awards = {award.lot: award for award in (from_json(Award, each) for each in closed)}
            result = replace(
                from_json(Allocation, body), awards=tuple(awards[lot.id] for lot in lots)
            )
        return EarlierAllocation(batch, lots, {each.bidder: each for each in sheets}, result)
    return None


def _task_of(lot: JsonObject) -> Mapping[str, object]:
    return {name: value for name, value in _terms(lot).items() if name != "batch"}


def _bodies(events: Sequence[Event], kind: EventKind) -> list[JsonObject]:
    return [each.body for each in events if each.kind == kind]


def _same(recorded: JsonObject, offered: JsonObject) -> bool:
    return _terms(recorded) == _terms(offered)


def _terms(lot: JsonObject) -> Mapping[str, object]:
    return {name: value for name, value in lot.items() if name not in _OWN}
