"""Processes that are killed while they look after a store: at each name, commit and fsync."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dataagents.core.clock import SystemClock
from dataagents.core.errors import StoreDamagedError
from dataagents.storage import SqliteStore, StoreReader
from dataagents.storage.checking import check
from dataagents.storage.copying import backup, compact, restore

CHILD = Path(__file__).with_name("maintaining_child.py")
CLOCK = SystemClock()
LATER = datetime(2026, 11, 24, 12, tzinfo=UTC) + timedelta(days=30)
STEPS = {"prune": 4_000, "compact": 120, "restore": 4_000, "backup": 4_000}


def killed(what: str, folder: Path) -> Iterator[Path]:
    """Return the folders that killed processes left, and check that they were many."""
    words = [sys.executable, str(CHILD), what, str(folder), str(STEPS[what])]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) >= 12, "there is something to be killed at"
    for number in range(1, int(ran.stdout) + 1):
        yield folder / str(number)


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return what is in the tables, but for how often the store was opened."""
    with closing(sqlite3.connect(path)) as database:
        names = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        return {
            name: sorted(database.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
            for (name,) in names
            if name not in ("store", "sqlite_sequence")
        }


async def events(path: Path) -> dict[str, object]:
    async with StoreReader(path) as reader:
        found = await reader.events(limit=10_000)
    return {stored.event.id: stored.event for stored in found}


async def is_sound(path: Path) -> bool:
    return (await check(path, CLOCK, full=True)).problems == ()


@pytest.fixture
def first(tmp_path: Path):
    """Return a copy of what there was before any kill."""

    def copy() -> Path:
        return Path(shutil.copytree(tmp_path / "first", tmp_path / "copy")) / "store.db"

    return copy


async def test_pruning(tmp_path, first):
    pruned: dict[str, list[tuple[object, ...]]] = {}
    halfway = 0
    for folder in killed("prune", tmp_path):
        if not pruned:
            async with SqliteStore(first()) as store:
                assert (await store.prune(LATER)).runs == 4
            pruned = rows(tmp_path / "copy" / "store.db")
        path = folder / "store.db"
        async with SqliteStore(path) as store, StoreReader(path) as reader:
            left = {run.id for run in await reader.runs()}
            assert left >= {"open", "young"}
            for run in left:  # what is shown is whole
                assert len(await reader.events(run=run)) == (9 if run == "open" else 10)
            halfway += 2 < len(left) < 6
        assert await is_sound(path)
        async with SqliteStore(path) as store:
            await store.prune(LATER)
        assert rows(path) == pruned
    assert halfway, "some were killed between two transactions"


async def test_compacting(tmp_path, first):
    whole: dict[str, list[tuple[object, ...]]] = {}
    for folder in killed("compact", tmp_path):
        path = folder / "store.db"
        whole = whole or rows(first())
        async with SqliteStore(path):
            pass
        assert rows(path) == whole
        assert await is_sound(path)
        sizes = await compact(path, CLOCK)
        assert sizes.after <= sizes.before
        assert rows(path) == whole


async def test_restoring(tmp_path, first):
    def asides(folder: Path) -> list[Path]:
        found = folder.glob("store.db.before-*")
        return [each for each in found if not each.name.endswith(("-wal", "-shm"))]

    refused = 0
    new, old = {}, {}
    for folder in killed("restore", tmp_path):
        path = folder / "store.db"
        old = old or await events(first())
        new = new or await events(tmp_path / "first" / "backup.db")
        try:
            async with SqliteStore(path):
                pass
        except StoreDamagedError as error:
            if "a part of it is missing" not in str(error):
                raise
            refused += 1
        else:
            assert await events(path) in (old, new)
        kept = [await events(each) for each in (path, *asides(folder))]
        assert old in kept, "what was there is nowhere"
        await restore(folder / "backup.db", path, CLOCK)
        async with SqliteStore(path):
            pass
        assert await events(path) == new
        assert await is_sound(path)
        assert old in [await events(each) for each in asides(folder)]
    assert refused, "some were killed between two renames"


async def test_backing_up(tmp_path, first):
    old: dict[str, object] = {}
    for folder in killed("backup", tmp_path):
        old = old or await events(first())
        copy = folder / "second.db"
        if not copy.exists():
            await backup(folder / "store.db", copy, CLOCK)
        assert await events(copy) == old
        assert await is_sound(copy)
        async with SqliteStore(folder / "store.db"):
            pass
        assert await events(folder / "store.db") == old
