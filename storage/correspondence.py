"""Messages as a kernel asks for them: what is to be delivered again, what never arrived.

Each question is answered from an index that holds just that, so it costs the same in a store of a
million messages as in a small one.
"""

import json
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, TypeAlias

from dataagents.core.events import Event, EventKind
from dataagents.storage.encoding import READABLE, decode

Fetch: TypeAlias = Callable[[str, dict[str, Any]], Awaitable[Sequence[Any]]]
"""Runs a query and returns its rows."""

_EVENTS = f"SELECT seq, {READABLE} FROM events WHERE seq IN (SELECT value FROM json_each(:seqs))"
# Where an index is meant, the condition is the one that the index was made with.
_UNSETTLED = """
SELECT sent FROM messages WHERE guaranteed = 1 AND (settled IS NULL OR settled < sent)
ORDER BY sent LIMIT :limit
"""
_TRIED = """
SELECT max(seq) FROM journal JOIN messages ON messages.id = journal.subject
WHERE journal.kind = :kind AND seq > sent AND subject IN (SELECT value FROM json_each(:ids))
GROUP BY subject
"""
_UNDELIVERED = """
SELECT sent, settled FROM messages
WHERE resent IS NULL AND status NOT IN ('delivered', 'queued')
ORDER BY settled DESC LIMIT :limit
"""
_SAID = """
SELECT sent FROM messages WHERE conversation = :conversation ORDER BY sent DESC LIMIT :limit
"""
_SENT_LAST = """
SELECT seq FROM journal WHERE kind = :kind AND seq < :before AND seq > :after
ORDER BY seq DESC LIMIT 1
"""


class MessageReader:
    """Reads messages back as events."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch

    async def unsettled(self, limit: int) -> tuple[Event, ...]:
        """Return guaranteed messages that were sent and not settled, oldest first."""
        return await self._events(await self._numbers(_UNSETTLED, limit=limit))

    async def tried(self, messages: Collection[str]) -> tuple[Event, ...]:
        """Return the newest `message.tried` of each message since it was sent."""
        ids, kind = json.dumps(list(messages)), EventKind.MESSAGE_TRIED.value
        return await self._events(await self._numbers(_TRIED, ids=ids, kind=kind))

    async def undelivered(self, limit: int) -> tuple[tuple[Event, Event], ...]:
        """Return the newest messages that did not arrive: as sent and as settled, oldest first."""
        pairs = [(row[0], row[1]) for row in await self._fetch(_UNDELIVERED, {"limit": limit})]
        events = await self._by_seq([seq for pair in pairs for seq in pair])
        return tuple(
            (events[sent], events[settled])
            for sent, settled in reversed(pairs)
            if sent in events and settled in events
        )

    async def exchange(self, message: str) -> tuple[Event, ...]:
        """Return how a message was sent and settled, and its reply, as far as there are any."""
        rows = await self._fetch(
            "SELECT sent, settled FROM messages WHERE id = :id", {"id": message}
        )
        if not rows:
            return ()
        sent, settled = rows[0]
        if settled is None or settled < sent:
            return await self._events([sent])
        # A reply is recorded in one unit with the receipt of what it answers, just before it.
        kind = EventKind.MESSAGE_SENT.value
        last = await self._numbers(_SENT_LAST, kind=kind, before=settled, after=sent)
        found = await self._events([sent, *last, settled])
        return tuple(
            each
            for each in found
            if each.subject == message or each.body.get("reply_to") == message
        )

    async def said(self, conversation: str, limit: int) -> tuple[Event, ...]:
        """Return the newest messages of a conversation as they were sent, oldest first."""
        return await self._events(
            await self._numbers(_SAID, conversation=conversation, limit=limit)
        )

    async def _numbers(self, sql: str, **parameters: object) -> list[int]:
        return [int(row[0]) for row in await self._fetch(sql, parameters)]

    async def _events(self, seqs: Sequence[int]) -> tuple[Event, ...]:
        events = await self._by_seq(seqs)
        return tuple(events[seq] for seq in sorted(events))

    async def _by_seq(self, seqs: Sequence[int]) -> dict[int, Event]:
        if not seqs:
            return {}
        rows = await self._fetch(_EVENTS, {"seqs": json.dumps(list(seqs))})
        return {int(row[0]): decode(row[1:]) for row in rows}


class KeptMessages:
    """The part of a store that answers a kernel's questions about messages."""

    async def unsettled(self, limit: int) -> tuple[Event, ...]:
        """Return guaranteed messages that were sent and not settled, oldest first."""
        return await self._messages.unsettled(limit)

    async def tried(self, messages: Collection[str]) -> tuple[Event, ...]:
        """Return the newest `message.tried` of each message since it was sent."""
        return await self._messages.tried(messages)

    async def undelivered(self, limit: int) -> tuple[tuple[Event, Event], ...]:
        """Return the newest messages that did not arrive: as sent and as settled, oldest first."""
        return await self._messages.undelivered(limit)

    async def exchange(self, message: str) -> tuple[Event, ...]:
        """Return how a message was sent and settled, and its reply, as far as there are any."""
        return await self._messages.exchange(message)

    async def said(self, conversation: str, limit: int) -> tuple[Event, ...]:
        """Return the newest messages of a conversation as they were sent, oldest first."""
        return await self._messages.said(conversation, limit)

    @property
    def _messages(self) -> MessageReader:
        raise NotImplementedError
