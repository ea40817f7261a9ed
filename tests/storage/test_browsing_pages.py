"""Pages of whatever list come one after another without a gap, for a bounded effort each."""

import asyncio
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataagents.core.errors import StoreInterruptedError
from dataagents.core.events import Event
from dataagents.storage import SqliteStore, StoreReader
from dataagents.storage.browsing import Page, agents, pages
from dataagents.storage.browsing.browser import Browser
from dataagents.storage.browsing.metrics import thinned
from dataagents.storage.migrations import MIGRATIONS, VERSION

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FIRST = Path(__file__).parent / "versions" / "1.sql"

LISTS = {
    "events": lambda browse, page: browse.events(page),
    "events of a kind": lambda browse, page: browse.events(page, ["task.ended"]),
    "events of kinds": lambda browse, page: browse.events(page, ["message.sent", "step.taken"]),
    "events of a run": lambda browse, page: browse.events(page, run="r1"),
    "events of kinds of a run": lambda browse, page: browse.events(page, ["step.taken"], run="r1"),
    "events of an agent": lambda browse, page: browse.events(page, agent="a"),
    "events of kinds of an agent": lambda browse, page: browse.events(
        page, ["step.taken", "lesson.changed"], agent="a"
    ),
    "events of an agent in a run": lambda browse, page: browse.events(page, run="r1", agent="a"),
    "runs": lambda browse, page: browse.runs(page),
    "plans": lambda browse, page: browse.plans(page),
    "plans of a run": lambda browse, page: browse.plans(page, run="r1"),
    "messages": lambda browse, page: browse.messages(page),
    "messages of a conversation": lambda browse, page: browse.messages(page, conversation="c"),
    "messages of a run": lambda browse, page: browse.messages(page, run="r1"),
    "messages of somebody": lambda browse, page: browse.messages(page, who="b"),
    "messages of a type": lambda browse, page: browse.messages(page, type="bid"),
    "messages that were lost": lambda browse, page: browse.messages(page, undelivered=True),
    "elections": lambda browse, page: browse.elections(page),
    "elections of a run": lambda browse, page: browse.elections(page, run="r1"),
    "elections about orders": lambda browse, page: browse.elections(page, about="orders"),
    "elections that are open": lambda browse, page: browse.elections(page, open_only=True),
    "auctions": lambda browse, page: browse.auctions(page),
    "auctions of a run": lambda browse, page: browse.auctions(page, run="r1"),
    "alerts": lambda browse, page: browse.alerts(page),
    "failures": lambda browse, page: browse.failures(page),
    "failures of a run": lambda browse, page: browse.failures(page, run="r1"),
    "commands": lambda browse, page: browse.commands(page),
    "lessons": lambda browse, page: browse.lessons(page),
    "reflections": lambda browse, page: browse.reflections(page),
    "data sets": lambda browse, page: browse.datasets(page),
}
HAPPENINGS = (
    ("run.started", {"task": "clean"}), ("run.resumed", {}), ("run.ended", {"status": "failed"}),
    ("task.started", {}), ("task.ended", {"success": False, "agent": "a"}),
    ("task.ended", {"success": True, "agent": "b"}), ("plan.made", {"tasks": []}),
    ("plan.replaced", {"replaces": "p"}), ("step.taken", {"number": 1}),
    ("step.taken", {"number": 2, "error": "x"}),
    ("message.sent", {"sender": "a", "recipient": "b", "conversation": "c", "type": "bid"}),
    ("message.sent", {"sender": "c", "recipient": "a,b", "conversation": "d"}),
    ("message.settled", {"status": "delivered"}), ("message.settled", {"status": "expired"}),
    ("message.resent", {}), ("election.opened", {"about": "orders"}),
    ("election.closed", {"rule": "majority"}), ("election.recalled", {}), ("auction.opened", {}),
    ("bid.made", {}), ("auction.closed", {"outcome": "awarded"}),
    ("alert.raised", {"severity": "critical"}), ("alert.acknowledged", {}), ("alert.ended", {}),
    ("command.received", {"kind": "pause"}), ("command.executed", {"kind": "pause"}),
    ("command.refused", {}), ("lesson.changed", {"change": "kept"}), ("reflection.made", {}),
    ("lineage.recorded", {"sources": ["x", "y"]}), ("metric.sampled", {"value": 1.0}),
    ("plugin.failed", {"error": "x"}), ("note.made", {}),
)  # fmt: skip
STORIES = st.lists(
    st.tuples(
        st.sampled_from(HAPPENINGS),
        st.sampled_from(["r1", "r2", "s"]),
        st.sampled_from(["r1", None]),
        st.sampled_from(["a", "b", None]),
    ),
    max_size=60,
)


def events_of(story):
    for number, ((kind, body), subject, run, agent) in enumerate(story):
        at = NOON + timedelta(seconds=number)
        whose = subject if kind.startswith("run.") else run
        yield Event(f"e{number}", at, kind, subject, body, whose, None, agent)


async def walked(browse, list_, page):
    """Return all rows of a stretch in the order of a list, page by page."""
    rows = []
    while True:
        found = await list_(browse, page)
        assert len(found.rows) <= page.limit
        rows = [*found.rows, *rows] if page.upwards else [*rows, *found.rows]
        if found.searched is None:
            return rows
        following = page.behind(found.searched)
        assert following != page
        page = following


@settings(max_examples=40)
@given(STORIES, st.integers(1, 4), st.integers(0, 60), st.integers(0, 60), st.integers(1, 7))
def test_pages_of_every_list_make_up_the_list(story, limit, one, other, scanned):
    async def through(path) -> None:
        async with SqliteStore(path) as store, StoreReader(path) as reader:
            await store.commit(list(events_of(story)))
            for name, list_ in LISTS.items():
                whole = list((await list_(reader.browse, Page(limit=1_000))).rows)
                assert all(a.place > b.place for a, b in pairwise(whole)), name
                down = await walked(reader.browse, list_, Page(limit=limit))
                assert down == whole, name
                assert await walked(reader.browse, list_, Page(after=0, limit=limit)) == whole, name
                low, high = min(one, other), max(one, other)
                part = [row for row in whole if low <= row.place <= high]
                for page in (
                    Page(limit=limit, since=low, until=high),
                    Page(after=low - 1, limit=limit, until=high),
                    Page(before=high + 1, limit=limit, since=low),
                    Page(before=high + 1, after=low - 1, limit=limit),
                ):
                    assert await walked(reader.browse, list_, page) == part, name

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        # So few that one call does not get far, as in a store of millions.
        patch.setattr(pages, "MOST_SCANNED", scanned * 1_001)
        asyncio.run(through(Path(folder) / "whole.db"))


@settings(max_examples=25)
@given(STORIES)
def test_a_filter_leaves_what_the_journal_says(story):
    async def through(path) -> None:
        async with SqliteStore(path) as store, StoreReader(path) as reader:
            await store.commit(list(events_of(story)))
            everything = list(reversed(await reader.events()))
            kinds = ["step.taken", "lesson.changed"]
            for asked, fits in (
                ({"kinds": kinds}, lambda event: event.kind in kinds),
                ({"run": "r1"}, lambda event: event.run == "r1"),
                ({"agent": "a"}, lambda event: event.agent == "a"),
                (
                    {"kinds": kinds, "agent": "a", "run": "r1"},
                    lambda event: event.kind in kinds and event.agent == "a" and event.run == "r1",
                ),
            ):
                found = await reader.browse.events(Page(), **asked)
                assert list(found.rows) == [each for each in everything if fits(each.event)]

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(through(Path(folder) / "store.db"))


@pytest.fixture
async def reader(store, path):
    async with StoreReader(path) as opened:
        yield opened


async def test_who_looks_for_what_is_rare_is_told_how_far_was_looked(
    store, reader, event, monkeypatch
):
    monkeypatch.setattr(pages, "MOST_SCANNED", 40)
    sent = [event("message.sent", f"m{n}", {"sender": "a"}) for n in range(99)]
    await store.commit([event("message.sent", "rare", {"sender": "b"}), *sent])
    page, looked = Page(limit=5), []
    while True:
        found = await reader.browse.messages(page, who="b")
        looked.append(found.searched)
        if found.searched is None:
            break
        assert not found.rows
        page = page.behind(found.searched)
    assert [row.id for row in found] == ["rare"]
    assert looked == [61, 21, None]


async def test_who_looks_for_an_agent_that_did_nothing_for_long_is_told_how_far_was_looked(
    store, reader, path, event, monkeypatch
):
    monkeypatch.setattr(agents, "_MOST_BLOCKS", 3)
    await store.commit([event(agent="a")])
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(
            "INSERT INTO journal VALUES (9999, 'x', '', 'note.made', 's', NULL, NULL, 'b', '{}')"
        )
    page, rows, looked = Page(), [], []
    while True:
        found = await reader.browse.events(page, agent="a")
        rows += [row.place for row in found]
        looked.append(found.searched)
        if found.searched is None:
            break
        page = page.behind(found.searched)
    assert rows == [1]
    assert looked == [7168, 4096, 1024, None]


@dataclass(slots=True)
class Watched:
    """Runs queries, and keeps how SQLite goes about them."""

    path: Path
    plans: list[str]

    async def fetch(self, sql, given):
        with closing(sqlite3.connect(self.path)) as database:
            steps = database.execute(f"EXPLAIN QUERY PLAN {sql}", given).fetchall()
            self.plans += [step[3] for step in steps]
            return database.execute(sql, given).fetchall()


LOOKED_THROUGH = {("lessons", "lessons"), ("bounds", "journal")}
"""Lists and tables that have few rows, or of which the first is all that is read."""
IN_PLACES_ORDER = {"events", "plans", "reflections", "commands", "place"}
"""Lists that show all of a table whose key is the place."""


@pytest.mark.parametrize("name", [*LISTS, "next failure", "place", "bounds", "metrics", "samples"])
async def test_no_list_looks_through_a_table(store, path, event, name):
    await store.commit([
        event(kind, subject, body, run="r1", agent="a")
        for kind, body in HAPPENINGS for subject in ("r1", "r2")
    ])  # fmt: skip
    watched = Watched(path, [])
    browse = Browser(watched.fetch)
    others = {
        "next failure": lambda: browse.next_failure(after=1),
        "place": lambda: browse.place_at(NOON),
        "bounds": browse.bounds,
        "metrics": browse.metrics,
        "samples": lambda: browse.samples("s"),
    }
    if name in others:
        await others[name]()
    else:
        await LISTS[name](browse, Page(before=50))
        await LISTS[name](browse, Page(after=2, limit=3))
    with closing(sqlite3.connect(path)) as database:
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_schema")}
    assert watched.plans
    for step in watched.plans:
        how, _, what = step.partition(" ")
        assert how != "SCAN" or what not in tables or (name, what) in LOOKED_THROUGH, step
        assert "AUTOMATIC" not in step
        by_place = "USING INTEGER PRIMARY KEY (rowid>" in step
        assert not by_place or name in IN_PLACES_ORDER, step


@pytest.fixture(params=range(1, VERSION))
def old(request, path) -> Path:
    """A store of an older version."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript(FIRST.read_text())
        for number, script in enumerate(MIGRATIONS[1 : request.param], start=2):
            database.executescript(f"BEGIN; {script}; PRAGMA user_version = {number}; COMMIT;")
        database.executescript("""
            INSERT INTO journal VALUES
            (101, 'x1', '2026-11-24T13:00:00+00:00', 'election.recalled', 'm', 'r', NULL, NULL,
                '{}'),
            (102, 'x2', '2026-11-24T13:00:01+00:00', 'alert.acknowledged', 'w', NULL, NULL, NULL,
                '{"acknowledged":{"by":"anna","note":"n"}}'),
            (103, 'x3', '2026-11-24T13:00:02+00:00', 'lesson.changed', 'l', NULL, NULL, 'a', '{}'),
            (104, 'x4', '2026-11-24T13:00:03+00:00', 'lesson.changed', 'l', NULL, NULL, 'a', '{}'),
            (105, 'x5', '2026-11-24T13:00:04+00:00', 'command.received', 'c', NULL, NULL, NULL,
                '{"kind":"pause"}'),
            (106, 'x6', '2026-11-24T13:00:05+00:00', 'command.executed', 'c', NULL, NULL, NULL,
                '{"state":"executed"}'),
            (107, 'x7', '2026-11-24T13:00:06+00:00', 'command.refused', 'd', NULL, NULL, NULL,
                '{"state":"refused"}');
        """)
    return path


async def said_by(browse):
    page = Page(limit=3)
    lists = {name: await walked(browse, list_, page) for name, list_ in LISTS.items()}
    others = (
        await browse.metrics(), await browse.samples("queue"), await browse.kinds(),
        await browse.bounds(), await browse.place_at(NOON), await browse.task_counts(),
        await browse.runs_of("a"), await browse.next_failure(),
    )  # fmt: skip
    return lists, others


async def test_an_older_store_says_the_same_before_and_after_a_kernel_came(old):
    async with StoreReader(old) as reader:
        before = await said_by(reader.browse)
        async with SqliteStore(old):
            pass
        assert await said_by(reader.browse) == before
    async with StoreReader(old) as reader:
        assert await said_by(reader.browse) == before
    lists = before[0]
    assert [row.place for row in lists["lessons"]] == [104]
    assert [(row.id, row.state) for row in lists["commands"]] == [
        ("d", "refused"), ("c", "executed"),
    ]  # fmt: skip
    assert [row.acknowledged_by for row in lists["alerts"]] == ["anna"]
    assert [row.recalled is None for row in lists["elections"]] == [False]


async def test_a_query_that_takes_long_can_be_ended(store, reader):
    counting = (
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    )
    reader.interrupt()  # harmless while nothing runs
    endless = asyncio.ensure_future(reader._fetch(counting))
    while not endless.done():
        reader.interrupt()
        await asyncio.sleep(0)
    with pytest.raises(StoreInterruptedError, match="was ended before it was done"):
        await endless
    assert await reader.last_seq() == 0
    assert await reader.browse.bounds() is None


async def test_a_reader_that_is_closed_has_nothing_to_interrupt(path, store):
    reader = StoreReader(path)
    reader.interrupt()
    async with reader:
        pass
    reader.interrupt()


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=400), st.integers(-1, 60)
)
def test_thinning_keeps_the_peaks_and_the_end(values, most):
    points = list(enumerate(values))
    kept = thinned(points, most)
    assert len(kept) <= max(0, most)
    assert kept == sorted(set(kept))
    assert set(kept) <= set(points)
    if points and most >= 3:
        assert kept[-1] == points[-1]
        assert {min(values), max(values)} <= {value for _, value in kept}
    if len(points) <= most:
        assert kept == points
