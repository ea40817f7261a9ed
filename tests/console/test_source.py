"""The source, over a fake store that can go wrong and over a real one that is being written."""

import asyncio
import sys
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

import pytest

from dataagents.console.app import ConsoleApp
from dataagents.console.source import LONGEST_PAUSE, Batch, SourceState, StoreSource
from dataagents.console.view import ViewState, fold, trace_rows
from dataagents.core.clock import SystemClock
from dataagents.core.errors import (
    InputError,
    StoreDamagedError,
    StoreError,
    StoreLockedError,
    StoreVersionError,
)
from dataagents.core.events import Event
from dataagents.storage import SqliteStore, StoreReader


@dataclass(frozen=True)
class Stored:
    seq: int
    event: Event


@dataclass(frozen=True)
class Pid:
    pid: int


class FakeStore:
    """A store in memory; `problem` is raised by whatever is asked of it."""

    def __init__(self) -> None:
        self.stored: list[Stored] = []
        self.version = 1
        self.problem: Exception | None = None
        self.pid: int | None = 7
        self.asked: list[int] = []

    def add(self, events) -> None:
        self.stored += [
            Stored(seq, event) for seq, event in enumerate(events, len(self.stored) + 1)
        ]
        self.version += 1

    @asynccontextmanager
    async def open(self, path):
        self._check()
        yield self

    async def data_version(self):
        self._check()
        return self.version

    async def events(self, after=0, limit=1000):
        self._check()
        self.asked.append(after)
        return tuple(each for each in self.stored if each.seq > after)[:limit]

    def holder(self):
        return Pid(self.pid) if self.pid is not None else None

    def _check(self) -> None:
        if self.problem is not None:
            raise self.problem


@pytest.fixture
def store():
    return FakeStore()


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "store.db"
    file.touch()
    return file


@pytest.fixture
async def batches(store, path, clock):
    """Batches after the first one, which says that it is loading."""
    source = StoreSource(path, store.open, clock, limit=10)
    async with aclosing(source.batches()) as batches:
        first = await anext(batches)
        assert first.state is SourceState.LOADING
        yield batches


async def test_what_is_there_is_read_in_order_until_nothing_is_left(store, batches, story):
    events = story.whole()
    store.add(events)
    read: list[Batch] = [await anext(batches)]
    while not read[-1].drained:
        read.append(await anext(batches))

    assert [event for batch in read for event in batch.events] == events
    assert [len(batch.events) for batch in read[:-1]] == [10] * (len(events) // 10)
    assert not [batch for batch in read[:-1] if batch.drained]
    assert {batch.state for batch in read} == {SourceState.LIVE}
    assert read[-1].pid == 7


async def test_only_what_is_new_is_read_and_only_after_a_change(store, batches, story, clock):
    first, second = story.kernel()[:2]
    store.add([first])
    assert (await anext(batches)).events == (first,)
    waiting = asyncio.ensure_future(anext(batches))
    await clock.until(lambda: len(clock.slept) == 5)
    assert store.asked == [0]

    store.add([second])

    assert (await waiting).events == (second,)
    assert store.asked == [0, 1]
    assert set(clock.slept) == {0.1}


async def test_a_kernel_that_dies_is_noticed_without_any_commit(store, batches):
    assert (await anext(batches)).state is SourceState.LIVE
    store.pid = None

    batch = await anext(batches)

    assert (batch.state, batch.pid, batch.events) == (SourceState.ENDED, None, ())


@pytest.mark.parametrize(
    ("problem", "state"),
    [
        (InputError("store x", "there is no such file"), SourceState.MISSING),
        (StoreLockedError("x", "it is busy"), SourceState.LOCKED),
        (StoreDamagedError("x", "it is malformed"), SourceState.DAMAGED),
        (StoreVersionError("x", "it is newer"), SourceState.NEWER),
        (StoreError("x", "disk trouble \x1b[2J"), SourceState.UNREADABLE),
        (PermissionError(13, "Permission denied"), SourceState.UNREADABLE),
    ],
)
async def test_trouble_is_said_once_tried_again_and_survived(
    store, batches, story, clock, problem, state
):
    events = story.kernel()
    store.add(events[:2])
    assert len((await anext(batches)).events) == 2
    store.problem = problem

    trouble = await anext(batches)
    assert trouble.state is state
    assert trouble.sentence.isprintable()
    waiting = asyncio.ensure_future(anext(batches))
    await clock.until(lambda: max(clock.slept) == LONGEST_PAUSE)
    assert not waiting.done()
    store.add(events[2:])
    store.problem = None

    again = await waiting
    assert again.state is SourceState.LIVE
    assert again.events == tuple(events[2:])
    assert not again.fresh


async def test_another_file_in_its_place_is_read_from_the_start(store, batches, path, story):
    store.add(story.kernel()[:1])
    await anext(batches)
    new = path.with_name("other")
    new.touch()
    new.replace(path)

    batch = await anext(batches)

    assert batch.fresh
    assert len(batch.events) == 1


async def follow(batches, until) -> ViewState:
    view = ViewState()
    async for batch in batches:
        fold(view, batch.events)
        if until(view, batch):
            return view
    raise AssertionError


async def test_a_real_store_is_followed_while_it_is_written(tmp_path, story):
    path = tmp_path / "store.db"
    source = StoreSource(path, StoreReader, SystemClock(), poll=0.001)
    async with SqliteStore(path) as store, aclosing(source.batches()) as batches:
        events = [*story.kernel(), *story.whole()]
        await store.commit(events[:20])
        view = await follow(batches, lambda view, _: view.events == 20)
        assert view.runs["run-1"].status == "running"

        await store.commit(events[20:])

        batch = await anext(batches)
        fold(view, batch.events)
    assert batch.state is SourceState.LIVE
    assert trace_rows(view.runs["run-1"])[-1].title == "outcome done"


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
    clock = SystemClock()
    app = ConsoleApp(StoreSource(path, StoreReader, clock, poll=0.01).batches, "store.db", clock)
    async with app.run_test() as pilot, asyncio.timeout(30):
        while not app.view.runs:
            await pilot.pause()
        assert app.look().status.pid == child.pid

        child.kill()
        await child.wait()
        while app.look().live:
            await pilot.pause()

        assert app.look().status.state is SourceState.ENDED
        assert app.view.runs["r"].goal == "clean"
