"""A store of any size, as a team of any size would leave it: `python -m tests.support.big_store`.

It is what a kernel writes, by the store's own encoding, schema and statements, but for the way in:
scenes are encoded once and cast many times (see `moulds`), and rows go into the file without a log
that could be played back. A test holds it equal, row by row, to what `SqliteStore` makes of the
same events. Equal specifications make equal stores; memory does not grow with the number of events.
"""

import argparse
import asyncio
import json
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from dataagents.core.clock import SystemClock
from dataagents.storage import SqliteStore
from dataagents.storage.blobs import digest_of
from dataagents.storage.encoding import COLUMNS
from dataagents.storage.opening import create
from dataagents.storage.statements import BLOB, BLOB_REF, STATEMENTS
from tests.support.moulds import ORDER, Cast, id_head
from tests.support.team_story import Landmarks, Spec, Story

BATCH: Final = 20_000
"""Events that are written together."""
_JOURNAL = f"INSERT INTO journal (seq, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_FAST = (
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA cache_size = -300000",
    "PRAGMA foreign_keys = OFF",
)
_EVENT_TAG = "evnt"


@dataclass(frozen=True, slots=True)
class Built:
    """A store that was built."""

    path: Path
    landmarks: Landmarks
    seconds: float


def build(path: Path, spec: Spec | None = None) -> Built:
    """Make a store; its landmarks are written beside it, too.

    Args:
        path: Where it is to be; there must be nothing yet.
        spec: What it is to hold.

    Raises:
        FileExistsError: Something is there.
        ValueError: The specification contradicts itself.
    """
    if path.exists():
        raise FileExistsError(path)
    began = time.perf_counter()
    story = Story(spec or Spec())
    path.parent.mkdir(parents=True, exist_ok=True)
    asyncio.run(create(path, SystemClock(), 60.0))
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in _FAST:
            connection.execute(pragma)
        writer = _Writer(connection)
        for casts in story.tell():
            writer.add(casts)
        writer.flush()
        connection.execute("PRAGMA locking_mode = NORMAL")
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()
    asyncio.run(_open_once(path))
    marks_path(path).write_text(json.dumps(asdict(story.landmarks), indent=1))
    return Built(path, story.landmarks, time.perf_counter() - began)


def marks_path(path: Path) -> Path:
    """Return the file with the landmarks of a store."""
    return path.with_name(f"{path.name}.landmarks.json")


def landmarks_of(path: Path) -> Landmarks:
    """Return the landmarks of a store that was built before."""
    return Landmarks(**json.loads(marks_path(path).read_text()))


async def _open_once(path: Path) -> None:
    """Have the store accepted, and its lock file made, as a kernel that ended leaves it."""
    async with SqliteStore(path):
        pass


class _Writer:
    """Gives events their places and ids, and writes their rows."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._seq = 0
        self._journal: list[tuple[Any, ...]] = []
        self._rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self._known: set[bytes] = set()
        self._moment = (-1, 0)

    def add(self, casts: Iterable[Cast]) -> None:
        """Take events, in the order of their times."""
        journal, rows = self._journal, self._rows
        for at, shape, fields in casts:
            self._seq = seq = self._seq + 1
            journal.append((seq, self._id(at), *shape.row(fields)))
            for statement, pick in shape.projected:
                rows[statement].append((seq, *pick(fields)))
            for path, place, known in shape.blobs:
                body = fields[place]
                digest = known or digest_of(body)
                if digest not in self._known:
                    self._known.add(digest)
                    rows[BLOB].append((digest, len(body.encode()), body))
                rows[BLOB_REF].append((seq, path, digest))
            if len(journal) >= BATCH:
                self.flush()

    def flush(self) -> None:
        """Write what is there."""
        run = self._connection.executemany
        self._connection.execute("BEGIN")
        run(_JOURNAL, self._journal)
        for statement in (BLOB, BLOB_REF, *STATEMENTS):
            if self._rows[statement]:
                run(statement, self._rows[statement])
        self._connection.execute("COMMIT")
        self._journal.clear()
        self._rows.clear()

    def _id(self, at: int) -> str:
        milliseconds = at // 1000
        known, number = self._moment
        number = number + 1 if milliseconds == known else 0
        self._moment = (milliseconds, number)
        return f"{id_head(milliseconds)}{ORDER[number]}{_EVENT_TAG}"


def main() -> None:
    """Build a store from the command line."""
    usual, parser = Spec(), argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--events", type=int, default=usual.events)
    parser.add_argument("--agents", type=int, default=usual.agents)
    parser.add_argument("--runs", type=int, default=None, help="one for 320 events unless given")
    parser.add_argument("--failed-steps", type=int, default=usual.failed_steps)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--until", help="when the last event is to be, in ISO 8601 (about)")
    given = parser.parse_args()
    spec = Spec(given.events, given.agents, given.runs, given.failed_steps, given.seed)
    if given.until:
        until = datetime.fromisoformat(given.until).astimezone(UTC)
        spec = replace(spec, start=until - Story(spec).length)
    built = build(given.path, spec)
    size = built.path.stat().st_size / 1e6
    rate = spec.events / built.seconds
    print(f"{size:,.0f} MB in {built.seconds:.1f} s, {rate:,.0f} events/s")  # noqa: T201
    print(json.dumps(asdict(built.landmarks), indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
