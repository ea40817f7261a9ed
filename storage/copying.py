"""Copies of a store: a backup beside a live kernel, a restore, and a smaller file.

What appears under a name is whole: it is written under another one, checked, made safe, and only
then renamed.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from dataagents.core.clock import Clock
from dataagents.core.errors import InputError, StoreError
from dataagents.storage.connection import connected, store_error, store_errors
from dataagents.storage.lock import locked
from dataagents.storage.log import cut_log, log_bytes, log_path
from dataagents.storage.opening import (
    SETTINGS,
    prepare_folder,
    put,
    readable,
    refuse_other_files,
    size_of,
    sync_folder,
)
from dataagents.storage.soundness import damage, quick_check

_SECONDS = 10.0
_PAGES = 4_096
"""Pages of 4 kB that are copied between two signs of progress."""

Tell = Callable[[int, int], None]
"""Gets how many pages are done, and how many there are."""


def _silent(done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy that was made."""

    path: Path
    size: int
    """Bytes."""
    aside: Path | None = None
    """Where the store that was there before is now."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """Sizes of a database in bytes."""

    before: int
    after: int


async def backup(path: Path, to: Path, clock: Clock, tell: Tell = _silent) -> Copied:
    """Copy a store as it is at one moment, also while a kernel writes to it.

    The copy is one file that needs no other beside it, was checked, and is a store by itself.

    Args:
        path: The store; it is only read. The log of a live kernel grows until the copy is done.
        to: A file that isn't there.
        clock: Where limits come from.
        tell: Gets how far it is.

    Raises:
        InputError: There is a file of that name, or it can't be written.
        StoreError: The store can't be read, or is damaged.
    """
    _refuse_taken(to)
    draft = to.with_name(f".{to.name}.partial")
    try:
        _remove(draft)  # of a backup that was killed
        draft.touch()
        async with readable(path, clock, _SECONDS) as connection:
            await connection.visit(lambda database: _copy(database, path, draft, tell))
        # A link refuses a name that was taken meanwhile; a rename would overwrite it.
        os.link(draft, to)
        sync_folder(to.parent)
    except OSError as error:
        raise InputError(f"file {to}", error.strerror or str(error)) from error
    finally:
        _remove(draft)
    return Copied(to, size_of(to))


async def restore(backup: Path, path: Path, clock: Clock, tell: Tell = _silent) -> Copied:
    """Put a backup in the place of a store, which is kept beside it under another name.

    Args:
        backup: A file that `backup` made, or any store that nobody writes to.
        path: The store.
        clock: Names what is kept; where limits come from.
        tell: Gets how far it is.

    Raises:
        InputError: There is no such backup.
        StoreLockedError: A kernel has the store open.
        StoreError: The backup is damaged, or no store; nothing was changed.
    """
    _refuse_itself(backup, path)
    prepare_folder(path)
    async with locked(path, clock) as lock:
        draft = path.with_name(f"{path.name}.new")
        _remove(draft)
        try:
            async with readable(backup, clock, _SECONDS) as connection:
                await connection.visit(lambda database: _copy(database, backup, draft, tell))
            aside = _set_aside(path, f"{clock.now():%Y%m%dT%H%M%S}")
            put(draft, path)
        except OSError as error:
            raise StoreError(str(path), f"it can't be replaced ({error.strerror})") from error
        finally:
            _remove(draft)
        # Until here the lock file asks for what the old store had: a restore that was killed
        # between two renames is noticed.
        lock.promise(None, durable=True)
    return Copied(path, size_of(path), aside)


async def compact(path: Path, clock: Clock) -> Compacted:
    """Give the room of what was pruned back to the disk.

    Needs as much room again while it works. A process that is killed meanwhile leaves the store as
    it was.

    Raises:
        StoreLockedError: A kernel has the store open, or somebody is in the middle of a read.
        StoreError: It can't be written.
    """
    await refuse_other_files(path, clock, _SECONDS)
    async with locked(path, clock):
        before = size_of(path) + log_bytes(path)
        async with connected(path, "rw", clock, _SECONDS) as connection:
            with store_errors(path):
                await connection.executescript(SETTINGS)
                await connection.execute("VACUUM")
                await connection.visit(cut_log)
        return Compacted(before, size_of(path) + log_bytes(path))


def _refuse_taken(to: Path) -> None:
    if os.path.lexists(to):
        raise InputError(f"file {to}", "it is there", hint="Choose another name for the backup.")


def _refuse_itself(backup: Path, path: Path) -> None:
    if not backup.exists():
        raise InputError(f"backup {backup}", "there is no such file")
    if path.exists() and backup.samefile(path):
        raise InputError(f"backup {backup}", "it is the store itself")


def _copy(database: sqlite3.Connection, path: Path, draft: Path, tell: Tell) -> None:
    """Copy a database into a new file, and check that.

    Raises:
        StoreError: Either is damaged, or can't be read or written.
    """
    with closing(sqlite3.connect(draft, isolation_level=None)) as copy:
        try:
            # One read for the whole copy: without it, each commit of a kernel would start it anew.
            database.execute("BEGIN")
            database.execute("SELECT count(*) FROM sqlite_schema").fetchall()
            database.backup(
                copy, pages=_PAGES, progress=lambda _, left, total: tell(total - left, total)
            )
            # One file, which needs no log beside it to be read.
            copy.execute("PRAGMA journal_mode = DELETE")
            verdict = quick_check(copy)
        except sqlite3.Error as error:
            raise store_error(path, error) from error
        finally:
            if database.in_transaction:
                database.rollback()
        if verdict is not None:
            raise damage(path, verdict)
    with draft.open("rb") as file:
        os.fsync(file.fileno())


def _set_aside(path: Path, when: str) -> Path | None:
    """Keep what is there: the database under a second name, its log under the matching one."""
    if not path.exists() and not log_bytes(path):
        return None
    base = f"{path.name}.before-{when}"
    names = (path.with_name(base + (f"-{number}" if number > 1 else "")) for number in count(1))
    aside = next(name for name in names if not os.path.lexists(name))
    if path.exists():
        os.link(path, aside)
    if log_bytes(path):
        log_path(path).rename(log_path(aside))
    log_path(path).unlink(missing_ok=True)
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    sync_folder(path.parent)
    return aside


def _remove(draft: Path) -> None:
    for name in (draft.name, f"{draft.name}-wal", f"{draft.name}-shm", f"{draft.name}-journal"):
        draft.with_name(name).unlink(missing_ok=True)
