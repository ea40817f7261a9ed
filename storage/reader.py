"""The read side: any number of these beside a live kernel, or on what a dead one left."""

import logging
from collections.abc import Collection
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

from dataagents.core.clock import Clock, SystemClock
from dataagents.core.errors import ClosedError, InputError
from dataagents.core.goals import RunStatus
from dataagents.core.lineage import Link, downstream, upstream
from dataagents.core.messaging import Conversation, ConversationState, Lineage, ReceiptStatus
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import from_json
from dataagents.storage.browsing.browser import Browser
from dataagents.storage.connection import StoreConnection, store_errors
from dataagents.storage.correspondence import MessageReader
from dataagents.storage.encoding import READABLE, decode, decode_body
from dataagents.storage.entities import EntityReader
from dataagents.storage.lock import Holder, find_holder, find_promise, last_holder
from dataagents.storage.migrations import VERSION
from dataagents.storage.opening import readable
from dataagents.storage.rows import (
    AGENTS,
    MESSAGES,
    RELATED_LINEAGE,
    RUNS,
    AgentRow,
    MessageRow,
    RunRow,
    StoredEvent,
    agent_row,
    message_row,
    run_row,
)
from dataagents.storage.schema import EVENTS_SINCE, OLD_VIEWS
from dataagents.storage.soundness import lost, state_of

_LOG = logging.getLogger(__name__)
_CLOSE_SECONDS = 10.0
_MOST_NAMED = 5
_EVENTS = f"SELECT seq, {READABLE} FROM events"
_ARRIVED = (ReceiptStatus.DELIVERED, ReceiptStatus.QUEUED)
LATEST = "latest"
"""What `find_run` takes for the newest run."""


class StoreReader:
    """Reads a store, and can't write it; use it inside `async with`.

    Each call is one short read: no transaction stays open between two calls, so a reader never
    holds up the writer's clean-up, however slow its owner is.
    """

    def __init__(self, path: Path | str, *, clock: Clock | None = None) -> None:
        self._path = Path(path)
        self._clock = clock or SystemClock()
        self._stack = AsyncExitStack()
        self._connection: StoreConnection | None = None
        self._version = VERSION
        """Of the store: an older one is read as it is, until a kernel brings it up to date."""

    async def __aenter__(self) -> Self:
        """Connect; where a part of what was acknowledged is missing, the log says so.

        Raises:
            InputError: There is no such file.
            StoreVersionError: A newer version wrote it.
            StoreDamagedError: It is not a sound store.
            StoreError: It can't be read.
        """
        if not self._path.exists():
            hint = "Run 'dataagents run FILE' to make one, or name another --store."
            raise InputError(f"store {self._path}", "there is no such file", hint=hint)
        async with AsyncExitStack() as stack:
            self._connection = await stack.enter_async_context(
                readable(self._path, self._clock, _CLOSE_SECONDS)
            )
            self._version = await self._number("PRAGMA user_version")
            with store_errors(self._path):
                for _, since, view in OLD_VIEWS:
                    if self._version < since:
                        await self._connection.execute(view)
            if self._version >= EVENTS_SINCE:
                await self._look_for_loss(self._connection)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._connection = None
        await self._stack.aclose()

    async def _look_for_loss(self, connection: StoreConnection) -> None:
        promised = find_promise(
            self._path
        )  # first: a kernel at work only ever adds to what is there
        if promised is not None:
            with store_errors(self._path):
                error = lost(self._path, promised, await state_of(connection))
            if error is not None:
                _LOG.warning("%s", error)

    async def data_version(self) -> int:
        """Return a number that changes whenever somebody else has written."""
        return await self._number("PRAGMA data_version")

    async def last_seq(self) -> int:
        """Return the place of the newest event; 0 when there is none."""
        return await self._number("SELECT coalesce(max(seq), 0) FROM journal")

    async def events(
        self,
        after: int = 0,
        limit: int = 1000,
        run: str | None = None,
        kinds: Collection[str] = (),
    ) -> tuple[StoredEvent, ...]:
        """Return events, oldest first.

        Args:
            after: The place behind which to begin.
            limit: How many at most.
            run: Only those of this run.
            kinds: Only those of these kinds, all when empty; others behind the place are passed
                over one by one, so that is for a place near the newest event.
        """
        which = "" if run is None else "AND run = :run"
        named = {f"kind{number}": kind for number, kind in enumerate(kinds)}
        if named:
            # The plus keeps SQLite from its index of kinds, by which it would have to sort.
            which += f" AND +kind IN ({', '.join(f':{name}' for name in named)})"
        rows = await self._fetch(
            f"{_EVENTS} WHERE seq > :after {which} ORDER BY seq LIMIT :limit",
            {"after": after, "limit": limit, "run": run, **named},
        )
        return tuple(StoredEvent(row[0], decode(row[1:])) for row in rows)

    async def find(self, id: str) -> StoredEvent | None:
        """Return an event by its id; None when it isn't there."""
        rows = await self._fetch(f"{_EVENTS} WHERE id = :id", {"id": id})
        return next((StoredEvent(row[0], decode(row[1:])) for row in rows), None)

    async def recent(self, kind: str, limit: int) -> tuple[StoredEvent, ...]:
        """Return the newest `limit` events of a kind, oldest of them first."""
        rows = await self._fetch(
            f"{_EVENTS} WHERE kind = :kind ORDER BY seq DESC LIMIT :limit",
            {"kind": kind, "limit": limit},
        )
        return tuple(StoredEvent(row[0], decode(row[1:])) for row in reversed(rows))

    async def run_events(self, run: str, kinds: Collection[str]) -> tuple[StoredEvent, ...]:
        """Return all events of a run that are of some kinds, oldest first."""
        chosen = {f"k{number}": str(kind) for number, kind in enumerate(kinds)}
        places = ", ".join(f":{name}" for name in chosen)
        rows = await self._fetch(
            f"{_EVENTS} WHERE run = :run AND kind IN ({places}) ORDER BY seq",
            {"run": run, **chosen},
        )
        return tuple(StoredEvent(row[0], decode(row[1:])) for row in rows)

    async def unfinished(self) -> tuple[str, ...]:
        """Return the ids of the runs that have no end, or are suspended; oldest first."""
        rows = await self._fetch(
            "SELECT id FROM runs WHERE ended IS NULL OR ended < started OR status = :suspended "
            "ORDER BY started",
            {"suspended": RunStatus.SUSPENDED.value},
        )
        return tuple(str(row[0]) for row in rows)

    async def runs(self, limit: int = 100) -> tuple[RunRow, ...]:
        """Return runs, newest first."""
        rows = await self._fetch(
            f"{RUNS} ORDER BY runs.started DESC LIMIT :limit", {"limit": limit}
        )
        return tuple(map(run_row, rows))

    async def find_run(self, text: str) -> RunRow:
        """Return the run that somebody means.

        Args:
            text: Its id, the beginning or the end of it, or `latest`.

        Raises:
            InputError: No run is meant by that, or several are; names the choices.
        """
        newest = "ORDER BY runs.started DESC LIMIT 1"
        where = newest if text == LATEST else f"WHERE runs.id = :text {newest}"
        rows = await self._fetch(f"{RUNS} {where}", {"text": text})
        if not rows:
            rows = await self._fetch(f"{RUNS} WHERE runs.id = :id", {"id": await self._meant(text)})
        return run_row(rows[0])

    async def agents(self) -> tuple[AgentRow, ...]:
        """Return all agents that were ever deployed or refused, by id."""
        return tuple(map(agent_row, await self._fetch(AGENTS)))

    async def messages(
        self, conversation: str | None = None, limit: int = 1000
    ) -> tuple[MessageRow, ...]:
        """Return the newest messages, oldest of them first.

        Args:
            conversation: Only those of this conversation.
            limit: How many at most.
        """
        which = "" if conversation is None else "WHERE conversation = :conversation"
        rows = await self._fetch(
            f"{MESSAGES} {which} ORDER BY messages.sent DESC LIMIT :limit",
            {"conversation": conversation, "limit": limit},
        )
        return tuple(map(message_row, reversed(rows)))

    @property
    def correspondence(self) -> MessageReader:
        """What a kernel asks about messages when it goes on."""
        return MessageReader(self._fetch)

    @property
    def entities(self) -> EntityReader:
        """What is on record about one thing."""
        return EntityReader(self._fetch)

    @property
    def browse(self) -> Browser:
        """Pages of what is on record, for lists of whatever length."""
        return Browser(self._fetch)

    def interrupt(self) -> None:
        """End the query that runs now; it raises `StoreInterruptedError`.

        What waits behind it is not ended. Where nothing runs, nothing happens.
        """
        if self._connection is not None:
            self._connection.end_query()

    async def conversation(self, id: str) -> Conversation | None:
        """Return a conversation; None when no message of it was recorded."""
        messages = await self.messages(id)
        if not messages:
            return None
        people = dict.fromkeys(who for each in messages for who in (each.sender, each.recipient))
        answered = {each.reply_to for each in messages}
        open_ = [
            each
            for each in messages
            if each.status is None and each.reply_to is None and each.id not in answered
        ]
        return Conversation(
            id=id,
            participants=tuple(people),
            messages=tuple(each.id for each in messages),
            started=messages[0].at,
            latest=messages[-1].at,
            state=ConversationState.ACTIVE if open_ else ConversationState.SETTLED,
            undelivered=sum(each.status not in (None, *_ARRIVED) for each in messages),
        )

    async def lineage(
        self, dataset: str, column: str | None = None, *, forwards: bool = False
    ) -> tuple[Link, ...]:
        """Return where a data set or a column of it came from, or what was made of it.

        Args:
            dataset: Its name.
            column: The column; the data set as a whole when None.
            forwards: Follow it to what was made of it, rather than back.
        """
        far, near = ("dataset", "source") if forwards else ("source", "dataset")
        sql = RELATED_LINEAGE.format(far=f"lineage.{far}", near=f"lineage.{near}")
        bodies = await self._fetch(sql, {"dataset": dataset})
        records = [from_json(Lineage, decode_body(*columns)) for columns in bodies]
        return (downstream if forwards else upstream)(records, dataset, column)

    def holder(self) -> Holder | None:
        """Return the kernel that has the store open for writing now, if there is one."""
        return find_holder(self._path)

    def last_holder(self) -> Holder | None:
        """Return the kernel that has the store open, or had it last; None if there was none."""
        return last_holder(self._path)

    async def _meant(self, text: str) -> str:
        rows = await self._fetch("SELECT id FROM runs ORDER BY started DESC")
        known = [str(row[0]) for row in rows]
        meant = [run for run in known if text and (run.startswith(text) or run.endswith(text))]
        if len(meant) == 1:
            return meant[0]
        if meant:
            more = ", …" if len(meant) > _MOST_NAMED else ""
            choices = f"It may be {', '.join(meant[:_MOST_NAMED])}{more}."
            raise InputError(f"run {text!r}", f"it fits {len(meant)} runs", hint=choices)
        hint = did_you_mean(text, known[:_MOST_NAMED]).strip() or "The store has no runs yet."
        raise InputError(f"run {text!r}", "there is no such run", hint=hint)

    async def _number(self, sql: str) -> int:
        ((number,),) = await self._fetch(sql)
        return int(number)

    async def _fetch(self, sql: str, parameters: dict[str, Any] | None = None) -> list[Any]:
        if self._connection is None:
            raise ClosedError("the reader of a store")
        with store_errors(self._path):
            if self._version < VERSION:
                await self._look_for_news(self._connection)
            return list(await self._connection.execute_fetchall(sql, parameters))

    async def _look_for_news(self, connection: StoreConnection) -> None:
        """Read what a kernel made of an old store, once one has come."""
        ((version,),) = await connection.execute_fetchall("PRAGMA user_version")
        if version > self._version:
            for name, since, _ in OLD_VIEWS:
                if version >= since:
                    await connection.execute(f"DROP VIEW IF EXISTS temp.{name}")
            self._version = version
