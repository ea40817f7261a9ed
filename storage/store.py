"""The store that a kernel writes to."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Self

from dataagents.core.clock import Clock, SystemClock
from dataagents.core.errors import ClosedError, StoreError
from dataagents.core.events import Event
from dataagents.storage.commands import CommandFile
from dataagents.storage.connection import StoreConnection
from dataagents.storage.correspondence import KeptMessages, MessageReader
from dataagents.storage.encoding import encode
from dataagents.storage.lock import Holder, StoreLock, locked
from dataagents.storage.log import log_bytes
from dataagents.storage.opening import prepare_folder, refuse_other_files, writable
from dataagents.storage.queue import StoreLimits
from dataagents.storage.reader import StoreReader
from dataagents.storage.retention import Pruned, Retention, prune
from dataagents.storage.soundness import BackgroundCheck
from dataagents.storage.writer import JournalWriter


class StoreState(StrEnum):
    """How a store that is open is."""

    SOUND = "sound"
    CHECKING = "checking"
    """The kernel before was killed, and the database is being looked through; it can be used."""
    DAMAGED = "damaged"
    """Nothing more is written."""


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """How an open store does, for whoever watches the kernel."""

    state: StoreState
    problem: str = ""
    """Why it is damaged."""
    queued: int = 0
    """Events that wait to be written."""
    log_bytes: int = 0
    """How long the write-ahead log is."""


class SqliteStore(KeptMessages):
    """A journal in one SQLite file, with tables beside it that answer questions.

    Fulfils `core.journal.Store`. Use it inside `async with`: leaving writes what is queued, then
    ends the database's thread, without which the process could not exit.

    Args:
        path: The file; its folder is made when it isn't there.
        clock: Where times and limits come from.
        limits: Bounds of writing.
        keep: How long what ended stays; for ever when None. Older runs, and what belongs to them,
            go while the store is open, a few events at a time.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        clock: Clock | None = None,
        limits: StoreLimits | None = None,
        keep: timedelta | None = None,
    ) -> None:
        self.path = Path(path)
        self._name = str(self.path)
        self._clock = clock or SystemClock()
        self._limits = limits or StoreLimits()
        self._keep = keep
        self._stack = AsyncExitStack()
        self._lock: StoreLock | None = None
        self._connection: StoreConnection | None = None
        self._writer: JournalWriter | None = None
        self._reader: StoreReader | None = None
        self._check: BackgroundCheck | None = None
        self._damage: StoreError | None = None
        self._commands: CommandFile | None = None

    @property
    def holder(self) -> Holder:
        """This process, as the lock file names it; `epoch` counts the openings."""
        if self._lock is None:
            raise ClosedError(f"store {self.path}")
        return self._lock.holder

    @property
    def commands(self) -> CommandFile | None:
        """What operators want, in `STORE.commands`; None while the store is not open."""
        return self._commands

    @property
    def queued(self) -> int:
        """Events that wait to be written."""
        return self._writer.queued if self._writer else 0

    @property
    def health(self) -> StoreHealth:
        """How it does now."""
        state = StoreState.SOUND
        if self._damage is not None:
            state = StoreState.DAMAGED
        elif self._check is not None and self._check.runs:
            state = StoreState.CHECKING
        problem = "" if self._damage is None else str(self._damage)
        return StoreHealth(state, problem, self.queued, log_bytes(self.path))

    async def __aenter__(self) -> Self:
        """Open the store; make it, and its folder, when it isn't there.

        Raises:
            StoreLockedError: Another kernel has it open.
            StoreVersionError: A newer version wrote it.
            StoreDamagedError: It is not a sound store, or a part of it is missing; it is left as it
                was.
            StoreError: It can't be made or opened.
        """
        limit = self._limits.close_seconds
        prepare_folder(self.path)
        await refuse_other_files(self.path, self._clock, limit)
        async with AsyncExitStack() as stack:
            self._damage = self._check = None
            lock = await stack.enter_async_context(locked(self.path, self._clock))
            stack.callback(self._settle, lock)
            connection, unchecked = await stack.enter_async_context(
                writable(self.path, lock, self._clock, self._limits)
            )
            reader = StoreReader(self.path, clock=self._clock)
            self._reader = await stack.enter_async_context(reader)
            writer = JournalWriter(
                connection, self.path, self._limits, self._clock, lock, self._damaged
            )
            self._writer = await stack.enter_async_context(writer)
            if unchecked:
                self._check = BackgroundCheck(self.path, self._clock, limit, writer.refuse)
                self._check.start()
                stack.push_async_callback(self._check.close)
            if self._keep is not None:
                retention = Retention(connection, self.path, self._clock, self._keep)
                await stack.enter_async_context(retention)
            self._commands = CommandFile(self.path, self._clock, epoch=lock.holder.epoch)
            stack.push_async_callback(self._commands.close)
            self._lock, self._connection = lock, connection
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Write what is queued, within the limit, and close; closing twice is harmless."""
        self._writer = self._connection = self._lock = self._commands = None
        await self._stack.aclose()

    async def commit(self, unit: Sequence[Event]) -> None:
        """Make all events of a unit durable, or none; waits while too much is queued.

        Raises:
            StoreDamagedError: The database was found to be damaged since it was opened.
            StoreLockedError: Another process keeps the database locked.
            StoreError: The unit could not be written, or an event of it can't be stored.
            ClosedError: The store is not open.
        """
        writer, store = self._open_writer(), self._name
        events = [encode(event, store) for event in unit]
        if events:
            await writer.write(events)

    async def find(self, id: str) -> Event | None:
        """Return an event by its id, once all that was committed before is settled; None if none.

        So whoever was cancelled in `commit` learns what became of the unit.

        Raises:
            StoreError: The store can't be written, or read.
            ClosedError: The store is not open.
        """
        await self._open_writer().write(())
        if self._reader is None:
            raise ClosedError(f"store {self.path}")
        stored = await self._reader.find(id)
        return None if stored is None else stored.event

    async def has(self, id: str) -> bool:
        """Return whether an event was written; see `find`."""
        return await self.find(id) is not None

    async def recent(self, kind: str, limit: int) -> tuple[Event, ...]:
        """Return the newest `limit` events of a kind, oldest of them first."""
        if self._reader is None:
            raise ClosedError(f"store {self.path}")
        return tuple(stored.event for stored in await self._reader.recent(kind, limit))

    @property
    def _messages(self) -> MessageReader:
        if self._reader is None:
            raise ClosedError(f"store {self.path}")
        return self._reader.correspondence

    async def run_events(self, run: str, kinds: Collection[str]) -> tuple[Event, ...]:
        """Return the events of a run that are of some kinds, oldest first."""
        if self._reader is None:
            raise ClosedError(f"store {self.path}")
        return tuple(each.event for each in await self._reader.run_events(run, kinds))

    async def unfinished(self) -> tuple[str, ...]:
        """Return the ids of the runs that have no end, or are suspended; oldest first."""
        if self._reader is None:
            raise ClosedError(f"store {self.path}")
        return await self._reader.unfinished()

    async def prune(
        self, before: datetime, tell: Callable[[Pruned], None] = lambda pruned: None
    ) -> Pruned:
        """Let runs go that ended before a time, with all that belongs to them; see `retention`."""
        if self._connection is None:
            raise ClosedError(f"store {self.path}")
        return await prune(self._connection, self.path, before, self._clock, tell)

    async def checked(self) -> StoreHealth:
        """Return how it does, once a check that was begun at opening has ended."""
        if self._check is not None:
            await self._check.wait()
        return self.health

    def _open_writer(self) -> JournalWriter:
        if self._writer is None:
            raise ClosedError(f"store {self.path}")
        return self._writer

    def _damaged(self, error: StoreError) -> None:
        self._damage = error

    def _settle(self, lock: StoreLock) -> None:
        """Promise nothing for the next opening when all of it is in the database, and sound."""
        checked = self._check is None or not self._check.gave_up
        if lock.was_kept and checked and self._damage is None and log_bytes(self.path) == 0:
            lock.promise(None)


async def prune_closed(
    path: Path, keep: timedelta, clock: Clock, tell: Callable[[Pruned], None] = lambda pruned: None
) -> Pruned:
    """Open a store that no kernel has open, and let go of what ended longer ago than `keep`.

    Raises:
        StoreLockedError: A kernel has it open.
        StoreError: It can't be used.
    """
    async with SqliteStore(path, clock=clock) as store:
        return await store.prune(clock.now() - keep, tell)
