"""Whoever is cancelled, however often, leaves no thread and no open connection behind."""

import asyncio
import sqlite3
import threading
from contextlib import suppress

import pytest

from dataagents.core.testing import FakeClock
from dataagents.storage import StoreReader, connection


@pytest.mark.parametrize("turns", range(8))
@pytest.mark.parametrize("often", [1, 2, 3])
async def test_a_reader_that_is_cancelled_at_any_moment_ends_its_thread(store, path, turns, often):
    async def read():
        async with StoreReader(path) as reader:
            while True:
                await reader.last_seq()

    before = set(threading.enumerate())
    reading = asyncio.create_task(read())
    for _ in range(turns):
        await asyncio.sleep(0)
    for _ in range(often):
        reading.cancel()
        await asyncio.sleep(0)
    with suppress(asyncio.CancelledError):
        await reading
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()


async def test_who_is_not_cancelled_waits_for_a_disk_that_is_slow_to_open(store, path, monkeypatch):
    answers, connect = threading.Event(), sqlite3.connect

    def slowly(*args, **options):
        answers.wait()
        return connect(*args, **options)

    async def read():
        async with StoreReader(path, clock=clock) as reader:
            return await reader.last_seq()

    clock = FakeClock()
    monkeypatch.setattr(connection.sqlite3, "connect", slowly)
    reading = asyncio.create_task(read())
    await clock.advance(3600)
    assert not reading.done()
    answers.set()
    assert await reading == 0
