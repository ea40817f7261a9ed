"""What the source asks of a store, answered by a reader of it."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from dataagents.console.source import Beginning
from dataagents.console.view.standing import KINDS
from dataagents.core.events import EventKind
from dataagents.storage import Holder, StoredEvent, StoreReader

_LATEST = 2_000
"""Events of a kind that are read to know how things stand."""
_COUNTED = (
    EventKind.TASK_STARTED, EventKind.TASK_PROGRESS, EventKind.STEP_TAKEN,
    EventKind.ELECTION_OPENED, EventKind.ELECTION_CLOSED,
)  # fmt: skip
_AT_WORK = 200
"""The same, of kinds that only say what is being done right now."""


class Following:
    """A store that is followed."""

    def __init__(self, reader: StoreReader) -> None:
        self._reader = reader

    async def data_version(self) -> int:
        """Return a number that another process's commit changes."""
        return await self._reader.data_version()

    async def last_seq(self) -> int:
        """Return the place of the newest event."""
        return await self._reader.last_seq()

    async def beginning(self) -> Beginning:
        """Return how things stand, from a bounded number of the latest events."""
        reader = self._reader
        place = await reader.last_seq()
        started = await reader.recent(EventKind.KERNEL_STARTED, 1)
        since = started[0].seq if started else 0
        found: dict[int, StoredEvent] = {}
        for kind in KINDS:
            lasts = kind.startswith("alert.")
            most = _AT_WORK if kind in _COUNTED else _LATEST
            for stored in await reader.recent(kind, most):
                if lasts or stored.seq >= since:
                    found[stored.seq] = stored
        events = tuple(found[seq].event for seq in sorted(found) if seq <= place)
        counts = await reader.browse.task_counts()
        tasks = {agent: (each.done, each.failed) for agent, each in counts.items()}
        return Beginning(place, events, tasks)

    async def news(self, after: int, limit: int) -> Sequence[StoredEvent]:
        """Return the events behind a place that say how things stand, oldest first."""
        return await self._reader.events(after, limit, kinds=KINDS)

    def holder(self) -> Holder | None:
        """Return the kernel that lives; None when none does."""
        return self._reader.holder()


@asynccontextmanager
async def following(path: Path) -> AsyncGenerator[Following]:
    """Open a store to follow it.

    Raises:
        DataAgentsError: It can't be read.
    """
    async with StoreReader(path) as reader:
        yield Following(reader)
