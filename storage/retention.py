"""Retention: letting old runs go, a few events at a time, while everybody goes on.

What goes, once it is older than a time:

- runs that have ended, with every event and every row that belongs to them,
- events that belong to no run: health checks, figures, messages, alerts that have ended,
- large values that no event has any more.

What stays, however old it is: runs without an end, messages that have still to be delivered,
agents as they were last seen, alerts that have not ended, everything about lessons, and the newest
experiences and reflections, since a kernel learns from them again when it starts.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from dataagents.core.clock import Clock
from dataagents.core.errors import StoreError
from dataagents.storage.connection import StoreConnection, store_errors

_LOG = logging.getLogger(__name__)
BATCH: Final = 200
"""Events that go in one transaction; commits wait for it, some milliseconds."""
_PAUSE = 0.01
"""Seconds between two transactions, for others to come in."""
_EVERY = 3_600.0
"""Seconds between two rounds of a store that is open."""
_FIRST = 60.0
"""Seconds before the first round: a kernel that starts has other things to do."""
REMEMBERED: Final = 10_000
"""Experiences and reflections that stay, each."""
_SCANNED = 2_000
"""Events that one visit looks at."""

_STAYING = "'lesson.changed'"
_NEWEST = "SELECT seq FROM {table} ORDER BY seq DESC LIMIT 1 OFFSET {remembered}"
_CHOOSE = f"""
INSERT INTO pruning
SELECT seq FROM journal WHERE seq > :after AND seq <= :last
AND at < :before AND kind NOT IN ({_STAYING})
AND (kind <> 'experience.kept' OR seq <= :experiences)
AND (kind <> 'reflection.made' OR seq <= :reflections)
AND (run IS NULL OR NOT EXISTS (
    SELECT 1 FROM runs LEFT JOIN journal AS finished ON finished.seq = runs.ended
    WHERE runs.id = journal.run
    AND (
        runs.ended IS NULL OR runs.ended < runs.started OR runs.status = 'suspended'
        OR finished.at >= :before
    )
))
AND NOT EXISTS (SELECT 1 FROM agents WHERE journal.seq IN (agents.seq, agents.checked))
AND NOT EXISTS (
    SELECT 1 FROM messages WHERE messages.sent = journal.seq
    AND messages.guaranteed = 1 AND (messages.settled IS NULL OR messages.settled < messages.sent)
)
AND NOT EXISTS (
    SELECT 1 FROM messages
    WHERE sent = journal.seq AND guaranteed = 1 AND (settled IS NULL OR settled < sent)
)
AND NOT EXISTS (SELECT 1 FROM alerts WHERE alerts.raised = journal.seq AND alerts.ended IS NULL)
ORDER BY seq LIMIT :limit
"""
_PAIRS = (
    ("runs", "id", "subject", "started", "ended"),
    ("tasks", "(run, id)", "coalesce(run, ''), subject", "started", "ended"),
    ("messages", "id", "subject", "sent", "settled"),
    ("elections", "id", "subject", "opened", "closed"),
    ("auctions", "lot", "subject", "opened", None),
    ("alerts", "id", "subject", "raised", "ended"),
    ("commands", "id", "subject", "seq", "answered"),
)
"""Tables whose rows begin with one event and end with another: key, key in the journal, both."""
_BETWEEN = (
    ("elections", "id", "subject", "opened", "recalled"),
    ("alerts", "id", "subject", "raised", "acknowledged"),
)
"""Further events of such rows, which stay for as long as these."""
_SINGLE = (
    "health_samples", "plans", "steps", "analyses", "ballots", "bids", "awards", "experiences",
    "reflections", "metrics", "lineage",
)  # fmt: skip
"""Tables with a row for each event."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was let go."""

    events: int = 0
    runs: int = 0
    blobs: int = 0
    """Large values."""


async def prune(
    connection: StoreConnection,
    path: Path,
    before: datetime,
    clock: Clock,
    tell: Callable[[Pruned], None] = lambda pruned: None,
) -> Pruned:
    """Let go of what is older than a time.

    The file does not become smaller: what comes next is written into the room.

    Args:
        connection: The one write connection of the store.
        path: The store, for errors.
        before: Runs that ended earlier go.
        clock: Gives way to others between two transactions.
        tell: Gets the sum so far after each of them.

    Raises:
        StoreError: The database refused; what went until then is gone, and nothing by half.
    """
    given: dict[str, Any] = {"before": before.isoformat(), "after": 0, "limit": BATCH}
    total = Pruned()
    with store_errors(path):
        given |= await connection.visit(lambda database: _bounds(database, given))
        while given["after"] < given["last"]:
            batch, given["after"] = await connection.visit(
                lambda database: _transaction(database, _events, given)
            )
            total = _sum(total, batch)
            tell(total)
            await clock.sleep(_PAUSE)
        batch, _ = await connection.visit(lambda database: _transaction(database, _orphans, given))
    return _sum(total, batch)


class Retention:
    """Prunes a store again and again while it is open; a context manager."""

    def __init__(
        self, connection: StoreConnection, path: Path, clock: Clock, keep: timedelta
    ) -> None:
        self._connection = connection
        self._path = path
        self._clock = clock
        self._keep = keep
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name=f"retention of {self._path}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        await self._clock.sleep(_FIRST)
        while True:
            before = self._clock.now() - self._keep
            try:
                pruned = await prune(self._connection, self._path, before, self._clock)
            except StoreError as error:
                _LOG.warning("what is old could not be let go: %s", error)
            else:
                if pruned.events:
                    _LOG.info("%s: let go of %s", self._path, pruned)
            await self._clock.sleep(_EVERY)


def _bounds(database: sqlite3.Connection, given: dict[str, Any]) -> dict[str, int]:
    """Return the last event to look at, and up to which experiences and reflections may go."""
    bounds = {"last": _last_old(database, given["before"])}
    for table in ("experiences", "reflections"):
        row = database.execute(_NEWEST.format(table=table, remembered=REMEMBERED)).fetchone()
        bounds[table] = row[0] if row else 0
    return bounds


def _last_old(database: sqlite3.Connection, before: str) -> int:
    """Return the place of the last event before a time, the journal being in the order of time.

    By bisection: looking at each event would keep commits waiting. Where a clock was set back, some
    events are found a round later.
    """
    low: int
    high: int
    ((low, high),) = database.execute(
        "SELECT coalesce(min(seq) - 1, 0), coalesce(max(seq), 0) FROM journal"
    ).fetchall()
    while low < high:
        middle = (low + high + 1) // 2
        (at,) = database.execute(
            "SELECT at FROM journal WHERE seq >= ? ORDER BY seq LIMIT 1", (middle,)
        ).fetchone()
        low, high = (middle, high) if at < before else (low, middle - 1)
    return low


def _transaction(
    database: sqlite3.Connection,
    work: Callable[[sqlite3.Connection, dict[str, Any]], tuple[Pruned, int]],
    given: dict[str, Any],
) -> tuple[Pruned, int]:
    # Each deletion would look through whole tables for rows that refer to it; those go first here.
    database.execute("PRAGMA foreign_keys = OFF")
    try:
        database.execute("BEGIN IMMEDIATE")
        done = work(database, given)
        database.execute("COMMIT")
    finally:
        if database.in_transaction:
            database.rollback()
        database.execute("PRAGMA foreign_keys = ON")
    return done


def _events(database: sqlite3.Connection, given: dict[str, Any]) -> tuple[Pruned, int]:
    """Let one batch go; returns how far it came."""
    window = {**given, "last": min(given["last"], given["after"] + _SCANNED)}
    chosen = database.execute(_CHOOSE, window).rowcount
    reached = window["last"]
    if chosen == BATCH:
        ((reached,),) = database.execute("SELECT max(seq) FROM pruning").fetchall()
    if not chosen:
        return Pruned(), reached
    for table, key, own, begin, end in (*_PAIRS, *_BETWEEN):
        if end is not None:
            database.execute(_ending(table, key, own, begin, end))
    database.execute(_ANSWERS)
    gone: dict[str, int] = {}
    for table, key, own, begin, _ in _PAIRS:
        gone[table] = database.execute(
            f"DELETE FROM {table} WHERE {begin} IN (SELECT seq FROM pruning)"
            f" AND {key} IN (SELECT {own} FROM pruning CROSS JOIN journal USING (seq))"
        ).rowcount
    for table in _SINGLE:
        database.execute(f"DELETE FROM {table} WHERE seq IN (SELECT seq FROM pruning)")
    blobs = database.execute(_BLOBS).rowcount
    database.execute("DELETE FROM blob_refs WHERE seq IN (SELECT seq FROM pruning)")
    events = database.execute("DELETE FROM journal WHERE seq IN (SELECT seq FROM pruning)").rowcount
    database.execute("DELETE FROM pruning")
    return Pruned(events, gone["runs"], blobs), reached


_BLOBS = """
DELETE FROM blobs WHERE id IN (SELECT blob FROM pruning CROSS JOIN blob_refs USING (seq))
AND NOT EXISTS (
    SELECT 1 FROM blob_refs WHERE blob = blobs.id AND seq NOT IN (SELECT seq FROM pruning)
)
"""
_ANSWERS = """
UPDATE commands SET seq = answered WHERE seq IN (SELECT seq FROM pruning)
AND answered NOT IN (SELECT seq FROM pruning)
"""
"""An answer that stays says by itself what the command was."""


def _ending(table: str, key: str, own: str, begin: str, end: str) -> str:
    """Return the statement that keeps the end of what stays."""
    return f"""
    DELETE FROM pruning WHERE seq IN (
        SELECT {end} FROM {table}
        WHERE {key} IN (SELECT {own} FROM pruning CROSS JOIN journal USING (seq))
        AND {begin} NOT IN (SELECT seq FROM pruning)
    )
    """


def _orphans(database: sqlite3.Connection, _: dict[str, Any]) -> tuple[Pruned, int]:
    """Let large values go that came with an event that was there already."""
    gone = database.execute(
        "DELETE FROM blobs WHERE NOT EXISTS (SELECT 1 FROM blob_refs WHERE blob = blobs.id)"
    ).rowcount
    return Pruned(blobs=gone), 0


def _sum(one: Pruned, other: Pruned) -> Pruned:
    return Pruned(one.events + other.events, one.runs + other.runs, one.blobs + other.blobs)
