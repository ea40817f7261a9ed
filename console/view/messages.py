"""Messages as lines and threads: a fold of what was sent and what became of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dataagents.console.view.fields import Fields, name
from dataagents.console.view.marks import Mark
from dataagents.core.events import Event, EventKind
from dataagents.core.messaging import ReceiptStatus

UNKNOWN = "?"
"""Sender and type of a message of which only the receipt is on record."""
_ARRIVED = (ReceiptStatus.DELIVERED, ReceiptStatus.QUEUED)
_GISTS: Mapping[str, Sequence[str]] = {
    "call_for_votes": ("question",),
    "call_for_proposals": ("question",),
    "validation_vote": ("choice", "reason"),
    "schema_proposal": ("option", "reason"),
    "consensus_result": ("decision", "reason"),
    "task_request": ("id",),
    "task_result": ("error", "summary"),
    "plan_request": ("goal.task",),
    "plan_response": ("reason",),
    "bid": ("offer.cost", "offer.quality", "assessment.reason"),
    "call_for_bids": ("task.id",),
    "health_report": ("healthy", "detail"),
}
"""Type of a message → fields of its payload that say most, in order."""
_USUAL = ("summary", "reason", "error", "status", "question", "task")


@dataclass(slots=True)
class MessageView:
    """A message; its texts are safe to show."""

    id: str
    type: str
    sender: str
    recipient: str
    at: datetime
    payload: Mapping[str, object] = field(default_factory=dict)
    conversation: str = ""
    reply_to: str = ""
    run: str = ""
    status: str = ""
    """What its receipt says; empty for a reply, and for what is still on its way."""
    reason: str = ""
    seconds: float | None = None

    @property
    def failed(self) -> bool:
        """Whether it did not arrive."""
        return bool(self.status) and self.status not in _ARRIVED

    @property
    def mark(self) -> Mark:
        """How it stands."""
        if self.reply_to and not self.status:
            return Mark.NOTE
        if not self.status:
            return Mark.BUSY
        return Mark.FAIL if self.failed else Mark.OK

    @property
    def gist(self) -> str:
        """What it says, in a few words."""
        body = Fields(self.payload)
        words: list[str] = []
        for path in _GISTS.get(self.type, _USUAL):
            *outer, last = path.split(".")
            inner = body
            for part in outer:
                inner = inner.part(part)
            if text := inner.text(last):
                words.append(f"{last} {text}" if inner.number(last) is not None else text)
        return ", ".join(words).replace("\n", " ")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages are to be shown."""

    agent: str = ""
    """Sender or recipient."""
    type: str = ""
    failed: bool = False

    def fits(self, message: MessageView) -> bool:
        """Return whether a message is one of them, whatever becomes of it."""
        agents = (message.sender, *message.recipient.split(","))
        return (not self.agent or self.agent in agents) and self.type in ("", message.type)


class MessageLog:
    """The newest messages that are wanted, and how many there were.

    Args:
        wanted: Which.
        limit: How many are kept.
    """

    def __init__(self, wanted: Wanted, limit: int) -> None:
        self._wanted = wanted
        self._limit = limit
        self._kept: dict[str, MessageView] = {}
        self._open: dict[str, MessageView] = {}
        self._sent: set[str] = set()
        self.total = 0
        self.types: dict[str, None] = {}
        self.agents: dict[str, None] = {}

    @property
    def messages(self) -> tuple[MessageView, ...]:
        """Those that are kept, oldest first."""
        return tuple(sorted(self._kept.values(), key=lambda message: message.at))

    def apply(self, event: Event) -> None:
        """Take one event; other kinds are passed over."""
        body = Fields(event.body)
        if event.kind == EventKind.MESSAGE_SENT:
            self.sent(message_of(event, body))
        elif event.kind == EventKind.MESSAGE_SETTLED:
            self._settled(event, body)

    def sent(self, message: MessageView) -> None:
        """Take a message."""
        self._sent.add(message.id)
        self.types[message.type] = None
        self.agents |= dict.fromkeys((message.sender, message.recipient))
        if not self._wanted.fits(message):
            return
        if not self._wanted.failed or message.failed:
            self._keep(message)
        elif not message.reply_to:
            self._open[message.id] = message

    def _settled(self, event: Event, body: Fields) -> None:
        message = self._open.pop(event.subject, None) or self._kept.get(event.subject)
        if message is None:
            if event.subject not in self._sent:
                self._turned_away(event, body)
            return
        message.status, message.reason = body.name("status"), body.line("reason")
        message.seconds = body.number("seconds")
        if message.failed and self._wanted.failed:
            self._keep(message)

    def _turned_away(self, event: Event, body: Fields) -> None:
        """Take the receipt of a message that never set out, and so is not on record itself."""
        self.sent(
            MessageView(
                id=event.subject,
                type=UNKNOWN,
                sender=UNKNOWN,
                recipient=body.name("recipient"),
                at=event.at,
                run=name(event.run),
                status=body.name("status"),
                reason=body.line("reason"),
                seconds=body.number("seconds"),
            )
        )

    def _keep(self, message: MessageView) -> None:
        if message.id not in self._kept:
            self.total += 1
            self._kept[message.id] = message
        if len(self._kept) > self._limit:
            del self._kept[next(iter(self._kept))]


def message_of(event: Event, body: Fields) -> MessageView:
    """Return a message from a `messaging.Message`."""
    payload = event.body.get("payload")
    return MessageView(
        id=event.subject,
        type=body.name("type"),
        sender=body.name("sender"),
        recipient=body.name("recipient"),
        at=body.time("at") or event.at,
        payload=payload if isinstance(payload, dict) else {},
        conversation=body.name("conversation"),
        reply_to=body.name("reply_to"),
        run=name(event.run),
    )


def threads_of(messages: Iterable[MessageView]) -> tuple[tuple[int, MessageView], ...]:
    """Return messages as a thread, each with its depth: answers follow what they answer."""
    known = {message.id: message for message in messages}
    answers: dict[str, list[MessageView]] = {}
    for message in known.values():
        above = message.reply_to if message.reply_to in known else ""
        answers.setdefault("" if above == message.id else above, []).append(message)
    rows: list[tuple[int, MessageView]] = []
    waiting = [(0, each) for each in reversed(answers.get("", []))]
    while waiting:
        depth, message = waiting.pop()
        rows.append((depth, message))
        waiting += [(depth + 1, each) for each in reversed(answers.pop(message.id, []))]
    return tuple(rows)
