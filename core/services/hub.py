"""The hub: every word between agents goes through here, is recorded, and gets a receipt."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from datetime import timedelta

from dataagents.core.errors import DataAgentsError, StoreError
from dataagents.core.events import EventKind
from dataagents.core.messaging import (
    EVERYONE,
    REPLIES,
    Conversation,
    DeadLetter,
    Lane,
    Message,
    MessageType,
    Receipt,
    ReceiptStatus,
    Router,
    Transport,
    lane_of,
    misfit,
)
from dataagents.core.registry import Built
from dataagents.core.services.mailbox import Mailbox
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime
from dataagents.core.suggestions import did_you_mean
from dataagents.core.tracing import TraceContext
from dataagents.core.values import JsonObject

Handler = Callable[[Message], Awaitable[JsonObject | None]]
"""An agent's side: takes a message and returns the payload of the reply, or None."""


_SLACK = 0.05
"""Seconds that each layer waits longer than the one below: the lowest says best what went wrong."""


class Hub:
    """Registers agents, routes messages, and answers each sending with a receipt."""

    def __init__(
        self, runtime: Runtime, roster: Roster, transport: Built[Transport], router: Built[Router]
    ) -> None:
        self._runtime = runtime
        self._roster = roster
        self._transport = transport
        self._router = router
        self._handlers: dict[str, Handler] = {}
        self._mailboxes: dict[str, Mailbox] = {}
        self._replies: dict[str, Message] = {}
        self._awaited: set[str] = set()
        self._conversations: OrderedDict[str, Conversation] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self.dead_letters: deque[DeadLetter] = deque(maxlen=runtime.config.history)

    async def open(self) -> None:
        """Open the transport."""
        await self._call_transport("open", lambda: self._transport.value.open(self._receive))

    async def close(self) -> None:
        """Stop the workers, hand pending messages to the dead letters, close the transport."""
        for agent in tuple(self._handlers):
            await self.unregister(agent)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._call_transport("close", self._transport.value.close)

    def register(self, agent: str, handler: Handler) -> None:
        """Let an agent receive; what it sends and gets is recorded under its id."""
        self._handlers[agent] = handler
        self._mailboxes[agent] = Mailbox(
            agent, self._handle, self._spawn, self._runtime.config.mailbox_size
        )

    async def unregister(self, agent: str) -> tuple[Message, ...]:
        """Take an agent off the hub and return the messages that it did not get to."""
        self._handlers.pop(agent, None)
        self._runtime.boundary.forget(f"agent {agent}")
        mailbox = self._mailboxes.pop(agent, None)
        left = mailbox.take_back() if mailbox is not None else ()
        for message, receipt in left:
            gone = self._receipt(message, ReceiptStatus.UNKNOWN_RECIPIENT, f"{agent!r} left")
            if not receipt.done():
                receipt.set_result(gone)
        return tuple(message for message, _ in left)

    def waiting(self, agent: str) -> int:
        """Return how many messages wait in an agent's mailbox."""
        mailbox = self._mailboxes.get(agent)
        return len(mailbox) if mailbox is not None else 0

    def conversation(self, id: str) -> Conversation | None:
        """Return a conversation, as far as it is remembered."""
        return self._conversations.get(id)

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
    ) -> Message:
        """Return a new message; it expires after `within` seconds."""
        now = self._runtime.clock.now()
        return Message(
            id=self._runtime.new_id(),
            sender=sender,
            recipient=recipient,
            at=now,
            type=type,
            payload=payload,
            conversation=conversation,
            hops=hops,
            deadline=None if within is None else now + timedelta(seconds=within),
            run=context.run,
            task=context.task,
            waiting=context.waiting,
        )

    async def send(self, message: Message) -> Receipt:
        """Send a message to one agent and return what became of it; never raises for that."""
        problem = self._refusal(message)
        if problem is None:
            recipients = self._recipients(message)
            if len(recipients) == 1:
                return await self._send_to(message, recipients[0])
            problem = self._unroutable(message, recipients)
        status, reason = problem
        return await self._refuse(message, status, reason)

    def post(self, message: Message) -> None:
        """Send a message without waiting for what becomes of it; that is on record only."""
        unwatched = replace(message, waiting=())
        self._spawn(self._send_unwatched(unwatched), f"post to {message.recipient}")

    async def broadcast(self, message: Message) -> tuple[Receipt, ...]:
        """Send a message to everyone that the router names; a receipt for each."""
        problem = self._refusal(message)
        if problem is not None:
            return (await self._refuse(message, *problem),)
        recipients = self._recipients(message)
        if not recipients:
            return (await self._refuse(message, *self._unroutable(message, recipients)),)
        copies = (
            replace(message, id=self._runtime.new_id(), recipient=each) for each in recipients
        )
        return tuple(
            await asyncio.gather(*(self._send_to(copy, copy.recipient) for copy in copies))
        )

    async def request(self, message: Message) -> Message | Receipt:
        """Send a message and return the reply; the receipt says why there is none."""
        self._awaited.add(message.id)
        try:
            receipt = await self.send(message)
        finally:
            self._awaited.discard(message.id)
            reply = self._replies.pop(message.id, None)
        if reply is not None:
            return reply
        if receipt.ok:
            return replace(receipt, status=ReceiptStatus.REFUSED, reason="handled without a reply")
        return receipt

    def _refusal(self, message: Message) -> tuple[ReceiptStatus, str] | None:
        if message.hops > self._runtime.config.max_hops:
            reason = f"more than {self._runtime.config.max_hops} hops: the exchange goes in circles"
            return ReceiptStatus.REFUSED, reason
        if message.deadline is not None and message.deadline <= self._runtime.clock.now():
            return ReceiptStatus.EXPIRED, "its deadline has passed"
        if message.requires_validation:
            reason = misfit(message)
            if reason:
                return ReceiptStatus.REFUSED, reason
        return None

    def _recipients(self, message: Message) -> tuple[str, ...]:
        try:
            return self._runtime.boundary.call_now(
                self._router.plugin,
                f"router {self._router.name}",
                lambda: self._router.value.route(message, self._roster.cards),
                returns=tuple,
            )
        except DataAgentsError:
            return ()  # what the router did is in its plugin's health

    def _unroutable(
        self, message: Message, recipients: tuple[str, ...]
    ) -> tuple[ReceiptStatus, str]:
        if recipients:
            return ReceiptStatus.REFUSED, f"goes to {len(recipients)} agents: broadcast it"
        hint = did_you_mean(message.recipient, self._roster.cards)
        who = "anyone" if message.recipient == EVERYONE else repr(message.recipient)
        return ReceiptStatus.UNKNOWN_RECIPIENT, f"no route to {who}.{hint}"

    async def _refuse(self, message: Message, status: ReceiptStatus, reason: str) -> Receipt:
        receipt = self._receipt(message, status, reason)
        await self._settle(message, receipt)
        return receipt

    async def _send_to(self, message: Message, recipient: str) -> Receipt:
        if f"{recipient}/{lane_of(message.type)}" in message.waiting:
            reason = f"{recipient!r} would wait for itself: {' → '.join(message.waiting)}"
            return await self._refuse(message, ReceiptStatus.REFUSED, reason)
        addressed = (
            message if message.recipient == recipient else replace(message, recipient=recipient)
        )
        self._remember(addressed)
        context = TraceContext(message.run, message.task, message.sender)
        await self._runtime.record(EventKind.MESSAGE_SENT, addressed.id, addressed, context)
        try:
            receipt = await self._runtime.boundary.call(
                self._transport.plugin,
                f"transport {self._transport.name}",
                lambda: self._transport.value.deliver(addressed),
                limit=self._time_left(addressed, _SLACK * 2),
                returns=Receipt,
            )
        except StoreError:
            raise
        except DataAgentsError as error:
            receipt = self._receipt(addressed, ReceiptStatus.AGENT_FAILED, str(error))
        await self._settle(addressed, receipt)
        return receipt

    async def _settle(self, message: Message, receipt: Receipt) -> None:
        if not receipt.ok:
            self.dead_letters.append(DeadLetter(message, receipt))
        context = TraceContext(message.run, message.task, message.recipient)
        await self._runtime.record(EventKind.MESSAGE_SETTLED, message.id, receipt, context)

    async def _receive(self, message: Message) -> Receipt:
        """Take a message from the transport and wait until it was handled."""
        mailbox = self._mailboxes.get(message.recipient)
        if mailbox is None:
            reason = f"{message.recipient!r} is not here"
            return self._receipt(message, ReceiptStatus.UNKNOWN_RECIPIENT, reason)
        handled = mailbox.put(message)
        if handled is None:
            reason = f"{len(mailbox)} messages wait already"
            return self._receipt(message, ReceiptStatus.MAILBOX_FULL, reason)
        try:
            async with self._runtime.clock.limit(self._time_left(message, _SLACK)):
                return await handled
        except TimeoutError:
            return self._receipt(message, ReceiptStatus.EXPIRED, "no answer by its deadline")

    async def _handle(self, message: Message) -> Receipt:
        """Have the agent handle a message; whatever it does, there is a receipt."""
        handler = self._handlers.get(message.recipient)
        if handler is None:
            return self._receipt(message, ReceiptStatus.UNKNOWN_RECIPIENT, "it left")
        config, lane = self._runtime.config, lane_of(message.type)
        longest = config.task_timeout if lane is Lane.WORK else config.strategy_timeout
        left = self._time_left(message)
        if left is not None and left <= 0:
            return self._receipt(message, ReceiptStatus.EXPIRED, "waited past its deadline")
        try:
            payload = await self._runtime.boundary.call(
                f"agent {message.recipient}",
                f"{message.type}",
                lambda: handler(message),
                limit=longest if left is None else min(longest, left),
                returns=(dict, type(None)),
                quarantine=lane is not Lane.HEALTH,
            )
            if payload is not None and message.reply_to is None:
                await self._reply(message, payload)
        except StoreError:
            raise
        except DataAgentsError as error:
            return self._receipt(message, ReceiptStatus.AGENT_FAILED, str(error))
        return self._receipt(message, ReceiptStatus.DELIVERED)

    async def _reply(self, message: Message, payload: JsonObject) -> None:
        reply = replace(
            message,
            id=self._runtime.new_id(),
            sender=message.recipient,
            recipient=message.sender,
            at=self._runtime.clock.now(),
            type=REPLIES.get(message.type, MessageType.DATA_RESPONSE),
            payload=payload,
            schema_info={},
            reply_to=message.id,
            deadline=None,
            hops=message.hops + 1,
            waiting=(),
        )
        if message.id in self._awaited:
            self._remember(reply)
            context = TraceContext(reply.run, reply.task, reply.sender)
            await self._runtime.record(EventKind.MESSAGE_SENT, reply.id, reply, context)
            self._replies[message.id] = reply
        elif message.sender in self._mailboxes:
            self.post(reply)

    async def _send_unwatched(self, message: Message) -> None:
        await self.send(message)

    def _time_left(self, message: Message, slack: float = 0.0) -> float | None:
        """Return the seconds until a message's deadline; None when it has none."""
        if message.deadline is None:
            return None
        return (message.deadline - self._runtime.clock.now()).total_seconds() + slack

    def _remember(self, message: Message) -> None:
        if message.conversation is None:
            return
        known = self._conversations.pop(message.conversation, None)
        people = known.participants if known is not None else ()
        new = tuple(who for who in (message.sender, message.recipient) if who not in people)
        self._conversations[message.conversation] = Conversation(
            id=message.conversation,
            participants=people + new,
            messages=(*(known.messages[-99:] if known is not None else ()), message.id),
            started=known.started if known is not None else message.at,
            latest=message.at,
        )
        if len(self._conversations) > self._runtime.config.history:
            self._conversations.popitem(last=False)

    def _receipt(self, message: Message, status: ReceiptStatus, reason: str = "") -> Receipt:
        now = self._runtime.clock.now()
        seconds = max(0.0, (now - message.at).total_seconds())
        return Receipt(message.id, message.recipient, status, now, reason, seconds)

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _call_transport(self, what: str, start: Callable[[], Awaitable[None]]) -> None:
        await self._runtime.boundary.call(
            self._transport.plugin,
            f"transport {self._transport.name} {what}",
            start,
            limit=self._runtime.config.strategy_timeout,
        )
