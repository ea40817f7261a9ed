"""Checking: what `dataagents store check` finds out, beside a kernel or without one."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

from dataagents.core.clock import Clock
from dataagents.core.errors import StoreDamagedError, StoreError, StoreLockedError
from dataagents.storage.blobs import digest_of
from dataagents.storage.connection import StoreConnection, store_errors
from dataagents.storage.encoding import READABLE, decode
from dataagents.storage.lock import Holder, find_holder, find_promise, locked
from dataagents.storage.log import log_bytes
from dataagents.storage.migrations import MIGRATIONS
from dataagents.storage.opening import readable, size_of
from dataagents.storage.projections import project
from dataagents.storage.schema import EVENTS_SINCE, OLD_EVENTS
from dataagents.storage.soundness import lost, quick_check, state_of
from dataagents.storage.statements import STATEMENTS

_SECONDS = 10.0
_PAGE = 1_000
_MOST = 20
"""Problems that are told of each kind."""


class CheckStep(StrEnum):
    """What is looked at, in order; the last three in a full check alone."""

    COMPLETE = "nothing acknowledged is missing"
    PAGES = "every page is readable"
    INDEXES = "every index fits its table"
    REFERENCES = "every reference leads somewhere"
    BLOBS = "every large value is what was written"
    PROJECTIONS = "the tables say what the journal says"


QUICK = (CheckStep.COMPLETE, CheckStep.PAGES)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was found."""

    version: int
    events: int
    size: int
    """Bytes of the database."""
    log_size: int
    """Bytes of its log."""
    epoch: int | None
    """How often it was opened; None for a store of version 1."""
    holder: Holder | None
    """The kernel that has it open now."""
    checked: tuple[CheckStep, ...]
    problems: tuple[str, ...] = field(default=())

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


async def check(
    path: Path,
    clock: Clock,
    *,
    full: bool = False,
    tell: Callable[[CheckStep], None] = lambda step: None,
) -> CheckReport:
    """Look through a store; it is only read, and may be in use.

    Args:
        path: It.
        clock: Where limits come from.
        full: Look at everything. A quick check reads every page, and takes about a second for each
            gigabyte; a full one makes the tables again from the journal, and takes as long as
            writing did.
        tell: Gets each step before it begins.

    Raises:
        StoreDamagedError: So much of it is damaged that it can't be opened.
        StoreError: It is no store, or can't be read.
    """
    async with readable(path, clock, _SECONDS) as connection:
        steps = tuple(CheckStep) if full else QUICK
        problems: list[str] = []
        with store_errors(path):
            ((version,),) = await connection.execute_fetchall("PRAGMA user_version")
            if version < EVENTS_SINCE:
                await connection.execute(OLD_EVENTS)
            state = await state_of(connection)
        for step in steps:
            tell(step)
            if step is CheckStep.COMPLETE:
                promised = None if find_holder(path) else find_promise(path)
                error = lost(path, promised, state)
                problems += [] if error is None else [error.problem]
            else:
                problems += await _found(connection, path, step, version)
            if problems and step is CheckStep.PAGES:
                steps = steps[: steps.index(step) + 1]
                break
        events = 0
        if not problems:
            with store_errors(path):
                ((events,),) = await connection.execute_fetchall("SELECT count(*) FROM journal")
        return CheckReport(
            version=version,
            events=events,
            size=size_of(path),
            log_size=log_bytes(path),
            epoch=None if state is None else state.epoch,
            holder=find_holder(path),
            checked=steps,
            problems=tuple(problems),
        )


async def accept(path: Path, clock: Clock) -> str:
    """Go on with a store although a part of it is missing; returns what is missing, or nothing.

    Raises:
        StoreLockedError: A kernel has it open.
        StoreDamagedError: It is damaged beyond that.
        StoreError: It can't be read or written.
    """
    async with readable(path, clock, _SECONDS) as connection, locked(path, clock) as lock:
        with store_errors(path):
            error = lost(path, lock.left, await state_of(connection))
            verdict = await connection.visit(quick_check)
        if verdict is not None:
            raise StoreDamagedError(str(path), f"it is damaged ({verdict})")
        lock.promise(None, durable=True)
    return "" if error is None else error.problem


async def _found(
    connection: StoreConnection, path: Path, step: CheckStep, version: int
) -> list[str]:
    looks: dict[CheckStep, Callable[[sqlite3.Connection], Iterator[str]]] = {
        CheckStep.PAGES: _pages,
        CheckStep.INDEXES: _indexes,
        CheckStep.REFERENCES: _references,
        CheckStep.BLOBS: _blobs if version >= EVENTS_SINCE else lambda database: iter(()),
        CheckStep.PROJECTIONS: lambda database: _projections(database, version),
    }
    try:
        with store_errors(path):
            return await connection.visit(lambda database: _first(looks[step](database)))
    except StoreLockedError:
        raise
    except StoreError as error:
        return [error.problem]


def _first(problems: Iterator[str]) -> list[str]:
    found = list(islice(problems, _MOST + 1))
    return found if len(found) <= _MOST else [*found[:_MOST], "and more"]


def _pages(database: sqlite3.Connection) -> Iterator[str]:
    verdict = quick_check(database)
    if verdict is not None:
        yield verdict


def _indexes(database: sqlite3.Connection) -> Iterator[str]:
    for (verdict,) in database.execute(f"PRAGMA integrity_check({_MOST})"):
        if verdict != "ok":
            yield " ".join(str(verdict).split())


def _references(database: sqlite3.Connection) -> Iterator[str]:
    for table, row, parent, _ in database.execute("PRAGMA foreign_key_check"):
        yield f"{table}: row {row} refers to something in {parent} that isn't there"


def _blobs(database: sqlite3.Connection) -> Iterator[str]:
    for name, digest, body in database.execute("SELECT id, digest, body FROM blobs"):
        if digest_of(body) != digest:
            yield f"blobs: row {name} is not what was written"


def _projections(database: sqlite3.Connection, version: int) -> Iterator[str]:
    """Make the tables again, in memory or in a temporary file as SQLite sees fit, and compare."""
    with closing(sqlite3.connect("", isolation_level=None)) as again:
        again.executescript(";".join(MIGRATIONS[:version]))
        again.execute("BEGIN")
        # One read, or what a kernel writes meanwhile would be a difference.
        database.execute("BEGIN")
        last = 0
        while rows := _page(database, last):
            last = rows[-1][0]
            _make_again(again, rows)
        for (table,) in again.execute(_TABLES).fetchall():
            yield from _differences(database, again, table)
        database.execute("COMMIT")


_TABLES = """
SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
AND name NOT IN ('journal', 'store', 'blobs', 'blob_refs', 'pruning') ORDER BY name
"""


def _page(database: sqlite3.Connection, last: int) -> list[Any]:
    sql = f"SELECT seq, {READABLE} FROM events WHERE seq > ? ORDER BY seq LIMIT {_PAGE}"
    return database.execute(sql, (last,)).fetchall()


def _make_again(again: sqlite3.Connection, rows: list[Any]) -> None:
    journal = "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, '')"
    made: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        for statement, values in project(decode(row[1:])):
            made.setdefault(statement, []).append((row[0], *values))
    again.executemany(journal, [row[:8] for row in rows])
    for statement in STATEMENTS:
        again.executemany(statement, made.get(statement, ()))


def _differences(
    database: sqlite3.Connection, again: sqlite3.Connection, table: str
) -> Iterator[str]:
    ours = database.execute(f"SELECT * FROM {table} ORDER BY 1, 2")
    theirs = again.execute(f"SELECT * FROM {table} ORDER BY 1, 2")
    while True:
        mine, other = ours.fetchone(), theirs.fetchone()
        if mine == other:
            if mine is None:
                return
            continue
        yield f"{table}: a row is {mine}, and by the journal it would be {other}"
        return
