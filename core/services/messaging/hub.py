"""The hub: every word between agents goes through here, is recorded, and gets a receipt."""

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from dataagents.core.errors import InputError
from dataagents.core.messaging import (
    TOPIC,
    Assurance,
    Conversation,
    DeadLetter,
    Interceptor,
    Lineage,
    Message,
    MessageType,
    Receipt,
    ReceiptStatus,
    Router,
    Transport,
)
from dataagents.core.registry import Built
from dataagents.core.services.correspondence.archive import Archive
from dataagents.core.services.correspondence.inbox import Inbox
from dataagents.core.services.correspondence.outbox import Outbox
from dataagents.core.services.correspondence.recovery import Recovery
from dataagents.core.services.gathering import gathered
from dataagents.core.services.messaging.admission import Door, Problem
from dataagents.core.services.messaging.conversations import Conversations
from dataagents.core.services.messaging.delivery import Delivery
from dataagents.core.services.messaging.exchanges import Exchange, Exchanges, receipt_of
from dataagents.core.services.messaging.ledger import Ledger
from dataagents.core.services.messaging.reception import Handler, Outgoing, Reception
from dataagents.core.services.messaging.routing import Routing
from dataagents.core.services.messaging.waits import Waits
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime
from dataagents.core.tracing import TraceContext
from dataagents.core.values import JsonObject

_log = logging.getLogger(__name__)

# To look up a member of an enumeration takes as long as a call.
_QUEUED, _GUARANTEED = Assurance.QUEUED, Assurance.GUARANTEED
_IN_MAILBOX = ReceiptStatus.QUEUED


class Hub:
    """Registers agents, routes messages, and answers each sending with a receipt."""

    def __init__(
        self,
        runtime: Runtime,
        roster: Roster,
        transport: Built[Transport],
        router: Built[Router],
        interceptors: Sequence[Built[Interceptor]] = (),
    ) -> None:
        config = runtime.config
        self._runtime = runtime
        self.steady = runtime.steady
        """What deadlines go by."""
        self._door = Door(runtime)
        self._waits = Waits()
        self._exchanges = Exchanges(config.remembered_messages, config.history)
        self._conversations = Conversations(config.history)
        self._ledger = Ledger(runtime.recorder, self._exchanges, self._conversations)
        self._delivery = Delivery(runtime, transport, interceptors)
        self._archive = Archive(runtime.recorder)
        self._recovery = Recovery(runtime, self._archive, self._exchanges, self._conversations)
        self._tasks: set[asyncio.Task[None]] = set()
        self._reception = Reception(
            runtime,
            self._door,
            self._exchanges,
            Outgoing(self._delivery, self.post, self._settle_later, self._tasks),
            Inbox(self._archive, self._ledger),
        )
        self._residents = self._reception.residents
        again, spawn, here = self._deliver_again, self._spawn, self._residents
        self._outbox = Outbox(runtime, self._archive, self._ledger, self._door, here, again, spawn)
        self._routing = Routing(runtime, roster, router, self._residents)

    @property
    def dead_letters(self) -> Sequence[DeadLetter]:
        """The latest messages that could not be delivered, oldest first."""
        return tuple(self._exchanges.dead_letters)

    @property
    def exchanges(self) -> tuple[tuple[Message, Receipt | None], ...]:
        """The latest messages and what became of them, oldest first; None is still to come."""
        return tuple((each.message, each.receipt) for each in self._exchanges)

    async def open(self) -> None:
        """Open the transport; read what an earlier kernel could not deliver."""
        self._reception.open()
        await self._delivery.open(self._reception.accept)
        await self._recovery.open()
        await self._outbox.load()

    def welcome(self, agent: str) -> None:
        """Let guaranteed messages leave that an earlier kernel has sent to an agent.

        They wait for that: an agent is asked nothing before it is known to be well.
        """
        self._outbox.leave(agent)

    async def close(self) -> None:
        """Let agents handle what they can without waiting, hand back the rest, and close."""
        self._door.closed = True
        await self._reception.drain()
        for agent in tuple(self._residents):
            self._reception.dismiss(agent, "the hub closed before it was handled")
        while self._tasks:
            tasks = tuple(self._tasks)
            await asyncio.gather(*map(self._runtime.boundary.stop, tasks))
            self._tasks.difference_update(tasks)
        await self._delivery.close()

    def register(self, agent: str, handler: Handler) -> None:
        """Let an agent receive; what it sends and gets is recorded under its id.

        Raises:
            InputError: There is one with this id.
        """
        if agent in self._residents:
            raise InputError(f"agent {agent!r}", "it is registered already")
        self._reception.admit(agent, handler)

    async def unregister(self, agent: str) -> tuple[Message, ...]:
        """Take an agent off the hub and return the messages that it did not get to."""
        self._routing.topics.unsubscribe(agent)
        return self._reception.dismiss(agent, f"{agent!r} left")

    def subscribe(self, agent: str, pattern: str) -> None:
        """Let an agent hear what is published on topics.

        Args:
            agent: Its id.
            pattern: A topic such as `orders.cleaned`; `*` stands for any one word, `>` for all
                words from there on.

        Raises:
            InputError: The pattern has an empty word, or words behind `>`.
        """
        self._routing.topics.subscribe(agent, pattern)

    def unsubscribe(self, agent: str, pattern: str | None = None) -> None:
        """End one subscription of an agent, or all of them."""
        self._routing.topics.unsubscribe(agent, pattern)

    def waiting(self, agent: str) -> int:
        """Return how many messages wait in an agent's mailbox."""
        resident = self._residents.get(agent)
        return len(resident.mailbox) if resident is not None else 0

    def unfinished(self, agent: str) -> int:
        """Return how many messages wait for an agent or are being handled by it."""
        resident = self._residents.get(agent)
        return resident.mailbox.busy if resident is not None else 0

    def conversation(self, id: str) -> Conversation | None:
        """Return a conversation, as far as it is remembered."""
        return self._conversations.get(id)

    async def history(self, conversation: str, most: int = 100) -> tuple[Message, ...]:
        """Return the latest messages of a conversation, oldest first.

        With a store, those from before a restart are among them.
        """
        return await self._recovery.history(conversation, most)

    async def reopen(self, conversation: str, most: int = 100) -> None:
        """Go on with a conversation of an earlier kernel, where it stood."""
        await self._recovery.reopen(conversation, most)

    def health(self) -> Mapping[str, JsonObject]:
        """Return what the interceptors show of themselves, by name."""
        return self._delivery.health()

    def compose(
        self,
        sender: str,
        recipient: str,
        type: MessageType,
        payload: JsonObject,
        *,
        context: TraceContext,
        conversation: str | None = None,
        hops: int = 0,
        within: float | None = None,
        assurance: Assurance = Assurance.HANDLED,
        lineage: Iterable[Lineage] = (),
    ) -> Message:
        """Return a new message; it expires after `within` seconds."""
        now = self._runtime.clock.now()
        return Message(
            self._runtime.new_id(now),
            sender,
            recipient,
            now,
            type,
            payload,
            conversation=conversation,
            hops=hops,
            deadline=None if within is None else self.steady() + timedelta(seconds=within),
            run=context.run,
            task=context.task,
            waiting=context.waiting,
            assurance=assurance,
            lineage=tuple(lineage) if lineage else (),
            path=context.path,
        )

    async def send(self, message: Message) -> Receipt:
        """Send a message to one agent and return what became of it; never raises for that.

        A message whose id was sent before is answered from record, if it says the same.
        """
        return (await self._exchange(message, wants_reply=False))[0]

    async def request(self, message: Message) -> Message | Receipt:
        """Send a message and return the reply; the receipt says why there is none."""
        if message.assurance is _QUEUED:
            message = replace(message, assurance=Assurance.HANDLED)
        receipt, reply = await self._exchange(message, wants_reply=True)
        if reply is not None:
            return reply
        if receipt.ok:
            return replace(receipt, status=ReceiptStatus.REFUSED, reason="handled without a reply")
        return receipt

    def post(self, message: Message) -> None:
        """Send a message without waiting for what becomes of it; that is on record only."""
        unwatched = replace(message, waiting=()) if message.waiting else message
        self._spawn(self._send_unwatched(unwatched), f"post to {message.recipient}")

    def release(self, message: Message) -> None:
        """Let a guaranteed message leave that was put on record together with something else."""
        self._spawn(self._deliver_again(message), f"message {message.id}")

    async def broadcast(self, message: Message) -> tuple[Receipt, ...]:
        """Send a message to everyone that its recipient stands for; a receipt for each."""
        problem = self._problem(message)
        if problem is not None:
            return (await self._refuse(message, *problem),)
        recipients = self._routing.recipients(message)
        if not recipients:
            return (await self._refuse(message, *self._routing.problem(message, recipients)),)
        copies = (
            replace(message, id=self._runtime.new_id(), recipient=each) for each in recipients
        )
        return await gathered(*(self.send(copy) for copy in copies))

    async def publish(self, topic: str, message: Message) -> tuple[Receipt, ...]:
        """Send a message to all who subscribe to a topic; a receipt for each, one if nobody."""
        return await self.broadcast(replace(message, recipient=f"{TOPIC}{topic}"))

    async def resend(self, id: str, *, within: float | None = None) -> Receipt:
        """Send a dead letter again, as a new message.

        Args:
            id: The message that could not be delivered.
            within: Seconds until it expires; never when None.

        Raises:
            InputError: There is no such dead letter.
        """
        letter = self._exchanges.exhume(id)
        if letter is None:
            raise InputError(f"dead letter {id!r}", "there is none with this id")
        now = self._runtime.clock.now()
        deadline = None if within is None else self.steady() + timedelta(seconds=within)
        again = replace(letter.message, id=self._runtime.new_id(), at=now, deadline=deadline)
        self._ledger.replaces(again, id)
        try:
            return await self.send(again)
        finally:
            self._ledger.replaces_nothing(again)

    async def _exchange(
        self, message: Message, *, wants_reply: bool, recorded: bool = False
    ) -> tuple[Receipt, Message | None]:
        known = self._exchanges.known(message)
        if known is None and message.at <= self._recovery.opened and not recorded:
            known = await self._recovery.known(message)
        if known is not None:
            return await self._from_record(message, known)
        exchange = self._exchanges.begin(message)
        exchange.wants_reply, exchange.recorded = wants_reply, recorded
        try:
            problem = self._problem(message)
            if problem is not None:
                exchange.receipt = await self._refuse(message, *problem)
            elif (problem := self._no_route(exchange)) is not None:
                message, keep = exchange.message, not recorded
                exchange.receipt = await self._refuse(message, *problem, keep=keep)
            elif not message.waiting or message.assurance is _QUEUED:
                exchange.receipt = await self._deliver(exchange)
            else:
                exchange.receipt = await self._deliver_to_waiting(exchange)
        finally:
            self._exchanges.end(exchange)
        return exchange.receipt, exchange.reply

    async def _from_record(
        self, message: Message, known: Exchange
    ) -> tuple[Receipt, Message | None]:
        if known.asked != message:
            now = self._runtime.clock.now()
            reason = f"another message has the id {message.id!r}"
            return receipt_of(message, ReceiptStatus.CONFLICT, now, reason), None
        receipt = await self._exchanges.outcome(known)
        if receipt is None:
            reason = "the same message failed while this one waited for it"
            return await self._refuse(message, ReceiptStatus.REFUSED, reason), None
        return receipt, known.reply

    def _no_route(self, exchange: Exchange) -> Problem | None:
        """Find the one recipient of a message; return why there is none."""
        message = exchange.message
        if message.recipient in self._residents:
            return None
        recipients = self._routing.recipients(message)
        if len(recipients) != 1:
            return self._routing.problem(message, recipients)
        if recipients[0] != message.recipient:
            exchange.message = replace(message, recipient=recipients[0])
        return None

    async def _deliver_to_waiting(self, exchange: Exchange) -> Receipt:
        """Deliver a message whose sender is waited for itself, unless that closes a circle."""
        message = exchange.message
        circle = self._waits.circle(message)
        if circle:
            return await self._refuse(message, ReceiptStatus.REFUSED, circle)
        with self._waits.waiting(message):
            return await self._deliver(exchange)

    async def _deliver(self, exchange: Exchange) -> Receipt:
        message = exchange.message
        wanted = await self._ledger.sent(message, recorded=exchange.recorded)
        try:
            answer = self._delivery.hand_over(message)
            receipt = answer if isinstance(answer, Receipt) else await answer
        except BaseException:
            self._ledger.given_up(message)
            raise
        if self._goes_on(message, receipt):
            self._ledger.given_up(message)
        elif receipt.status is not _IN_MAILBOX:  # that is settled once it was handled
            events = self._ledger.settled(message, receipt, exchange.reply, wanted=wanted)
            if events:
                await self._ledger.commit(events)
        return receipt

    def _problem(self, message: Message) -> Problem | None:
        return self._door.problem(message, limited=message.sender in self._residents)

    async def _refuse(
        self, message: Message, status: ReceiptStatus, reason: str, *, keep: bool = False
    ) -> Receipt:
        """Answer a message that does not leave; keep it where it may find its way later."""
        receipt = receipt_of(message, status, self._runtime.clock.now(), reason)
        book = self._ledger.lost if keep else self._ledger.booked
        await self._ledger.commit(book(message, receipt))
        return receipt

    def _goes_on(self, message: Message, receipt: Receipt) -> bool:
        """Return whether the next kernel delivers what this one could not before it closed."""
        lost = self._door.closed and message.assurance is _GUARANTEED and not receipt.ok
        return lost and self._archive.keeps

    async def _deliver_again(self, message: Message) -> None:
        """Bring home what an earlier kernel has put on record."""
        if not self._door.closed:
            await self._exchange(message, wants_reply=False, recorded=True)

    def _settle_later(self, message: Message, receipt: Receipt) -> None:
        """Note what became of a message whose sender has gone on."""
        events = self._ledger.settled(message, receipt)
        if events:
            self._spawn(self._ledger.commit(events), f"receipt of {message.id}")

    async def _send_unwatched(self, message: Message) -> None:
        await self.send(message)

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:  # nobody waits for it who could be told
            _log.error("%s: %s", task.get_name(), error)
