"""Pages of messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dataagents.core.events import EventKind
from dataagents.storage.browsing.page import Found, Page
from dataagents.storage.browsing.pages import EVENT, Pages, Trail
from dataagents.storage.browsing.values import body_of, object_in, text_in, time_of
from dataagents.storage.rows import MessageRow

_MESSAGES = """
SELECT place, messages.id, messages.type, messages.sender, messages.recipient, sent.at, sent.body,
    messages.reply_to, sent.run, messages.status, messages.seconds, messages.conversation,
    sent.task, settled.at, settled.body
FROM places CROSS JOIN journal AS sent ON sent.seq = place
CROSS JOIN messages ON messages.id = sent.subject
LEFT JOIN journal AS settled ON settled.seq = messages.settled AND settled.seq > place
"""
_JOINS = "LEFT JOIN messages ON messages.id = event.subject"
_CONDITIONS: Mapping[str, str] = {
    "conversation": "messages.conversation = :conversation",
    "run": "event.run = :run",
    "who": "(messages.sender = :who"
    " OR instr(',' || messages.recipient || ',', ',' || :who || ',') > 0)",
    "type": "messages.type = :type",
    "undelivered": "messages.status NOT IN ('delivered', 'queued')",
}
_TRAILS: Mapping[str, str] = {
    "conversation": "conversation = :conversation",
    "undelivered": "status NOT IN ('delivered', 'queued')",
}
"""Conditions that an index of the messages serves."""


@dataclass(frozen=True, slots=True)
class MessageEntry(MessageRow):
    """A message in a list; large values of its payload are None."""

    place: int = 0
    """Of its sending."""
    conversation: str | None = None
    task: str | None = None
    settled: datetime | None = None
    """When it was known what became of it."""


class MessagePages(Pages):
    """Reads messages in pages."""

    async def messages(
        self,
        page: Page,
        conversation: str | None = None,
        run: str | None = None,
        who: str | None = None,
        type: str | None = None,
        undelivered: bool = False,
    ) -> Found[MessageEntry]:
        """Return messages, by when they were sent.

        Args:
            page: Which stretch.
            conversation: Only those of this conversation.
            run: Only those of this run.
            who: Only those that this agent sent, or that were sent to it by name.
            type: Only those of this type.
            undelivered: Only those that did not arrive.
        """
        given: dict[str, object] = {
            "conversation": conversation,
            "run": run,
            "who": who,
            "type": type,
            "undelivered": undelivered or None,
        }
        asked = [name for name, value in given.items() if value is not None]
        fits = " AND ".join(("messages.sent = event.seq", *(_CONDITIONS[name] for name in asked)))
        kind = (EventKind.MESSAGE_SENT,)
        served = next((name for name in asked if name in _TRAILS), None)
        if served is None or (run is not None and served == "undelivered"):
            found = await self._of_kinds(page, kind, given, run=run, joins=_JOINS, fits=fits)
        else:
            trail = Trail("messages", "sent", _TRAILS[served])
            joins = f"{EVENT} {_JOINS}"
            found = await self._places(page, [trail], given, joins=joins, fits=fits)
        rows = await self._at(_MESSAGES, found)
        return Found(tuple(map(_entry, rows)), found.searched)


def _entry(row: Sequence[Any]) -> MessageEntry:
    place, name, kind, sender, recipient, at, sent, reply_to, run, status, seconds, *rest = row
    conversation, task, settled, receipt = rest
    is_settled = settled is not None
    return MessageEntry(
        id=name,
        type=kind or "",
        sender=sender or "",
        recipient=recipient or "",
        at=datetime.fromisoformat(at),
        payload=object_in(body_of(sent), "payload"),
        reply_to=reply_to,
        run=run,
        status=status if is_settled else None,
        reason=text_in(body_of(receipt), "reason"),
        seconds=seconds if is_settled else None,
        place=place,
        conversation=conversation,
        task=task,
        settled=time_of(settled),
    )
