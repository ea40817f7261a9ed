"""The source: follows a store that a kernel may be writing, and yields a pulse when it changed.

The store is the only truth: polling its `data_version` finds every commit of every process, before
and after a crash of the kernel, so there is no channel to lose. Nothing that happens to the file
ends the console: it is told in a sentence, and tried again.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, field
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
RESTING_POLL = 0.5
"""The same, while nobody looks at the console."""
HOLDER_EVERY = 1.0
"""Seconds between two looks at the lock; each takes it for a moment, so they are few."""
LONGEST_PAUSE = 5.0
"""Seconds between two tries to open a store that can't be read."""
BATCH = 2_000
"""Events read at once."""
TOO_FAR = 20_000
"""Places behind the newest event from which on what lies between is passed over."""

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

    @property
    def epoch(self) -> int:
        """How often the store had been opened by then."""
        ...


@dataclass(frozen=True, slots=True)
class Beginning:
    """What has to be known to go on from a place."""

    place: int
    events: tuple[Event, ...]
    """The latest ones that say how things stand, oldest first."""
    tasks: Mapping[str, tuple[int, int]]
    """Agent → tasks done and failed, all that are on record."""


class Followed(Protocol):
    """What is asked of a store to follow it: `feeds.following` has it, and test doubles."""

    async def data_version(self) -> int:
        """Return a number that another process's commit changes."""
        ...

    async def last_seq(self) -> int:
        """Return the place of the newest event."""
        ...

    async def beginning(self) -> Beginning:
        """Return how things stand."""
        ...

    async def news(self, after: int, limit: int) -> Sequence[Stored]:
        """Return the events behind a place that say how things stand, oldest first."""
        ...

    def holder(self) -> Holding | None:
        """Return the kernel that lives; None when none does."""
        ...


class SourceState(StrEnum):
    """How the store is, as one word for the header."""

    LOADING = "loading"
    LIVE = "live"
    STALE = "stale"
    """A kernel lives and has said nothing for too long."""
    ENDED = "post-mortem"
    """No kernel lives; everything it wrote can be read."""
    MISSING = "missing"
    LOCKED = "locked"
    DAMAGED = "damaged"
    NEWER = "newer"
    """A newer version of this package wrote it."""
    UNREADABLE = "unreadable"

    @property
    def is_readable(self) -> bool:
        """Whether what is shown is what the store has now."""
        return self in (SourceState.LIVE, SourceState.STALE, SourceState.ENDED)


@dataclass(frozen=True, slots=True)
class Pulse:
    """What is new."""

    state: SourceState
    sentence: str
    at: datetime
    """When it was read."""
    version: int = 0
    """Grows whenever something was written, so that what was read before may be out of date."""
    last: int = 0
    """Place of the newest event."""
    begin: Beginning | None = None
    """How things stand, at first and wherever events were passed over."""
    events: tuple[Event, ...] = ()
    """Those that say how things stand, oldest first."""
    pid: int | None = None
    """Process of the kernel that lives."""
    epoch: int | None = None
    fresh: bool = False
    """The file is another one: everything that was read of it before is void."""


@dataclass(slots=True)
class _Place:
    """How far a file was read."""

    identity: tuple[int, int] | None = None
    seq: int | None = None
    """None before the beginning was read."""
    version: int = -1
    fresh: bool = False


@dataclass(slots=True)
class StoreSource:
    """Reads one store again and again; `pulses` is consumed once."""

    path: Path
    follow: Callable[[Path], AbstractAsyncContextManager[Followed]]
    clock: Clock
    poll: float = POLL
    """Seconds between two looks; may be changed at any time."""
    limit: int = BATCH
    _place: _Place = field(default_factory=_Place)
    _version: int = 0
    _hurried: bool = False

    async def pulses(self) -> AsyncGenerator[Pulse, None]:
        """Yield a pulse whenever something was written or the state changed; ends by closing it."""
        yield self._pulse(SourceState.LOADING, f"opening {self.path.name}")
        said: tuple[SourceState, str] | None = None
        pause = POLL
        while True:
            try:
                async with self.follow(self.path) as store:
                    self._attach()
                    async with aclosing(self._follow(store)) as following:
                        async for pulse in following:
                            said, pause = None, POLL
                            yield pulse
            except (DataAgentsError, OSError) as error:
                problem = _problem(error)
                if problem != said:
                    said = problem
                    yield self._pulse(*problem)
                await self._rest(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _follow(self, store: Followed) -> AsyncGenerator[Pulse, None]:
        """Yield what there is to see, until the file at the path is another one."""
        shown: tuple[SourceState, int | None] | None = None
        holder, looked = store.holder(), self.clock.monotonic()
        while self._identity() == self._place.identity:
            if self.clock.monotonic() - looked >= HOLDER_EVERY:
                holder, looked = store.holder(), self.clock.monotonic()
            state = SourceState.LIVE if holder is not None else SourceState.ENDED
            epoch = None if holder is None else holder.epoch
            version, more = await store.data_version(), False
            if version != self._place.version or shown != (state, epoch):
                pulse, more = await self._look(store, state, holder)
                self._place.version = -1 if more else version
                shown = (state, epoch)
                yield pulse
            if not more:
                await self.clock.sleep(self.poll)
        self._place.identity = _GONE

    async def _look(
        self, store: Followed, state: SourceState, holder: Holding | None
    ) -> tuple[Pulse, bool]:
        """Read what is new, and whether there is more of it."""
        self._version += 1
        last, begin = await store.last_seq(), None
        events: tuple[Event, ...] = ()
        more = False
        if self._place.seq is None or last - self._place.seq > TOO_FAR:
            begin = await store.beginning()
            self._place.seq = begin.place
        else:
            found = await store.news(self._place.seq, self.limit)
            more = len(found) == self.limit
            self._place.seq = found[-1].seq if more else max(last, self._place.seq)
            if found:
                self._place.seq = max(self._place.seq, found[-1].seq)
            events = tuple(stored.event for stored in found)
        pulse = self._pulse(state, _SENTENCES[state], holder, events, begin, last)
        return pulse, more

    def hurry(self) -> None:
        """Try to open the store again at once, where it could not be read."""
        self._hurried = True

    async def _rest(self, pause: float) -> None:
        until = self.clock.monotonic() + pause
        self._hurried = False
        while not self._hurried and (left := until - self.clock.monotonic()) > 0:
            await self.clock.sleep(min(POLL, left))

    def _attach(self) -> None:
        """Go on where reading stopped when it is the same file, from the start when it is not."""
        identity = self._identity()
        if identity != self._place.identity:
            self._place = _Place(identity, fresh=self._place.identity is not None)
        self._place.version = -1

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _pulse(
        self,
        state: SourceState,
        sentence: str,
        holder: Holding | None = None,
        events: tuple[Event, ...] = (),
        begin: Beginning | None = None,
        last: int = 0,
    ) -> Pulse:
        fresh, self._place.fresh = self._place.fresh, False
        return Pulse(
            state, sentence, self.clock.now(), self._version, last, begin, events,
            None if holder is None else holder.pid,
            None if holder is None else holder.epoch,
            fresh,
        )  # fmt: skip


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
