"""Opening: what is made, what is refused, and that what is refused stays as it is."""

import hashlib
import sqlite3
from pathlib import Path

import pytest

from dataagents.core.clock import SystemClock
from dataagents.core.errors import (
    InputError,
    StoreDamagedError,
    StoreError,
    StoreVersionError,
)
from dataagents.storage import SqliteStore, StoreReader
from dataagents.storage.connection import connected
from dataagents.storage.migrations import MIGRATIONS, VERSION, migrate


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("id,name\n1,first\n" * 50)


def short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50])


def halved(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def of_another_program(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    connection.close()


def torn_with_a_log(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    path.with_name(f"{path.name}-wal").write_bytes(b"\x37\x7f\x06\x82" + b"\0" * 60)


def newer(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {VERSION + 6}")
    connection.commit()
    connection.close()


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
async def filled(path, event) -> Path:
    async with SqliteStore(path) as store:
        await store.commit([event() for _ in range(200)])
    return path


DAMAGES = [empty, text, short, halved, of_another_program, torn_with_a_log]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
async def test_a_damaged_file_is_refused_and_left_alone(filled, damage):
    damage(filled)
    before = digest(filled)
    with pytest.raises(StoreDamagedError) as caught:
        await SqliteStore(filled).__aenter__()
    assert str(filled) in str(caught.value)
    assert digest(filled) == before


@pytest.mark.parametrize("damage", [empty, text, short, of_another_program])
async def test_a_reader_refuses_what_is_no_store(filled, damage):
    damage(filled)
    before = digest(filled)
    with pytest.raises(StoreDamagedError):
        await StoreReader(filled).__aenter__()
    assert digest(filled) == before


@pytest.mark.parametrize("opener", [SqliteStore, StoreReader])
async def test_a_newer_version_is_refused_by_both_numbers(filled, opener):
    newer(filled)
    before = digest(filled)
    with pytest.raises(StoreVersionError) as caught:
        await opener(filled).__aenter__()
    assert f"version {VERSION + 6}" in str(caught.value)
    assert f"up to {VERSION}" in str(caught.value)
    assert digest(filled) == before


async def test_nothing_is_made_beside_a_file_that_is_no_store(tmp_path):
    table = tmp_path / "orders.csv"
    text(table)
    with pytest.raises(StoreDamagedError):
        await SqliteStore(table).__aenter__()
    assert list(tmp_path.iterdir()) == [table]


async def test_a_folder_is_no_store(tmp_path):
    for opener in (SqliteStore, StoreReader):
        with pytest.raises(StoreError, match=r"it is a folder.*store\.db"):
            await opener(tmp_path).__aenter__()


async def test_folders_are_made(tmp_path, event):
    path = tmp_path / "a" / "b c" / "st%41re?mode=rwc#1.db"
    async with SqliteStore(path) as store, StoreReader(path) as reader:
        await store.commit([event()])
        assert await reader.last_seq() == 1
    assert path.exists()


async def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"folder can't be made.*--store"):
        await SqliteStore(tmp_path / "file" / "store.db").__aenter__()


async def test_a_lock_file_that_cannot_be_made_is_one_sentence(path):
    path.with_name("store.db.lock").mkdir()
    with pytest.raises(StoreError, match="lock file can't be opened"):
        await SqliteStore(path).__aenter__()


async def test_a_reader_says_how_a_store_is_made(path):
    with pytest.raises(InputError, match="dataagents run FILE"):
        await StoreReader(path).__aenter__()
    assert not path.exists()


async def test_a_refused_store_is_not_locked(filled, event):
    whole = filled.read_bytes()
    halved(filled)
    with pytest.raises(StoreDamagedError):
        await SqliteStore(filled).__aenter__()
    filled.write_bytes(whole)
    async with SqliteStore(filled) as store:
        await store.commit([event()])


async def test_a_draft_of_a_killed_process_is_replaced(path, event):
    path.with_name("store.db.new").write_bytes(b"half a schema")
    async with SqliteStore(path) as store:
        await store.commit([event()])
    assert not path.with_name("store.db.new").exists()


async def test_the_write_connection_is_set_up_for_power_loss(path):
    async with SqliteStore(path) as store:
        fetch = store._writer._connection.execute_fetchall
        settings = {
            name: (await fetch(f"PRAGMA {name}"))[0][0]
            for name in (
                "journal_mode",
                "synchronous",
                "foreign_keys",
                "journal_size_limit",
                "busy_timeout",
            )
        }
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "journal_size_limit": 16 * 1024**2,
        "busy_timeout": 5000,
    }


async def test_a_migration_that_fails_leaves_the_version_before_it(filled):
    broken = (*MIGRATIONS, "CREATE TABLE second (x); CREATE TABLE journal (x)")
    async with connected(filled, "rw", SystemClock(), 10) as connection:
        with pytest.raises(sqlite3.OperationalError):
            await migrate(connection, migrations=broken)
        assert (await connection.execute_fetchall("PRAGMA user_version"))[0][0] == VERSION
        names = await connection.execute_fetchall("SELECT name FROM sqlite_master")
        assert ("second",) not in names
        await migrate(connection, migrations=(*MIGRATIONS, "CREATE TABLE second (x)"))
        assert (await connection.execute_fetchall("PRAGMA user_version"))[0][0] == VERSION + 1
