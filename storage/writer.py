"""The writer: one task that owns the write connection and commits what has queued together."""

import asyncio
import logging
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Self

from dataagents.core.clock import Clock
from dataagents.core.errors import StoreError
from dataagents.storage.connection import StoreConnection
from dataagents.storage.encoding import COLUMNS, EncodedEvent
from dataagents.storage.queue import QueuedUnit, StoreLimits, UnitQueue
from dataagents.storage.statements import STATEMENTS, Batch

_LOG = logging.getLogger(__name__)
_JOURNAL = f"""
INSERT INTO journal (seq, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
"""


class JournalWriter:
    """Group commit: while one transaction is being made safe, the next batch queues up."""

    def __init__(
        self, connection: StoreConnection, store: str, limits: StoreLimits, clock: Clock
    ) -> None:
        self._connection = connection
        self._store = store
        self._limits = limits
        self._clock = clock
        self._queue = UnitQueue(limits)
        self._last_seq = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def queued(self) -> int:
        """Events that wait to be written."""
        return len(self._queue)

    async def __aenter__(self) -> Self:
        ((last,),) = await self._connection.execute_fetchall("SELECT max(seq) FROM journal")
        self._last_seq = last or 0
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

        Raises:
            StoreError: None of it was written.
        """
        written = asyncio.get_running_loop().create_future()
        await self._queue.put(QueuedUnit(events, sum(event.size for event in events), written))
        await written

    async def _run(self) -> None:
        batch: tuple[QueuedUnit, ...] = ()
        error = StoreError(self._store, "it was closed before this could be written")
        try:
            while batch := await self._queue.take():
                await self._write(batch)
        finally:
            for unit in batch:
                unit.reject(error)
            self._queue.fail(error)

    async def _write(self, units: Sequence[QueuedUnit]) -> None:
        events = [event for unit in units for event in unit.events]
        try:
            await self._connection.transact(self._batch(events))
        except (sqlite3.Error, OverflowError) as error:
            if len(units) == 1 or _is_busy(error):
                for unit in units:
                    unit.reject(self._failure(error))
                return
            # One of them is to blame: the others must not suffer for it.
            for unit in units:
                await self._write((unit,))
        else:
            self._last_seq += len(events)
            for unit in units:
                unit.accept()

    def _batch(self, events: Sequence[EncodedEvent]) -> Batch:
        journal: list[tuple[Any, ...]] = []
        rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for seq, event in enumerate(events, start=self._last_seq + 1):
            journal.append((seq, *event.row))
            for statement, row in event.projected:
                rows[statement].append((seq, *row))
        projections = [
            (statement, rows[statement]) for statement in STATEMENTS if statement in rows
        ]
        return [(_JOURNAL, journal), *projections]

    def _failure(self, error: Exception) -> StoreError:
        failure = StoreError(self._store, f"the database refused to write ({error})")
        failure.__cause__ = error
        return failure


def _is_busy(error: Exception) -> bool:
    """Whether another process keeps everybody from writing; asking again for each unit is vain."""
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
