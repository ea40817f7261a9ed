"""Conversations: threads of messages, as far as they are remembered in memory."""

from collections import OrderedDict, deque
from datetime import datetime

from dataagents.core.messaging import Conversation, ConversationState, Message, Receipt

_MOST_MESSAGES = 100


class _Thread:
    """One conversation while it goes on."""

    __slots__ = ("latest", "messages", "open", "participants", "started", "undelivered")

    def __init__(self, started: datetime) -> None:
        self.participants: dict[str, None] = {}
        self.messages: deque[str] = deque(maxlen=_MOST_MESSAGES)
        self.started = self.latest = started
        self.open = self.undelivered = 0


class Conversations:
    """The latest conversations of one hub."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._threads: OrderedDict[str, _Thread] = OrderedDict()

    def began(self, message: Message) -> None:
        """Note a message that is on its way."""
        thread = self._thread(message)
        if thread is not None:
            thread.open += 1

    def ended(self, message: Message, receipt: Receipt | None) -> None:
        """Note what became of a message that was on its way; None when nobody will know."""
        thread = self._threads.get(message.conversation or "")
        if thread is not None:
            thread.open = max(0, thread.open - 1)
            thread.undelivered += receipt is not None and not receipt.ok

    def replied(self, reply: Message) -> None:
        """Note a reply; it arrives together with the receipt of what it answers."""
        self._thread(reply)

    def get(self, id: str) -> Conversation | None:
        """Return a conversation; None when it is not remembered."""
        thread = self._threads.get(id)
        if thread is None:
            return None
        return Conversation(
            id=id,
            participants=tuple(thread.participants),
            messages=tuple(thread.messages),
            started=thread.started,
            latest=thread.latest,
            state=ConversationState.ACTIVE if thread.open else ConversationState.SETTLED,
            undelivered=thread.undelivered,
        )

    def _thread(self, message: Message) -> _Thread | None:
        if message.conversation is None:
            return None
        thread = self._threads.get(message.conversation)
        if thread is None:
            thread = self._threads[message.conversation] = _Thread(message.at)
            if len(self._threads) > self._most:
                self._threads.popitem(last=False)
        else:
            self._threads.move_to_end(message.conversation)
        thread.participants[message.sender] = None
        thread.participants[message.recipient] = None
        thread.messages.append(message.id)
        thread.latest = message.at
        return thread
