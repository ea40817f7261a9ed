"""Whatever becomes of the store: it is told, what was read stays, and the console goes on."""

import os
import sqlite3

import pytest

from dataagents.console.feeds.following import Following
from dataagents.console.source import SourceState
from dataagents.core.errors import StoreDamagedError, StoreError, StoreLockedError
from dataagents.core.health import Health
from dataagents.storage import SqliteStore


@pytest.fixture
def missing(tmp_path):
    return tmp_path / "nowhere" / "store.db"


async def test_a_store_that_is_not_there_yet_is_told_and_found_when_it_comes(
    console, store, tmp_path
):
    later = tmp_path / "later.db"
    async with console(path=later) as operator:
        assert "MISSING" in operator.lines[0]
        assert "there is no such file" in operator.lines[0]
        await operator.press("2")
        assert "there is no such file" in " ".join(operator.shown.split())
        for each in store.parent.iterdir():
            each.rename(tmp_path / each.name.replace("store.db", "later.db"))
        await operator.becomes(SourceState.ENDED)
        assert operator.keys == ["run:run-1"]
        assert "POST-MORTEM" in operator.lines[0]


async def test_an_empty_store_says_what_each_view_will_hold_and_how_to_fill_it(console, tmp_path):
    path = tmp_path / "empty.db"
    async with SqliteStore(path):
        pass
    async with console(path=path, size=(80, 24)) as operator:
        for key in "1234567890T":
            operator.app.clear_notifications()
            await operator.press(key)
            assert operator.screen.listing.empty[:40] in " ".join(operator.shown.split())
            assert ("dataagents-console demo" in operator.shown) == (key != "9")
            await operator.press("enter", "e", "space", "y", "Y", "d", "G", "W")
            assert len(operator.app.screen_stack) == 1


async def test_a_store_that_goes_away_leaves_what_was_read(console, store):
    async with console() as operator:
        await operator.press("T", "1")
        for each in store.parent.iterdir():
            each.unlink()
        await operator.becomes(SourceState.MISSING)
        assert "MISSING" in operator.lines[0]
        assert "transformer" in operator.shown
        await operator.press("T")
        assert len(operator.keys) == 61
        assert "there is no such file" in operator.lines[0]


async def test_another_store_in_its_place_is_shown_from_the_start(console, store, many):
    async with console() as operator:
        await operator.press("2", "T", "1")
        assert operator.keys
        many.replace(store)
        await operator.becomes(SourceState.ENDED)
        await operator.until(lambda: not operator.table.rows, "the agents of the old file go")
        await operator.press("2")
        assert operator.keys[0] == "run:run-1100"
        assert "run:run-1" not in operator.keys
        await operator.press("T")
        assert operator.keys[0] == "event:run-1100-141820-000002"


async def test_a_damaged_file_is_told(console, store):
    async with console() as operator:
        new = store.with_name("damaged")
        new.write_bytes(b"no database at all " * 1_000)
        new.replace(store)
        await operator.becomes(SourceState.DAMAGED)
        assert "DAMAGED" in operator.lines[0]


async def test_a_file_of_a_newer_version_is_told(console, store):
    with sqlite3.connect(store) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute(f"PRAGMA user_version = {version + 1_000}")
    connection.close()
    async with console() as operator:
        await operator.becomes(SourceState.NEWER)
        assert "NEWER" in operator.lines[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="NOT TESTED: root may read everything")
async def test_a_file_that_may_not_be_read_is_told(console, store):
    store.chmod(0)
    async with console() as operator:
        assert "UNREADABLE" in operator.lines[0]


async def test_a_kernel_at_work_is_named_and_its_end_is_told(console, store, now, later):
    async with console() as operator:
        async with SqliteStore(store) as kernel:
            await operator.becomes(SourceState.LIVE)
            assert "LIVE" in operator.lines[0]
            assert str(os.getpid()) in operator.lines[0]
            await operator.write(kernel, later.kernel())
            assert "● healthy" in operator.shown
        await operator.becomes(SourceState.ENDED)
        assert "POST-MORTEM" in operator.lines[0]
        assert "healthy" not in operator.shown
        assert "○ ended" in operator.shown


async def test_a_kernel_that_is_silent_is_stale_and_then_is_not(console, store, later, now):
    async with SqliteStore(store) as kernel, console() as operator:
        await operator.write(kernel, [*later.kernel(), later.health("profiler")])
        await now.advance(300)
        await operator.catch_up()
        assert "STALE" in operator.lines[0]
        assert "late" in operator.line_with(" profiler")
        later.now = now.now()
        await operator.write(kernel, [later.health("profiler", Health.DEGRADED, "slow")])
        assert "LIVE" in operator.lines[0]
        assert "degraded" in operator.line_with(" profiler")


async def test_a_run_without_a_kernel_was_interrupted(console, store, later):
    async with console() as operator:
        await operator.press("2")
        async with SqliteStore(store) as kernel:
            await operator.becomes(SourceState.LIVE)
            await operator.write(kernel, [later.started()])
            assert "running" in operator.cursor_line
        await operator.becomes(SourceState.ENDED)
        assert "interrupted" in operator.cursor_line


async def test_reconnecting_reads_on(console, store, later):
    async with console() as operator:
        await operator.press("2", "ctrl+r")
        async with SqliteStore(store) as kernel:
            await operator.becomes(SourceState.LIVE)
            await operator.write(kernel, [later.started()])
        assert operator.keys == ["run:run-2", "run:run-1"]


async def test_another_store_is_attached_to_by_its_name(console, many):
    async with console() as operator:
        await operator.press("2", "ctrl+o", "ctrl+u")
        await operator.type(str(many) + "x")
        await operator.press("enter")
        assert "there is no such file" in operator.shown
        await operator.press("backspace", "enter")
        await operator.clock.advance(0.1)
        await operator.until(lambda: "run:run-1100" in operator.keys, "the other store is shown")
        assert operator.session.path == many


async def test_a_file_that_is_no_store_is_told_and_the_old_one_stays(console, store, tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("milk\n" * 500)
    async with console() as operator:
        await operator.press("2", "ctrl+o", "ctrl+u")
        await operator.type(str(text))
        await operator.press("enter")
        await operator.until(lambda: operator.told, "it is told")
        assert "What is shown is still store.db." in operator.told[0]
        assert operator.session.path == store
        assert operator.keys == ["run:run-1"]


@pytest.mark.parametrize(
    ("problem", "word"),
    [
        (StoreLockedError("store.db", "it is busy"), "LOCKED"),
        (StoreDamagedError("store.db", "the disk image is malformed"), "DAMAGED"),
        (StoreError("store.db", "disk I/O error"), "UNREADABLE"),
    ],
)
async def test_trouble_is_told_in_the_header_while_the_rows_stay(
    console, monkeypatch, problem, word
):
    async with console(size=(100, 24)) as operator:
        await operator.press("2")

        async def trouble(self):
            raise problem

        with monkeypatch.context() as patched:
            patched.setattr(Following, "data_version", trouble)
            await operator.becomes(SourceState(word.lower()))
            assert word in operator.lines[0]
            assert str(problem).partition(": ")[2] in operator.lines[0]
            assert operator.keys == ["run:run-1"]
            await operator.press("enter")
            assert operator.table.rows
        await operator.becomes(SourceState.ENDED)
        assert "POST-MORTEM" in operator.lines[0]
