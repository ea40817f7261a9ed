"""Soundness: is a database whole, and does it have all that was acknowledged?"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from dataagents.core.clock import Clock
from dataagents.core.errors import StoreDamagedError, StoreError
from dataagents.storage.connection import BACKUP, StoreConnection, connected, store_errors
from dataagents.storage.lock import Promise
from dataagents.storage.log import log_bytes
from dataagents.storage.schema import EVENTS_SINCE

_LOG = logging.getLogger(__name__)
_TABLES = """
SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
"""
_STATE = """
SELECT id, epoch, (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'journal')
FROM store
"""


def lost(path: Path, promise: Promise | None, found: Promise | None) -> StoreDamagedError | None:
    """Return what is wrong when a database has less than was acknowledged.

    Args:
        path: It.
        promise: What the last owner said that it has; None when that closed it.
        found: What it has; None for one that was written before version 2.
    """
    # Another database in its place is no loss: somebody put it there.
    if promise is None or found is None or found.store != promise.store:
        return None
    if found.epoch >= promise.epoch and found.seq >= promise.seq:
        return None
    problem = f"a part of it is missing: it ends at event {found.seq} of {promise.seq}"
    if found.seq >= promise.seq:
        problem = f"a part of it is missing: its opening {promise.epoch} left no trace"
    if log_bytes(path) == 0:
        problem += f", and there is no {path.name}-wal, which had the rest"
    hint = (
        f"Put {path.name}-wal back beside it, restore a backup ('dataagents store restore FILE'), "
        "or go on without that part ('dataagents store check --accept')."
    )
    return StoreDamagedError(str(path), problem, hint=hint)


async def state_of(connection: StoreConnection) -> Promise | None:
    """Return how far a database goes; None for one of version 1."""
    ((version,),) = await connection.execute_fetchall("PRAGMA user_version")
    if version < EVENTS_SINCE:
        return None
    ((store, epoch, seq),) = await connection.execute_fetchall(_STATE)
    return Promise(store, epoch, seq)


def quick_check(
    connection: sqlite3.Connection, goes_on: Callable[[], bool] = lambda: True
) -> str | None:
    """Return the first thing that is wrong with a database; None when it is sound.

    A table at a time, so that each read is as short as can be: what is read keeps the log from
    becoming shorter.

    Args:
        connection: To it.
        goes_on: Asked before each table; the rest is left unchecked when it returns False.
    """
    tables = connection.execute(_TABLES).fetchall()
    for (name,) in tables:
        if not goes_on():
            break
        quoted = name.replace("'", "''")
        ((verdict,),) = connection.execute(f"PRAGMA quick_check('{quoted}')").fetchmany(1)
        if verdict != "ok":
            return " ".join(str(verdict).split())
    return None


def damage(path: Path, verdict: str) -> StoreDamagedError:
    """Return the error that a verdict of a check is."""
    return StoreDamagedError(str(path), f"it is damaged ({verdict})", hint=BACKUP)


class BackgroundCheck:
    """Checks a large database while it is used, on a connection and a thread of its own."""

    def __init__(
        self, path: Path, clock: Clock, limit: float, tell: Callable[[StoreDamagedError], None]
    ) -> None:
        self._path = path
        self._clock = clock
        self._limit = limit
        self._tell = tell
        self._task: asyncio.Task[None] | None = None
        self._connection: StoreConnection | None = None
        self._stopped = False

    @property
    def runs(self) -> bool:
        """Whether it has not ended yet."""
        return self._task is not None and not self._task.done()

    @property
    def gave_up(self) -> bool:
        """Whether it was ended before it knew."""
        return self._stopped

    def start(self) -> None:
        """Begin, and return at once."""
        self._task = asyncio.create_task(self._check(), name=f"check of {self._path}")

    async def wait(self) -> None:
        """Return when it has ended."""
        if self._task is not None:
            await asyncio.wait((self._task,))

    async def close(self) -> None:
        """End it, wherever it is."""
        if self._task is None or self._task.done():
            return
        self._stopped = True
        if self._connection is not None:
            with suppress(ValueError):  # it is being closed already
                await self._connection.interrupt()
        self._task.cancel()
        await asyncio.wait((self._task,))

    async def _check(self) -> None:
        began = self._clock.monotonic()
        try:
            async with connected(self._path, "ro", self._clock, self._limit) as connection:
                self._connection = connection
                with store_errors(self._path):
                    verdict = await connection.visit(self._look)
        except StoreDamagedError as error:
            self._report(error)
            return
        except StoreError as error:
            if not self._stopped:
                _LOG.warning("%s: it could not be checked: %s", self._path, error)
            return
        finally:
            self._connection = None
        if verdict is not None:
            self._report(damage(self._path, verdict))
            return
        if self._stopped:
            return
        seconds = self._clock.monotonic() - began
        _LOG.info("%s: it was not closed last time, and is sound (%.1f s)", self._path, seconds)

    def _look(self, connection: sqlite3.Connection) -> str | None:
        return quick_check(connection, lambda: not self._stopped)

    def _report(self, error: StoreDamagedError) -> None:
        _LOG.error("%s Nothing more is written to it.", error)
        self._tell(error)
