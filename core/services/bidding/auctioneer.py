"""The auctioneer: offers a task to those who can do it and awards it."""

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import inf
from typing import Any, TypedDict, Unpack

from dataagents.core.bidding import (
    Assessment,
    Auction,
    Award,
    Bid,
    CallForBids,
    Lot,
    Offer,
    Refusals,
    Weights,
)
from dataagents.core.errors import InputError
from dataagents.core.events import EventKind
from dataagents.core.messaging import Message, MessageType
from dataagents.core.planning import PlannedTask
from dataagents.core.reflection import Lessons
from dataagents.core.registry import Built
from dataagents.core.screening import screen
from dataagents.core.services.bidding.awarding import Gavel, Hearing, completed
from dataagents.core.services.bidding.resuming import EarlierAuction, earlier_auction
from dataagents.core.services.durability.past import Past
from dataagents.core.services.gathering import gathered
from dataagents.core.services.messaging.hub import Hub
from dataagents.core.services.recorder import NOWHERE
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime
from dataagents.core.tracing import TraceContext
from dataagents.core.values import from_json, to_json

SENDER = "auctioneer"


class LotTerms(TypedDict, total=False):
    """What whoever offers a task can say about it; the figures are above 0."""

    bidders: Sequence[str] | None
    """Who may bid; every agent that is ready when None."""
    budget: float | None
    """Bids above this cost are not valid; bidders are told."""
    reserve: float | None
    """The highest price that is paid; bidders are not told."""
    weights: Weights
    """What counts in a bid's score."""
    deadline: float | None
    """Seconds for each round of bids; the configured ones when None."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What an agent said to a call: a bid, or why there is none."""

    agent: str
    bid: Bid | None = None
    ineligible: str = ""
    problem: str = ""


class Auctioneer:
    """Holds auctions; bids travel as messages, the auction only decides.

    Args:
        runtime: The ground that all services share.
        hub: Takes the calls to the bidders.
        roster: Says who may bid.
        auction: The auction that is used unless another one is named.
        find: Builds an installed auction by name.
        lessons: Gives what was learned about those who did a task before.
        past: Knows the auctions of a run that goes on; none when None.
    """

    def __init__(
        self,
        runtime: Runtime,
        hub: Hub,
        roster: Roster,
        auction: Built[Auction],
        find: Callable[[str], Built[Auction]],
        lessons: Callable[[PlannedTask], Lessons],
        past: Past | None = None,
    ) -> None:
        self._runtime = runtime
        self._hub = hub
        self._roster = roster
        self._default = auction.name
        self._auctions = {auction.name: auction}
        self._find = find
        self._lessons = lessons
        self._past = past or Past()
        self.history: deque[Award] = deque(maxlen=runtime.config.history)

    async def auction(
        self,
        task: PlannedTask,
        *,
        auction: str | None = None,
        context: TraceContext = NOWHERE,
        **terms: Unpack[LotTerms],
    ) -> Award:
        """Offer a task as a lot and return how it ended; not being awarded is an outcome too.

        Args:
            task: What is to be done.
            auction: An installed auction; the configured one when None.
            context: The run and task that it belongs to.
            terms: See `LotTerms`.

        Raises:
            InputError: A figure of the terms makes no sense.
            StrategyError: The auction failed.
            UnknownStrategyError: Nobody provides the auction.
        """
        return (await self.hold(task, auction=auction, context=context, **terms)).award

    async def hold(
        self,
        task: PlannedTask,
        *,
        auction: str | None = None,
        context: TraceContext = NOWHERE,
        **terms: Unpack[LotTerms],
    ) -> Hearing:
        """Do what `auction` does, and return what it takes to award the lot anew.

        In a run that goes on after a crash, the auction of the same task goes on under its id, with
        the bids that were made; one that was awarded keeps its award.
        """
        gavel = self._gavel(auction or self._default)
        lot = make_lot(self._runtime, self._roster, task, gavel.auction, context, **terms)
        opened = EventKind.AUCTION_OPENED
        earlier, known = None, await self._past.of(context)
        if known:
            offered = self._runtime.recorder.event(opened, lot.id, lot, context)
            earlier = earlier_auction(known, offered.body, terms.get("bidders"))
        if earlier is None:
            self._past.take(context, lot.id)
            await self._runtime.record(opened, lot.id, lot, context)
            return await self._hear(gavel, EarlierAuction(lot), context)
        self._past.take(context, earlier.lot.id)
        await self._hub.reopen(earlier.lot.id)
        hearing = await self._hear(gavel, earlier, context)
        return replace(hearing, earlier=earlier)

    async def _hear(self, gavel: Gavel, earlier: EarlierAuction, context: TraceContext) -> Hearing:
        """Hold an auction to its end, from where it stood."""
        lot = earlier.lot
        if earlier.awards:
            self.history.append(earlier.awards[0])
            return replace(gavel.rehear(lot, earlier.bids), award=earlier.awards[0])
        reputation = self._lessons(lot.task).reputation
        ineligible, rejected = earlier.ineligible, earlier.rejected
        call = gavel.open(lot)
        while True:
            call = replace(gavel.within_limits(call), at=self._runtime.clock.now())
            made = earlier.made(call.round)
            if not earlier.is_over(call.round):
                known = {*ineligible, *made}
                answers = await self._collect(call, known, reputation, context)
                made |= {each.agent: each.bid for each in answers if each.bid is not None}
                await self._refuse(call, answers, ineligible, rejected, context)
            bids = screen(call, tuple(made.values())).valid
            outcome = gavel.advance(call, bids)
            if isinstance(outcome, Award):
                award = completed(outcome, lot, ineligible, rejected)
                return await self._close(Hearing(lot, call, bids, award), context)
            call = outcome

    async def again(
        self, hearing: Hearing, failed: Sequence[str], context: TraceContext = NOWHERE
    ) -> Hearing:
        """Award a lot anew, to the best bid but for those of the agents that had it and failed."""
        award = self._gavel(hearing.lot.auction).again(hearing, failed)
        return await self._close(replace(hearing, award=award), context)

    def _gavel(self, name: str) -> Gavel:
        if name not in self._auctions:
            self._auctions[name] = self._find(name)
        return Gavel(self._auctions[name], self._runtime.boundary)

    async def _close(self, hearing: Hearing, context: TraceContext) -> Hearing:
        award = replace(hearing.award, at=self._runtime.clock.now())
        self.history.append(award)
        await self._runtime.record(EventKind.AUCTION_CLOSED, award.lot, award, context)
        return replace(hearing, award=award)

    async def _collect(
        self,
        call: CallForBids,
        known: Collection[str],
        reputation: Mapping[str, float],
        context: TraceContext,
    ) -> tuple[_Answer, ...]:
        """Ask everybody for a bid but those whose answer is known already."""
        asked = call.bidders if call.bidders is not None else call.lot.bidders or ()
        agents = [agent for agent in asked if agent not in known]
        return await gathered(
            *(self._bid(call, agent, reputation.get(agent, 1.0), context) for agent in agents)
        )

    async def _bid(
        self, call: CallForBids, agent: str, reputation: float, context: TraceContext
    ) -> _Answer:
        """Ask for a bid, and record it as it comes in, if it counts."""
        answer = await self._ask(call, agent, context)
        if answer.bid is None:
            return answer
        bid = replace(answer.bid, reputation=reputation)
        problem = screen(call, (bid,)).rejected.get(agent)
        if problem is not None:
            return _Answer(agent, problem=problem)
        await self._runtime.record(EventKind.BID_MADE, call.lot.id, bid, context.of(agent))
        return _Answer(agent, bid)

    async def _ask(self, call: CallForBids, agent: str, context: TraceContext) -> _Answer:
        message = self._hub.compose(
            SENDER,
            agent,
            MessageType.CALL_FOR_BIDS,
            to_json(call.announced),
            context=context,
            conversation=call.lot.id,
            within=call.lot.deadline_seconds,
        )
        reply = await self._hub.request(message)
        if not isinstance(reply, Message):
            return _Answer(agent, problem=f"{reply.status}: {reply.reason}".rstrip(": "))
        try:
            assessment = from_json(Assessment, reply.payload.get("assessment"))
            if not assessment.capable:
                return _Answer(agent, ineligible=assessment.reason or "is not capable")
            offered = reply.payload.get("offer")
            if offered is None:
                goes_no_lower = any(bid.bidder == agent for bid in call.standing)
                return _Answer(agent, problem="" if goes_no_lower else "made no offer")
            offer = from_json(Offer, offered)
        except InputError as error:
            return _Answer(agent, problem=f"refused: {error.problem}")
        return _Answer(agent, bid_of(offer, agent, in_time(reply.at, call), call.round))

    async def _refuse(
        self,
        call: CallForBids,
        answers: Sequence[_Answer],
        ineligible: dict[str, str],
        rejected: dict[str, str],
        context: TraceContext,
    ) -> None:
        """Record who made no bid that counts, and why."""
        refusals = Refusals(
            call.round,
            {each.agent: each.ineligible for each in answers if each.ineligible},
            {each.agent: each.problem for each in answers if each.problem},
        )
        ineligible.update(refusals.ineligible)
        rejected.update(refusals.rejected)
        if refusals.ineligible or refusals.rejected:
            await self._runtime.record(EventKind.BIDS_REFUSED, call.lot.id, refusals, context)


def make_lot(
    runtime: Runtime,
    roster: Roster,
    task: PlannedTask,
    rules: Built[Any],
    context: TraceContext,
    *,
    bidders: Sequence[str] | None = None,
    budget: float | None = None,
    reserve: float | None = None,
    weights: Weights | None = None,
    deadline: float | None = None,
    batch: str | None = None,
) -> Lot:
    """Return a task as a lot, open to everybody who is there unless bidders are named.

    Raises:
        InputError: A figure makes no sense.
    """
    seconds = runtime.config.bid_timeout if deadline is None else deadline
    for name, figure in (("budget", budget), ("reserve", reserve), ("deadline", seconds)):
        if figure is not None and not 0 < figure < inf:
            raise InputError(f"lot {task.id!r}", f"{name} {figure:g} is no figure above 0")
    counted = weights or Weights()
    if not all(0 <= each < inf for each in (counted.quality, counted.cost, counted.seconds)):
        raise InputError(f"lot {task.id!r}", f"weights are figures of at least 0, not {counted}")
    asked = roster.ready if bidders is None else bidders
    return Lot(
        id=runtime.new_id(),
        task=task,
        at=runtime.clock.now(),
        deadline_seconds=seconds,
        budget=budget,
        bidders=tuple(dict.fromkeys(agent for agent in asked if roster.present(agent))),
        run=context.run,
        reserve=reserve,
        weights=counted,
        auction=rules.name,
        terms=rules.options.model_dump(mode="json"),
        batch=batch,
    )


def bid_of(offer: Offer, agent: str, at: datetime, round: int = 1) -> Bid:
    """Return an offer as the bid of an agent."""
    return Bid(agent, offer.cost, offer.quality, at, offer.seconds, offer.reason, round=round)


def in_time(at: datetime, call: CallForBids) -> datetime:
    """Return when a bid was made that came before its deadline, by the clock that nobody sets.

    Args:
        at: When it was made, by a clock that may have been set since the call.
        call: What it answers.
    """
    began = call.at or call.lot.at
    return min(max(at, began), began + timedelta(seconds=call.lot.deadline_seconds))
