"""A store in a temporary folder, and events to put into it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest

from dataagents.core.events import Event
from dataagents.core.values import JsonObject
from dataagents.storage import SqliteStore

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class MakeEvent(Protocol):
    def __call__(
        self,
        kind: str = "note.made",
        subject: str = "s",
        body: JsonObject | None = None,
        *,
        id: str | None = None,
        run: str | None = None,
        task: str | None = None,
        agent: str | None = None,
    ) -> Event: ...


@pytest.fixture
def event() -> MakeEvent:
    """Makes events, each with a new id and a second after the one before."""
    numbers = count(1)

    def make(
        kind: str = "note.made",
        subject: str = "s",
        body: JsonObject | None = None,
        *,
        id: str | None = None,
        run: str | None = None,
        task: str | None = None,
        agent: str | None = None,
    ) -> Event:
        number = next(numbers)
        at = NOON + timedelta(seconds=number)
        return Event(id or f"e{number:06}", at, kind, subject, body or {}, run, task, agent)

    return make


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    async with SqliteStore(path) as opened:
        yield opened
