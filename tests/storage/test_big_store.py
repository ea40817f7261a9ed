"""The large stores that tests and benchmarks use are what the store itself would have made."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from dataagents.core.clock import SystemClock
from dataagents.core.events import EventKind
from dataagents.core.voting import Verdict
from dataagents.storage import SqliteStore, StoreReader
from dataagents.storage.checking import check
from tests.support.big_store import build, landmarks_of
from tests.support.team_story import Spec

SPEC = Spec(events=8_000, agents=20, failed_steps=12, seed=3)
OF_THE_FILE = {"store", "sqlite_sequence", "blobs"}
"""Tables whose rows say which file it is, or are numbered by chance."""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build(tmp_path_factory.mktemp("big") / "store.db", SPEC)


def rows_of(path):
    """All rows of all tables; large values by what they are, not by their numbers."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        names = {
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        }
        tables = {
            name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr)
            for name in names - OF_THE_FILE - {"blob_refs"}
        }
        tables["blob_refs"] = connection.execute(
            "SELECT seq, path, digest, size, body FROM blob_refs JOIN blobs ON blobs.id = blob "
            "ORDER BY seq, path"
        ).fetchall()
    return tables


async def copy(source, target):
    """Commit every event of a store to a new one."""
    async with StoreReader(source) as reader, SqliteStore(target) as store:
        after = 0
        while found := await reader.events(after=after, limit=2_000):
            await store.commit([each.event for each in found])
            after = found[-1].seq


def test_it_is_row_by_row_what_the_store_makes_of_the_same_events(built, tmp_path):
    copied = tmp_path / "copy.db"
    asyncio.run(copy(built.path, copied))

    made, expected = rows_of(built.path), rows_of(copied)
    assert made.keys() == expected.keys()
    for table, rows in expected.items():
        assert made[table] == rows, table
    assert {name for name, rows in expected.items() if not rows} <= {"pruning"}


async def test_the_full_check_of_stores_finds_nothing(built):
    report = await check(built.path, SystemClock(), full=True)
    assert (report.problems, report.events, report.holder) == ((), 8_000, None)


def test_it_has_exactly_what_was_asked_for(built):
    with closing(sqlite3.connect(built.path)) as connection:
        count = {
            what: connection.execute(f"SELECT count(*) FROM {what}").fetchone()[0]
            for what in ("journal", "agents", "runs", "steps WHERE failed = 1")
        }
        ((first, last),) = connection.execute("SELECT min(at), max(at) FROM journal")
        times = [at for (at,) in connection.execute("SELECT at FROM journal ORDER BY seq")]
    assert count == {
        "journal": 8_000,
        "agents": 20,
        "runs": built.landmarks.runs,
        "steps WHERE failed = 1": 12,
    }
    assert (first, last) == (built.landmarks.first, built.landmarks.last)
    assert times == sorted(times)
    assert datetime.fromisoformat(first) - SPEC.start < timedelta(seconds=1)


async def test_its_landmarks_are_where_they_are_said_to_be(built):
    marks = landmarks_of(built.path)
    assert marks == built.landmarks
    async with StoreReader(built.path) as reader:
        runs = await reader.runs(limit=1_000)
        steps = await reader.run_events(marks.failed_run, [EventKind.STEP_TAKEN])
        votes = await reader.run_events(marks.election_run, [EventKind.BALLOT_CAST])
        closed = await reader.run_events(marks.election_run, [EventKind.ELECTION_CLOSED])
    assert next(run.id for run in runs if run.status == "failed") == marks.failed_run
    assert runs[0].id == marks.cut_off_run
    assert runs[0].status == "running"

    first = next(each.event for each in steps if each.event.body["error"])
    assert (first.body["number"], first.body["error"]) == (marks.failed_step, marks.error)
    assert (first.task, first.agent) == (marks.failed_task, marks.failed_agent)

    (motion,) = (each.event for each in closed if each.event.subject == marks.election)
    decision = motion.body["tally"]["decision"]
    assert motion.body["tally"]["verdict"] == Verdict.DECIDED
    cast = [each.event.body for each in votes if each.event.subject == marks.election]
    against = [each for each in cast if each["choice"] not in (None, decision)]
    said = [(each["voter"], each["reason"]) for each in against]
    assert said == [(marks.dissenter, marks.dissent)]


async def test_no_vote_on_a_schema_is_newer_than_the_one_that_is_meant(built):
    async with StoreReader(built.path) as reader:
        opened = await reader.recent(EventKind.ELECTION_OPENED, 5)
    about = [each.event for each in opened if "decide_release" not in (each.event.task or "")]
    assert about[-1].subject == built.landmarks.election


def test_equal_specifications_make_equal_stores(built, tmp_path):
    again = build(tmp_path / "again.db", SPEC)
    assert again.landmarks == built.landmarks
    assert rows_of(again.path) == rows_of(built.path)


def test_what_can_not_be_is_refused(tmp_path, built):
    for spec, problem in (
        (Spec(events=900, agents=1_000, failed_steps=5), "don't fit"),
        (Spec(events=9_000, agents=3, failed_steps=5), "at least 8"),
        (Spec(events=9_000, agents=9_000, runs=30, failed_steps=5), "too few"),
    ):
        with pytest.raises(ValueError, match=problem):
            build(tmp_path / "never.db", spec)
    assert not (tmp_path / "never.db").exists()
    with pytest.raises(FileExistsError):
        build(built.path, SPEC)
