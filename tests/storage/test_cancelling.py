"""Whoever is cancelled, however often, leaves no thread and no open connection behind."""

import asyncio
import threading
from contextlib import suppress

import pytest

from dataagents.storage import StoreReader


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
