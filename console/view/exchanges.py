"""Exchanges: messages in the order they were said, with pauses, and replies beside requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median

from dataagents.console.view.listing.listing import Sections
from dataagents.console.view.marks import Mark
from dataagents.console.view.message_lines import MessageLine, message_sections
from dataagents.console.view.moment import Moment
from dataagents.console.view.row import sections
from dataagents.console.view.words import duration
from dataagents.core.messaging import REPLIES

_LEAST_PAUSE = 1.0
"""Seconds."""
_STANDS_OUT = 5
"""A pause is so many times as long as the one in the middle."""
_ASKS = frozenset(each.value for each in REPLIES)


@dataclass(frozen=True, slots=True)
class SequenceRow:
    """A line of a sequence: a message, or a pause before one."""

    key: str
    """Stays the same while the conversation goes on."""
    message: MessageLine
    """What was said; after the pause, if it is one."""
    pause: float | None = None
    """Seconds in which nothing was said; None for a message."""
    latency: float | None = None
    """Of a reply: seconds since what it answers was sent."""
    answered: float | None = None
    """Of a request: seconds until its first reply."""
    answers: int = 0
    """How many replies it got."""
    answers_type: str = ""
    """Of a reply: type of what it answers; empty where that is not among the messages."""

    @property
    def address(self) -> str:
        """Address of the message."""
        return self.message.address

    @property
    def at(self) -> datetime:
        """When it was said."""
        return self.message.at

    def unanswered(self, moment: Moment) -> bool:
        """Return whether it asks for an answer that is not there, and won't or should come."""
        message = self.message
        if self.pause is not None or self.answers or message.type not in _ASKS or message.reply_to:
            return False
        return bool(message.status) or not moment.live or message.late(moment.now)

    def mark(self, moment: Moment) -> Mark:
        """Return how it stands."""
        if self.pause is not None:
            return Mark.IDLE
        mark = self.message.state(moment)[1]
        return Mark.WARN if mark is Mark.OK and self.unanswered(moment) else mark

    def words(self, moment: Moment) -> str:
        """Return type, state, latency and gist; how long it was silent, for a pause."""
        if self.pause is not None:
            return f"{duration(self.pause)} later"
        message = self.message
        state = message.state(moment)[0]
        told = [message.type if state in ("delivered", "answer") else f"{message.type} {state}"]
        if self.latency is not None:
            told.append(f"after {duration(self.latency)}")
        elif self.answered is not None:
            told.append(f"answered in {duration(self.answered)}")
        elif self.unanswered(moment):
            told.append("no answer")
        said = message.reason or message.gist
        return ", ".join(told) + (f": {said}" if said else "")


def sequence(messages: Sequence[MessageLine]) -> tuple[SequenceRow, ...]:
    """Return messages as a sequence, with the pauses that stand out.

    Args:
        messages: Of a conversation or a run, in any order.
    """
    told = sorted(messages, key=lambda message: (message.at, message.place))
    known = {message.id: message for message in told}
    replies: dict[str, list[float]] = {}
    for message in told:
        request = known.get(message.reply_to)
        if request is not None and request is not message:
            replies.setdefault(request.id, []).append(_between(request, message))
    gaps = [_between(earlier, later) for earlier, later in pairwise(told)]
    least = max(_LEAST_PAUSE, _STANDS_OUT * median(gaps)) if gaps else 0.0
    rows: list[SequenceRow] = []
    for message, gap in zip(told, (0.0, *gaps), strict=False):
        if gap and gap >= least:
            rows.append(SequenceRow(f"{message.address}/pause", message, gap))
        took = replies.get(message.id, [])
        request = known.get(message.reply_to)
        if request is None or request is message:
            latency, asked = None, ""
        else:
            latency, asked = _between(request, message), request.type
        rows.append(
            SequenceRow(
                key=message.address,
                message=message,
                latency=latency,
                answered=min(took, default=None),
                answers=len(took),
                answers_type=asked,
            )
        )
    return tuple(rows)


def row_sections(row: SequenceRow, moment: Moment) -> Sections:
    """Return everything there is to read about a line of a sequence."""
    paired = sections(
        ("nothing was said for", duration(row.pause)),
        ("answer to", row.answers_type),
        ("answered after", duration(row.latency if row.latency is not None else row.answered)),
        ("answers", str(row.answers) if row.answers > 1 else ""),
        ("no answer", "it asks for one, and none is on record" if row.unanswered(moment) else ""),
    )
    title, *rest = message_sections(row.message, moment)
    return (title, *paired, *rest)


def _between(earlier: MessageLine, later: MessageLine) -> float:
    """Return the seconds between two messages; 0 where a clock was set back meanwhile."""
    return max(0.0, (later.at - earlier.at).total_seconds())
