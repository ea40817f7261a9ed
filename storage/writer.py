"""The writer: one task that owns the write connection and commits what has queued together."""

import asyncio
import logging
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Self

from dataagents.core.clock import Clock
from dataagents.core.errors import StoreDamagedError, StoreError
from dataagents.storage.connection import StoreConnection, store_error
from dataagents.storage.encoding import COLUMNS, EncodedEvent
from dataagents.storage.lock import Promise, StoreLock
from dataagents.storage.log import LogKeeper
from dataagents.storage.queue import QueuedUnit, StoreLimits, UnitQueue
from dataagents.storage.statements import BLOB, BLOB_REF, STATEMENTS, Batch

_LOG = logging.getLogger(__name__)
_AT_ONCE = (100, 20, 1)
"""Events in a statement: after each, the thread waits for Python's lock where others have it."""
_VALUES = "(?, ?, ?, ?, ?, ?, ?, ?, ?)"
_JOURNAL = {
    number: f"INSERT INTO journal (seq, {COLUMNS}) VALUES {', '.join([_VALUES] * number)}"
    " ON CONFLICT (id) DO NOTHING"
    for number in _AT_ONCE
}
_LAST = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'journal'"
"""Places are never used again, whatever was pruned since."""


class JournalWriter:
    """Group commit: while one transaction is being made safe, the next batch queues up."""

    def __init__(
        self,
        connection: StoreConnection,
        path: Path,
        limits: StoreLimits,
        clock: Clock,
        lock: StoreLock,
        damaged: Callable[[StoreError], None] = lambda error: None,
    ) -> None:
        self._connection = connection
        self._path = path
        self._store = str(path)
        self._limits = limits
        self._clock = clock
        self._lock = lock
        self._damaged = damaged
        self._queue = UnitQueue(limits)
        self._log = LogKeeper(path, limits.log_bytes)
        self._last_seq = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def queued(self) -> int:
        """Events that wait to be written."""
        return len(self._queue)

    async def __aenter__(self) -> Self:
        ((self._last_seq,),) = await self._connection.execute_fetchall(_LAST)
        ((store, epoch),) = await self._connection.execute_fetchall("SELECT id, epoch FROM store")
        self._lock.promise(Promise(store, epoch, self._last_seq), durable=True)
        self._task = asyncio.create_task(self._run(), name=f"writer of {self._store}")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._queue.end()
        if self._task is None:
            return
        try:
            async with self._clock.limit(self._limits.close_seconds):
                await self._task
        except TimeoutError:
            _LOG.warning("%s: closed with %d events unwritten", self._store, self.queued)

    async def write(self, events: Sequence[EncodedEvent]) -> None:
        """Return when a unit is durable; who is cancelled here doesn't know whether it is.

        Args:
            events: The unit; an empty one is durable when all that was queued before it is settled.

        Raises:
            StoreError: None of it was written.
        """
        written = asyncio.get_running_loop().create_future()
        size = events[0].size if len(events) == 1 else sum(event.size for event in events)
        unit = QueuedUnit(events, size, written)
        if not self._queue.offer(unit):
            await self._queue.put(unit)
        await written

    def refuse(self, error: StoreError) -> None:
        """Write nothing more, since the database is damaged: what waits and what comes fails."""
        self._damaged(error)
        self._queue.fail(error)

    async def _run(self) -> None:
        batch: tuple[QueuedUnit, ...] = ()
        error = StoreError(self._store, "it was closed before this could be written")
        try:
            while batch := await self._queue.take():
                await self._write(batch)
                if self._log.is_due:
                    await self._shorten_log()
        finally:
            for unit in batch:
                unit.reject(error)
            self._queue.fail(error)

    async def _write(self, units: Sequence[QueuedUnit]) -> None:
        events = [event for unit in units for event in unit.events]
        try:
            if events:
                await self._connection.transact(self._batch(events))
        except (sqlite3.Error, OverflowError) as error:
            if len(units) == 1 or _is_everybodys(error):
                self._reject(units, error)
                return
            # One of them is to blame: the others must not suffer for it.
            for unit in units:
                await self._write((unit,))
        else:
            if events:
                self._last_seq += len(events)
                # Only what was promised can be missed when the log is lost.
                self._lock.raise_to(self._last_seq)
            for unit in units:
                unit.accept()

    def _reject(self, units: Sequence[QueuedUnit], error: Exception) -> None:
        failure = store_error(self._path, error)
        failure.__cause__ = error
        for unit in units:
            unit.reject(failure)
        if isinstance(failure, StoreDamagedError):
            self.refuse(failure)

    async def _shorten_log(self) -> None:
        try:
            await self._connection.visit(self._log.shorten)
        except sqlite3.Error as error:
            _LOG.warning("%s: its log can't be shortened (%s)", self._store, error)

    def _batch(self, events: Sequence[EncodedEvent]) -> Batch:
        journal: list[tuple[Any, ...]] = []
        rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for seq, event in enumerate(events, start=self._last_seq + 1):
            journal.append((seq, *event.row))
            for statement, row in event.projected:
                rows[statement].append((seq, *row))
            for blob in event.blobs:
                rows[BLOB].append((blob.digest, blob.size, blob.body))
                rows[BLOB_REF].append((seq, blob.path, blob.digest))
        written = [(each, rows[each]) for each in (BLOB, BLOB_REF, *STATEMENTS) if each in rows]
        return [*_inserts(journal), *written]


def _inserts(journal: Sequence[tuple[Any, ...]]) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """Yield the fewest statements that write rows of the journal in their order."""
    begin = 0
    for number, statement in _JOURNAL.items():
        end = len(journal) - (len(journal) - begin) % number
        if end > begin:
            yield (
                statement,
                [
                    tuple(chain.from_iterable(journal[at : at + number]))
                    for at in range(begin, end, number)
                ],
            )
            begin = end


_EVERYBODYS = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY,
}  # fmt: skip


def _is_everybodys(error: Exception) -> bool:
    """Whether the database is to blame, and no unit: asking again for each of them is vain.

    On a disk that is full, what is small may still fit, but in an order that nobody asked for.
    """
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _EVERYBODYS
