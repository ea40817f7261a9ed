"""Folders and files that this user may not use: one sentence each."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dataagents.core.errors import StoreError
from dataagents.storage import SqliteStore, StoreReader

NOBODY = 65_534


@pytest.fixture
async def theirs(event) -> AsyncIterator[Path]:
    """A store that can be read and not written, since we are nobody in particular."""
    folder = Path(tempfile.mkdtemp())
    path = folder / "store.db"
    async with SqliteStore(path) as store:
        await store.commit([event()])
    for name in folder.iterdir():  # noqa: ASYNC240
        name.chmod(0o444)
    folder.chmod(0o555)  # noqa: ASYNC240
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield path
    finally:
        os.seteuid(user)
        folder.chmod(0o755)  # noqa: ASYNC240
        shutil.rmtree(folder)


async def test_a_store_in_a_folder_of_somebody_else_is_refused(theirs):
    with pytest.raises(StoreError, match="its folder can't be written"):
        await SqliteStore(theirs).__aenter__()
    with pytest.raises(StoreError, match=r"lock file can't be opened \(Permission denied\)"):
        await SqliteStore(theirs.with_name("other.db")).__aenter__()
    with pytest.raises(StoreError, match=r"folder can't be made \(Permission denied\)"):
        await SqliteStore(theirs.parent / "new" / "store.db").__aenter__()


async def test_reading_where_sqlite_needs_to_write_is_refused(theirs):
    with pytest.raises(StoreError, match=r"its folder can't be written.*Copy"):
        await StoreReader(theirs).__aenter__()


async def test_a_file_that_cannot_be_written_is_refused_at_opening(theirs):
    user = os.geteuid()
    if user == NOBODY:
        os.seteuid(0)
    theirs.parent.chmod(0o777)
    theirs.with_name("store.db.lock").chmod(0o666)
    os.seteuid(user)
    with pytest.raises(StoreError, match="it can't be written"):
        await SqliteStore(theirs).__aenter__()


async def test_a_file_that_cannot_be_read_is_refused(theirs):
    user = os.geteuid()
    if user == NOBODY:
        os.seteuid(0)
    theirs.chmod(0)
    os.seteuid(user)
    for opener in (SqliteStore, StoreReader):
        with pytest.raises(StoreError, match="it can't be read"):
            await opener(theirs).__aenter__()
