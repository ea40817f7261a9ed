"""Stores of older versions: brought up to date when a kernel opens them, and saying the same."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dataagents.core.clock import SystemClock
from dataagents.storage import SqliteStore, StoreReader
from dataagents.storage.checking import check
from dataagents.storage.migrations import MIGRATIONS, VERSION

FIRST = Path(__file__).parent / "versions" / "1.sql"
NEW = {"store", "blobs", "blob_refs", "pruning"}
BIG = "long " * 900


@pytest.fixture(params=range(1, VERSION))
def old(request, path) -> Path:
    """A store of an older version, with rows in every table that the first version had."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript(FIRST.read_text())
        for number, script in enumerate(MIGRATIONS[1 : request.param], start=2):
            database.executescript(f"BEGIN; {script}; PRAGMA user_version = {number}; COMMIT;")
    return path


def tables(path: Path) -> dict[str, list[dict]]:
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        names = database.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        ).fetchall()
        return {
            name: [dict(row) for row in database.execute(f"SELECT * FROM {name}")]
            for (name,) in names
            if name not in NEW
        }


async def answers(path: Path) -> list[object]:
    async with StoreReader(path) as reader:
        return [
            await reader.events(),
            await reader.runs(),
            await reader.agents(),
            await reader.lineage("out"),
            await reader.find_run("latest"),
        ]


def test_the_first_version_fills_every_table(old):
    assert [name for name, rows in tables(old).items() if not rows] == []


async def test_an_old_store_says_the_same_before_and_after_a_kernel_came(old, event):
    rows, said = tables(old), await answers(old)
    async with StoreReader(old) as reader, SqliteStore(old) as store:
        assert store.holder.epoch == 1
        assert (await store.find("big")).body == {"text": BIG, "$blob": 1}
        await store.commit([event(body={"text": BIG}, id="new")])
        new = await reader.find("new")
        assert new is not None
        assert new.event.body == {"text": BIG}, "a console that was there before sees it whole"
    async with StoreReader(old) as reader:
        assert await reader._number("PRAGMA user_version") == VERSION
        assert new.seq == len(rows["journal"]) + 1
    said[0] = (*said[0], new)
    assert await answers(old) == said
    for table, before in rows.items():
        after = tables(old)[table]
        kept = [{key: row[key] for key in before[0]} for row in after if row.get("id") != "new"]
        assert kept == before, table
    report = await check(old, SystemClock())
    assert (report.sound, report.version) == (True, VERSION)


def test_nothing_is_stored_that_runs_when_it_is_read():
    root = Path(__file__).parents[2]
    for room in ("core", "plugins", "storage", "console"):
        for file in (root / room).rglob("*.py"):
            for word in ("pickle", "shelve", "marshal", "dill", "joblib"):
                assert f"import {word}" not in file.read_text(), file
