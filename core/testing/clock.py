"""A clock that a test moves by hand."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

START = datetime(2025, 1, 1, tzinfo=UTC)
"""Where a fake clock starts when a test doesn't say."""

_TURNS = 200
"""Turns of the event loop after which everything that waits for nothing else has come to rest."""


class FakeClock:
    """Stands still until it is told to advance; then what is due happens in its order.

    Waits and limits of everything that was given this clock end by it alone, so a test of a
    timeout takes no time, and one that forgets to advance hangs rather than passes by luck.
    """

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        # Whole microseconds: ten steps of 0.1 s are to be exactly one second.
        self._elapsed = 0
        self._set = timedelta()
        self._order = count()
        self._timers: dict[int, tuple[int, Callable[[], None]]] = {}

    def now(self) -> datetime:
        """Return the fake time, in UTC."""
        return self._start + timedelta(microseconds=self._elapsed) + self._set

    def monotonic(self) -> float:
        """Return the seconds that it was advanced by so far."""
        return self._elapsed / 1_000_000

    @property
    def waiting(self) -> int:
        """How many waits and limits have not come to their end."""
        return len(self._timers)

    def jump(self, seconds: float) -> None:
        """Have somebody set the wall clock, forward or back; no time passes by that."""
        self._set += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock was advanced that far."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.Event()
        with self._timer(seconds, woken.set):
            await woken.wait()

    def limit(self, seconds: float | None) -> AbstractAsyncContextManager[object]:
        """Return a context that raises `TimeoutError` once the clock was advanced past it."""
        return self._limit(seconds)

    async def advance(self, seconds: float) -> None:
        """Let time pass: each sleep and limit on the way ends at its own moment."""
        target = self._elapsed + _microseconds(seconds)
        await self.settle()
        while due := [key for key, (at, _) in self._timers.items() if at <= target]:
            first = min(due, key=lambda key: (self._timers[key][0], key))
            at, fire = self._timers.pop(first)
            self._elapsed = max(self._elapsed, at)
            fire()
            await self.settle()
        self._elapsed = target
        await self.settle()

    async def settle(self) -> None:
        """Let every task run until it waits for something; no time passes."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)

    @asynccontextmanager
    async def _limit(self, seconds: float | None) -> AsyncIterator[object]:
        async with asyncio.timeout(None) as timeout:
            if seconds is None:
                yield timeout
                return
            loop = asyncio.get_running_loop()
            with self._timer(seconds, lambda: timeout.reschedule(loop.time())):
                yield timeout

    @contextmanager
    def _timer(self, seconds: float, fire: Callable[[], None]) -> Iterator[None]:
        if seconds <= 0:
            fire()
            yield
            return
        key = next(self._order)
        self._timers[key] = (self._elapsed + _microseconds(seconds), fire)
        try:
            yield
        finally:
            self._timers.pop(key, None)


def _microseconds(seconds: float) -> int:
    return round(seconds * 1_000_000)
