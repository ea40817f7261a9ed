"""The archive: what a store knows of messages, from this kernel and from those before it."""

import logging
from collections.abc import Collection, Iterable, Sequence
from typing import Protocol, TypeVar, runtime_checkable

from dataagents.core.errors import InputError
from dataagents.core.events import Event, EventKind
from dataagents.core.messaging import DeadLetter, Message, Receipt
from dataagents.core.services.messaging.exchanges import HANDLED, Exchange
from dataagents.core.services.recorder import Recorder
from dataagents.core.tracing import TraceContext
from dataagents.core.values import from_json

_log = logging.getLogger(__name__)
T = TypeVar("T", Message, Receipt)


@runtime_checkable
class Correspondence(Protocol):
    """A store that can be asked about messages.

    With any other one, messages end with the kernel that sent them.
    """

    async def unsettled(self, limit: int) -> Sequence[Event]:
        """Return guaranteed messages that were sent and not settled, oldest first."""
        ...

    async def tried(self, messages: Collection[str]) -> Sequence[Event]:
        """Return the newest `message.tried` of each message since it was sent."""
        ...

    async def undelivered(self, limit: int) -> Sequence[tuple[Event, Event]]:
        """Return the newest messages that were settled without being delivered.

        Each is given by how it was sent and how it was settled, oldest first, without those that
        were sent again.
        """
        ...

    async def exchange(self, message: str) -> Sequence[Event]:
        """Return how a message was sent and settled, and its reply, as far as there are any."""
        ...

    async def said(self, conversation: str, limit: int) -> Sequence[Event]:
        """Return the newest messages of a conversation as they were sent, oldest first."""
        ...


class Archive:
    """Reads back what the hub has put on record; nothing, where no store can be asked."""

    def __init__(self, recorder: Recorder) -> None:
        store: object = recorder.store
        self._recorder = recorder
        self._kept = store if isinstance(store, Correspondence) else None

    @property
    def keeps(self) -> bool:
        """Whether messages outlive the kernel."""
        return self._kept is not None

    async def unsettled(self, limit: int) -> list[Message]:
        """Return guaranteed messages that neither arrived nor failed for good, oldest first."""
        if self._kept is None:
            return []
        return list(_read_all(await self._kept.unsettled(limit)))

    async def tries(self, messages: Collection[str]) -> dict[str, int]:
        """Return how often kernels after the first have delivered messages, by id."""
        tried = await self._kept.tried(messages) if self._kept is not None and messages else ()
        counts = {event.subject: event.body.get("times") for event in tried}
        return {name: times for name, times in counts.items() if isinstance(times, int)}

    async def dead_letters(self, limit: int) -> list[DeadLetter]:
        """Return the latest messages that could not be delivered, oldest first."""
        letters: list[DeadLetter] = []
        for sent, settled in await self._kept.undelivered(limit) if self._kept else ():
            message, receipt = _read(Message, sent), _read(Receipt, settled)
            if message is not None and receipt is not None:
                letters.append(DeadLetter(message, receipt))
        return letters

    async def exchange(self, message: Message) -> Exchange | None:
        """Return what became of a message that was handled under the id of this one."""
        events = await self._kept.exchange(message.id) if self._kept is not None else ()
        asked, reply = None, None
        receipt: Receipt | None = None
        for event in events:
            if event.kind == EventKind.MESSAGE_SETTLED:
                receipt = _read(Receipt, event)
            elif event.subject == message.id:
                asked = event
            else:
                reply = _read(Message, event)
        if asked is None or receipt is None or receipt.status not in HANDLED:
            return None
        exchange = Exchange(message)
        if not self._says_the_same(message, asked):
            recorded = _read(Message, asked)
            if recorded is None or recorded == message:
                return None
            exchange.asked = recorded
        exchange.receipt, exchange.reply = receipt, reply
        return exchange

    async def said(self, conversation: str, limit: int) -> tuple[Message, ...]:
        """Return the latest messages of a conversation, oldest first."""
        sent = await self._kept.said(conversation, limit) if self._kept is not None else ()
        return tuple(_read_all(sent))

    def _says_the_same(self, message: Message, asked: Event) -> bool:
        """Compare as recorded: without secrets, and with the recipient that was found for it."""
        context = TraceContext(message.run, message.task, message.sender)
        event = self._recorder.event(EventKind.MESSAGE_SENT, message.id, message, context)
        found = {"recipient": asked.body.get("recipient")}
        return {**event.body, **found} == dict(asked.body)


def _read_all(events: Iterable[Event]) -> Iterable[Message]:
    for event in events:
        message = _read(Message, event)
        if message is not None:
            yield message


def _read(type_: type[T], event: Event) -> T | None:
    try:
        return from_json(type_, event.body)
    except InputError as error:  # another version wrote it, or a plugin
        _log.warning("event %s is passed over: %s", event.id, error)
        return None
