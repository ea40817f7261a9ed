"""The way to the writer: units wait here, bounded by count and by bytes."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from dataagents.core.errors import StoreError
from dataagents.core.records import quick
from dataagents.storage.encoding import EncodedEvent


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """Bounds of a store's writing."""

    queued_events: int = 10_000
    """Above this, `commit` waits before it queues."""
    queued_bytes: int = 64_000_000
    """Likewise; a single unit above it is taken when the queue is empty."""
    batch_events: int = 200
    """How many events share a transaction; a unit with more has one for itself."""
    batch_bytes: int = 4_000_000
    log_bytes: int = 16 * 1024 * 1024
    """Above this the log is cut off as soon as no reader is in the middle of it."""
    checked_bytes: int = 64 * 1024 * 1024
    """A database up to this size that was not closed is checked before it is used, a larger one
    while it is used."""
    close_seconds: float = 10.0
    """How long closing waits for what is queued, and again for the database."""


@quick
@dataclass(frozen=True, slots=True)
class QueuedUnit:
    """Events to be written together, and who waits for that."""

    events: Sequence[EncodedEvent]
    size: int
    written: asyncio.Future[None]

    def reject(self, error: StoreError) -> None:
        """Tell the caller, if it still waits."""
        if not self.written.done():
            self.written.set_exception(error)

    def accept(self) -> None:
        """Tell the caller, if it still waits."""
        if not self.written.done():
            self.written.set_result(None)


class UnitQueue:
    """First in, first out, for many producers and one consumer."""

    def __init__(self, limits: StoreLimits) -> None:
        self._limits = limits
        self._units: deque[QueuedUnit] = deque()
        self._events = 0
        self._bytes = 0
        self._arriving = 0
        self._entrance = asyncio.Lock()
        self._room = asyncio.Event()
        self._work = asyncio.Event()
        self._ended = False
        self._failure: StoreError | None = None

    def __len__(self) -> int:
        """Events that wait in it."""
        return self._events

    def offer(self, unit: QueuedUnit) -> bool:
        """Queue a unit at once; returns False where it has to wait, or is refused: see `put`."""
        if self._arriving or self._failure is not None or not self._fits(unit):
            return False
        self._add(unit)  # nobody stands in line before it
        if len(self._units) == 1:
            self._work.set()
        return True

    async def put(self, unit: QueuedUnit) -> None:
        """Queue a unit; waits while there is no room for it.

        Raises:
            StoreError: The writer has failed.
        """
        if self.offer(unit):
            return
        self._arriving += 1
        try:
            # The lock keeps the order: one producer waits for room, the others behind it.
            async with self._entrance:
                while self._failure is None and not self._fits(unit):
                    self._room.clear()
                    await self._room.wait()
                if self._failure is not None:
                    raise self._failure
                self._add(unit)
        finally:
            self._arriving -= 1
            self._work.set()

    async def take(self) -> tuple[QueuedUnit, ...]:
        """Return what waits, up to a batch, waiting for the first; nothing after the last one."""
        while not self._units:
            if self._ended and not self._arriving:
                return ()
            self._work.clear()
            await self._work.wait()
        limits, units = self._limits, self._units
        unit = units.popleft()
        batch, events, size = [unit], len(unit.events), unit.size
        while units:
            unit = units[0]
            more, larger = events + len(unit.events), size + unit.size
            if more > limits.batch_events or larger > limits.batch_bytes:
                break
            batch.append(units.popleft())
            events, size = more, larger
        self._leave(events, size)
        return tuple(batch)

    def end(self) -> None:
        """Let the consumer stop after what is queued or on its way in."""
        self._ended = True
        self._work.set()

    def fail(self, error: StoreError) -> None:
        """Refuse everything that waits, and everything to come."""
        self._failure = error
        while self._units:
            unit = self._units.popleft()
            self._leave(len(unit.events), unit.size)
            unit.reject(error)
        self._room.set()

    def _fits(self, unit: QueuedUnit) -> bool:
        if not self._units:
            return True
        return (
            self._events + len(unit.events) <= self._limits.queued_events
            and self._bytes + unit.size <= self._limits.queued_bytes
        )

    def _add(self, unit: QueuedUnit) -> None:
        self._units.append(unit)
        self._events += len(unit.events)
        self._bytes += unit.size

    def _leave(self, events: int, size: int) -> None:
        self._events -= events
        self._bytes -= size
        self._room.set()
