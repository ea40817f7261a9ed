"""`STORE.commands`: a small database beside a store, through which operators reach its kernel.

Any process may issue commands into it and read the answers; the kernel that has the store open
acts on them and answers. It is apart from the store so that nobody else has to write that, and it
has a rollback journal, not a write-ahead log: one file, copied and looked at as one.
"""

import asyncio
import os
import secrets
import sqlite3
from collections.abc import AsyncGenerator, Callable, Collection, Generator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

from dataagents.core.clock import Clock, SystemClock
from dataagents.core.commands.command import Command, CommandAnswer
from dataagents.core.errors import StoreDamagedError, StoreError, StoreVersionError
from dataagents.storage.command_rows import (
    ANSWER,
    ANSWERED,
    CREATE,
    ISSUE,
    MARK_WITHDRAWN,
    OUTDATED,
    WAITING,
    WITHDRAW,
    answer_of,
    command_of,
    row_of,
)
from dataagents.storage.connection import StoreConnection, connected, store_errors
from dataagents.storage.migrations import migrate

T = TypeVar("T")

APPLICATION_ID = 0x44414743
"""Differs from the store's: neither file is taken for the other."""
_MIGRATIONS = (CREATE, MARK_WITHDRAWN)
_VERSION = len(_MIGRATIONS)
_SETTINGS = "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;"
_CLOSE_SECONDS = 10.0
_ASIDE = "Move it away; a new one is made, and what was carried out is in the store's journal."


def commands_path(store: Path) -> Path:
    """Return the file of the commands for a store's kernel."""
    return store.with_name(f"{store.name}.commands")


class CommandFile:
    """Issues commands to a kernel, or, in the kernel itself, hands them over.

    Fulfils `core.commands.CommandQueue`. It connects when it is first used and, after an error,
    anew; close it, or use it inside `async with`, or the process does not end.

    Args:
        store: The store whose kernel is meant.
        clock: Where limits come from.
        epoch: Which opening of the store this is, in the kernel.
    """

    def __init__(self, store: Path, clock: Clock | None = None, *, epoch: int = 0) -> None:
        self.path = commands_path(store)
        self._clock = clock or SystemClock()
        self._epoch = epoch
        self._stack = AsyncExitStack()
        self._turn = asyncio.Lock()
        self._connection: StoreConnection | None = None
        self._identity: tuple[int, int] | None = None
        self._version: int | None = None
        self._places: dict[str, int] = {}

    @property
    def epoch(self) -> int:
        """Which opening of the store this is."""
        return self._epoch

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End the database's thread; closing twice is harmless."""
        self._connection = self._version = None
        stack, self._stack = self._stack, AsyncExitStack()
        await stack.aclose()

    async def issue(self, commands: Sequence[Command]) -> None:
        """Keep commands for the kernel, all or none; they are on the disk when this returns.

        The file is made when it isn't there. A command whose id is there already is passed over.

        Raises:
            StoreError: The file can't be made or written, or is none of ours.
        """
        rows = [row_of(command) for command in commands]

        def insert(database: sqlite3.Connection) -> None:
            with _transaction(database):
                database.executemany(ISSUE, rows)

        await self._create()
        await self._visit(insert)

    async def withdraw(self, ids: Collection[str], by: str) -> None:
        """Take commands back that no kernel has answered.

        A kernel that gets to them from now on answers that they were withdrawn; one that has begun
        them already goes on, and its answer stands.

        Raises:
            StoreError: The file can't be written, or is none of ours.
        """
        rows = [(each, by) for each in ids]

        def mark(database: sqlite3.Connection) -> None:
            with _transaction(database):
                database.executemany(WITHDRAW, rows)

        await self._visit(mark)

    async def answers(self, ids: Collection[str]) -> dict[str, CommandAnswer]:
        """Return what became of commands, as far as they have been answered, by id."""

        def find(database: sqlite3.Connection) -> list[Any]:
            return [row for id_ in ids for row in database.execute(ANSWERED, (id_,))]

        rows = await self._visit(find) or ()
        return {answer.command: answer for answer in map(answer_of, rows)}

    async def changed(self) -> bool:
        """Return whether somebody else may have written since the last call.

        Raises:
            StoreError: The file can't be read, or is none of ours.
        """
        version = await self._visit(_data_version)
        changed = version is not None and version != self._version
        self._version = version
        return changed

    async def waiting(self, limit: int) -> tuple[Command, ...]:
        """Return the first `limit` commands without an answer, the oldest first."""

        def fetch(database: sqlite3.Connection) -> list[Any]:
            return database.execute(WAITING, (limit,)).fetchall()

        found = [command_of(*row) for row in await self._visit(fetch) or ()]
        self._places |= {command.id: place for place, command in found}
        return tuple(command for _, command in found)

    async def answer(self, answers: Sequence[CommandAnswer]) -> None:
        """Keep answers to commands that `waiting` returned, all or none; a first one stands."""
        rows = [
            (self._places[each.command], each.state, each.message, each.at.isoformat(), each.epoch)
            for each in answers
            if each.command in self._places
        ]

        def insert(database: sqlite3.Connection) -> None:
            with _transaction(database):
                database.executemany(ANSWER, rows)
                outdated = database.execute(OUTDATED).fetchall()
                database.executemany("DELETE FROM answers WHERE place = ?", outdated)
                database.executemany("DELETE FROM commands WHERE place = ?", outdated)

        await self._visit(insert)
        for each in answers:
            self._places.pop(each.command, None)

    async def _visit(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Do something with the database; None when there is no file.

        Raises:
            StoreError: It failed; the next visit connects anew.
        """
        async with self._turn:
            if _identity(self.path) != self._identity:
                await self.close()  # somebody put another file in its place, or took it away
                self._places.clear()
            try:
                with _errors(self.path):
                    if self._connection is None:
                        await self._connect()
                    return None if self._connection is None else await self._connection.visit(work)
            except BaseException:
                await self.close()
                raise

    async def _connect(self) -> None:
        self._identity = _identity(self.path)
        if self._identity is None:
            return
        _check_file(self.path)
        async with AsyncExitStack() as stack:
            connection = await stack.enter_async_context(_opened(self.path, self._clock))
            self._stack = stack.pop_all()
        self._connection = connection

    async def _create(self) -> None:
        """Make the file unless it is there; another process may do the same now."""
        if self.path.exists():
            return
        draft = self.path.with_name(f"{self.path.name}.{secrets.token_hex(4)}.new")
        try:
            with _errors(self.path):
                async with connected(draft, "rwc", self._clock, _CLOSE_SECONDS) as connection:
                    await connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                    await connection.executescript(_SETTINGS)
                    await migrate(connection, migrations=_MIGRATIONS)
            # Under its name it is whole from the start, and nobody's is replaced.
            os.link(draft, self.path)
        except FileExistsError:
            return
        except OSError as error:
            raise StoreError(str(self.path), f"it can't be made ({error.strerror})") from error
        finally:
            draft.unlink(missing_ok=True)


async def unanswered(store: Path, limit: int, clock: Clock | None = None) -> tuple[Command, ...]:
    """Return commands that wait for a store's kernel, the oldest first, without writing anything.

    Raises:
        StoreError: The file can't be read, or is none of ours.
    """
    path = commands_path(store)
    if _identity(path) is None:
        return ()
    with _errors(path):
        async with connected(path, "ro", clock or SystemClock(), _CLOSE_SECONDS) as connection:
            if await _version_of(path, connection) < _VERSION:
                return ()  # whoever writes next brings it up to date
            rows = await connection.execute_fetchall(WAITING, (limit,))
    return tuple(command for _, command in (command_of(*row) for row in rows))


@asynccontextmanager
async def _opened(path: Path, clock: Clock) -> AsyncGenerator[StoreConnection]:
    async with connected(path, "rw", clock, _CLOSE_SECONDS) as connection:
        await _version_of(path, connection)
        await connection.executescript(_SETTINGS)
        await migrate(connection, migrations=_MIGRATIONS)
        yield connection


async def _version_of(path: Path, connection: StoreConnection) -> int:
    """Return the version of a file that is ours and not newer than this package."""
    ((application,),) = await connection.execute_fetchall("PRAGMA application_id")
    ((version,),) = await connection.execute_fetchall("PRAGMA user_version")
    if application != APPLICATION_ID:
        problem = "it is a database of another program"
        raise StoreDamagedError(str(path), problem)
    if version > _VERSION:
        problem = f"it has version {version}, and this package knows versions up to {_VERSION}"
        raise StoreVersionError(str(path), problem, hint="Upgrade dataagents.")
    return int(version)


@contextmanager
def _errors(path: Path) -> Generator[None]:
    """Turn what SQLite raises into the store's errors, with what to do about this file."""
    try:
        with store_errors(path):
            yield
    except StoreDamagedError as error:
        raise StoreDamagedError(str(path), error.problem, hint=_ASIDE) from error


@contextmanager
def _transaction(database: sqlite3.Connection) -> Generator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    finally:
        if database.in_transaction:
            database.rollback()


def _data_version(database: sqlite3.Connection) -> int:
    ((version,),) = database.execute("PRAGMA data_version")
    return int(version)


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one of the same name; None when there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(str(path), f"it can't be found ({error.strerror})") from error
    return found.st_dev, found.st_ino


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise StoreError(str(path), "it is a folder", hint="Move it away.")
    if path.stat().st_size == 0:
        raise StoreDamagedError(str(path), "it is empty")
    if not os.access(path, os.R_OK | os.W_OK, effective_ids=True):
        raise StoreError(str(path), "it can't be read and written", hint="Check its permissions.")
