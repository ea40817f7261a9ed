"""The write-ahead log of a store: how long it is, and who keeps it from becoming shorter.

Every commit is appended to `STORE-wal`; a checkpoint copies it into the database, after which it is
written from its start again. A process that is in the middle of a read keeps its part of the log
from being copied over, so a reader that is stopped inside of one lets the log grow.
"""

import logging
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_LOG = logging.getLogger(__name__)
_LOCKS = Path("/proc/locks")
_WRITE_BYTE = 120
_READ_BYTES = range(124, 128)
"""Bytes of `STORE-shm` that SQLite locks while it writes, and reads from the log
(https://sqlite.org/walformat.html, 2.3). Byte 123 is for reads that need nothing of the log."""

LONG: Final = 16 * 1024 * 1024
"""Bytes of the log above which the writer has it copied, beyond what SQLite does by itself."""
_PATIENCE_MS = 20
"""How long that may wait for readers; commits wait as long."""
_UNLUCKY = 8
"""Times the length up to which attempts come as often as its half is written; then ever less."""
_WORTH_TELLING = 4
"""Times the length above which it is somebody's fault, and not just bad luck."""


def log_path(store: Path) -> Path:
    """Return the log of a store."""
    return store.with_name(f"{store.name}-wal")


def log_bytes(store: Path) -> int:
    """Return how long the log is; 0 when there is none."""
    try:
        return log_path(store).stat().st_size
    except OSError:
        return 0


def writers_of(store: Path) -> tuple[int, ...]:
    """Return the processes that are in the middle of writing; none where that isn't known."""
    return tuple(pid for pid, mode, byte in _locks(store) if (mode, byte) == ("WRITE", _WRITE_BYTE))


def readers_of(store: Path) -> tuple[int, ...]:
    """Return the other processes that are in the middle of a read; none where that isn't known."""
    own = os.getpid()
    found = {pid for pid, _, byte in _locks(store) if byte in _READ_BYTES}
    return tuple(sorted(found - {own}))


def cut_log(connection: sqlite3.Connection) -> bool:
    """Copy the log into the database and cut it off; returns whether that could be done at once."""
    ((patience,),) = connection.execute("PRAGMA busy_timeout").fetchall()
    connection.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
    try:
        ((busy, _, _),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {patience}")
    return not busy


class LogKeeper:
    """Keeps the log short; the writer asks it after each transaction.

    Args:
        store: The database.
        long: Bytes above which the log is too long.
    """

    def __init__(self, store: Path, long: int = LONG) -> None:
        self._store = store
        self._long = long
        self._next = long
        self._last = 0

    @property
    def is_due(self) -> bool:
        """Whether the log is too long, and has grown since the last attempt, or grows no more.

        Then it is written from its start again: nobody keeps it from being cut off any more.
        """
        size = log_bytes(self._store)
        stands, self._last = size == self._last, size
        if size <= self._long:
            self._next = self._long
            return False
        return stands or size > self._next

    def shorten(self, connection: sqlite3.Connection) -> None:
        """Cut the log off; gives up at once where somebody reads from it."""
        if cut_log(connection):
            self._next = self._long
            return
        size = log_bytes(self._store)
        if size > self._long * _WORTH_TELLING:
            self._warn(size)
        # Each attempt costs commits a moment. At first it is bad luck, and the next one will do.
        self._next = size + (self._long if size < self._long * _UNLUCKY else size) // 2

    def _warn(self, size: int) -> None:
        pids = readers_of(self._store)
        who = f"process {', '.join(map(str, pids))} is" if pids else "a process is"
        _LOG.warning(
            "%s: the log has %d MB, because %s in the middle of a read; end it if it is stopped",
            self._store,
            size // 1_000_000,
            who,
        )


def _locks(store: Path) -> Iterator[tuple[int, str, int]]:
    """Yield pid, mode and first byte of each lock on the log's index, as Linux lists them."""
    try:
        index = store.with_name(f"{store.name}-shm").stat().st_ino
        lines = _LOCKS.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        words = line.split()
        if len(words) == 8 and words[1] == "POSIX" and words[5].endswith(f":{index}"):
            first, last = int(words[6]), words[7]
            for byte in range(first, (first if last == "EOF" else int(last)) + 1):
                yield int(words[4]), words[3], byte
