"""What the console's tests share: the story of a run, its view, and a still clock."""

import asyncio
import shutil
from datetime import datetime, timedelta

import pytest

from dataagents.console.options import ConsoleOptions
from dataagents.console.view import RunsFold, fold, trace_rows
from dataagents.core.testing.clock import FakeClock
from dataagents.storage import SqliteStore
from tests.support.run_story import START, Story, many_runs


class StillClock:
    """A clock that moves only when it is told, or slept on."""

    def __init__(self, start: datetime = START) -> None:
        self.time = start
        self.slept: list[float] = []
        self._sleeps = asyncio.Condition()

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return (self.time - START).total_seconds()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        # Somebody who sleeps until a moment has to reach it, however little is left.
        self.time += max(timedelta(seconds=seconds), timedelta.resolution)
        async with self._sleeps:
            self._sleeps.notify_all()
        await asyncio.sleep(0)

    async def until(self, reached) -> None:
        """Return after the sleep that makes something true."""
        async with asyncio.timeout(10), self._sleeps:
            await self._sleeps.wait_for(reached)

    def limit(self, seconds):
        return asyncio.timeout(seconds)


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def story() -> Story:
    """A run with a failure, a replan, a vote and a lesson; `Story(run)` of its class makes more."""
    return Story()


@pytest.fixture(scope="session")
def recorded(tmp_path_factory):
    """A folder with a store that no kernel has open: `Story.everything`."""
    folder = tmp_path_factory.mktemp("recorded")
    asyncio.run(_keep(folder / "store.db", Story().everything()))
    return folder


@pytest.fixture(scope="session")
def many_recorded(tmp_path_factory):
    """A folder with a store of 1,100 runs, a second each; every hundredth failed."""
    folder = tmp_path_factory.mktemp("many")
    asyncio.run(_keep(folder / "store.db", many_runs(1, 1_100)))
    return folder


@pytest.fixture
def many(many_recorded, tmp_path):
    """A store of the test's own, with what `many_recorded` has."""
    folder = tmp_path / "many"
    shutil.copytree(many_recorded, folder)
    return folder / "store.db"


@pytest.fixture
def more_runs():
    """Events of further runs, by their numbers."""
    return many_runs


async def _keep(path, events):
    async with SqliteStore(path) as store:
        await store.commit(list(events))


@pytest.fixture
def store(recorded, tmp_path):
    """A store of the test's own, with what `recorded` has."""
    folder = tmp_path / "data"
    shutil.copytree(recorded, folder)
    return folder / "store.db"


@pytest.fixture
def later():
    """A story that goes on after what `recorded` has: one more run."""
    first = Story()
    first.everything()
    return Story("run-2", first.now)


@pytest.fixture
def now(later):
    """A clock that stands two seconds after what `recorded` has."""
    return FakeClock(later.now + timedelta(seconds=2))


@pytest.fixture
def console(store, now, tmp_path, monkeypatch):
    """Sit down at a console: `async with console() as operator`."""
    # Which colours there are depends on what the terminal of whoever runs the tests can.
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    for name in ("NO_COLOR", "FORCE_COLOR", "TEXTUAL_COLOR_SYSTEM"):
        monkeypatch.delenv(name, raising=False)

    home = tmp_path / "home"
    home.mkdir()

    def sit(path=store, size=(80, 24), **options):
        from tests.support.operators import sit_down

        return sit_down(path, now, home, size, ConsoleOptions(**options))

    return sit


@pytest.fixture
def whole(story):
    """The view of a whole run."""
    return fold(RunsFold(), [*story.kernel(), *story.whole()])


@pytest.fixture
def rows(whole):
    """The rows of a whole run."""
    return trace_rows(whole.runs["run-1"])


@pytest.fixture
def find():
    """Find the row that has an address."""

    def at(rows, address):
        (row,) = [row for row in rows if row.address == address]
        return row

    return at
