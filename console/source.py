"""The source: follows a store that a kernel may be writing, and yields what is new as plain values.

The store is the only truth: polling its `data_version` finds every commit of every process, before
and after a crash of the kernel, so there is no channel to lose. Nothing that happens to the file
ends the console: it is told in a sentence, and tried again.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from dataagents.console.safe_text import safe_text
from dataagents.core.clock import Clock
from dataagents.core.errors import (
    DataAgentsError,
    InputError,
    StoreDamagedError,
    StoreLockedError,
    StoreVersionError,
)
from dataagents.core.events import Event

POLL = 0.1
"""Seconds between two looks at the store."""
HOLDER_EVERY = 1.0
"""Seconds between two looks at the lock; each takes it for a moment, so they are few."""
LONGEST_PAUSE = 5.0
"""Seconds between two tries to open a store that can't be read."""
BATCH = 1_000
"""Events read at once."""

_GONE = (-1, -1)
"""Identity of a file that is no longer at the path; a new one may get the old one's inode."""


class Stored(Protocol):
    """An event with its place in the journal."""

    @property
    def seq(self) -> int:
        """Grows by every event."""
        ...

    @property
    def event(self) -> Event:
        """What happened."""
        ...


class Holding(Protocol):
    """The kernel that has a store open for writing."""

    @property
    def pid(self) -> int:
        """Its process."""
        ...


class Reader(Protocol):
    """What the console needs of a store: `storage.StoreReader` and test doubles have it."""

    async def data_version(self) -> int:
        """Return a number that another process's commit changes."""
        ...

    async def events(self, after: int = 0, limit: int = BATCH) -> Sequence[Stored]:
        """Return the events that follow one, oldest first."""
        ...

    def holder(self) -> Holding | None:
        """Return the kernel that lives; None when none does."""
        ...


class SourceState(StrEnum):
    """How the store is, as one word for the header."""

    LOADING = "loading"
    LIVE = "live"
    ENDED = "post-mortem"
    """No kernel lives; everything it wrote can be read."""
    MISSING = "missing"
    LOCKED = "locked"
    DAMAGED = "damaged"
    NEWER = "newer"
    """A newer version of this package wrote it."""
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Batch:
    """What is new."""

    state: SourceState
    sentence: str
    at: datetime
    """When it was read."""
    events: tuple[Event, ...] = ()
    pid: int | None = None
    """Process of the kernel that lives."""
    fresh: bool = False
    """The file is another one: what was folded before is void."""
    drained: bool = True
    """Nothing more was there when it was read."""


@dataclass(slots=True)
class _Place:
    """How far a file was read."""

    identity: tuple[int, int] | None = None
    seq: int = 0
    version: int = -1
    fresh: bool = False


class StoreSource:
    """Reads one store again and again; `batches` is consumed once."""

    def __init__(
        self,
        path: Path,
        open_reader: Callable[[Path], AbstractAsyncContextManager[Reader]],
        clock: Clock,
        *,
        poll: float = POLL,
        limit: int = BATCH,
    ) -> None:
        self._path = path
        self._open = open_reader
        self._clock = clock
        self._poll = poll
        self._limit = limit
        self._place = _Place()

    async def batches(self) -> AsyncGenerator[Batch, None]:
        """Yield a batch whenever there are events or the state changed; ends only by closing it."""
        yield self._batch(SourceState.LOADING, f"opening {self._path.name}")
        said: tuple[SourceState, str] | None = None
        pause = self._poll
        while True:
            try:
                async with self._open(self._path) as reader:
                    self._attach()
                    async with aclosing(self._follow(reader)) as following:
                        async for batch in following:
                            said, pause = None, self._poll
                            yield batch
            except (DataAgentsError, OSError) as error:
                problem = _problem(error)
                if problem != said:
                    said = problem
                    yield self._batch(*problem)
                await self._clock.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _follow(self, reader: Reader) -> AsyncGenerator[Batch, None]:
        """Yield what a reader finds, until the file at the path is another one."""
        shown: tuple[SourceState, int | None, bool] | None = None
        holder, looked = reader.holder(), self._clock.monotonic()
        while self._identity() == self._place.identity:
            if self._clock.monotonic() - looked >= HOLDER_EVERY:
                holder, looked = reader.holder(), self._clock.monotonic()
            state = SourceState.LIVE if holder is not None else SourceState.ENDED
            pid = holder.pid if holder is not None else None
            version = await reader.data_version()
            found: Sequence[Stored] = ()
            if version != self._place.version:
                found = await reader.events(after=self._place.seq, limit=self._limit)
            drained = len(found) < self._limit
            if drained:
                self._place.version = version
            if found or shown != (state, pid, drained):
                shown = (state, pid, drained)
                yield self._batch(state, _SENTENCES[state], found, pid, drained)
            if drained:
                await self._clock.sleep(self._poll)
        self._place.identity = _GONE

    def _attach(self) -> None:
        """Go on where reading stopped when it is the same file, from the start when it is not."""
        identity = self._identity()
        if identity != self._place.identity:
            self._place = _Place(identity, fresh=self._place.identity is not None)
        self._place.version = -1

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _batch(
        self,
        state: SourceState,
        sentence: str,
        found: Sequence[Stored] = (),
        pid: int | None = None,
        drained: bool = True,
    ) -> Batch:
        if found:
            self._place.seq = found[-1].seq
        fresh, self._place.fresh = self._place.fresh, False
        events = tuple(stored.event for stored in found)
        return Batch(state, sentence, self._clock.now(), events, pid, fresh, drained)


_SENTENCES = {
    SourceState.LIVE: "a kernel is at work",
    SourceState.ENDED: "no kernel lives; this is what was recorded",
}
_STATES: tuple[tuple[type[Exception], SourceState], ...] = (
    (InputError, SourceState.MISSING),
    (FileNotFoundError, SourceState.MISSING),
    (StoreLockedError, SourceState.LOCKED),
    (StoreDamagedError, SourceState.DAMAGED),
    (StoreVersionError, SourceState.NEWER),
)


def _problem(error: Exception) -> tuple[SourceState, str]:
    state = next(
        (state for kind, state in _STATES if isinstance(error, kind)), SourceState.UNREADABLE
    )
    return state, safe_text(str(error), limit=500)
