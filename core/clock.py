"""Time from one injected source, so that a test can hold it still and a run can be replayed."""

import asyncio
import time
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where all times, waits and limits of a kernel come from."""

    def now(self) -> datetime:
        """Return the wall-clock time, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start; never goes backwards."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that long."""
        ...

    def limit(self, seconds: float | None) -> AbstractAsyncContextManager[object]:
        """Return a context that raises `TimeoutError` when its body takes longer than that."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the wall-clock time, in UTC."""
        return datetime.now(UTC)

    monotonic = staticmethod(time.monotonic)
    """Return seconds of the monotonic clock; a call less, as each message asks for it often."""

    async def sleep(self, seconds: float) -> None:
        """Wait on the running event loop."""
        await asyncio.sleep(seconds)

    def limit(self, seconds: float | None) -> AbstractAsyncContextManager[object]:
        """Return the event loop's own timeout."""
        return asyncio.timeout(seconds)


class Steady:
    """UTC that nobody sets: the time when it was made, and the seconds that passed since.

    Deadlines stand on it: the machine's clock may be set while a message is on its way.
    """

    def __init__(self, clock: Clock) -> None:
        self._origin = clock.now()
        self._monotonic = clock.monotonic
        self._zero = self._monotonic()

    def __call__(self) -> datetime:
        """Return the time."""
        return self._origin + timedelta(seconds=self._monotonic() - self._zero)
