"""Allocating: offers many tasks at once and has them shared out as a whole."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Unpack

from dataagents.core.allocation import Allocation, Allocator, BidSheet
from dataagents.core.bidding import Assessment, Award, Bid, CallForBids, Lot, Offer
from dataagents.core.errors import InputError
from dataagents.core.events import EventKind
from dataagents.core.messaging import Message, MessageType, Receipt
from dataagents.core.planning import PlannedTask
from dataagents.core.reflection import Lessons
from dataagents.core.registry import Built
from dataagents.core.screening import screen
from dataagents.core.services.bidding.auctioneer import (
    SENDER,
    LotTerms,
    bid_of,
    in_time,
    make_lot,
)
from dataagents.core.services.bidding.awarding import completed
from dataagents.core.services.bidding.resuming import EarlierAllocation, earlier_allocation
from dataagents.core.services.durability.past import Past
from dataagents.core.services.gathering import gathered
from dataagents.core.services.messaging.hub import Hub
from dataagents.core.services.recorder import NOWHERE
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime
from dataagents.core.tracing import TraceContext
from dataagents.core.values import JsonObject, from_json, to_json

_AT_ONCE = 200
"""Lots in one message."""


class AllocationService:
    """Each agent is asked about all lots together; the allocator only decides."""

    def __init__(
        self,
        runtime: Runtime,
        hub: Hub,
        roster: Roster,
        allocator: Built[Allocator],
        lessons: Callable[[PlannedTask], Lessons],
        past: Past | None = None,
    ) -> None:
        self._runtime = runtime
        self._hub = hub
        self._roster = roster
        self._allocator = allocator
        self._lessons = lessons
        self._past = past or Past()
        self.history: deque[Allocation] = deque(maxlen=runtime.config.history)

    async def allocate(
        self,
        tasks: Sequence[PlannedTask],
        *,
        context: TraceContext = NOWHERE,
        **terms: Unpack[LotTerms],
    ) -> Allocation:
        """Share tasks out; an award for each says who got it, or why nobody did.

        In a run that goes on after a crash, the allocation of the same tasks goes on under its id,
        with what agents have said; one that was closed stands.

        Args:
            tasks: What is to be done.
            context: The run and task that it belongs to.
            terms: See `LotTerms`; they hold for each of the lots.

        Raises:
            InputError: A figure of the terms makes no sense.
            StrategyError: The allocator failed.
        """
        runtime, rules = self._runtime, self._allocator
        batch = runtime.new_id()
        lots = tuple(
            make_lot(runtime, self._roster, task, rules, context, batch=batch, **terms)
            for task in tasks
        )
        event = runtime.recorder.event
        opened = [event(EventKind.AUCTION_OPENED, lot.id, lot, context) for lot in lots]
        earlier, known = None, await self._past.of(context)
        if known and lots:
            offered = [each.body for each in opened]
            earlier = earlier_allocation(known, offered, terms.get("bidders"))
        if earlier is None:
            await runtime.recorder.commit(opened)
            earlier = EarlierAllocation(batch, lots)
        batch, lots = earlier.id, earlier.lots
        self._past.take(context, batch, *(lot.id for lot in lots))
        if earlier.allocation is not None:
            self.history.append(earlier.allocation)
            return earlier.allocation
        bidders = lots[0].bidders or () if lots else ()
        parts = [_Part.of(lots[at : at + _AT_ONCE]) for at in range(0, len(lots), _AT_ONCE)]
        reputation = {lot.id: self._lessons(lot.task).reputation for lot in lots}
        said = earlier.sheets
        left = tuple(agent for agent in bidders if agent not in said)
        made = await gathered(
            *(self._sheet(batch, agent, parts, reputation, context) for agent in left)
        )
        found = {**said, **dict(zip(left, made, strict=True))}
        sheets = [found[agent] for agent in bidders]
        # In a thread: a batch may take the method a while, and messages go on meanwhile.
        allocation = await runtime.boundary.call(
            rules.plugin,
            f"allocator {rules.name}",
            lambda: asyncio.to_thread(share_out, rules.value, lots, sheets),
            limit=runtime.config.strategy_timeout,
            returns=Allocation,
        )
        now = runtime.clock.now()
        awards = tuple(replace(award, at=now) for award in allocation.awards)
        allocation = replace(allocation, id=batch, at=now, awards=awards)
        self.history.append(allocation)
        closed = [event(EventKind.AUCTION_CLOSED, each.lot, each, context) for each in awards]
        whole = event(EventKind.ALLOCATION_CLOSED, batch, replace(allocation, awards=()), context)
        await runtime.recorder.commit((*closed, whole))
        return allocation

    async def _sheet(
        self,
        id: str,
        agent: str,
        parts: Sequence["_Part"],
        reputation: Mapping[str, Mapping[str, float]],
        context: TraceContext,
    ) -> BidSheet:
        answers = await gathered(*(self._ask(id, agent, part, context) for part in parts))
        sheet = _Sheet()
        for part, answer in zip(parts, answers, strict=True):
            for lot in part.lots:
                sheet.read(lot, agent, answer, reputation[lot.id].get(agent, 1.0))
        latest = max(answer.at for answer in answers)
        made = BidSheet(
            agent, latest, sheet.offers, sheet.ineligible, sheet.rejected, sheet.reputation
        )
        await self._runtime.record(EventKind.BIDS_MADE, id, made, context.of(agent))
        return made

    async def _ask(
        self, id: str, agent: str, part: "_Part", context: TraceContext
    ) -> Message | Receipt:
        message = self._hub.compose(
            SENDER,
            agent,
            MessageType.CALL_FOR_BIDS,
            part.payload,
            context=context,
            conversation=id,
            within=part.lots[0].deadline_seconds,
        )
        return await self._hub.request(message)


@dataclass(frozen=True, slots=True)
class _Part:
    """Lots that go out in one message, which must not grow beyond what the hub takes."""

    lots: Sequence[Lot]
    payload: JsonObject

    @classmethod
    def of(cls, lots: Sequence[Lot]) -> "_Part":
        return cls(lots, {"lots": [to_json(CallForBids(lot).announced) for lot in lots]})


@dataclass(slots=True)
class _Sheet:
    """Reads the answers of one agent, lot by lot: what is wrong with one costs that one."""

    offers: dict[str, Offer] = field(default_factory=dict)
    ineligible: dict[str, str] = field(default_factory=dict)
    rejected: dict[str, str] = field(default_factory=dict)
    reputation: dict[str, float] = field(default_factory=dict)

    def read(self, lot: Lot, agent: str, reply: Message | Receipt, reputation: float) -> None:
        if not isinstance(reply, Message):
            self.rejected[lot.id] = f"{reply.status}: {reply.reason}".rstrip(": ")
            return
        answers = reply.payload.get("answers")
        answer = answers.get(lot.id) if isinstance(answers, dict) else None
        if not isinstance(answer, dict):
            self.rejected[lot.id] = "made no offer"
            return
        try:
            assessment = from_json(Assessment, answer.get("assessment"))
            if not assessment.capable:
                self.ineligible[lot.id] = assessment.reason or "is not capable"
                return
            if answer.get("offer") is None:
                self.rejected[lot.id] = "made no offer"
                return
            offer = from_json(Offer, answer["offer"])
        except InputError as error:
            self.rejected[lot.id] = f"refused: {error.problem}"
            return
        call = CallForBids(lot)
        bid = bid_of(offer, agent, in_time(reply.at, call))
        problem = screen(call, (replace(bid, reputation=reputation),)).rejected.get(agent)
        if problem is not None:
            self.rejected[lot.id] = problem
            return
        self.offers[lot.id] = offer
        if reputation != 1.0:
            self.reputation[lot.id] = reputation


def share_out(allocator: Allocator, lots: Sequence[Lot], sheets: Sequence[BidSheet]) -> Allocation:
    """Have lots shared out by the bids on sheets; nothing here waits or sends.

    Raises:
        ValueError: The allocator left a lot out, or awarded it to somebody who made no bid for it.
    """
    bids: dict[str, list[Bid]] = {lot.id: [] for lot in lots}
    for sheet in sheets:
        for lot, offer in sheet.offers.items():
            bid = bid_of(offer, sheet.bidder, sheet.at)
            bids[lot].append(replace(bid, reputation=sheet.reputation.get(lot, 1.0)))

    allocation = allocator.allocate(lots, bids)
    if [award.lot for award in allocation.awards] != [lot.id for lot in lots]:
        raise ValueError("has not one award for each lot, in their order")
    for award in allocation.awards:
        if award.winner not in {None, *(bid.bidder for bid in bids[award.lot])}:
            raise ValueError(f"awarded {award.lot!r} to {award.winner!r}, who made no bid")
    awards = tuple(
        _completed(award, lot, sheets) for award, lot in zip(allocation.awards, lots, strict=True)
    )
    return replace(allocation, awards=awards)


def _completed(award: Award, lot: Lot, sheets: Sequence[BidSheet]) -> Award:
    """Return an award of a batch with what the sheets say about those who made no valid bid."""
    unable = {each.bidder: each.ineligible[lot.id] for each in sheets if lot.id in each.ineligible}
    rejected = {each.bidder: each.rejected[lot.id] for each in sheets if lot.id in each.rejected}
    return completed(award, lot, unable, rejected)
