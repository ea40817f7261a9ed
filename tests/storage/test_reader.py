"""The read side: runs, agents and events, as a console asks for them."""

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataagents.core.errors import ClosedError, InputError
from dataagents.core.events import Event
from dataagents.storage import SqliteStore, StoreReader

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
async def reader(store, path):
    async with StoreReader(path) as opened:
        yield opened


async def test_events_in_pages_and_by_run(store, reader, event):
    sent = [event(run=f"r{number % 2}") for number in range(10)]
    await store.commit(sent)
    first = await reader.events(limit=4)
    rest = await reader.events(after=first[-1].seq)
    assert [stored.event for stored in (*first, *rest)] == sent
    assert [stored.event for stored in await reader.events(run="r1")] == sent[1::2]
    assert await reader.events(after=await reader.last_seq()) == ()


async def test_events_of_some_kinds_from_a_place_on(store, reader, event):
    sent = [event(f"kind.{number % 3}", run="r1" if number < 6 else None) for number in range(12)]
    await store.commit(sent)
    wanted = ("kind.0", "kind.2")
    first = await reader.events(limit=3, kinds=wanted)
    rest = await reader.events(after=first[-1].seq, kinds=wanted)
    chosen = [each for each in sent if each.kind in wanted]
    assert [stored.event for stored in (*first, *rest)] == chosen
    of_run = await reader.events(run="r1", kinds=wanted)
    assert [stored.event for stored in of_run] == chosen[:4]


async def test_a_body_that_is_nested_deeply_comes_back_as_it_was(store, reader, event):
    body: dict = {"leaf": 1}
    for _ in range(230):
        body = {"inner": body}
    sent = event(body=body)
    await store.commit([sent])
    (stored,) = await reader.events()
    assert stored.event == sent


async def test_an_empty_store_has_nothing(reader):
    assert (await reader.runs(), await reader.agents(), await reader.events()) == ((), (), ())
    assert await reader.last_seq() == 0
    with pytest.raises(InputError, match="no runs yet"):
        await reader.find_run("latest")


async def test_runs_newest_first_with_how_they_ended(store, reader, event):
    goal = {"task": "clean", "inputs": {"orders": "data/orders.csv"}}
    ended = {"status": "failed", "seconds": 2.5, "reason": "no plan"}
    await store.commit([
        event("run.started", "r1", goal, run="r1"),
        event("run.started", "r2", {"task": "profile"}, run="r2"),
        event("run.ended", "r1", ended, run="r1"),
        event("experience.kept", "x", {"quality": 0.25}, run="r1"),
    ])  # fmt: skip
    running, failed = await reader.runs(10)
    assert (running.id, running.goal, running.status, running.ended) == (
        "r2",
        "profile",
        "running",
        None,
    )
    assert (failed.id, failed.status, failed.seconds, failed.reason, failed.score) == (
        "r1", "failed", 2.5, "no plan", 0.25,
    )  # fmt: skip
    assert failed.inputs == {"orders": "data/orders.csv"}
    assert failed.ended is not None
    assert (failed.ended - failed.started).total_seconds() == 2
    assert await reader.runs(1) == (running,)


async def test_a_run_that_goes_on_again_is_running(store, reader, event):
    for kind in ("run.started", "run.ended", "run.started"):
        await store.commit(
            [event(kind, "r", {"status": "cancelled"} if kind == "run.ended" else {})]
        )
    assert (await reader.find_run("r")).status == "running"


async def test_a_run_is_paused_until_it_goes_on_or_ends(store, reader, event):
    found = list[str]()
    kinds = ("started", "paused", "continued", "paused", "resumed", "paused", "ended")
    for kind in kinds:
        await store.commit([event(f"run.{kind}", "r", {"status": "cancelled", "reason": "lunch"})])
        found.append((await reader.find_run("r")).status)
    assert found == [
        "running", "paused", "running", "paused", "running", "paused", "cancelled",
    ]  # fmt: skip


async def test_runs_are_found_by_what_people_type(store, reader, event):
    await store.commit([event("run.started", run) for run in ("abc1x", "abd2x", "abd", "q%_x")])
    for text, run in {
        "abc1x": "abc1x", "abc": "abc1x", "2x": "abd2x", "abd": "abd", "latest": "q%_x",
        "q%": "q%_x",
    }.items():  # fmt: skip
        assert (await reader.find_run(text)).id == run
    with pytest.raises(InputError, match=r"it fits 3 runs.*abd, abd2x, abc1x"):
        await reader.find_run("ab")
    with pytest.raises(InputError, match="Did you mean 'abc1x'"):
        await reader.find_run("abc9x")
    for nothing in ("", "%", "____"):
        with pytest.raises(InputError, match="no such run"):
            await reader.find_run(nothing)


async def test_agents_as_they_were_last_seen(store, reader, event):
    await store.commit([
        event("agent.deployed", "b", {"role": "profiler"}),
        event("agent.refused", "a", {"reason": "unhealthy"}),
        event("agent.health", "b", {"health": "unhealthy"}),
    ])  # fmt: skip
    refused, ready = await reader.agents()
    assert (refused.id, refused.role, refused.state, refused.health) == ("a", "", "refused", None)
    assert (ready.id, ready.role, ready.state, ready.health) == (
        "b",
        "profiler",
        "ready",
        "unhealthy",
    )
    assert ready.checked is not None
    assert ready.checked > ready.since


async def test_a_goal_that_is_nonsense_does_not_break_the_list(store, reader, event):
    await store.commit([event("run.started", "r", {"task": "clean", "inputs": [1, 2]})])
    assert (await reader.runs())[0].inputs == {}


async def test_a_reader_never_writes(store, path, reader, event):
    await store.commit([event()])
    before = path.read_bytes()
    await asyncio.gather(reader.runs(), reader.agents(), reader.events(), reader.data_version())
    assert path.read_bytes() == before


async def test_data_version_stays_while_nobody_writes(store, reader, event):
    version = await reader.data_version()
    await reader.events()
    assert await reader.data_version() == version
    await store.commit([event()])
    assert await reader.data_version() != version


async def test_a_reader_that_was_left_says_so(store, path):
    async with StoreReader(path) as reader:
        pass
    with pytest.raises(ClosedError):
        await reader.runs()


TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["\0", "a\0b", "\x1b[31m", "\u202eabc", "\U0001f600", "'; DROP TABLE journal--", "\r\n", "[/]"]
)
SCALARS = st.none() | st.booleans() | st.integers() | TEXT
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    SCALARS | NUMBERS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=25)
@given(st.lists(st.tuples(TEXT, TEXT, st.dictionaries(TEXT, JSON, max_size=4), TEXT), max_size=8))
def test_whatever_text_comes_goes_out_the_same(parts):
    events = [
        Event(f"{number}{kind}", NOON, kind, subject, body, agent, None, agent)
        for number, (kind, subject, body, agent) in enumerate(parts)
    ]

    async def through(path: Path) -> list[Event]:
        async with SqliteStore(path) as store, StoreReader(path) as reader:
            await store.commit(events)
            return [stored.event for stored in await reader.events()]

    with tempfile.TemporaryDirectory() as folder:
        assert asyncio.run(through(Path(folder) / "store.db")) == events
