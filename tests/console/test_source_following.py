"""The source over real stores, while they are written by this process and by another one."""

import asyncio
import sys
from contextlib import aclosing

from dataagents.console.feeds.following import following
from dataagents.console.source import SourceState, StoreSource
from dataagents.console.view.standing import KINDS, Standing
from dataagents.core.clock import SystemClock
from dataagents.core.planning import PlannedTask
from dataagents.storage import SqliteStore

LOAD = PlannedTask("load(prices)", "load")


async def follow(pulses, until) -> Standing:
    standing = Standing()
    async for pulse in pulses:
        if pulse.begin is not None:
            standing.take(pulse.begin.events)
            standing.count(pulse.begin.tasks)
        standing.take(pulse.events)
        if until(standing, pulse):
            return standing
    raise AssertionError


async def test_a_real_store_is_followed_while_it_is_written(tmp_path, story):
    path = tmp_path / "store.db"
    source = StoreSource(path, following, SystemClock(), poll=0.001)
    async with SqliteStore(path) as store, aclosing(source.pulses()) as pulses:
        await store.commit([*story.kernel(), *story.work(LOAD)])
        standing = await follow(pulses, lambda standing, _: standing.agents)
        worker = standing.agents["transformer"]
        assert (worker.done, worker.failed) == (1, 0)

        events = [story.health("profiler"), *story.message(), story.health("coordinator")]
        await store.commit(events)

        pulse = await anext(pulses)
    assert pulse.state is SourceState.LIVE
    assert [event.kind for event in pulse.events] == ["agent.health"] * 2
    assert all(event.kind in KINDS for event in pulse.events)
    assert pulse.last == len(story.kernel()) + 5 + len(events)


WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from dataagents.core.events import Event
from dataagents.storage import SqliteStore

async def main():
    async with SqliteStore(sys.argv[1]) as store:
        goal = {"task": "clean", "inputs": {}}
        await store.commit([Event("e1", datetime.now(UTC), "run.started", "r", goal, run="r")])
        print("written", flush=True)
        sys.stdin.readline()

asyncio.run(main())
"""


async def test_a_kernel_in_another_process_is_seen_to_live_and_to_die(tmp_path):
    path = tmp_path / "store.db"
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, str(path),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout is not None
    assert await child.stdout.readline() == b"written\n"
    source = StoreSource(path, following, SystemClock(), poll=0.01)
    async with asyncio.timeout(30), aclosing(source.pulses()) as pulses:
        states = [(await anext(pulses)).state, (pulse := await anext(pulses)).state]
        assert states == [SourceState.LOADING, SourceState.LIVE]
        assert (pulse.pid, pulse.epoch, pulse.last) == (child.pid, 1, 1)

        child.kill()
        await child.wait()

        assert (await anext(pulses)).state is SourceState.ENDED
