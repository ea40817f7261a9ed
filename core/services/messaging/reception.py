"""Reception: where messages arrive, wait in mailboxes, and are handled by their agents."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from dataagents.core.errors import DataAgentsError, StoreError
from dataagents.core.events import EventKind
from dataagents.core.messaging import (
    REPLIES,
    Assurance,
    Lane,
    Message,
    MessageType,
    Receipt,
    ReceiptStatus,
    lane_of,
)
from dataagents.core.services.correspondence.inbox import Inbox
from dataagents.core.services.messaging.admission import Door, Problem
from dataagents.core.services.messaging.delivery import SLACK, Delivery, time_left
from dataagents.core.services.messaging.exchanges import Exchanges, receipt_of
from dataagents.core.services.messaging.mailbox import Letter, Mailbox
from dataagents.core.services.runtime import Runtime
from dataagents.core.values import JsonObject

Handler = Callable[[Message], Awaitable[JsonObject | None]]
"""An agent's side: takes a message and returns the payload of the reply, or None."""

# To look up a member of an enumeration takes as long as a call.
_QUEUED, _GUARANTEED = Assurance.QUEUED, Assurance.GUARANTEED
_DELIVERED = ReceiptStatus.DELIVERED
_WORK, _HEALTH = Lane.WORK, Lane.HEALTH
_PAYLOAD = (dict, type(None))
_TURNS = 100
"""Turns of the event loop without progress after which a closing hub hands back what is left."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Resident:
    """An agent that receives here."""

    handler: Handler
    mailbox: Mailbox
    label: str
    """How failures of the agent are booked."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What reception needs of the sending side."""

    delivery: Delivery
    post: Callable[[Message], None]
    settle: Callable[[Message, Receipt], None]
    tasks: set["asyncio.Task[None]"]
    """What runs, for the hub to stop when it closes."""


class Reception:
    """Takes messages from the transport and answers each with a receipt."""

    def __init__(
        self,
        runtime: Runtime,
        door: Door,
        exchanges: Exchanges,
        outgoing: Outgoing,
        inbox: Inbox,
    ) -> None:
        self._runtime = runtime
        self._door = door
        self._exchanges = exchanges
        self._outgoing = outgoing
        self._inbox = inbox
        self._residents: dict[str, Resident] = {}
        self._acknowledged: OrderedDict[str, Receipt] = OrderedDict()
        self._unheard: OrderedDict[str, Message] = OrderedDict()
        """Guaranteed message → the reply that was made and got lost on its way."""
        self._loop: asyncio.AbstractEventLoop
        self._settings = {each.id: each for each in runtime.config.agents}

    @property
    def residents(self) -> Mapping[str, Resident]:
        """The agents that receive here, by id; a live view."""
        return self._residents

    def admit(self, agent: str, handler: Handler) -> None:
        """Give an agent a mailbox."""
        config, own = self._runtime.config, self._settings.get(agent)
        size = (own.mailbox_size if own is not None else None) or config.mailbox_size
        overflow = (own.mailbox_overflow if own is not None else None) or config.mailbox_overflow
        mailbox = Mailbox(agent, self, size, overflow)
        self._residents[agent] = Resident(handler, mailbox, f"agent {agent}")

    def dismiss(self, agent: str, reason: str) -> tuple[Message, ...]:
        """Take an agent's mailbox away and return what was left in it, each answered."""
        resident = self._residents.pop(agent, None)
        if resident is None:
            return ()
        self._runtime.boundary.forget(resident.label)
        left = resident.mailbox.take_back()
        for letter in left:
            gone = self._receipt(letter.message, ReceiptStatus.UNKNOWN_RECIPIENT, reason)
            self.answer(letter, gone)
        return tuple(letter.message for letter in left)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop that the hub was opened on."""
        return self._loop

    def open(self) -> None:
        """Receive on the event loop that runs now."""
        self._loop = asyncio.get_running_loop()

    def employ(self, work: Coroutine[None, None, None], name: str) -> "asyncio.Task[None]":
        """Start a worker of a mailbox; the hub stops it when it closes."""
        worker = self._loop.create_task(work, name=name)
        self._outgoing.tasks.add(worker)
        return worker

    def retire(self, worker: "asyncio.Task[None] | None") -> None:
        """Note that a worker is about to end; a callback for that would be dearer."""
        if worker is not None:
            self._outgoing.tasks.discard(worker)

    def accept(self, message: Message) -> Receipt | Awaitable[Receipt]:
        """Take a message; return its receipt if that is known at once, else what will have it."""
        if message.reply_to is not None and self._is_awaited(message):
            return self._receipt(message, ReceiptStatus.DELIVERED)
        if message.assurance is _GUARANTEED:
            if message.id in self._acknowledged:
                return self._acknowledged[message.id]
            if self._inbox.keeps and message.id not in self._exchanges.on_the_way:
                return self._inbox.receive(message, self._take)
        return self._take(message)

    def _take(self, message: Message) -> Receipt | Awaitable[Receipt]:
        """Put a message into the mailbox of its recipient."""
        resident = self._residents.get(message.recipient)
        if resident is None:
            reason = f"{message.recipient!r} is not here"
            return self._receipt(message, ReceiptStatus.UNKNOWN_RECIPIENT, reason)
        queued = message.assurance is _QUEUED
        receipt = None if queued else self._loop.create_future()
        if not resident.mailbox.put(Letter(message, receipt)):
            return self._overflow(resident.mailbox, message)
        if receipt is None:
            return self._receipt(message, ReceiptStatus.QUEUED)
        return receipt if message.deadline is None else self._before_deadline(message, receipt)

    async def drain(self) -> None:
        """Wait until agents have handled what they can without waiting for anything."""
        left, turns = self._unfinished(), 0
        while left and turns < _TURNS:
            await asyncio.sleep(0)
            now = self._unfinished()
            left, turns = now, 0 if now < left else turns + 1

    async def handle(self, letter: Letter) -> None:
        """Have the agent handle a letter and answer whoever waits for the receipt."""
        message = letter.message
        try:
            problem = await self._handled(letter, message)
        except asyncio.CancelledError:
            if not letter.answered and not letter.unwanted:
                stopped = ReceiptStatus.AGENT_FAILED, "it was stopped before it returned"
                self.answer(letter, self._receipt(message, *stopped))
            raise
        except StoreError as error:
            if letter.receipt is None:
                _log.error("message %s: %s", message.id, error)
            elif not letter.receipt.done():
                letter.receipt.set_exception(error)
            return
        if problem is not None:
            self.answer(letter, self._receipt(message, *problem))
            return
        if letter.receipt is None and not self._is_booked(message):
            return  # nobody would see the receipt
        receipt = self._receipt(message, _DELIVERED)
        if message.assurance is _GUARANTEED:
            self._acknowledge(receipt)
        self.answer(letter, receipt)

    async def watch(self, worker: "asyncio.Task[None]", letter: Letter) -> None:
        """Wait until a worker is done with a letter; stop it at its limit and answer in its place.

        It is stopped too when nobody wants the receipt any more.
        """
        boundary, limit = self._runtime.boundary, letter.limit
        try:
            async with self._runtime.clock.limit(limit):
                await _ended(worker, letter)
        except TimeoutError:
            if letter.limit is None or limit is None:  # it returned; what is left is to record it
                await asyncio.wait({worker})
                return
            message = letter.message
            failure = boundary.overran(f"agent {message.recipient}", message.type._value_, limit)
            receipt = self._receipt(message, ReceiptStatus.AGENT_FAILED, str(failure))
            letter.answered = True
            self.answer(letter, receipt)
        if not worker.done():
            await boundary.stop(worker)

    def answer(self, letter: Letter, receipt: Receipt) -> None:
        """Tell whoever waits for a letter what became of it; put it on record when nobody does."""
        if letter.receipt is None:
            self._outgoing.settle(letter.message, receipt)
        elif not letter.receipt.done():
            letter.receipt.set_result(receipt)

    def _unfinished(self) -> int:
        return sum(each.mailbox.busy for each in self._residents.values())

    def _is_awaited(self, reply: Message) -> bool:
        """Hand a reply to whoever waits for it; only who was asked can give it."""
        exchange = self._exchanges.on_the_way.get(reply.reply_to or "")
        if exchange is None or not exchange.wants_reply:
            return False
        asked = exchange.message
        if (reply.sender, reply.recipient) != (asked.recipient, asked.sender):
            return False
        exchange.reply = reply
        return True

    def _is_booked(self, message: Message) -> bool:
        """Return whether it goes on record that a message arrived for which nobody waits."""
        wants = self._runtime.recorder.wants
        return message.conversation is not None or wants(EventKind.MESSAGE_SETTLED)

    def _overflow(self, mailbox: Mailbox, message: Message) -> Receipt | Awaitable[Receipt]:
        match mailbox.overflow:
            case "wait":
                return self._before_deadline(message, self._line_up_later(mailbox, message))
            case "drop_oldest":
                oldest = mailbox.drop_oldest(message)
                dropped = self._receipt(
                    oldest.message, ReceiptStatus.MAILBOX_FULL, "dropped for a newer message"
                )
                self.answer(oldest, dropped)
                return self._take(message)
            case _:
                reason = f"{len(mailbox)} messages wait already"
                return self._receipt(message, ReceiptStatus.MAILBOX_FULL, reason)

    async def _line_up_later(self, mailbox: Mailbox, message: Message) -> Receipt:
        await mailbox.room(message)
        answer = self._take(message)
        return answer if isinstance(answer, Receipt) else await answer

    async def _before_deadline(self, message: Message, receipt: Awaitable[Receipt]) -> Receipt:
        left = time_left(message, self._runtime.steady(), SLACK)
        try:
            async with self._runtime.clock.limit(left):
                return await receipt
        except TimeoutError:
            return self._receipt(message, ReceiptStatus.EXPIRED, "no answer by its deadline")

    async def _handled(self, letter: Letter, message: Message) -> Problem | None:
        """Have the agent handle a message; return what went wrong, if anything did."""
        resident = self._residents.get(message.recipient)
        if resident is None:
            return ReceiptStatus.UNKNOWN_RECIPIENT, "it left"
        config, lane = self._runtime.config, lane_of(message.type)
        limit = config.task_timeout if lane is _WORK else config.strategy_timeout
        if message.deadline is not None:
            left = time_left(message, self._runtime.steady()) or 0.0
            if left <= 0:
                return ReceiptStatus.EXPIRED, "waited past its deadline"
            limit = min(limit, left)
        letter.limit = limit
        unheard = self._unheard.pop(message.id, None)
        if unheard is not None:
            problem = await self._bring(unheard, message)
            return (ReceiptStatus.AGENT_FAILED, problem) if problem else None
        try:
            payload = await self._runtime.boundary.here(
                resident.label,
                message.type._value_,
                lambda: resident.handler(message),
                returns=_PAYLOAD,
                quarantine=lane is not _HEALTH,
            )
            letter.limit = None
            if letter.answered:
                raise asyncio.CancelledError  # it was told to stop: what it returns doesn't count
            if payload is None or message.reply_to is not None:
                return None
            problem = await self._reply(message, payload)
        except StoreError:
            raise
        except DataAgentsError as error:
            problem = str(error)
        return (ReceiptStatus.AGENT_FAILED, problem) if problem else None

    async def _reply(self, message: Message, payload: JsonObject) -> str:
        """Bring the reply to whoever asked; return why it did not get there, or nothing."""
        exchange = self._exchanges.on_the_way.get(message.id)
        awaited = exchange is not None and exchange.wants_reply
        if not awaited and message.sender not in self._residents:
            return ""
        now = self._runtime.clock.now()
        reply = Message(
            self._runtime.new_id(now),
            message.recipient,
            message.sender,
            now,
            REPLIES.get(message.type, MessageType.DATA_RESPONSE),
            payload,
            requires_validation=message.requires_validation,
            conversation=message.conversation,
            reply_to=message.id,
            priority=message.priority,
            hops=message.hops + 1,
            run=message.run,
            task=message.task,
            path=message.path,
        )
        problem = self._door.misshape(reply)
        if problem:
            return f"its reply: {problem}"
        if not awaited:
            self._outgoing.post(reply)
            return ""
        if self._outgoing.delivery.local and self._is_awaited(reply):
            return ""
        return await self._bring(reply, message)

    async def _bring(self, reply: Message, message: Message) -> str:
        """Carry a reply; one that gets lost must not make the agent do its work again."""
        again = message.assurance is _GUARANTEED
        receipt = await self._outgoing.delivery.carry(reply, again=again)
        exchange = self._exchanges.on_the_way.get(message.id)
        if receipt.ok or (exchange is not None and exchange.reply is not None):
            return ""
        if again:
            self._unheard[message.id] = reply
            if len(self._unheard) > self._runtime.config.remembered_messages:
                self._unheard.popitem(last=False)
        return f"its reply was lost: {receipt.reason}"

    def _acknowledge(self, receipt: Receipt) -> None:
        self._acknowledged[receipt.message] = receipt
        if len(self._acknowledged) > self._runtime.config.remembered_messages:
            self._acknowledged.popitem(last=False)

    def _receipt(self, message: Message, status: ReceiptStatus, reason: str = "") -> Receipt:
        return receipt_of(message, status, self._runtime.clock.now(), reason)


async def _ended(worker: "asyncio.Task[None]", letter: Letter) -> None:
    """Wait until a worker is done, or nobody wants to know any more."""
    if letter.receipt is not None:
        both: set[asyncio.Future[Any]] = {worker, letter.receipt}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if letter.receipt.cancelled():
            return
    await asyncio.wait({worker})
