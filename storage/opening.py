"""Opening a store: what is refused, and how a new one is made.

Nothing here opens the database but SQLite itself: it holds POSIX locks, and a process loses those
as soon as any part of it closes the same file (https://sqlite.org/howtocorrupt.html, 2.2).
"""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from dataagents.core.clock import Clock
from dataagents.core.errors import StoreDamagedError, StoreError, StoreVersionError
from dataagents.storage.connection import BACKUP, StoreConnection, connected, store_errors
from dataagents.storage.migrations import VERSION, migrate
from dataagents.storage.schema import APPLICATION_ID

_SETTINGS = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA journal_size_limit = 67108864;
PRAGMA foreign_keys = ON;
"""


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
async def writable(path: Path, clock: Clock, limit: float) -> AsyncGenerator[StoreConnection]:
    """Have the write connection of a store; a missing one is made. The caller owns the lock.

    Raises:
        StoreDamagedError: It is not sound; it is as it was.
        StoreError: It can't be made or written.
    """
    if _size(path) is None:
        await _create(path, clock, limit)
    await _check_soundness(path, clock, limit)
    if not os.access(path, os.W_OK, effective_ids=True):
        hint = "Check its permissions, or use another --store."
        raise StoreError(str(path), "it can't be written", hint=hint)
    async with connected(path, "rw", clock, limit) as connection:
        with store_errors(path):
            await connection.executescript(_SETTINGS)
            await migrate(connection)
        yield connection


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


async def _create(path: Path, clock: Clock, limit: float) -> None:
    # Made under another name, so that a store is there with all its tables or not at all.
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    async with connected(draft, "rwc", clock, limit) as connection:
        with store_errors(path):
            await connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            await connection.executescript(_SETTINGS)
            await migrate(connection)
    draft.replace(path)


async def _check_soundness(path: Path, clock: Clock, limit: float) -> None:
    """Look through all of a database that the last kernel did not get to close."""
    async with readable(path, clock, limit) as connection:
        if not _size(path.with_name(f"{path.name}-wal")):
            return
        with store_errors(path):
            ((verdict,),) = await connection.execute_fetchall("PRAGMA quick_check(1)")
        if verdict != "ok":
            raise StoreDamagedError(str(path), f"it is damaged ({verdict})", hint=BACKUP)


def _check_file(path: Path) -> None:
    if path.is_dir():
        hint = f"Name a file, for example {path / 'store.db'}."
        raise StoreError(str(path), "it is a folder", hint=hint)
    # SQLite would take an empty file for a new database.
    if _size(path) == 0:
        raise StoreDamagedError(str(path), "it is empty", hint=BACKUP)
    if not os.access(path, os.R_OK, effective_ids=True):
        hint = "Check its permissions, or use another --store."
        raise StoreError(str(path), "it can't be read", hint=hint)


def _size(path: Path) -> int | None:
    """Return a file's size, or None when there is no such file."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(str(path), f"it can't be found ({error.strerror})") from error
