"""A check finds what is wrong; a store that is found damaged takes nothing more."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from dataagents.core.clock import SystemClock
from dataagents.core.errors import StoreDamagedError, StoreError, StoreLockedError
from dataagents.storage import SqliteStore, StoreLimits, StoreReader, StoreState, soundness
from dataagents.storage.checking import QUICK, CheckStep, accept, check

CLOCK = SystemClock()
LARGE_ONES = StoreLimits(checked_bytes=1)
"""So that any store counts as a large one."""


@pytest.fixture
async def filled(path, event):
    async with SqliteStore(path) as store:
        for number in range(40):
            text = f"{number} " * 400
            await store.commit(
                [event("step.taken", "q", {"number": 1, "t": text}) for _ in range(10)]
            )
            await store.commit([event(body={"text": "long " * 500, "n": number})])
    return path


def flip(path) -> None:
    """Damage a page of the journal, as a disk does."""
    with closing(sqlite3.connect(path)) as database:
        ((root,),) = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'journal'")
        ((size,),) = database.execute("PRAGMA page_size")
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        page = bytearray(file.read(size))
        page[0:40] = bytes(byte ^ 0xFF for byte in page[0:40])
        file.seek((root - 1) * size)
        file.write(page)


def kill(path) -> None:
    """Leave a store as a kernel does that was killed: a log that is not empty."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA wal_autocheckpoint = 0")
        database.execute("UPDATE store SET epoch = epoch + 1")
        log = path.with_name("store.db-wal").read_bytes()
    path.with_name("store.db-wal").write_bytes(log)


async def test_a_sound_store_is_sound_beside_its_kernel_and_without(filled):
    steps: list[CheckStep] = []
    async with SqliteStore(filled) as store:
        report = await check(filled, CLOCK, full=True, tell=steps.append)
        assert report.holder == store.holder
        assert report.epoch == store.holder.epoch
    assert (report.sound, report.events, tuple(steps)) == (True, 440, tuple(CheckStep))
    report = await check(filled, CLOCK)
    assert (report.sound, report.holder, report.checked) == (True, None, QUICK)
    assert report.size == filled.stat().st_size


async def test_a_flipped_page_is_found(filled):
    flip(filled)
    report = await check(filled, CLOCK)
    assert not report.sound
    assert report.checked[-1] is CheckStep.PAGES, "what can't be read is not looked at further"


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("UPDATE steps SET score = 0.5 WHERE seq = 3", "steps: a row is"),
        ("DELETE FROM steps WHERE seq = 3", "steps: a row is"),
        ("INSERT INTO metrics (seq, name) VALUES (1, 'made up')", "metrics: a row is"),
        ("INSERT INTO metrics (seq, name) VALUES (99999, 'of nothing')", "metrics: row 99999"),
        ("UPDATE blobs SET body = '\"other\"' WHERE id = 1", "blobs: row 1 is not what was"),
    ],
)
async def test_a_full_check_finds_what_no_kernel_wrote(filled, sql, problem):
    with closing(sqlite3.connect(filled, isolation_level=None)) as database:
        database.execute(sql)
    assert (await check(filled, CLOCK)).sound, "the pages are fine"
    report = await check(filled, CLOCK, full=True)
    assert any(problem in each for each in report.problems), report.problems


async def test_nothing_is_accepted_while_a_kernel_is_at_work_or_a_page_is_damaged(filled):
    async with SqliteStore(filled):
        with pytest.raises(StoreLockedError):
            await accept(filled, CLOCK)
    flip(filled)
    with pytest.raises(StoreDamagedError):
        await accept(filled, CLOCK)


async def test_a_small_store_is_checked_before_it_is_used(filled):
    flip(filled)
    kill(filled)
    with pytest.raises(StoreDamagedError):
        await SqliteStore(filled).__aenter__()


async def test_a_large_store_is_checked_while_it_is_used(filled, event):
    kill(filled)
    async with SqliteStore(filled, limits=LARGE_ONES) as store:
        assert store.health.state is StoreState.CHECKING
        await store.commit([event(id="meanwhile")])
        assert (await store.checked()).state is StoreState.SOUND
        assert await store.has("meanwhile")
    async with SqliteStore(filled, limits=LARGE_ONES) as store:
        assert store.health.state is StoreState.SOUND, "it was closed, so nothing is to be checked"


async def test_a_large_store_that_is_damaged_takes_nothing_more(filled, event, caplog):
    flip(filled)
    kill(filled)
    store = await SqliteStore(filled, limits=LARGE_ONES).__aenter__()
    try:
        health = await store.checked()
        assert health.state is StoreState.DAMAGED
        assert "it is damaged" in health.problem
        with pytest.raises(StoreDamagedError, match="store restore"):
            await store.commit([event()])
        assert "Nothing more is written to it" in caplog.text
    finally:
        await store.close()


async def test_what_waits_when_the_verdict_comes_is_refused(filled, event, monkeypatch):
    monkeypatch.setattr(soundness, "quick_check", lambda *_: "page 7 is torn")
    kill(filled)
    async with SqliteStore(filled, limits=LARGE_ONES) as store:
        await store.checked()
        with pytest.raises(StoreDamagedError, match="page 7 is torn"):
            await store.commit([event()])
        with pytest.raises(StoreDamagedError):
            await store.has("e000001")
        assert len(await store.recent("note.made", 10)) == 10, "it can still be read"
    # The lock file remembers that it was not found sound.
    async with SqliteStore(filled, limits=LARGE_ONES) as store:
        assert store.health.state is StoreState.CHECKING


async def test_a_check_that_was_not_finished_is_made_again(filled):
    kill(filled)
    for _ in range(2):
        async with SqliteStore(filled, limits=LARGE_ONES) as store:
            assert store.health.state is StoreState.CHECKING


async def test_damage_that_a_commit_meets_ends_all_commits(filled, event, monkeypatch):
    async with SqliteStore(filled) as store:
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT

        async def meet(batch):
            raise error

        monkeypatch.setattr(store._connection, "transact", meet)
        outcomes = await asyncio.gather(
            *(store.commit([event()]) for _ in range(3)), return_exceptions=True
        )
        assert {type(outcome) for outcome in outcomes} == {StoreDamagedError}
        monkeypatch.undo()
        with pytest.raises(StoreDamagedError):
            await store.commit([event()])
        assert store.health.state is StoreState.DAMAGED


async def test_a_store_that_cannot_be_checked_is_told_and_used(filled, event, monkeypatch, caplog):
    def fail(*_):
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(soundness, "quick_check", fail)
    kill(filled)
    async with SqliteStore(filled, limits=LARGE_ONES) as store:
        assert (await store.checked()).state is StoreState.SOUND
        await store.commit([event()])
    assert "could not be checked" in caplog.text


async def test_health_says_how_much_waits(store, event):
    assert (store.health.queued, store.health.problem) == (0, "")
    waiting = [asyncio.create_task(store.commit([event()])) for _ in range(5)]
    await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    assert store.health.log_bytes > 0


async def test_a_cancelled_caller_looks_up_what_became_of_its_unit(store, event):
    units = [[event()] for _ in range(30)]
    callers = [asyncio.create_task(store.commit(unit)) for unit in units]
    await asyncio.sleep(0)
    for caller in callers:
        caller.cancel()
    known = [await store.has(unit[0].id) for unit in units]
    async with StoreReader(store.path) as reader:
        kept = {stored.event.id for stored in await reader.events()}
    assert known == [unit[0].id in kept for unit in units]
    assert await store.find(units[0][0].id) in (None, units[0][0])
    assert await store.find("nothing") is None


async def test_a_store_that_was_closed_finds_nothing(path):
    store = SqliteStore(path)
    for work in (store.has("a"), store.prune(CLOCK.now())):
        with pytest.raises(Exception, match="is not open"):
            await work
    assert StoreError.__doc__
