"""Exchanges: what was sent lately, what became of it, and what could not be delivered."""

import asyncio
from collections import deque
from collections.abc import Iterator
from datetime import datetime

from dataagents.core.messaging import DeadLetter, Message, Receipt, ReceiptStatus

HANDLED = (ReceiptStatus.DELIVERED, ReceiptStatus.QUEUED, ReceiptStatus.AGENT_FAILED)
"""What is answered from record; a message that no handler has seen may be sent again."""


class Hopeless(str):
    """The reason why a message was refused that will be refused however often it is sent.

    Such a message is not kept: it may be as large as memory.
    """

    __slots__ = ()


def receipt_of(message: Message, status: ReceiptStatus, now: datetime, reason: str = "") -> Receipt:
    """Return the receipt for what became of a message just now."""
    seconds = (now - message.at).total_seconds()
    took = seconds if seconds > 0.0 else 0.0
    return Receipt(message.id, message.recipient, status, now, reason, took)


class Exchange:
    """A message, and what became of it as far as that is known."""

    __slots__ = ("asked", "done", "message", "receipt", "recorded", "reply", "wants_reply")

    def __init__(self, message: Message) -> None:
        self.asked = message
        """As it was handed to the hub."""
        self.message = message
        """As it is delivered: with the recipient that the router named."""
        self.receipt: Receipt | None = None
        self.reply: Message | None = None
        self.wants_reply = False
        self.recorded = False
        """Whether an earlier kernel has put on record that it was sent."""
        self.done: asyncio.Future[None] | None = None
        """Only where somebody sent the same message while it was on its way."""


class Exchanges:
    """Remembers the latest exchanges of one hub, by the id of the message."""

    def __init__(self, most: int, most_letters: int) -> None:
        self._most = most
        self._known: dict[str, Exchange] = {}
        self._older: dict[str, Exchange] = {}
        self.on_the_way: dict[str, Exchange] = {}
        """Those whose sender waits."""
        self.dead_letters: deque[DeadLetter] = deque(maxlen=most_letters)

    def __iter__(self) -> Iterator[Exchange]:
        yield from self._older.values()
        yield from self._known.values()

    def known(self, message: Message) -> Exchange | None:
        """Return what is on record for a message's id, if it still counts."""
        known = self._known.get(message.id) or self._older.get(message.id)
        if known is None:
            return None
        if known.asked == message and known.receipt is not None:
            return known if known.receipt.status in HANDLED else None
        return known

    def begin(self, message: Message) -> Exchange:
        """Remember a message that is about to be sent."""
        exchange = Exchange(message)
        self._known[message.id] = self.on_the_way[message.id] = exchange
        if len(self._known) >= self._most:  # half of what is remembered is forgotten at once
            self._older, self._known = self._known, {}
        return exchange

    def end(self, exchange: Exchange) -> None:
        """Note that a sender has its answer; without a receipt the message is forgotten."""
        name = exchange.asked.id
        self.on_the_way.pop(name, None)
        if exchange.receipt is None or isinstance(exchange.receipt.reason, Hopeless):
            self._known.pop(name, None)
            self._older.pop(name, None)
        if exchange.done is not None and not exchange.done.done():
            exchange.done.set_result(None)

    async def outcome(self, exchange: Exchange) -> Receipt | None:
        """Wait until a message that is on its way has its receipt; None when it gets none."""
        if exchange.receipt is None:
            if exchange.done is None:
                exchange.done = asyncio.get_running_loop().create_future()
            await asyncio.shield(exchange.done)
        return exchange.receipt

    def bury(self, message: Message, receipt: Receipt) -> None:
        """Keep a message that could not be delivered, with the reason."""
        if not isinstance(receipt.reason, Hopeless):
            self.dead_letters.append(DeadLetter(message, receipt))

    def exhume(self, id: str) -> DeadLetter | None:
        """Take a dead letter back, by the id of its message; None when there is none."""
        for letter in self.dead_letters:
            if letter.message.id == id:
                self.dead_letters.remove(letter)
                return letter
        return None
