"""The store that a kernel writes to."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

from dataagents.core.clock import Clock, SystemClock
from dataagents.core.errors import ClosedError
from dataagents.core.events import Event
from dataagents.storage.encoding import encode
from dataagents.storage.lock import Holder, locked
from dataagents.storage.opening import prepare_folder, refuse_other_files, writable
from dataagents.storage.queue import StoreLimits
from dataagents.storage.reader import StoreReader
from dataagents.storage.writer import JournalWriter


class SqliteStore:
    """A journal in one SQLite file, with tables beside it that answer questions.

    Fulfils `core.journal.Store`. Use it inside `async with`: leaving writes what is queued, then
    ends the database's thread, without which the process could not exit.
    """

    def __init__(
        self, path: Path | str, *, clock: Clock | None = None, limits: StoreLimits | None = None
    ) -> None:
        self.path = Path(path)
        self._clock = clock or SystemClock()
        self._limits = limits or StoreLimits()
        self._stack = AsyncExitStack()
        self._writer: JournalWriter | None = None
        self._reader: StoreReader | None = None
        self._holder: Holder | None = None

    @property
    def holder(self) -> Holder:
        """This process, as the lock file names it; `epoch` counts the openings."""
        if self._holder is None:
            raise ClosedError(f"store {self.path}")
        return self._holder

    @property
    def queued(self) -> int:
        """Events that wait to be written."""
        return self._writer.queued if self._writer else 0

    async def __aenter__(self) -> Self:
        """Open the store; make it, and its folder, when it isn't there.

        Raises:
            StoreLockedError: Another kernel has it open.
            StoreVersionError: A newer version wrote it.
            StoreDamagedError: It is not a sound store; it is left as it was.
            StoreError: It can't be made or opened.
        """
        limit = self._limits.close_seconds
        prepare_folder(self.path)
        await refuse_other_files(self.path, self._clock, limit)
        async with AsyncExitStack() as stack:
            self._holder = await stack.enter_async_context(locked(self.path, self._clock))
            connection = await stack.enter_async_context(writable(self.path, self._clock, limit))
            reader = StoreReader(self.path, clock=self._clock)
            self._reader = await stack.enter_async_context(reader)
            writer = JournalWriter(connection, str(self.path), self._limits, self._clock)
            self._writer = await stack.enter_async_context(writer)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Write what is queued, within the limit, and close; closing twice is harmless."""
        self._writer = self._holder = None
        await self._stack.aclose()

    async def commit(self, unit: Sequence[Event]) -> None:
        """Make all events of a unit durable, or none; waits while too much is queued.

        Raises:
            StoreError: The unit could not be written, or an event of it can't be stored.
            ClosedError: The store is not open.
        """
        if self._writer is None:
            raise ClosedError(f"store {self.path}")
        store = str(self.path)
        events = [encode(event, store) for event in unit]
        if events:
            await self._writer.write(events)

    async def recent(self, kind: str, limit: int) -> tuple[Event, ...]:
        """Return the newest `limit` events of a kind, oldest of them first."""
        if self._reader is None:
            raise ClosedError(f"store {self.path}")
        return tuple(stored.event for stored in await self._reader.recent(kind, limit))
