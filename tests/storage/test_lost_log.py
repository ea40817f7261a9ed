"""A log that was deleted or left behind: noticed, and never where nothing is missing."""

import asyncio
import hashlib
import json
import shutil
import sqlite3
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dataagents.core.clock import SystemClock
from dataagents.core.errors import StoreDamagedError
from dataagents.storage import SqliteStore, StoreReader
from dataagents.storage.checking import accept, check
from dataagents.storage.copying import backup, restore

CHILD = Path(__file__).with_name("child.py")
CLOCK = SystemClock()


def beside(path: Path, what: str) -> Path:
    return path.with_name(f"{path.name}-{what}")


async def written_and_killed(path: Path, first: int = 0, lines: int = 40) -> list[str]:
    """Have another process write until it has acknowledged some events, and kill it."""
    async with killed(path, first) as process:
        return [(await process.stdout.readline()).decode().strip() for _ in range(lines)]


@asynccontextmanager
async def killed(path, first):
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(CHILD), str(path), str(first), stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.kill()
        await process.communicate()


@pytest.fixture
async def dead(path):
    """What a kernel left that was killed with a part of its events in the log."""
    await written_and_killed(path)
    assert beside(path, "wal").stat().st_size > 0
    return path


async def opened(path: Path) -> int:
    async with SqliteStore(path), StoreReader(path) as reader:
        return await reader.last_seq()


async def test_a_log_that_was_deleted_is_missed(dead):
    beside(dead, "wal").unlink()
    beside(dead, "shm").unlink()
    before = hashlib.sha256(dead.read_bytes()).digest()
    for _ in range(2):
        with pytest.raises(StoreDamagedError) as caught:
            await SqliteStore(dead).__aenter__()
        assert "a part of it is missing: it ends at event" in str(caught.value)
        assert "there is no store.db-wal, which had the rest" in str(caught.value)
        assert "store check --accept" in str(caught.value)
    assert hashlib.sha256(dead.read_bytes()).digest() == before


async def test_a_database_that_was_copied_with_its_lock_file_and_without_its_log(dead, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("store.db", "store.db.lock"):
        shutil.copy(dead.with_name(name), elsewhere / name)
    with pytest.raises(StoreDamagedError, match="a part of it is missing"):
        await opened(elsewhere / "store.db")
    shutil.copy(beside(dead, "wal"), elsewhere / "store.db-wal")
    assert await opened(elsewhere / "store.db") > 0, "with its log, nothing is missing"


async def test_an_older_copy_in_its_place_is_missed(path, event, tmp_path):
    async with SqliteStore(path) as store:
        await store.commit([event()])
    shutil.copy(path, tmp_path / "old.db")
    await written_and_killed(path)
    for name in ("wal", "shm"):
        beside(path, name).unlink()
    shutil.copy(tmp_path / "old.db", path)
    with pytest.raises(StoreDamagedError, match="it ends at event 1 of"):
        await opened(path)


async def test_going_on_without_the_part_has_to_be_said(dead):
    beside(dead, "wal").unlink()
    report = await check(dead, CLOCK)
    assert not report.sound
    assert "a part of it is missing" in report.problems[0]
    assert "a part of it is missing" in await accept(dead, CLOCK)
    assert (await check(dead, CLOCK, full=True)).sound
    await opened(dead)
    assert await accept(dead, CLOCK) == "", "there is nothing to accept now"


async def test_a_log_without_its_database_is_no_new_store(dead):
    dead.unlink()
    with pytest.raises(StoreDamagedError, match=r"it is gone, and store.db-wal.* is there"):
        await opened(dead)
    assert not dead.exists()


async def test_an_opening_that_left_no_trace_is_missed(dead):
    """As after a power cut that took the newest count of events out of the lock file."""
    lock = dead.with_name("store.db.lock")
    said = json.loads(lock.read_text())
    said["promise"]["seq"] = 0
    lock.write_text(json.dumps(said))
    beside(dead, "wal").unlink()
    with pytest.raises(StoreDamagedError, match="its opening 1 left no trace"):
        await opened(dead)


async def test_a_killed_kernels_store_opens(dead):
    async with StoreReader(dead) as reader:
        before = await reader.last_seq()
    assert await opened(dead) == before


async def test_a_store_that_was_closed_needs_nothing_beside_it(path, event, tmp_path):
    async with SqliteStore(path) as store, StoreReader(path) as reader:
        await store.commit([event() for _ in range(50)])
        assert await reader.last_seq() == 50
    assert json.loads(path.with_name("store.db.lock").read_text())["promise"] is None
    shutil.copy(path, tmp_path / "copy.db")
    assert await opened(tmp_path / "copy.db") == 50
    assert await opened(path) == 50


async def test_a_store_is_closed_even_where_a_console_is_attached(path, event):
    async with StoreReader(await made(path)) as console:
        async with SqliteStore(path) as store:
            await store.commit([event()])
        assert await console.last_seq() == 1
        assert json.loads(path.with_name("store.db.lock").read_text())["promise"] is None


async def made(path: Path) -> Path:
    async with SqliteStore(path):
        return path


async def test_a_lock_file_that_was_deleted_asks_for_nothing(dead):
    dead.with_name("store.db.lock").unlink()
    assert await opened(dead) > 0


async def test_another_program_may_have_written_the_log_into_the_database(dead):
    database = sqlite3.connect(dead)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    beside(dead, "wal").unlink(missing_ok=True)
    assert await opened(dead) > 0


async def test_another_store_in_its_place_is_taken(dead, event, tmp_path):
    async with SqliteStore(tmp_path / "other.db") as store:
        await store.commit([event()])
    for name in ("wal", "shm"):
        beside(dead, name).unlink()
    shutil.copy(tmp_path / "other.db", dead)
    assert await opened(dead) == 1


async def test_a_store_that_was_deleted_whole_is_made_anew(dead):
    for name in (dead, beside(dead, "wal"), beside(dead, "shm")):
        name.unlink()
    assert await opened(dead) == 0


async def test_a_backup_that_was_restored_opens_here_and_elsewhere(dead, tmp_path):
    copy = tmp_path / "backup.db"
    await backup(dead, copy, CLOCK)
    beside(dead, "wal").unlink()
    await restore(copy, dead, CLOCK)
    assert await opened(dead) > 0
    elsewhere = tmp_path / "elsewhere.db"
    shutil.copy(copy, elsewhere)
    assert await opened(elsewhere) > 0


async def test_killed_again_and_again_nothing_is_missed_that_is_there(path):
    for round_ in range(4):
        await written_and_killed(path, round_ * 1_000_000, lines=5 + round_)
    assert await opened(path) >= 2 * (5 + 6 + 7 + 8)


async def test_who_only_reads_is_told_of_it(dead, caplog):
    async with StoreReader(dead) as reader:
        assert await reader.last_seq()
    assert not caplog.records
    beside(dead, "wal").unlink()
    beside(dead, "shm").unlink()
    async with StoreReader(dead):
        assert "a part of it is missing" in caplog.text
