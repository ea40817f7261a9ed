"""The ledger: puts on record what is sent and what becomes of it."""

from collections.abc import Sequence
from dataclasses import replace

from dataagents.core.events import Event, EventKind
from dataagents.core.messaging import Lineage, Message, Receipt
from dataagents.core.services.messaging.conversations import Conversations
from dataagents.core.services.messaging.exchanges import Exchanges
from dataagents.core.services.recorder import Recorder
from dataagents.core.tracing import TraceContext


class Ledger:
    """Keeps conversations and dead letters, and makes events where anybody wants them."""

    def __init__(
        self, recorder: Recorder, exchanges: Exchanges, conversations: Conversations
    ) -> None:
        self._recorder = recorder
        self._exchanges = exchanges
        self._conversations = conversations
        self._replacing: dict[str, str] = {}

    async def sent(self, message: Message, *, recorded: bool = False) -> bool:
        """Make durable what a message carries and says, then note it in its conversation.

        Args:
            message: As it is delivered.
            recorded: Whether that is durable already.

        Returns:
            Whether anybody keeps, or wants to see, what is sent.
        """
        wanted = self._recorder.wants(EventKind.MESSAGE_SENT)
        if (wanted or message.lineage) and not recorded:
            await self.commit(self._sent(message))
        if message.conversation is not None:
            self._conversations.began(message)
        return wanted

    def settled(
        self,
        message: Message,
        receipt: Receipt,
        reply: Message | None = None,
        *,
        wanted: bool = False,
    ) -> list[Event]:
        """Note what became of a message that was on its way.

        Args:
            message: As it was delivered.
            receipt: What became of it.
            reply: The answer to it, which came the same way.
            wanted: Whether anybody keeps, or wants to see, that the reply was sent.

        Returns:
            What is to be recorded.
        """
        if message.conversation is not None:
            if reply is not None:
                self._conversations.replied(reply)
            self._conversations.ended(message, receipt)
        sent = self._sent(reply) if reply is not None and wanted else []
        return [*sent, *self.booked(message, receipt)]

    def given_up(self, message: Message) -> None:
        """Note that the sender of a message has left before it was settled."""
        if message.conversation is not None:
            self._conversations.ended(message, None)

    def booked(self, message: Message, receipt: Receipt) -> tuple[Event, ...]:
        """Bury what was not delivered; return what is to be recorded."""
        if not receipt.ok:
            self._exchanges.bury(message, receipt)
        kind = EventKind.MESSAGE_SETTLED
        if not self._recorder.wants(kind):
            return ()
        context = TraceContext(message.run, message.task, message.recipient)
        return (self._recorder.event(kind, message.id, receipt, context),)

    def lost(self, message: Message, receipt: Receipt) -> tuple[Event, ...]:
        """Bury what found no way, but may be sent again later; return what is to be recorded."""
        wanted = self._recorder.wants(EventKind.MESSAGE_SENT)
        return (*(self._sent(message) if wanted else ()), *self.booked(message, receipt))

    def arrived(self, message: Message, receipt: Receipt) -> tuple[Event, ...]:
        """Return what is recorded of a message from another kernel that was handled."""
        return (*self._sent(replace(message, lineage=())), *self.booked(message, receipt))

    async def tried(self, message: Message, times: int) -> None:
        """Put on record how often kernels after the first have delivered a message.

        Raises:
            StoreError: It could not be written.
        """
        context = TraceContext(message.run, message.task, message.sender)
        body = {"times": times}
        await self._recorder.record(EventKind.MESSAGE_TRIED, message.id, body, context)

    def replaces(self, message: Message, letter: str) -> None:
        """Have it recorded, with a message, that it is sent in the place of a dead letter."""
        self._replacing[message.id] = letter

    def replaces_nothing(self, message: Message) -> None:
        """Note that a message is not sent in the place of a dead letter after all."""
        self._replacing.pop(message.id, None)

    async def commit(self, events: Sequence[Event]) -> None:
        """Make events durable together.

        Raises:
            StoreError: They could not be written.
        """
        if events:
            await self._recorder.commit(events)

    def _sent(self, message: Message) -> list[Event]:
        context = TraceContext(message.run, message.task, message.sender)
        event, kind = self._recorder.event, EventKind.LINEAGE_RECORDED
        events = [
            event(kind, each.dataset, _placed(each, message), context) for each in message.lineage
        ]
        letter = self._replacing.pop(message.id, None) if self._replacing else None
        if letter is not None:
            body = {"message": message.id}
            events.append(event(EventKind.MESSAGE_RESENT, letter, body, context))
        return [*events, event(EventKind.MESSAGE_SENT, message.id, message, context)]


def _placed(lineage: Lineage, message: Message) -> Lineage:
    """Return lineage with the place and the sender of the message that carries it."""
    return replace(
        lineage,
        run=lineage.run or message.run,
        task=lineage.task or message.task,
        agent=lineage.agent or message.sender,
    )
