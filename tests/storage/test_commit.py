"""Writing: whole units, once each, whoever else is in the batch."""

import asyncio
import os
import sqlite3
import threading
from pathlib import Path

import pytest

from dataagents.core.errors import ClosedError, StoreError, StoreLockedError
from dataagents.core.events import Event
from dataagents.core.journal import Store
from dataagents.storage import SqliteStore, StoreLimits, StoreReader, connection


def ids(path: Path) -> list[str]:
    database = sqlite3.connect(path)
    try:
        return [row[0] for row in database.execute("SELECT id FROM journal ORDER BY seq")]
    finally:
        database.close()


async def test_a_store_is_a_store(store, event):
    kernels: Store = store
    await kernels.commit([event("a"), event("b"), event("a")])
    await kernels.commit([])
    assert [e.id for e in await kernels.recent("a", 10)] == ["e000001", "e000003"]
    assert [e.id for e in await kernels.recent("a", 1)] == ["e000003"]
    assert await kernels.recent("c", 10) == ()


async def test_events_come_back_as_they_went_in(store, event):
    sent = event("a", "subject", {"x": [1, 2.5, None, True, {"y": "z"}]}, run="r", task="t")
    await store.commit([sent])
    assert await store.recent("a", 1) == (sent,)


async def test_an_event_is_kept_once_and_projected_once(store, path, event):
    step = event("step.taken", "reasoning", {"number": 1})
    note = event()
    await store.commit([step])
    await store.commit([step, note])
    await store.commit([note, note])
    assert ids(path) == [step.id, note.id]
    database = sqlite3.connect(path)
    assert database.execute("SELECT count(*) FROM steps").fetchone() == (1,)
    database.close()


async def test_a_known_event_does_not_undo_what_came_after_it(store, path, event):
    deployed = event("agent.deployed", "a", {"role": "profiler"})
    await store.commit([deployed])
    await store.commit([event("agent.removed", "a")])
    await store.commit([deployed])
    async with StoreReader(path) as reader:
        (agent,) = await reader.agents()
    assert (agent.state, agent.role) == ("stopped", "profiler")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"a": {"b": [1.0, float("nan")]}}, "body.a.b[1] is nan"),
        ({"a": float("-inf")}, "body.a is -inf"),
        ({"a": ["x\ud800"]}, "body.a[0] has a lone surrogate"),
        ({"\udfff": 1}, "a key of body has a lone surrogate"),
        ({"a": object()}, "a object is not JSON"),
        ([1], "body is not an object"),
    ],
)
async def test_what_json_lacks_is_refused_by_event_and_path(store, path, event, body, place):
    good, bad = event(), event(body=body)
    with pytest.raises(StoreError, match=bad.id) as caught:
        await store.commit([good, bad])
    assert place in str(caught.value)
    assert ids(path) == []


async def test_a_word_with_a_surrogate_or_a_time_without_zone_is_refused(store, event):
    with pytest.raises(StoreError, match="subject has a lone surrogate"):
        await store.commit([event("a", "\ud800")])
    naive = event().at.replace(tzinfo=None)
    with pytest.raises(StoreError, match="no time zone"):
        await store.commit([Event("x", naive, "a", "s", {})])


async def test_text_that_only_says_nan_is_text(store, event):
    await store.commit([event(body={"NaN": "Infinity"})])
    (kept,) = await store.recent("note.made", 1)
    assert kept.body == {"NaN": "Infinity"}


async def test_a_unit_that_fails_fails_alone(store, path, event):
    bad = [event(), event()]
    object.__setattr__(bad[1], "subject", None)  # NOT NULL: only the database refuses it
    units = [[event(), event()], bad, [event()]]
    outcomes = await asyncio.gather(*map(store.commit, units), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), StoreError, type(None)]
    assert ids(path) == [e.id for unit in (units[0], units[2]) for e in unit]


async def test_a_cancelled_caller_drops_its_wait_and_nothing_else(store, path, event):
    units = [[event()] for _ in range(20)]
    callers = [asyncio.create_task(store.commit(unit)) for unit in units]
    await asyncio.sleep(0)  # all have begun, none has ended
    for caller in callers[::2]:
        caller.cancel()
    outcomes = await asyncio.gather(*callers, return_exceptions=True)
    assert outcomes[1::2] == [None] * 10
    await store.commit([event(id="after")])
    assert {"after", *(unit[0].id for unit in units[1::2])} <= set(ids(path))


async def test_closing_writes_what_is_queued_and_then_refuses(path, event):
    store = SqliteStore(path)
    async with store:
        callers = [asyncio.create_task(store.commit([event()])) for _ in range(500)]
        await asyncio.sleep(0)
    assert await asyncio.gather(*callers) == [None] * 500
    assert len(ids(path)) == 500
    with pytest.raises(ClosedError):
        await store.commit([event()])
    await store.close()


@pytest.mark.parametrize("limits", [StoreLimits(queued_events=10), StoreLimits(queued_bytes=2_000)])
async def test_producers_wait_when_too_much_is_queued(path, event, limits):
    most = 0
    async with SqliteStore(path, limits=limits) as store:

        async def produce() -> None:
            nonlocal most
            most = max(most, store.queued)
            await store.commit([event(body={"text": "x" * 150})])
            most = max(most, store.queued)

        await asyncio.gather(*(produce() for _ in range(300)))
    assert 1 < most <= 12
    assert len(ids(path)) == 300


async def test_a_unit_above_every_bound_is_still_taken(path, event):
    limits = StoreLimits(queued_events=2, queued_bytes=100, batch_events=2, batch_bytes=100)
    async with SqliteStore(path, limits=limits) as store:
        big = [event(body={"text": "x" * 1_000}) for _ in range(50)]
        await asyncio.gather(store.commit([event()]), store.commit(big), store.commit([event()]))
    assert len(ids(path)) == 52


async def test_units_are_written_in_the_order_they_came(store, path, event):
    sent = [event() for _ in range(1_000)]
    await asyncio.gather(*(store.commit([e]) for e in sent))
    assert ids(path) == [e.id for e in sent]


async def test_a_database_that_another_program_keeps_locked_is_an_error_for_all_who_wait(
    path, event, monkeypatch
):
    monkeypatch.setattr(connection, "_BUSY_SECONDS", 0.05)
    async with SqliteStore(path) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        units = [[event()] for _ in range(20)]
        outcomes = await asyncio.gather(*map(store.commit, units), return_exceptions=True)
        assert {(type(outcome), str(outcome)) for outcome in outcomes} == {
            (
                StoreLockedError,
                f"store {path}: process {os.getpid()} keeps it locked, and did not let go within "
                "0.05 s. Stop that one, then try again.",
            )
        }
        other.execute("ROLLBACK")
        other.close()
        await asyncio.gather(*map(store.commit, units))
    assert len(ids(path)) == 20


async def test_closing_gives_up_after_its_limit(path, event, monkeypatch):
    monkeypatch.setattr(connection, "_BUSY_SECONDS", 0.5)
    threads = set(threading.enumerate())
    store = SqliteStore(path, limits=StoreLimits(batch_events=1, close_seconds=0.01))
    async with store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        callers = [asyncio.create_task(store.commit([event()])) for _ in range(3)]
        await asyncio.sleep(0)
    outcomes = await asyncio.gather(*callers, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [StoreError] * 3
    assert "it was closed before" in str(outcomes[-1])
    other.close()
    for thread in set(threading.enumerate()) - threads:
        await asyncio.to_thread(thread.join)


async def test_the_journal_can_only_grow(store, path, event):
    await store.commit([event()])
    database = sqlite3.connect(path)
    for sql in ("DELETE FROM journal", "UPDATE journal SET kind = 'x'"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            database.execute(sql)
    database.close()
