"""Opening a store: what is refused, and how a new one is made.

Nothing here opens the database but SQLite itself: it holds POSIX locks, and a process loses those
as soon as any part of it closes the same file (https://sqlite.org/howtocorrupt.html, 2.2).
"""

import os
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from dataagents.core.clock import Clock
from dataagents.core.errors import StoreDamagedError, StoreError, StoreVersionError
from dataagents.storage.connection import BACKUP, StoreConnection, connected, store_errors
from dataagents.storage.lock import Promise, StoreLock
from dataagents.storage.log import cut_log, log_bytes
from dataagents.storage.migrations import VERSION, migrate
from dataagents.storage.queue import StoreLimits
from dataagents.storage.schema import APPLICATION_ID
from dataagents.storage.soundness import damage, lost, quick_check, state_of

SETTINGS = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA journal_size_limit = 16777216;
PRAGMA foreign_keys = ON;
"""
_SMALLEST = 512
"""Bytes of the smallest page that a database can have."""
_OPENED = "UPDATE store SET epoch = max(epoch + 1, ?)"


@asynccontextmanager
async def readable(path: Path, clock: Clock, limit: float) -> AsyncGenerator[StoreConnection]:
    """Have a connection that can only read; the file is there and is a store.

    Raises:
        StoreDamagedError: It is empty, cut off or no store.
        StoreVersionError: A newer version wrote it.
        StoreError: It is a folder, or can't be read.
    """
    _check_file(path)
    async with connected(path, "ro", clock, limit) as connection:
        with store_errors(path):
            ((application,),) = await connection.execute_fetchall("PRAGMA application_id")
            ((version,),) = await connection.execute_fetchall("PRAGMA user_version")
        if application != APPLICATION_ID:
            problem = "it is a database of another program"
            raise StoreDamagedError(str(path), problem, hint="Use another --store.")
        if version > VERSION:
            problem = f"it has version {version}, and this package knows versions up to {VERSION}"
            hint = "Upgrade dataagents, or use another --store."
            raise StoreVersionError(str(path), problem, hint=hint)
        yield connection


@asynccontextmanager
async def writable(
    path: Path, lock: StoreLock, clock: Clock, limits: StoreLimits
) -> AsyncGenerator[tuple[StoreConnection, bool]]:
    """Have the write connection of a store, and whether it has still to be checked.

    A store that is missing is made.

    Args:
        path: It.
        lock: Its lock, which the caller owns.
        clock: Where limits come from.
        limits: How long closing may wait, and up to which size a database is checked here.

    Raises:
        StoreDamagedError: It is not sound, or a part of it is missing; it is as it was.
        StoreError: It can't be made or written.
    """
    limit = limits.close_seconds
    if _size(path) is None:
        if log_bytes(path):
            problem = f"it is gone, and {path.name}-wal, which belongs to it, is there"
            raise StoreDamagedError(str(path), problem, hint=BACKUP)
        await create(path, clock, limit)
    unchecked = await _check_soundness(path, lock.left, clock, limits)
    if not os.access(path, os.W_OK, effective_ids=True):
        hint = "Check its permissions, or use another --store."
        raise StoreError(str(path), "it can't be written", hint=hint)
    async with connected(path, "rw", clock, limit) as connection:
        with store_errors(path):
            await connection.executescript(SETTINGS)
            await migrate(connection)
            await connection.execute(_OPENED, (lock.holder.epoch,))
            ((epoch,),) = await connection.execute_fetchall("SELECT epoch FROM store")
        lock.number(epoch)
        lock.was_kept = True
        yield connection, unchecked
        # Closing does it too, but only where no reader is connected.
        with suppress(sqlite3.Error, TimeoutError):
            async with clock.limit(limit):
                await connection.visit(cut_log)


async def refuse_other_files(path: Path, clock: Clock, limit: float) -> None:
    """Refuse what `readable` refuses, before anything is made beside it."""
    if _size(path) is not None:
        async with readable(path, clock, limit):
            pass


def prepare_folder(path: Path) -> None:
    """Make the folder that a store is to be in.

    Raises:
        StoreError: It can't be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"its folder can't be made ({error.strerror})"
        raise StoreError(str(path), problem, hint="Use another --store.") from error


async def create(path: Path, clock: Clock, limit: float) -> None:
    """Make a store, which is there with all its tables or not at all."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    async with connected(draft, "rwc", clock, limit) as connection:
        with store_errors(path):
            await connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            await connection.executescript(SETTINGS)
            await migrate(connection)
    put(draft, path)


def put(draft: Path, path: Path) -> None:
    """Give a finished database its name, so that it is there after a power cut, too."""
    draft.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _check_soundness(
    path: Path, promise: Promise | None, clock: Clock, limits: StoreLimits
) -> bool:
    """Check a database that the last kernel did not get to close; a large one is left to others.

    Returns:
        Whether it is left to others.
    """
    unclean = promise is not None or log_bytes(path) > 0
    async with readable(path, clock, limits.close_seconds) as connection:
        if not unclean:
            return False
        with store_errors(path):
            error = lost(path, promise, await state_of(connection))
            if error is not None:
                raise error
            if size_of(path) > limits.checked_bytes:
                return True
            verdict = await connection.visit(quick_check)
        if verdict is not None:
            raise damage(path, verdict)
        return False


def _check_file(path: Path) -> None:
    if path.is_dir():
        hint = f"Name a file, for example {path / 'store.db'}."
        raise StoreError(str(path), "it is a folder", hint=hint)
    # SQLite would take it for a new database.
    size = _size(path)
    if size is not None and size < _SMALLEST:
        problem = "it is cut off, or no database" if size else "it is empty"
        raise StoreDamagedError(str(path), problem, hint=BACKUP)
    if not os.access(path, os.R_OK, effective_ids=True):
        hint = "Check its permissions, or use another --store."
        raise StoreError(str(path), "it can't be read", hint=hint)


def size_of(path: Path) -> int:
    """Return a file's size in bytes; 0 when there is no such file."""
    return _size(path) or 0


def _size(path: Path) -> int | None:
    """Return a file's size, or None when there is no such file."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(str(path), f"it can't be found ({error.strerror})") from error
