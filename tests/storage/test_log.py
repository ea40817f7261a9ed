"""The log stays short while consoles read, however slow they are."""

import asyncio
import os
import sqlite3
import sys
from contextlib import asynccontextmanager, closing

import pytest

from dataagents.storage import SqliteStore, StoreLimits, StoreReader
from dataagents.storage.log import log_bytes, readers_of, writers_of

SHORT = 256 * 1024
LIMITS = StoreLimits(log_bytes=SHORT)
STOPPED_BETWEEN_READS = """
import asyncio, os, signal, sys
from dataagents.storage import StoreReader
async def main():
    async with StoreReader(sys.argv[1]) as reader:
        await reader.events()
        print("stopping", flush=True)
        os.kill(os.getpid(), signal.SIGSTOP)
asyncio.run(main())
"""
STOPPED_INSIDE_A_READ = """
import os, signal, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN")
database.execute("SELECT count(*) FROM journal").fetchall()
print("stopping", flush=True)
os.kill(os.getpid(), signal.SIGSTOP)
"""
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc/locks is Linux's")


@asynccontextmanager
async def stopped(script, path):
    """Have another process that reads the store and is stopped."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(path), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert (await process.stdout.readline()).strip() == b"stopping"
        _, status = await asyncio.to_thread(os.waitpid, process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        yield process
    finally:
        process.kill()
        await process.communicate()


async def write(store, event, megabytes: float) -> int:
    """Write so much, and return how long the log was at most."""
    longest = 0
    for _ in range(int(megabytes * 1_000_000 / 100_000)):
        await store.commit([event(body={"text": "x" * 900}) for _ in range(100)])
        longest = max(longest, log_bytes(store.path))
    return longest


async def test_the_log_stays_short_beside_twenty_consoles(path, event):
    async with SqliteStore(path, limits=LIMITS) as store:

        async def watch():
            async with StoreReader(path) as reader:
                last = 0
                while True:
                    for stored in await reader.events(after=last, limit=200):
                        last = stored.seq

        watching = [asyncio.create_task(watch()) for _ in range(20)]
        longest = await write(store, event, 4)
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
    assert longest < 4_000_000
    assert log_bytes(path) == 0


async def test_a_console_that_is_stopped_between_two_reads_holds_nothing_up(path, event):
    async with SqliteStore(path, limits=LIMITS) as store:
        await store.commit([event()])
        async with stopped(STOPPED_BETWEEN_READS, path):
            assert await write(store, event, 4) < 4 * SHORT


@linux
async def test_a_reader_that_is_stopped_inside_a_read_blocks_nobody_and_is_named(
    path, event, caplog
):
    async with SqliteStore(path, limits=LIMITS) as store:
        await store.commit([event()])
        async with stopped(STOPPED_INSIDE_A_READ, path) as process:
            assert readers_of(path) == (process.pid,)
            longest = await write(store, event, 4)
            assert longest > 3_000_000, "what it reads has to stay"
            assert f"because process {process.pid} is in the middle of a read" in caplog.text
        assert readers_of(path) == ()
        await write(store, event, 4)
        assert log_bytes(path) <= 4 * SHORT, "once it is gone, the log is cut off"


@linux
async def test_who_writes_is_known(store, path, event):
    await store.commit([event()])
    assert writers_of(path) == ()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert writers_of(path) == (os.getpid(),)
    assert readers_of(path.with_name("nothing.db")) == ()
