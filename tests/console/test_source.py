"""The source, over a fake store that can go wrong and over a real one that is being written."""

import asyncio
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise

import pytest

from dataagents.console.source import (
    HOLDER_EVERY,
    LONGEST_PAUSE,
    TOO_FAR,
    Beginning,
    SourceState,
    StoreSource,
)
from dataagents.core.errors import (
    InputError,
    StoreDamagedError,
    StoreError,
    StoreLockedError,
    StoreVersionError,
)
from dataagents.core.events import Event


@dataclass(frozen=True)
class Stored:
    seq: int
    event: Event


@dataclass(frozen=True)
class Kernel:
    pid: int
    epoch: int = 1


class FakeStore:
    """A store in memory; `problem` is raised by whatever is asked of it."""

    def __init__(self) -> None:
        self.stored: list[Stored] = []
        self.seq = 0
        self.version = 1
        self.problem: Exception | None = None
        self.kernel: Kernel | None = Kernel(7)
        self.asked: list[int] = []
        self.looks = 0
        self.tasks = {"profiler": (3, 1)}
        self.tries = 0

    def add(self, events, beside=0) -> None:
        """Commit events, and behind them some that do not say how things stand."""
        for event in events:
            self.seq += 1
            self.stored.append(Stored(self.seq, event))
        self.seq += beside
        self.version += 1

    @asynccontextmanager
    async def open(self, path):
        self.tries += 1
        self._check()
        yield self

    async def data_version(self):
        self._check()
        return self.version

    async def last_seq(self):
        self._check()
        return self.seq

    async def beginning(self):
        self._check()
        self.asked.append(-1)
        return Beginning(self.seq, tuple(each.event for each in self.stored), self.tasks)

    async def news(self, after, limit):
        self._check()
        self.asked.append(after)
        return tuple(each for each in self.stored if each.seq > after)[:limit]

    def holder(self):
        self.looks += 1
        return self.kernel

    def _check(self) -> None:
        if self.problem is not None:
            raise self.problem


@pytest.fixture
def fake():
    return FakeStore()


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "store.db"
    file.touch()
    return file


@pytest.fixture
async def pulses(fake, path, clock):
    """Pulses after the first one, which says that the store is being opened."""
    source = StoreSource(path, fake.open, clock, limit=10)
    async with aclosing(source.pulses()) as pulses:
        first = await anext(pulses)
        assert (first.state, first.sentence) == (SourceState.LOADING, "opening store.db")
        assert not first.state.is_readable
        yield pulses


async def test_the_first_look_says_how_things_stand_without_reading_everything(fake, pulses, story):
    events = tuple(story.kernel())
    fake.add(events, beside=1_000_000)

    pulse = await anext(pulses)

    assert (pulse.state, pulse.pid, pulse.epoch) == (SourceState.LIVE, 7, 1)
    assert pulse.begin == Beginning(1_000_006, events, {"profiler": (3, 1)})
    assert (pulse.events, pulse.last, pulse.fresh) == ((), 1_000_006, False)
    assert fake.asked == [-1]


async def test_what_is_new_is_read_in_order_until_nothing_is_left(fake, pulses, story):
    await anext(pulses)
    events = story.whole()
    fake.add(events, beside=3)

    read = [await anext(pulses)]
    while len(read[-1].events) == 10:
        read.append(await anext(pulses))

    assert [event for pulse in read for event in pulse.events] == events
    assert [len(pulse.events) for pulse in read[:-1]] == [10] * (len(events) // 10)
    assert [pulse.version for pulse in read] == list(range(2, len(read) + 2))
    assert {pulse.last for pulse in read} == {len(events) + 3}
    assert {pulse.begin for pulse in read} == {None}


async def test_the_rest_of_a_long_batch_is_not_waited_for(fake, pulses, story, clock):
    await anext(pulses)
    fake.add(story.whole()[:30])
    await anext(pulses)
    slept = len(clock.slept)
    await anext(pulses)
    await anext(pulses)
    assert len(clock.slept) == slept


async def test_only_what_is_new_is_read_and_only_after_a_change(fake, pulses, story, clock):
    first, second = story.kernel()[:2]
    fake.add([first])
    await anext(pulses)
    waiting = asyncio.ensure_future(anext(pulses))
    await clock.until(lambda: len(clock.slept) == 5)
    assert fake.asked == [-1]

    fake.add([second])

    assert (await waiting).events == (second,)
    assert fake.asked == [-1, 1]
    assert set(clock.slept) == {0.1}


async def test_a_commit_of_other_events_is_a_pulse_without_any(fake, pulses, story):
    fake.add(story.kernel())
    before = await anext(pulses)
    fake.add([], beside=5)

    pulse = await anext(pulses)

    assert pulse.events == ()
    assert pulse.version > before.version
    assert pulse.last == before.last + 5


async def test_what_other_events_were_passed_over_is_not_looked_through_again(fake, pulses, story):
    await anext(pulses)
    fake.add([], beside=500)
    await anext(pulses)
    fake.add(story.kernel()[:1])
    await anext(pulses)

    assert fake.asked == [-1, 0, 500]


async def test_where_too_much_was_missed_it_begins_anew(fake, pulses, story):
    await anext(pulses)
    fake.add(story.kernel(), beside=TOO_FAR)

    pulse = await anext(pulses)

    assert pulse.begin is not None
    assert pulse.begin.place == fake.seq
    assert not pulse.fresh
    assert fake.asked == [-1, -1]


async def test_the_lock_is_looked_at_once_a_second(fake, pulses, clock):
    await anext(pulses)
    waiting = asyncio.ensure_future(anext(pulses))
    await clock.until(lambda: len(clock.slept) == 35)
    assert fake.looks == 1 + int(3.5 / HOLDER_EVERY)
    fake.add([], beside=1)
    await waiting


async def test_a_slower_poll_takes_effect_at_once(fake, path, clock):
    source = StoreSource(path, fake.open, clock)
    async with aclosing(source.pulses()) as pulses:
        await anext(pulses)
        await anext(pulses)
        source.poll = 0.5
        waiting = asyncio.ensure_future(anext(pulses))
        await clock.until(lambda: len(clock.slept) == 3)
        assert set(clock.slept) == {0.5}
        fake.add([], beside=1)
        await waiting


async def test_a_kernel_that_dies_is_noticed_without_any_commit(fake, pulses):
    assert (await anext(pulses)).state is SourceState.LIVE
    fake.kernel = None

    pulse = await anext(pulses)

    assert (pulse.state, pulse.pid, pulse.epoch) == (SourceState.ENDED, None, None)
    assert (pulse.events, pulse.begin) == ((), None)
    assert pulse.state.is_readable


async def test_the_next_kernel_is_noticed_by_its_epoch(fake, pulses):
    await anext(pulses)
    fake.kernel = Kernel(7, 2)

    pulse = await anext(pulses)

    assert (pulse.state, pulse.epoch) == (SourceState.LIVE, 2)


@pytest.mark.parametrize(
    ("problem", "state"),
    [
        (InputError("store x", "there is no such file"), SourceState.MISSING),
        (FileNotFoundError(2, "No such file"), SourceState.MISSING),
        (StoreLockedError("x", "it is busy"), SourceState.LOCKED),
        (StoreDamagedError("x", "it is malformed"), SourceState.DAMAGED),
        (StoreVersionError("x", "it is newer"), SourceState.NEWER),
        (StoreError("x", "disk trouble \x1b[2J"), SourceState.UNREADABLE),
        (PermissionError(13, "Permission denied"), SourceState.UNREADABLE),
    ],
)
async def test_trouble_is_said_once_tried_again_and_survived(
    fake, pulses, story, clock, problem, state
):
    events = story.kernel()
    fake.add(events[:2])
    assert len((await anext(pulses)).begin.events) == 2
    fake.problem = problem

    trouble = await anext(pulses)
    assert trouble.state is state
    assert not state.is_readable
    assert trouble.sentence.isprintable()
    waiting = asyncio.ensure_future(anext(pulses))
    await clock.until(lambda: fake.tries == 8)
    assert not waiting.done()
    fake.add(events[2:])
    fake.problem = None

    again = await waiting
    assert again.state is SourceState.LIVE
    assert again.events == tuple(events[2:])
    assert (again.begin, again.fresh) == (None, False)


async def test_another_trouble_is_said_too(fake, pulses):
    await anext(pulses)
    fake.problem = StoreLockedError("x", "it is busy")
    assert (await anext(pulses)).state is SourceState.LOCKED
    fake.problem = StoreDamagedError("x", "it is malformed")
    assert (await anext(pulses)).state is SourceState.DAMAGED


async def test_after_trouble_it_is_tried_more_and_more_seldom(fake, pulses, clock):
    fake.problem = InputError("store x", "there is no such file")
    await anext(pulses)
    begun, tried = fake.tries, [clock.monotonic()]
    waiting = asyncio.ensure_future(anext(pulses))
    for number in range(begun + 1, begun + 9):
        await clock.until(lambda number=number: fake.tries == number)
        tried.append(clock.monotonic())

    pauses = [after - before for before, after in pairwise(tried)]
    assert pauses == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0], abs=0.25)
    assert max(pauses) < LONGEST_PAUSE + 0.25
    fake.problem = None
    await waiting


async def test_one_who_is_in_a_hurry_has_it_tried_at_once(fake, path, clock):
    source = StoreSource(path, fake.open, clock)
    async with aclosing(source.pulses()) as pulses:
        await anext(pulses)
        fake.problem = InputError("store x", "there is no such file")
        await anext(pulses)
        waiting = asyncio.ensure_future(anext(pulses))
        await clock.until(lambda: fake.tries == 7)
        before = clock.monotonic()
        fake.problem = None
        source.hurry()
        assert (await waiting).state is SourceState.LIVE
        assert clock.monotonic() - before < 0.5


async def test_another_file_in_its_place_is_read_from_the_start(fake, pulses, path, story):
    fake.add(story.kernel()[:1])
    await anext(pulses)
    new = path.with_name("other")
    new.touch()
    new.replace(path)

    pulse = await anext(pulses)

    assert pulse.fresh
    assert len(pulse.begin.events) == 1
    fake.add(story.kernel()[:1])
    assert not (await anext(pulses)).fresh


async def test_a_file_that_was_away_and_is_another_one_now_is_read_from_the_start(
    fake, pulses, path, story
):
    fake.add(story.kernel()[:1])
    await anext(pulses)
    path.unlink()
    fake.problem = InputError("store x", "there is no such file")
    assert (await anext(pulses)).state is SourceState.MISSING
    fake.problem = None
    path.touch()

    pulse = await anext(pulses)

    assert pulse.fresh
    assert pulse.begin is not None
