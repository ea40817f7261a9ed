import asyncio

import pytest

from dataagents.core.testing import FakeClock


async def test_time_stands_still_until_it_is_advanced():
    clock = FakeClock()
    before = clock.now()
    await asyncio.sleep(0)
    assert clock.now() == before
    await clock.advance(2.5)
    assert (clock.now() - before).total_seconds() == clock.monotonic() == 2.5


async def test_ten_tenths_are_one_second():
    clock = FakeClock()
    async with asyncio.TaskGroup() as group:
        sleeper = group.create_task(clock.sleep(1.0))
        for _ in range(9):
            await clock.advance(0.1)
        assert not sleeper.done()
        await clock.advance(0.1)
        assert sleeper.done()


async def test_each_sleep_ends_at_its_own_moment():
    clock, woken = FakeClock(), []

    async def sleep(seconds):
        await clock.sleep(seconds)
        woken.append((seconds, clock.monotonic()))

    async with asyncio.TaskGroup() as group:
        for seconds in (3, 1, 2):
            group.create_task(sleep(seconds))
        await clock.advance(10)
    assert woken == [(1, 1.0), (2, 2.0), (3, 3.0)]


async def test_it_tells_how_many_wait_for_it():
    clock = FakeClock()
    async with asyncio.TaskGroup() as group:
        for seconds in (1, 2):
            group.create_task(clock.sleep(seconds))
        await clock.settle()
        assert clock.waiting == 2
        await clock.advance(1)
        assert clock.waiting == 1
        await clock.advance(1)
    assert clock.waiting == 0


async def test_who_sleeps_again_on_the_way_wakes_again():
    clock, ticks = FakeClock(), []

    async def tick():
        while True:
            await clock.sleep(1)
            ticks.append(clock.monotonic())

    task = asyncio.create_task(tick())
    await clock.advance(3.5)
    task.cancel()
    assert ticks == [1.0, 2.0, 3.0]


async def test_a_limit_ends_its_body_when_fake_time_passes_it():
    clock = FakeClock()

    async def wait():
        async with clock.limit(5):
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await clock.advance(4.9)
    assert not task.done()
    await clock.advance(0.1)
    with pytest.raises(TimeoutError):
        await task


async def test_a_limit_that_was_kept_leaves_nothing_behind():
    clock = FakeClock()
    async with clock.limit(1):
        pass
    async with clock.limit(None):
        await clock.advance(100)


async def test_a_limit_of_nothing_ends_at_the_first_wait():
    with pytest.raises(TimeoutError):
        async with FakeClock().limit(0):
            await asyncio.Event().wait()


async def test_the_inner_of_two_limits_ends_first():
    clock, ended = FakeClock(), []

    async def wait():
        async with clock.limit(9):
            try:
                async with clock.limit(3):
                    await asyncio.Event().wait()
            except TimeoutError:
                ended.append(clock.monotonic())
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await clock.advance(20)
    with pytest.raises(TimeoutError):
        await task
    assert ended == [3.0]


async def test_cancelling_passes_through_a_limit():
    clock = FakeClock()

    async def wait():
        async with clock.limit(5):
            await clock.sleep(60)

    task = asyncio.create_task(wait())
    await clock.settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
