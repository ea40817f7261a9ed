"""Connections to SQLite, each with a thread of its own, and what becomes of their errors."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from dataagents.core.clock import Clock
from dataagents.core.errors import (
    StoreDamagedError,
    StoreError,
    StoreInterruptedError,
    StoreLockedError,
)
from dataagents.storage.log import writers_of
from dataagents.storage.statements import Batch

T = TypeVar("T")

_LOG = logging.getLogger(__name__)
_BUSY_SECONDS = 5.0
_CHUNK = 64
"""Rows per visit of an iteration; nothing here iterates."""
BACKUP = "Restore it from a backup ('dataagents store restore FILE'), or use another --store."
_ROOM = "Make room, or use another --store; what was acknowledged is safe."


_SOUND = (3, 51, 3)
"""SQLite from which on a write-ahead log that is reset beside readers is read right."""


def doubt_about_sqlite() -> str:
    """Return the version of this machine's SQLite where it may misread a store; else nothing."""
    return "" if sqlite3.sqlite_version_info >= _SOUND else f"SQLite {sqlite3.sqlite_version}"


class StoreConnection(aiosqlite.Connection):
    """A connection that can run a whole transaction in one visit to its thread.

    A visit costs about as long as a commit, so one for each statement would halve the speed. And
    whoever is cancelled here leaves no transaction half done: it runs to its end on the thread.
    """

    async def open(self, clock: Clock, limit: float) -> None:
        """Connect; who is cancelled here waits for that, since `stop` can't close half of it.

        Args:
            clock: Where the limit comes from.
            limit: How many seconds who is cancelled waits.

        Raises:
            sqlite3.Error: SQLite refused.
        """
        self._thread.start()
        opened: asyncio.Future[sqlite3.Connection] = asyncio.get_running_loop().create_future()
        self._tx.put_nowait((opened, self._connector))  # pyright: ignore[reportUnknownMemberType]
        try:
            await asyncio.shield(opened)
        except asyncio.CancelledError:
            await _ends(opened, clock, limit)
            raise
        finally:
            if opened.done() and opened.exception() is None:
                self._connection = opened.result()

    def stop(self) -> "asyncio.Future[None] | None":
        """Close after all that was asked for, and end the thread; returns before that is done."""
        stopped: asyncio.Future[None] | None = super().stop()  # pyright: ignore[reportUnknownMemberType]
        return stopped

    async def transact(self, batch: Batch) -> None:
        """Run statements in one transaction, each for its rows; all of them or none."""
        await self._execute(self._transact, batch)  # type: ignore[no-untyped-call]  # aiosqlite's

    async def visit(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do something with the database on its thread, with nothing of others in between."""
        done: T = await self._execute(lambda: work(self._conn))  # type: ignore[no-untyped-call]
        return done

    def end_query(self) -> None:
        """End the query that runs on the thread now; it fails with SQLITE_INTERRUPT."""
        self._conn.interrupt()

    def _transact(self, batch: Batch) -> None:
        self._conn.execute("BEGIN IMMEDIATE")
        try:
            for statement, rows in batch:
                self._conn.executemany(statement, rows)
            self._conn.execute("COMMIT")
        finally:
            # After some failures SQLite has rolled back by itself.
            if self._conn.in_transaction:
                self._conn.rollback()


def _uri(path: Path, mode: str) -> str:
    """Return the SQLite address of a file; whatever its name holds is percent-encoded."""
    return f"{path.absolute().as_uri()}?mode={mode}"


@contextmanager
def store_errors(path: Path) -> Generator[None]:
    """Turn what SQLite raises into the store's own errors."""
    try:
        yield
    except sqlite3.Error as error:
        raise store_error(path, error) from error


def store_error(path: Path, error: Exception) -> StoreError:
    """Return what an error of SQLite means for a store."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    match code & 0xFF:
        case sqlite3.SQLITE_READONLY:
            problem = "its folder can't be written, and SQLite needs that even to read"
            return StoreError(str(path), problem, hint="Copy the store to another folder.")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StoreDamagedError(str(path), f"it is damaged ({error})", hint=BACKUP)
        case sqlite3.SQLITE_BUSY:
            pids = writers_of(path)
            who = f"process {pids[0]}" if pids else "another process"
            problem = f"{who} keeps it locked, and did not let go within {_BUSY_SECONDS:g} s"
            return StoreLockedError(str(path), problem, hint="Stop that one, then try again.")
        case sqlite3.SQLITE_INTERRUPT:
            return StoreInterruptedError(str(path), "a query was ended before it was done")
        case sqlite3.SQLITE_FULL:
            return StoreError(str(path), "the disk is full", hint=_ROOM)
        case sqlite3.SQLITE_IOERR if code == sqlite3.SQLITE_IOERR_WRITE:
            problem = f"writing to its disk failed ({error})"
            return StoreError(str(path), problem, hint=_ROOM)
        case _:
            return StoreError(str(path), f"the database refused ({error})")


@asynccontextmanager
async def connected(
    path: Path, mode: str, clock: Clock, limit: float
) -> AsyncGenerator[StoreConnection]:
    """Have a connection, and end its thread whatever happens, or the interpreter never exits.

    Args:
        path: The database.
        mode: `ro`, `rw` or `rwc`, as SQLite means them.
        clock: Where the limit comes from.
        limit: How many seconds to wait for the end of the thread.
    """
    connect = partial(
        sqlite3.connect, _uri(path, mode), uri=True, isolation_level=None, timeout=_BUSY_SECONDS
    )
    connection = StoreConnection(connect, iter_chunk_size=_CHUNK)
    try:
        with store_errors(path):
            await connection.open(clock, limit)
        yield connection
    finally:
        # Unlike close(), stop() waits for nothing: closing is the last thing the thread does.
        stopped = connection.stop()
        if stopped is not None and not await _ends(stopped, clock, limit):
            _LOG.warning("%s: the database is still busy; not waiting for it", path)


async def _ends(work: "asyncio.Future[T]", clock: Clock, limit: float) -> bool:
    """Wait for the thread to do something, and return whether it did within the limit.

    A cancellation comes after that: an event loop that was closed meanwhile could not be told, and
    a loop that is about to close cancels everybody, often for the second time.
    """
    patience = asyncio.ensure_future(clock.sleep(limit))
    cancelled: asyncio.CancelledError | None = None
    while not work.done():
        try:
            both: tuple[asyncio.Future[Any], ...] = (work, patience)
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError as error:
            cancelled = error
        if patience.cancelled():
            patience = asyncio.ensure_future(clock.sleep(limit))
        elif patience.done():
            break
    patience.cancel()
    if cancelled is not None:
        raise cancelled
    return work.done()
