"""A list to try things on: workers with a state, figures, a time and a text."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from dataagents.console.view.listing import Field, Listing
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment

NOW = datetime(2026, 3, 2, 14, 15, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Worker:
    name: str
    state: str = "ok"
    took: float | None = None
    share: float | None = None
    beat: datetime | None = None
    doing: str = ""
    open: bool | None = None
    mixed: object = None
    over: bool = False


@pytest.fixture(scope="session")
def fields():
    return (
        Field("name", "Worker", lambda row, moment: row.name, "its id"),
        Field("state", "State", lambda row, moment: row.state, "how it is"),
        Field("took", "Took", lambda row, moment: row.took, "seconds", right=True),
        Field("share", "Errors", lambda row, moment: row.share, "of one", right=True),
        Field("beat", "Beat", lambda row, moment: row.beat, "last heard of"),
        Field("doing", "Doing", lambda row, moment: row.doing, "at work"),
        Field("open", "Open", lambda row, moment: row.open, "whether it is"),
        Field("mixed", "", lambda row, moment: row.mixed, "anything"),
    )


@pytest.fixture(scope="session")
def listing(fields):
    return Listing(
        "workers",
        "worker",
        fields,
        lambda row: f"worker:{row.name}",
        lambda row, moment: Mark.OK,
        lambda row, moment: (),
        "No worker yet.",
        at=lambda row: row.beat,
        finished=lambda row, moment: row.over,
    )


@pytest.fixture(scope="session")
def worker():
    return Worker


@pytest.fixture(scope="session")
def ago():
    return lambda seconds: NOW - timedelta(seconds=seconds)


@pytest.fixture(scope="session")
def moment():
    return Moment(NOW)
