"""Letting old runs go: with all that is theirs, and nothing that is needed."""

import asyncio
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataagents.core.clock import SystemClock
from dataagents.core.events import Event, EventKind
from dataagents.storage import SqliteStore, StoreReader, retention
from dataagents.storage.browsing import Page
from dataagents.storage.checking import check

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LONG = "long " * 800
CLOCK = SystemClock()


def at(day: float, name: str, kind: str, subject: str = "s", body=None, run=None) -> Event:
    return Event(name, NOON + timedelta(days=day), kind, subject, body or {}, run)


def a_run(day: float, run: str, *, ended: bool = True, text: str = LONG) -> list[Event]:
    """Return what a run leaves: a task, a step, a message, a vote, a large value."""
    events = [
        at(day, f"{run}1", "run.started", run, {"task": "clean"}, run),
        at(day, f"{run}2", "task.started", "t", {"name": "profile"}, run),
        at(day, f"{run}3", "step.taken", f"{run}q", {"number": 1, "thought": text}, run),
        at(day, f"{run}4", "message.sent", f"{run}m", {"sender": "a", "conversation": run}, run),
        at(day, f"{run}5", "message.settled", f"{run}m", {"status": "delivered"}, run),
        at(day, f"{run}6", "election.opened", f"{run}v", {}, run),
        at(day, f"{run}7", "ballot.cast", f"{run}v", {"voter": "a"}, run),
        at(day, f"{run}8", "lineage.recorded", f"{run}d", {"sources": ["x"]}, run),
        at(day, f"{run}9", "task.ended", "t", {"success": True}, run),
    ]
    if ended:
        events.append(at(day, f"{run}e", "run.ended", run, {"status": "done"}, run))
    return events


async def kept(path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as database:
        names = database.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        ).fetchall()
        counts = {
            name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for (name,) in names
        }
    return {name: count for name, count in counts.items() if count and name != "store"}


async def is_sound(path) -> bool:
    report = await check(path, CLOCK, full=True)
    assert report.problems == ()
    return report.sound


async def test_old_runs_go_with_all_that_is_theirs(path):
    async with SqliteStore(path) as store:
        await store.commit(a_run(0, "old"))
        await store.commit(a_run(0, "unended", ended=False))
        await store.commit(a_run(40, "young", text="other " * 800))
        pruned = await store.prune(NOON + timedelta(days=30))
        assert (pruned.runs, pruned.events, pruned.blobs) == (1, 10, 0)
        assert not await store.has("old1")
        async with StoreReader(path) as reader:
            assert [run.id for run in await reader.runs()] == ["young", "unended"]
            assert await reader.messages("old") == ()
            assert await reader.events(run="old") == ()
    assert await is_sound(path)


async def test_a_large_value_goes_with_the_last_event_that_has_it(path):
    async with SqliteStore(path) as store:
        await store.commit(a_run(0, "a"))
        await store.commit(a_run(10, "b"))
        await store.commit(a_run(50, "c", text="short"))
        assert (await store.prune(NOON + timedelta(days=5))).blobs == 0
        assert (await store.find("b3")).body["thought"] == LONG
        assert (await store.prune(NOON + timedelta(days=20))).blobs == 1
    assert "blobs" not in await kept(path)
    assert await is_sound(path)


async def test_what_a_kernel_needs_again_stays(path):
    staying = [
        at(0, "lesson", "lesson.changed", "l"),
        at(0, "experience", "experience.kept", "x", {"goal": "clean"}, "old"),
        at(0, "reflection", "reflection.made", "f"),
        at(0, "deployed", "agent.deployed", "a", {"role": "profiler"}),
        at(1, "checked", "agent.health", "a", {"health": "healthy"}),
        at(1, "open", "alert.raised", "w1", {"rule": "slow"}),
        at(1, "owed", "message.sent", "m1", {"sender": "a", "delivery": "guaranteed"}),
    ]
    going = [
        at(0, "before", "agent.health", "a", {"health": "healthy"}),
        at(0, "sample", "metric.sampled", "queue", {"value": 1}),
        at(0, "raised", "alert.raised", "w2", {"rule": "slow"}),
        at(1, "over", "alert.ended", "w2"),
        at(1, "note", "note.made", "n"),
        at(1, "sent", "message.sent", "m2", {"sender": "a"}),
        at(1, "settled", "message.settled", "m2", {"status": "expired"}),
    ]
    async with SqliteStore(path) as store:
        await store.commit([*a_run(0, "old"), *staying[:4], *going[:3], *staying[4:], *going[3:]])
        await store.commit([at(50, "new", "note.made")])
        # What the last message says of its delivery is the projection's business, not ours.
        with closing(sqlite3.connect(path)) as database:
            ((owed,),) = database.execute("SELECT guaranteed FROM messages WHERE id = 'm1'")
        await store.prune(NOON + timedelta(days=30))
        for event in staying if owed else staying[:-1]:
            assert await store.has(event.id), event.id
        for event in going:
            assert not await store.has(event.id), event.id
        assert await store.has("new")
        async with StoreReader(path) as reader:
            (agent,) = await reader.agents()
        assert (agent.state, agent.health) == ("ready", "healthy")
    assert await is_sound(path)


async def test_only_the_newest_experiences_stay_for_ever(path, monkeypatch):
    monkeypatch.setattr(retention, "REMEMBERED", 3)
    async with SqliteStore(path) as store:
        await store.commit([at(0, f"x{number}", "experience.kept") for number in range(5)])
        await store.prune(NOON + timedelta(days=1))
        left = [event.id for event in await store.recent("experience.kept", 9)]
    assert left == ["x2", "x3", "x4"]


async def test_an_end_stays_with_a_beginning_that_stays(path):
    async with SqliteStore(path) as store:
        await store.commit([at(0, "b", "run.started", "r", {}, "r")])
        await store.commit([at(0, "s", "message.sent", "m", {"sender": "a"}, "r")])
        await store.commit([at(0, "e", "message.settled", "m", {"status": "delivered"})])
        await store.prune(NOON + timedelta(days=1))
        assert await store.has("e")
        await store.commit([at(0, "z", "run.ended", "r", {}, "r")])
        assert (await store.prune(NOON + timedelta(days=1))).events == 4
    assert await kept(path) == {}
    assert await is_sound(path)


async def test_a_run_that_went_on_again_is_not_over(path):
    async with SqliteStore(path) as store:
        await store.commit([*a_run(0, "r"), at(1, "again", "run.started", "r", {}, "r")])
        assert (await store.prune(NOON + timedelta(days=30))).events == 0


async def test_the_rest_of_a_run_goes_when_pruning_was_killed_in_its_middle(path, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 3)
    async with SqliteStore(path) as store:
        await store.commit(a_run(0, "old"))
        given = {"before": (NOON + timedelta(days=9)).isoformat(), "after": 0, "limit": 3}
        given |= {"last": 100, "experiences": 0, "reflections": 0}
        await store._connection.visit(
            lambda database: retention._transaction(database, retention._events, given)
        )
        async with StoreReader(path) as reader:
            assert await reader.runs() == (), "half a run is not shown"
    assert await is_sound(path)
    async with SqliteStore(path) as store:
        assert (await store.prune(NOON + timedelta(days=9))).events == 7
    assert await kept(path) == {}


async def test_a_place_is_never_used_again(path, event):
    async with SqliteStore(path) as store, StoreReader(path) as reader:
        await store.commit([event() for _ in range(10)])
        await store.prune(NOON + timedelta(days=1))
        assert await reader.last_seq() == 0
    async with SqliteStore(path) as store, StoreReader(path) as reader:
        await store.commit([event()])
        assert await reader.last_seq() == 11


async def test_commits_go_on_while_it_is_pruned(path, event, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 5)
    async with SqliteStore(path) as store:
        for number in range(20):
            await store.commit(a_run(0, f"r{number:02}"))
        pruning = asyncio.create_task(store.prune(NOON + timedelta(days=1)))
        written = 0
        while not pruning.done():
            await store.commit([at(30, f"n{written}", "note.made")])
            written += 1
        assert (await pruning).runs == 20
        assert written > 20, "one at least for each batch"
        assert await store.has(f"n{written - 1}")
    assert await is_sound(path)


class Alarm(SystemClock):
    """A clock whose long waits end when a test says so."""

    def __init__(self) -> None:
        self.rings = asyncio.Queue()
        self.waits = asyncio.Queue()

    def now(self) -> datetime:
        return NOON + timedelta(days=31)

    async def sleep(self, seconds: float) -> None:
        if seconds < 30:
            await super().sleep(seconds)
            return
        self.waits.put_nowait(seconds)
        await self.rings.get()


async def test_a_kernels_store_prunes_by_itself(path):
    clock = Alarm()
    async with SqliteStore(path, clock=clock, keep=timedelta(days=30)) as store:
        await store.commit([*a_run(0, "old"), *a_run(2, "young")])
        waits = []
        for _ in range(2):
            waits.append(await clock.waits.get())
            clock.rings.put_nowait(None)
        waits.append(await clock.waits.get())
        assert not await store.has("old1")
        assert await store.has("young1")
    assert waits == [60.0, 3600.0, 3600.0]


async def test_the_journal_lets_go_of_nothing_else(store, path, event):
    await store.commit([event(), event()])
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            database.execute("DELETE FROM journal")
        database.execute("INSERT INTO pruning VALUES (1)")
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            database.execute("DELETE FROM journal")
        assert database.execute("DELETE FROM journal WHERE seq = 1").rowcount == 1


async def test_every_table_is_pruned_or_known_to_stay(path):
    async with SqliteStore(path):
        pass
    with closing(sqlite3.connect(path)) as database:
        names = {name for (name,) in database.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        )}  # fmt: skip
    pruned = {*retention._SINGLE, *(pair[0] for pair in retention._PAIRS)}
    kept = {"journal", "agents", "lessons", "store", "blobs", "blob_refs", "pruning"}
    assert names - pruned == kept


KINDS = st.sampled_from(
    [
        EventKind.RUN_STARTED, EventKind.RUN_ENDED, EventKind.TASK_STARTED, EventKind.TASK_ENDED,
        EventKind.MESSAGE_SENT, EventKind.MESSAGE_SETTLED, EventKind.ALERT_RAISED,
        EventKind.ALERT_ENDED, EventKind.AGENT_DEPLOYED, EventKind.AGENT_HEALTH,
        EventKind.STEP_TAKEN, EventKind.EXPERIENCE_KEPT, EventKind.ALERT_ACKNOWLEDGED,
        EventKind.ELECTION_OPENED, EventKind.ELECTION_RECALLED, EventKind.LESSON_CHANGED,
        EventKind.COMMAND_RECEIVED, EventKind.COMMAND_EXECUTED,
    ]
)  # fmt: skip
HAPPENINGS = st.lists(
    st.tuples(KINDS, st.sampled_from("abc"), st.sampled_from([None, "a", "b"])), max_size=20
)


async def test_what_was_done_about_what_stays_stays_with_it(store, path):
    told = [
        at(1, "raised", "alert.raised", "w"), at(2, "seen", "alert.acknowledged", "w"),
        at(3, "received", "command.received", "c"), at(40, "done", "command.executed", "c"),
    ]  # fmt: skip
    await store.commit(told)
    await store.prune(NOON + timedelta(days=20))
    assert [await store.has(each.id) for each in told] == [True, True, False, True]
    async with StoreReader(path) as reader:
        (alert,) = await reader.browse.alerts(Page())
        (command,) = await reader.browse.commands(Page())
    assert alert.acknowledged == told[1].at
    assert (command.place, command.answered) == (4, told[3].at)
    assert await is_sound(path)


_LATER = ("ended", "settled", "health", "acknowledged", "recalled", "executed")


def begun_first(happened) -> bool:
    """Whether nothing ends before it began, or begins twice, as the kernel never has it."""
    begun = set()
    for kind, subject, run in happened:
        what, _, verb = kind.partition(".")
        name = (what, subject, run if what == "task" else None)
        if verb in ("started", "sent", "raised", "deployed", "opened", "received"):
            if name in begun and what != "agent":
                return False
            begun.add(name)
        elif verb in _LATER and name not in begun:
            return False
    return True


@settings(max_examples=25)
@given(HAPPENINGS.filter(begun_first), st.integers(0, 30), st.integers(1, 4))
def test_whatever_is_pruned_when_the_tables_say_what_the_journal_says(happened, day, batch):
    async def through(path) -> None:
        async with SqliteStore(path) as store:
            for number, (kind, subject, run) in enumerate(happened):
                whose = subject if kind.startswith("run.") else run
                await store.commit([at(number, f"e{number}", kind, subject, {"x": LONG}, whose)])
            await store.prune(NOON + timedelta(days=day))
        assert await is_sound(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retention, "BATCH", batch)
        patch.setattr(retention, "_PAUSE", 0)
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(through(Path(folder) / "store.db"))
