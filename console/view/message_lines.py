"""Messages as a list: who said what to whom, and what became of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from dataagents.console.view.cells import Cell
from dataagents.console.view.fields import Fields, name
from dataagents.console.view.listing.field import Field
from dataagents.console.view.listing.listing import Listing, Preset, Sections
from dataagents.console.view.marks import Mark
from dataagents.console.view.messages import UNKNOWN, MessageView, message_of
from dataagents.console.view.moment import Moment
from dataagents.console.view.row import line, lines, sections
from dataagents.console.view.widths import exactly, when
from dataagents.console.view.words import duration
from dataagents.core.events import Event, EventKind
from dataagents.core.messaging import ReceiptStatus

_ARRIVED = (ReceiptStatus.DELIVERED, ReceiptStatus.QUEUED)


@dataclass(frozen=True, slots=True)
class MessageLine:
    """A message; its texts are safe to show, but for what its payload holds."""

    place: int
    """Place in the journal of its sending."""
    id: str
    at: datetime
    type: str
    sender: str
    recipient: str
    gist: str = ""
    """What it says, in a few words."""
    conversation: str = ""
    reply_to: str = ""
    run: str = ""
    status: str = ""
    """What its receipt says; empty for a reply, and for what has none yet."""
    reason: str = ""
    seconds: float | None = None
    """From sending to its receipt."""
    deadline: datetime | None = None
    payload: Mapping[str, object] = field(default_factory=dict, hash=False)
    """As it came; it becomes safe where it is shown."""

    @property
    def address(self) -> str:
        """Its address."""
        return f"message:{self.id}"

    @property
    def recipients(self) -> tuple[str, ...]:
        """To whom it went; one name unless several agents are named."""
        return tuple(dict.fromkeys(each for each in self.recipient.split(",") if each))

    @property
    def undelivered(self) -> bool:
        """Whether it did not arrive."""
        return bool(self.status) and self.status not in _ARRIVED

    def late(self, now: datetime) -> bool:
        """Return whether it arrived after its deadline, or has not by then."""
        if self.deadline is None or self.undelivered or (self.reply_to and not self.status):
            return False
        if not self.status:
            return now > self.deadline
        return self.seconds is not None and self.seconds > (self.deadline - self.at).total_seconds()

    def state(self, moment: Moment) -> tuple[str, Mark]:
        """Return how it stands, in a word or two, and its mark."""
        if self.undelivered:
            return self.status.replace("_", " "), Mark.FAIL
        if self.reply_to and not self.status:
            return "answer", Mark.NOTE
        if self.status:
            word = self.status.replace("_", " ")
            return (f"{word} late", Mark.WARN) if self.late(moment.now) else (word, Mark.OK)
        if not moment.live:
            return "no receipt", Mark.IDLE
        return ("overdue", Mark.WARN) if self.late(moment.now) else ("on its way", Mark.BUSY)


def message_line(
    *,
    place: int,
    id: str,
    at: datetime,
    type: str,
    sender: str,
    recipient: str,
    payload: Mapping[str, object] | None = None,
    conversation: str | None = None,
    reply_to: str | None = None,
    run: str | None = None,
    status: str | None = None,
    reason: str = "",
    seconds: float | None = None,
    deadline: datetime | None = None,
) -> MessageLine:
    """Return a message from plain values, as a store has them; see `messaging.Message`.

    Args:
        place: Place in the journal of its sending.
        id: Its id.
        at: When it was sent.
        type: A `messaging.MessageType`.
        sender: Who sent it.
        recipient: Who is to get it.
        payload: What it carries.
        conversation: The thread it belongs to.
        reply_to: The message that it answers.
        run: The run it belongs to.
        status: A `messaging.ReceiptStatus`; None while it has no receipt.
        reason: Why it did not arrive.
        seconds: From sending to its receipt.
        deadline: When it is too late.
    """
    view = MessageView(
        id=name(id),
        type=name(type),
        sender=name(sender),
        recipient=line(recipient),
        at=at,
        payload=payload or {},
        conversation=name(conversation),
        reply_to=name(reply_to),
        run=name(run),
        status=name(status),
        reason=line(reason),
        seconds=seconds,
    )
    return _line(place, view, deadline)


def message_lines(events: Iterable[tuple[int, Event]]) -> tuple[MessageLine, ...]:
    """Return messages from events, in the order they were sent.

    A receipt of a message that is not among the events tells of one that never set out.

    Args:
        events: Of a conversation, a run or a message, oldest first, each with its place; other
            kinds are passed over.
    """
    found: dict[str, MessageLine] = {}
    for place, event in events:
        body = Fields(event.body)
        if event.kind == EventKind.MESSAGE_SENT:
            made = _line(place, message_of(event, body), body.time("deadline"))
            found[event.subject] = replace(made, id=name(event.subject))
        elif event.kind == EventKind.MESSAGE_SETTLED:
            known = found.get(event.subject) or _turned_away(place, event, body)
            found[event.subject] = replace(
                known,
                status=body.name("status"),
                reason=line(body.line("reason")),
                seconds=body.number("seconds"),
            )
    return tuple(found.values())


def _line(place: int, view: MessageView, deadline: datetime | None) -> MessageLine:
    return MessageLine(
        place, view.id, view.at, view.type, view.sender, view.recipient, line(view.gist),
        view.conversation, view.reply_to, view.run, view.status, view.reason, view.seconds,
        deadline, view.payload,
    )  # fmt: skip


def _turned_away(place: int, event: Event, body: Fields) -> MessageLine:
    recipient = body.name("recipient")
    return MessageLine(
        place, name(event.subject), event.at, UNKNOWN, UNKNOWN, recipient, run=name(event.run)
    )


def message_sections(message: MessageLine, moment: Moment) -> Sections:
    """Return everything there is to read about a message."""
    word, mark = message.state(moment)
    took = f" after {duration(message.seconds)}" if message.seconds is not None else ""
    thread = message.conversation
    return (
        (_title(message, moment), ""),
        *sections(
            ("state", f"{moment.glyph(mark)} {word}{took}"),
            ("reason", message.reason),
            ("to", "\n".join(message.recipients) if len(message.recipients) > 1 else ""),
            ("says", lines(Fields({"says": message.payload}).pairs("says"))),
            ("answers", f"message:{message.reply_to}" if message.reply_to else ""),
            ("conversation", f"conversation:{thread}" if thread else ""),
            ("sent", exactly(message.at)),
            ("deadline", exactly(message.deadline)),
            ("run", f"run:{message.run}" if message.run else "outside of a run"),
        ),
    )


def _title(message: MessageLine, moment: Moment) -> str:
    """Return what it is, from whom and to whom."""
    several = len(message.recipients) > 1
    to = f"{len(message.recipients)} agents" if several else message.recipient
    return f"{message.type}  {message.sender} {moment.glyphs.right} {to}"


def _type_cell(message: MessageLine, moment: Moment) -> Cell:
    mark = message.state(moment)[1]
    return Cell(f"{moment.glyph(mark)} {message.type}", mark.value)


def _says_cell(message: MessageLine, moment: Moment) -> Cell:
    """Return what it says; of one that went astray, what became of it."""
    word, mark = message.state(moment)
    if mark in (Mark.FAIL, Mark.WARN):
        return Cell(f"{word}: {message.reason or message.gist}".removesuffix(": "), mark.value)
    return Cell(message.gist)


def _state_cell(message: MessageLine, moment: Moment) -> Cell:
    word, mark = message.state(moment)
    return Cell(f"{moment.glyph(mark)} {word}", mark.value)


def _arrived(message: MessageLine) -> str:
    if message.undelivered:
        return "no"
    return "yes" if message.status or message.reply_to else ""


MESSAGES: Listing[MessageLine] = Listing(
    name="messages",
    noun="message",
    fields=(
        Field(
            "at", "SENT", lambda message, _: message.at, "When it was sent.",
            lambda message, moment: Cell(when(message.at, moment), "dim"), width=11,
        ),
        Field("from", "FROM", lambda message, _: message.sender, "Who sent it.", width=14),
        Field(
            "to", "TO", lambda message, _: message.recipient,
            "Who is to get it: an agent, several with commas between, a topic, a group, or * for "
            "all.",
            width=14,
        ),
        Field(
            "type", "TYPE", lambda message, _: message.type, "What it is about.",
            _type_cell, width=17, needs=76,
        ),
        Field(
            "state", "STATE", lambda message, moment: message.state(moment)[0],
            "delivered, queued, answer, on its way, overdue, delivered late, no receipt, or why it "
            "did not arrive: unknown recipient, mailbox full, expired, refused, conflict, agent "
            "failed.",
            _state_cell, width=18, needs=112,
        ),
        Field(
            "took", "TOOK", lambda message, _: message.seconds,
            "From sending to its receipt, in s.",
            lambda message, _: Cell(duration(message.seconds), "dim"),
            width=6, right=True, needs=120,
        ),
        Field(
            "says", "SAYS", lambda message, _: message.reason or message.gist,
            "Why it did not arrive, or what it says in a few words.", _says_cell,
        ),
        Field("run", "RUN", lambda message, _: message.run, "The run.", width=15, needs=150),
        Field(
            "conversation", "", lambda message, _: message.conversation,
            "The thread it belongs to; a vote or an auction is one, under its own id.",
        ),
        Field("answers", "", lambda message, _: message.reply_to, "The message that it answers."),
        Field("reason", "", lambda message, _: message.reason, "Why it did not arrive."),
        Field(
            "arrived", "", lambda message, _: _arrived(message),
            "yes, no, or empty where nobody knows yet.",
        ),
        Field("id", "", lambda message, _: message.id, "Its id."),
    ),
    key=lambda message: message.address,
    mark=lambda message, moment: message.state(moment)[1],
    sections=message_sections,
    empty="No message is on record yet; agents write as soon as they work together.",
    at=lambda message: message.at,
    place=lambda message: message.place,
    finished=lambda message, _: _arrived(message) == "yes",
    presets=(
        Preset("all", ""),
        Preset("undelivered", "arrived=no"),
        Preset("late", "state:late|overdue"),
        Preset("no checks", "!type:health"),
        Preset("votes", "type:vote|proposal|consensus"),
        Preset("auctions", "type:bid"),
        Preset("tasks", "type:task"),
    ),
)  # fmt: skip
"""Messages, newest first."""
