"""Disks that are full, and other programs that keep a store to themselves."""

import asyncio
import json
import shutil
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dataagents.core.errors import StoreLockedError
from dataagents.storage import SqliteStore, StoreLimits, StoreReader, connection

HOLDER = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
database.execute("ROLLBACK")
"""
FILLING = """
import asyncio, json, resource, sys
from datetime import UTC, datetime
from pathlib import Path
from dataagents.core.errors import StoreError
from dataagents.core.events import Event
from dataagents.storage import SqliteStore

def unit(number):
    body = {"text": "x" * 1500}
    return [Event(f"{number:05}{part}", datetime.now(UTC), "a", "s", body) for part in "ab"]

async def main(path, limit, room):
    acknowledged, problem = [], ""
    async with SqliteStore(path) as store:
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        number = 0
        while not problem:
            number += 1
            try:
                await store.commit(unit(number))
                acknowledged.append(number)
            except StoreError as error:
                problem = str(error)
        assert len(await store.recent("a", 100_000)) == 2 * len(acknowledged), "reading goes on"
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        elif room:
            Path(room).unlink()
        await store.commit(unit(number))
        acknowledged.append(number)
    print(json.dumps({"acknowledged": acknowledged, "problem": problem}))

asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
"""


async def fill(path: Path, limit: int = 0, room: Path | str = "") -> dict:
    """Have another process write until there is no room, and once more after there is."""
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", FILLING, str(path), str(limit), str(room)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


async def kept(path: Path) -> list[str]:
    async with StoreReader(path) as reader:
        return [stored.event.id for stored in await reader.events(limit=1_000_000)]


async def test_a_file_that_may_not_grow_costs_the_unit_and_nothing_else(path):
    said = await fill(path, limit=1_000_000)
    assert "writing to its disk failed" in said["problem"]
    assert "Make room" in said["problem"]
    assert len(said["acknowledged"]) > 20
    assert await kept(path) == [f"{n:05}{part}" for n in said["acknowledged"] for part in "ab"]


@pytest.fixture
def small_disk(tmp_path):
    """A disk of two megabytes, where we may have one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)],
        capture_output=True, check=False,
    ).returncode == 0  # fmt: skip
    if not made:
        pytest.skip("SKIPPED LOUDLY: a small disk needs the right to mount one")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_a_full_disk_costs_the_unit_and_nothing_else(small_disk):
    room = small_disk / "somebody-elses"
    room.write_bytes(b"x" * 500_000)
    path = small_disk / "store.db"
    said = await fill(path, room=room)
    assert "the disk is full" in said["problem"]
    assert await kept(path) == [f"{n:05}{part}" for n in said["acknowledged"] for part in "ab"]
    async with SqliteStore(path):
        pass


@asynccontextmanager
async def held(path):
    """Have another process that keeps the store locked until its input ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, str(path),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert (await process.stdout.readline()).strip() == b"locked"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_a_store_that_is_locked_for_a_while_is_waited_for(store, path, event):
    async with held(path) as process:
        waiting = [asyncio.create_task(store.commit([event()])) for _ in range(50)]
        await store.recent("note.made", 1)
        assert not any(task.done() for task in waiting)
        process.stdin.write(b"go on\n")
        await process.stdin.drain()
        await asyncio.gather(*waiting)
    assert len(await kept(path)) == 50


async def test_a_store_that_stays_locked_is_an_error_that_names_who_keeps_it(
    path, event, monkeypatch
):
    monkeypatch.setattr(connection, "_BUSY_SECONDS", 0.05)
    limits = StoreLimits(queued_events=20)
    async with SqliteStore(path, limits=limits) as store:
        async with held(path) as process:
            most = 0

            async def produce():
                nonlocal most
                most = max(most, store.queued)
                await store.commit([event()])

            outcomes = await asyncio.gather(
                *(produce() for _ in range(100)), return_exceptions=True
            )
            assert {type(outcome) for outcome in outcomes} == {StoreLockedError}
            if sys.platform.startswith("linux"):
                assert f"process {process.pid} keeps it locked" in str(outcomes[0])
            assert most <= 20
        await store.commit([event(id="after")])
    assert await kept(path) == ["after"]
