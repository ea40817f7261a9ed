"""Decisions on record: the votes and auctions of a store, each decided once more."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dataagents.console.view.run_fold import OUTSIDE
from dataagents.core.allocation import Allocation
from dataagents.core.bidding import Award, Lot
from dataagents.core.errors import InputError
from dataagents.core.events import Event, EventKind
from dataagents.core.registry import Registry
from dataagents.core.services.bidding.replay import (
    recorded_award,
    replay_allocation,
    replay_auction,
)
from dataagents.core.services.voting.replay import replay_election
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import Json, from_json, to_json
from dataagents.core.voting import Election, Tally
from dataagents.storage import LATEST, StoredEvent, StoreReader

_PAGE = 1_000
_MOST_DECISIONS = 1_000_000
_MOST_NAMED = 5
_OPENED = (EventKind.ELECTION_OPENED, EventKind.AUCTION_OPENED)
_CLOSED = (EventKind.ELECTION_CLOSED, EventKind.AUCTION_CLOSED, EventKind.ALLOCATION_CLOSED)


@dataclass(frozen=True, slots=True)
class Decision:
    """A vote, an auction or an allocation of a store."""

    id: str
    kind: str
    """`vote`, `auction` or `allocation`."""
    opened: StoredEvent
    """What it began with; for an allocation, its first lot."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A decision as it was recorded, and as the record leads to it now."""

    decision: Decision
    recorded: Election | Award | Allocation
    now: Tally | Award | Allocation
    differences: tuple[tuple[str, str, str], ...]
    """Field, what was recorded, what it is now; none when both are the same."""

    @property
    def same(self) -> bool:
        """Whether both came to the same result, figures and reasons included."""
        return not self.differences


async def decisions_of(reader: StoreReader, run: str | None) -> tuple[Decision, ...]:
    """Return the decisions of a store, in the order they were opened.

    Args:
        reader: The store.
        run: Those of one run, those outside of any (`-`), or all when None.
    """
    found: list[StoredEvent] = []
    for kind in _OPENED:
        found += await reader.recent(kind, _MOST_DECISIONS)
    decisions: dict[str, Decision] = {}
    for stored in sorted(found, key=lambda each: each.seq):
        event = stored.event
        if run is not None and (event.run or OUTSIDE) != run:
            continue
        batch = event.body.get("batch")
        if event.kind == EventKind.ELECTION_OPENED:
            decision = Decision(event.subject, "vote", stored)
        elif isinstance(batch, str):
            decision = Decision(batch, "allocation", stored)
        else:
            decision = Decision(event.subject, "auction", stored)
        decisions.setdefault(decision.id, decision)
    return tuple(decisions.values())


async def find_decision(reader: StoreReader, text: str) -> Decision:
    """Return the decision that somebody means: by its id, or the beginning or end of it.

    Raises:
        InputError: None is meant by that, or several are; names the choices.
    """
    known = {each.id: each for each in await decisions_of(reader, None)}
    if text in known:
        return known[text]
    meant = [each for each in known if text and (each.startswith(text) or each.endswith(text))]
    if len(meant) == 1:
        return known[meant[0]]
    if meant:
        more = ", …" if len(meant) > _MOST_NAMED else ""
        choices = f"It may be {', '.join(meant[:_MOST_NAMED])}{more}."
        raise InputError(f"decision {text!r}", f"it fits {len(meant)} of them", hint=choices)
    hint = did_you_mean(text, list(known)[-_MOST_NAMED:]).strip()
    hint = hint or "The store has no votes and no auctions yet."
    raise InputError(f"decision {text!r}", "there is no such vote or auction", hint=hint)


async def events_of(
    reader: StoreReader, decisions: Sequence[Decision]
) -> Mapping[str, tuple[Event, ...]]:
    """Return the events of decisions by their id: those about them, and about their lots."""
    events: dict[str, list[Event]] = {decision.id: [] for decision in decisions}
    batches: dict[str, str] = {}
    for run in dict.fromkeys(decision.opened.event.run for decision in decisions):
        begin = min(each.opened.seq for each in decisions if each.opened.event.run == run)
        async for event in _pages(reader, begin - 1, run):
            batch = event.body.get("batch") if event.kind == EventKind.AUCTION_OPENED else None
            if isinstance(batch, str):
                batches[event.subject] = batch
            mine = events.get(batches.get(event.subject, event.subject))
            if mine is not None:
                mine.append(event)
    return {decision: tuple(found) for decision, found in events.items()}


async def _pages(reader: StoreReader, after: int, run: str | None) -> AsyncIterator[Event]:
    while found := await reader.events(after=after, limit=_PAGE, run=run):
        after = found[-1].seq
        for stored in found:
            yield stored.event


def is_closed(events: Iterable[Event]) -> bool:
    """Return whether a decision came to an end."""
    return any(event.kind in _CLOSED for event in events)


def replay_decision(decision: Decision, events: Iterable[Event], registry: Registry) -> Replayed:
    """Decide once more, from the record alone.

    Raises:
        InputError: The record is incomplete, or was changed so that it makes no sense.
        UnknownStrategyError: Nobody provides its rule any more.
        ConfigError: The rule does not take these options any more.
        StrategyError: The rule failed.
    """
    history = tuple(events)
    if decision.kind == "vote":
        election = replay_election(history, registry)
        told = _differences(election.recorded.tally, election.tally)
        return Replayed(decision, election.recorded, election.tally, told)
    if decision.kind == "auction":
        award, again = recorded_award(history), replay_auction(history, registry)
        return Replayed(decision, award, again, _differences(award, again))
    allocation = replay_allocation(history, registry)
    shared = _recorded(history)
    return Replayed(decision, shared, allocation, _differences(shared, allocation))


def _recorded(history: tuple[Event, ...]) -> Allocation:
    """Return an allocation on record, with the awards of its lots."""
    (closed,) = (event for event in history if event.kind == EventKind.ALLOCATION_CLOSED)
    lots = [
        from_json(Lot, event.body) for event in history if event.kind == EventKind.AUCTION_OPENED
    ]
    awards = tuple(
        recorded_award(event for event in history if event.subject == lot.id) for lot in lots
    )
    return replace(from_json(Allocation, closed.body), awards=awards)


def _differences(
    recorded: Tally | Award | Allocation, now: Tally | Award | Allocation
) -> tuple[tuple[str, str, str], ...]:
    if recorded == now:
        return ()
    return tuple(_told(to_json(recorded), to_json(now), ""))


def _told(before: Json, after: Json, path: str) -> list[tuple[str, str, str]]:
    """Return where two values differ: the path of each field, and both values."""
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict):
        keys = dict.fromkeys((*before, *after))
        return [
            each
            for key in keys
            for each in _told(before.get(key), after.get(key), f"{path}.{key}".lstrip("."))
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [
            each
            for number, (one, other) in enumerate(zip(before, after, strict=True))
            for each in _told(one, other, f"{path}.{number}")
        ]
    return [(path, _written(before), _written(after))]


def _written(value: Json) -> str:
    return "nothing" if value is None else str(value)


async def read_decisions(
    store: Path, decision: str | None, run: str | None
) -> tuple[tuple[Decision, tuple[Event, ...]], ...]:
    """Return decisions of a store with their events.

    Args:
        store: The store.
        decision: One of them; those of a run when None.
        run: The run; the latest when None, those outside of a run when it is `-`.

    Raises:
        InputError: There is no such store, run or decision.
    """
    async with StoreReader(store) as reader:
        if decision is not None:
            meant: Sequence[Decision] = (await find_decision(reader, decision),)
        else:
            meant = await decisions_of(reader, await _run(reader, run))
        events = await events_of(reader, meant)
    return tuple((each, events[each.id]) for each in meant)


async def _run(reader: StoreReader, run: str | None) -> str:
    if run == OUTSIDE or (run is None and not await reader.runs(1)):
        return OUTSIDE
    return (await reader.find_run(run or LATEST)).id
