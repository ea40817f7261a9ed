"""Backups beside a live kernel, restores, and smaller files."""

import asyncio
import json
import sqlite3
import sys
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dataagents.core.clock import SystemClock
from dataagents.core.errors import (
    InputError,
    StoreDamagedError,
    StoreError,
    StoreLockedError,
)
from dataagents.storage import SqliteStore, StoreReader, copying
from dataagents.storage.checking import check
from dataagents.storage.copying import backup, compact, restore

CHILD = Path(__file__).with_name("child.py")
CLOCK = SystemClock()
LATER = datetime(2026, 12, 24, tzinfo=UTC)


@asynccontextmanager
async def writing(path):
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(CHILD), str(path), "0", stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.kill()
        await process.communicate()


async def names(path) -> list[str]:
    async with StoreReader(path) as reader:
        return [stored.event.id for stored in await reader.events(limit=1_000_000)]


def folder(path: Path) -> set[str]:
    return {each.name for each in path.iterdir()}


async def test_a_backup_is_whole_while_a_kernel_writes(path, tmp_path, monkeypatch):
    monkeypatch.setattr(copying, "_PAGES", 1)
    told: list[tuple[int, int]] = []
    async with writing(path) as process:
        acknowledged = [(await process.stdout.readline()).decode().strip() for _ in range(300)]
        copied = await backup(path, tmp_path / "copy.db", CLOCK, lambda *how: told.append(how))
        assert await process.stdout.readline(), "the kernel goes on"
    assert copied.size == (tmp_path / "copy.db").stat().st_size
    assert [done for done, _ in told] == sorted(done for done, _ in told), "it never began anew"
    assert told[-1][0] == told[-1][1]
    kept = await names(tmp_path / "copy.db")
    assert {f"{part}{name}" for name in acknowledged for part in "ab"} <= set(kept)
    assert len(kept) % 2 == 0, "no unit by half"
    assert (await check(tmp_path / "copy.db", CLOCK, full=True)).sound


async def test_a_backup_is_one_file(store, path, tmp_path, event):
    await store.commit([event()])
    place = tmp_path / "backups"
    place.mkdir()
    await backup(path, place / "copy.db", CLOCK)
    assert await names(place / "copy.db") == ["e000001"]
    assert folder(place) == {"copy.db"}, "reading it makes no other files"


async def test_a_backup_overwrites_nothing(store, path, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match=r"it is there.*another name"):
        await backup(path, tmp_path / "mine.txt", CLOCK)
    assert (tmp_path / "mine.txt").read_text() == "mine"
    with pytest.raises(InputError, match="No such file"):
        await backup(path, tmp_path / "no" / "folder.db", CLOCK)
    assert not [name for name in folder(tmp_path) if "partial" in name]


async def test_what_a_killed_backup_left_is_replaced(store, path, tmp_path, event):
    await store.commit([event()])
    (tmp_path / ".copy.db.partial").write_text("half a backup" * 100)
    await backup(path, tmp_path / "copy.db", CLOCK)
    assert await names(tmp_path / "copy.db") == ["e000001"]
    assert ".copy.db.partial" not in folder(tmp_path)


async def test_a_damaged_store_makes_no_backup(path, tmp_path, event):
    async with SqliteStore(path) as store:
        await store.commit([event(body={"text": "x" * 500}) for _ in range(300)])
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2 : len(whole) // 2 + 4096 * 4] = b"\xff" * 4096 * 4
    path.write_bytes(whole)
    with pytest.raises(StoreDamagedError, match="it is damaged"):
        await backup(path, tmp_path / "copy.db", CLOCK)
    assert not [name for name in folder(tmp_path) if "copy" in name]


async def test_restoring_keeps_what_was_there(path, tmp_path, event):
    async with SqliteStore(path) as store:
        await store.commit([event()])
        await backup(path, tmp_path / "copy.db", CLOCK)
        await store.commit([event()])
    copied = await restore(tmp_path / "copy.db", path, CLOCK)
    assert await names(path) == ["e000001"]
    assert copied.aside is not None
    assert await names(copied.aside) == ["e000001", "e000002"]
    async with SqliteStore(path) as store:
        await store.commit([event(id="after")])
    assert await names(path) == ["e000001", "after"]
    assert await names(tmp_path / "copy.db") == ["e000001"]


async def test_restoring_what_a_kernel_left_that_was_killed_takes_its_log_aside(path, tmp_path):
    async with writing(path) as process:
        acknowledged = [(await process.stdout.readline()).decode().strip() for _ in range(50)]
        await backup(path, tmp_path / "copy.db", CLOCK)
    before = await names(path)
    copied = await restore(tmp_path / "copy.db", path, CLOCK)
    assert not path.with_name("store.db-wal").exists(), "a log is never read into another database"
    assert await names(copied.aside) == before
    assert {f"a{name}" for name in acknowledged} <= set(await names(path))


async def test_a_store_that_is_gone_is_restored(path, tmp_path, store, event):
    await store.commit([event()])
    await backup(path, tmp_path / "copy.db", CLOCK)
    new = tmp_path / "new" / "store.db"
    assert (await restore(tmp_path / "copy.db", new, CLOCK)).aside is None
    assert await names(new) == ["e000001"]


async def test_a_store_in_use_is_not_restored_over(store, path, tmp_path):
    await backup(path, tmp_path / "copy.db", CLOCK)
    for work in (restore(tmp_path / "copy.db", path, CLOCK), compact(path, CLOCK)):
        with pytest.raises(StoreLockedError, match="it is in use by process"):
            await work


@pytest.mark.parametrize("copy", ["missing.db", "text.db", "half.db", "store.db"])
async def test_what_is_no_sound_backup_changes_nothing(path, tmp_path, event, copy):
    async with SqliteStore(path) as store:
        await store.commit([event() for _ in range(200)])
        await backup(path, tmp_path / "half.db", CLOCK)
    half = (tmp_path / "half.db").read_bytes()
    (tmp_path / "half.db").write_bytes(half[: len(half) // 2])
    (tmp_path / "text.db").write_text("id,amount\n" * 500)
    before = path.read_bytes()
    with pytest.raises((InputError, StoreError)):
        await restore(tmp_path / copy, path, CLOCK)
    assert path.read_bytes() == before
    assert folder(tmp_path) == {"store.db", "store.db.lock", "half.db", "text.db"}


async def test_a_restore_that_was_killed_between_its_renames_is_noticed(
    path, tmp_path, monkeypatch
):
    async with writing(path) as process:
        await process.stdout.readline()
        await backup(path, tmp_path / "copy.db", CLOCK)
        for _ in range(100):
            await process.stdout.readline()
    before = await names(path)

    class Killed(BaseException):
        pass

    def kill(draft, to):
        raise Killed

    monkeypatch.setattr(copying, "put", kill)
    with pytest.raises(Killed):
        await restore(tmp_path / "copy.db", path, CLOCK)
    monkeypatch.undo()
    with pytest.raises(StoreDamagedError, match="a part of it is missing"):
        await SqliteStore(path).__aenter__()
    assert before
    assert (await restore(tmp_path / "copy.db", path, CLOCK)).aside is not None
    async with SqliteStore(path):
        pass


async def test_compacting_gives_the_room_of_what_was_pruned_back(path, event):
    async with SqliteStore(path) as store:
        await store.commit([event(body={"text": "x" * 900}) for _ in range(2_000)])
        await store.commit([event(id="kept", body={"n": 1}, kind="lesson.changed")])
        await store.prune(LATER + timedelta(days=1))
    sizes = await compact(path, CLOCK)
    assert sizes.before > 1_500_000
    assert sizes.after < 500_000
    assert sizes.after == path.stat().st_size
    assert await names(path) == ["kept"]
    assert (await check(path, CLOCK, full=True)).sound


async def test_compacting_beside_a_reader_in_the_middle_of_a_read(path, event, monkeypatch):
    async with SqliteStore(path) as store:
        await store.commit([event() for _ in range(500)])
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM journal").fetchall()
        await compact(path, CLOCK)
        assert other.execute("SELECT count(*) FROM journal").fetchone() == (500,)
    assert len(await names(path)) == 500


async def test_the_lock_file_counts_on_after_a_restore(path, tmp_path):
    for _ in range(3):
        async with SqliteStore(path):
            pass
    await backup(path, tmp_path / "copy.db", CLOCK)
    await restore(tmp_path / "copy.db", path, CLOCK)
    async with SqliteStore(path) as store:
        assert store.holder.epoch == 5
    assert json.loads(path.with_name("store.db.lock").read_text())["epoch"] == 5
