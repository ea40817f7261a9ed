"""The auctioneer: offers a task to those who can do it and awards it."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from dataagents.core.bidding import (
    Assessment,
    Auction,
    Award,
    AwardOutcome,
    Bid,
    CallForBids,
    Lot,
    Offer,
)
from dataagents.core.errors import InputError, StrategyError
from dataagents.core.events import EventKind
from dataagents.core.messaging import Message, MessageType
from dataagents.core.planning import PlannedTask
from dataagents.core.reflection import Lessons
from dataagents.core.registry import Built
from dataagents.core.services.hub import Hub
from dataagents.core.services.recorder import NOWHERE
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime
from dataagents.core.tracing import TraceContext
from dataagents.core.values import from_json, to_json

SENDER = "auctioneer"
_MOST_ROUNDS = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Answer:
    """What an agent said to a call: a bid, or why there is none."""

    agent: str
    bid: Bid | None = None
    ineligible: str = ""


class Auctioneer:
    """Holds auctions; bids travel as messages, the auction only decides."""

    def __init__(
        self,
        runtime: Runtime,
        hub: Hub,
        roster: Roster,
        auction: Built[Auction],
        lessons: Callable[[PlannedTask], Lessons],
    ) -> None:
        self._runtime = runtime
        self._hub = hub
        self._roster = roster
        self._auction = auction
        self._lessons = lessons
        self.history: deque[Award] = deque(maxlen=runtime.config.history)

    async def auction(
        self,
        task: PlannedTask,
        *,
        bidders: Sequence[str] | None = None,
        budget: float | None = None,
        deadline: float | None = None,
        context: TraceContext = NOWHERE,
    ) -> Award:
        """Offer a task as a lot and return how it ended; not being awarded is an outcome too.

        Args:
            task: What is to be done.
            bidders: Who may bid; every agent that is ready when None.
            budget: Bids above this cost are not valid.
            deadline: Seconds for each round of bids; the configured one when None.
            context: The run and task that it belongs to.
        """
        lot = Lot(
            id=self._runtime.new_id(),
            task=task,
            at=self._runtime.clock.now(),
            deadline_seconds=deadline or self._runtime.config.bid_timeout,
            budget=budget,
            bidders=tuple(bidders) if bidders is not None else self._roster.ready,
            run=context.run,
        )
        await self._runtime.record(EventKind.AUCTION_OPENED, lot.id, lot, context)
        reputation = self._lessons(task).reputation
        call = self._decide("open", lambda: self._auction.value.open(lot), CallForBids)
        ineligible: dict[str, str] = {}
        award: Award | None = None
        for _ in range(_MOST_ROUNDS):
            answers = await self._collect(call, ineligible, context)
            ineligible.update({each.agent: each.ineligible for each in answers if each.ineligible})
            bids = await self._record_bids(lot, answers, reputation, context)
            outcome = self._advance(call, bids)
            if isinstance(outcome, Award):
                award = outcome
                break
            call = outcome
        if award is None:
            problem = f"still open after {_MOST_ROUNDS} rounds"
            raise StrategyError(self._auction.plugin, f"auction {self._auction.name}", problem)
        if award.winner is None and len(ineligible) == len(lot.bidders or ()):
            reason = f"none of {len(ineligible)} agents has what the task needs"
            award = replace(award, outcome=AwardOutcome.NO_ELIGIBLE, reason=reason)
        award = replace(award, task=task.id, ineligible=ineligible, at=self._runtime.clock.now())
        self.history.append(award)
        await self._runtime.record(EventKind.AUCTION_CLOSED, lot.id, award, context)
        return award

    async def _collect(
        self, call: CallForBids, ineligible: Mapping[str, str], context: TraceContext
    ) -> tuple[_Answer, ...]:
        agents = [agent for agent in call.lot.bidders or () if agent not in ineligible]
        return tuple(
            await asyncio.gather(*(self._ask(call.lot, agent, context) for agent in agents))
        )

    async def _ask(self, lot: Lot, agent: str, context: TraceContext) -> _Answer:
        message = self._hub.compose(
            SENDER,
            agent,
            MessageType.CALL_FOR_BIDS,
            to_json(lot),
            context=context,
            conversation=lot.id,
            within=lot.deadline_seconds,
        )
        reply = await self._hub.request(message)
        if not isinstance(reply, Message):
            return _Answer(agent)
        try:
            assessment = from_json(Assessment, reply.payload.get("assessment"))
            if not assessment.capable:
                return _Answer(agent, ineligible=assessment.reason)
            offered = reply.payload.get("offer")
            if offered is None:
                return _Answer(agent)
            offer = from_json(Offer, offered)
        except InputError:
            return _Answer(agent)  # its message is on record; what it says is no valid bid
        if lot.budget is not None and offer.cost > lot.budget:
            return _Answer(agent)
        bid = Bid(agent, offer.cost, offer.quality, reply.at, offer.seconds, offer.reason)
        return _Answer(agent, bid)

    async def _record_bids(
        self,
        lot: Lot,
        answers: Sequence[_Answer],
        reputation: Mapping[str, float],
        context: TraceContext,
    ) -> tuple[Bid, ...]:
        bids = tuple(
            replace(each.bid, reputation=reputation.get(each.agent, 1.0))
            for each in answers
            if each.bid is not None
        )
        event = self._runtime.recorder.event
        made = [event(EventKind.BID_MADE, lot.id, bid, context.of(bid.bidder)) for bid in bids]
        await self._runtime.recorder.commit(made)
        return bids

    def _advance(self, call: CallForBids, bids: Sequence[Bid]) -> CallForBids | Award:

        def advanced() -> CallForBids | Award:
            outcome = self._auction.value.advance(call, bids)
            if isinstance(outcome, Award):
                known = {None, *(bid.bidder for bid in bids)}
                if outcome.winner not in known or outcome.lot != call.lot.id:
                    problem = f"awarded {outcome.lot!r} to {outcome.winner!r}, who made no bid"
                    raise ValueError(problem)
            return outcome

        return self._decide("advance", advanced, (CallForBids, Award))

    def _decide(self, what: str, function: Callable[[], T], returns: type | tuple[type, ...]) -> T:
        name = f"auction {self._auction.name} {what}"
        return self._runtime.boundary.call_now(
            self._auction.plugin, name, function, returns=returns
        )
