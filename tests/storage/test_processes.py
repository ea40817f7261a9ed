"""A store between processes: killed, locked, read while it is written."""

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dataagents.core.errors import StoreLockedError
from dataagents.storage import SqliteStore, StoreReader

CHILD = Path(__file__).with_name("child.py")


@asynccontextmanager
async def writing(path: Path, first: int = 0) -> AsyncIterator[asyncio.subprocess.Process]:
    """Have another process that writes; it is killed with SIGKILL at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(CHILD), str(path), str(first), stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.kill()
        await process.communicate()


async def acknowledged(process: asyncio.subprocess.Process, lines: int) -> list[str]:
    assert process.stdout is not None
    return [(await process.stdout.readline()).decode().strip() for _ in range(lines)]


async def test_nothing_acknowledged_is_lost_when_the_process_is_killed(path):
    promised: set[str] = set()
    for round_ in range(3):
        async with writing(path, round_ * 1_000_000) as process:
            promised.update(await acknowledged(process, 50 + 70 * round_))
    async with SqliteStore(path) as store, StoreReader(path) as reader:
        kept = [stored.event for stored in await reader.events(limit=1_000_000)]
        assert store.holder.epoch == 4
    names = Counter(event.body["pair"] for event in kept)
    assert len(promised) == 360
    assert promised <= set(names)
    assert set(names.values()) == {2}, "a unit was written by half"


async def test_a_second_kernel_is_refused_by_the_pid_of_the_first(path):
    async with writing(path) as process:
        await acknowledged(process, 1)
        with pytest.raises(StoreLockedError, match=f"process {process.pid} ") as caught:
            await SqliteStore(path).__aenter__()
        assert "--store" in str(caught.value)
        assert await acknowledged(process, 500), "the first goes on"
    async with SqliteStore(path) as store:
        assert store.holder.pid == os.getpid()


async def test_one_process_cannot_open_a_store_twice(store, path, event):
    with pytest.raises(StoreLockedError, match=str(os.getpid())):
        await SqliteStore(path).__aenter__()
    await store.commit([event()])


async def test_a_reader_follows_a_live_writer(path):
    async with writing(path) as process:
        await acknowledged(process, 10)
        async with StoreReader(path) as reader, StoreReader(path) as other:
            holder = reader.holder()
            assert holder is not None
            assert (holder.pid, holder.epoch) == (process.pid, 1)
            before, version = await reader.last_seq(), await reader.data_version()
            await acknowledged(process, before)
            assert await reader.last_seq() >= before + 2
            assert await reader.data_version() != version
            new = await other.events(after=before, limit=5)
            assert [stored.seq for stored in new] == list(range(before + 1, before + 6))


async def test_a_dead_kernels_store_can_be_read(path):
    async with writing(path) as process:
        names = await acknowledged(process, 20)
    async with StoreReader(path) as reader:
        assert reader.holder() is None
        kept = {stored.event.body["pair"] for stored in await reader.events(limit=10_000)}
    assert set(names) <= kept


async def test_looking_for_the_holder_does_not_end_its_lock(store, path):
    async with StoreReader(path) as reader:
        assert reader.holder() == store.holder
        assert reader.holder() == store.holder
    with pytest.raises(StoreLockedError):
        await SqliteStore(path).__aenter__()


async def test_the_lock_file_says_who_and_how_often(path):
    lock = path.with_name("store.db.lock")
    for epoch in (1, 2, 3):
        async with SqliteStore(path):
            said = json.loads(lock.read_text())
            assert (said["pid"], said["epoch"]) == (os.getpid(), epoch)
            assert set(said) == {"pid", "boot", "epoch", "host", "started", "promise"}
    lock.write_text("what somebody's editor left")
    async with SqliteStore(path) as store:
        assert store.holder.epoch == 4, "the database has counted, too"


async def test_the_process_ends_after_its_store_was_closed_or_forgotten_in_an_error(path):
    script = (
        "import asyncio, sys; from dataagents.storage import SqliteStore\n"
        "async def main():\n"
        "    async with SqliteStore(sys.argv[1]): raise SystemExit(7)\n"
        "asyncio.run(main())"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, str(path))
    async with asyncio.timeout(30):
        assert await process.wait() == 7


async def test_no_opening_in_the_process_takes_sqlites_locks_away(store, path, event):
    async with StoreReader(path):
        pass
    with pytest.raises(StoreLockedError):
        await SqliteStore(path).__aenter__()
    # Whoever closes a database last removes its log; without locks, others would count for nothing.
    script = (
        "import sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1])\n"
        "connection.execute('SELECT * FROM runs')\n"
        "connection.close()"
    )
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", script, str(path))
    assert await other.wait() == 0
    await store.commit([event(id="kept")])
    async with StoreReader(path) as reader:
        assert [stored.event.id for stored in await reader.events()] == ["kept"]
    assert path.with_name("store.db-wal").stat().st_size > 0
