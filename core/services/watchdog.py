"""The watchdog: a thread that notices when the event loop stands still, and says who holds it up.

On the loop a timer beats; the thread looks whether it did. It counts its own looks rather than
seconds: where the whole process stood still (suspended, starved of processor time) there were none,
and nobody is blamed. Who is being called is read from the stack of the loop's thread, so a call of
plugin code costs nothing more than without a watchdog.
"""

import asyncio
import logging
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from statistics import median
from types import FrameType, TracebackType
from typing import Self

from dataagents.core.boundary import caller_in
from dataagents.core.errors import StoreError
from dataagents.core.events import EventKind
from dataagents.core.health import Blockage, LoopHealth
from dataagents.core.services.recorder import Recorder

INTERVAL = 0.25
"""Seconds between two beats, and between two looks."""
LOOKS = 4
"""Looks in a row without a beat after which the loop counts as blocked: 1.0 to 1.5 seconds."""
KERNEL = "kernel"
"""What a blockage that is no plugin's is about."""
_KEPT = 240
"""Lags that are kept: those of a minute."""
_DEEPEST = 12
"""Places of a stack that are kept."""

_log = logging.getLogger(__name__)


class Watchdog:
    """Watches the loop on which it is entered, until it is left.

    Args:
        recorder: Puts on record what blocked the loop, when it is over.
        owners: Module → the plugin that it belongs to, its submodules too; for what a plugin runs
            outside of the calls that are made to it.
        monotonic: Seconds, of the machine's own clock: a loop keeps no other time.
        interval: Seconds between two beats, and between two looks; 0 for a watchdog that is asleep.
    """

    def __init__(
        self,
        recorder: Recorder,
        owners: Mapping[str, str] | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        interval: float = INTERVAL,
    ) -> None:
        self._recorder = recorder
        self._owners = dict(owners or {})
        self._now = monotonic
        self._interval = interval
        self._lags: deque[float] = deque(maxlen=_KEPT)
        self._beats = self._seen = self._missed = self._blockages = 0
        self._beat_at = 0.0
        self._blocked: Blockage | None = None
        self._last: Blockage | None = None
        self._over: deque[Blockage] = deque(maxlen=_KEPT)
        self._noted = asyncio.Event()
        self._leaving = threading.Event()
        self._thread: threading.Thread | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to watch."""
        if self._interval:
            loop, thread = asyncio.get_running_loop(), threading.get_ident()
            self._beat(loop)
            self._task = asyncio.create_task(self._put_on_record(), name="watchdog")
            self._thread = threading.Thread(
                target=self._watch, args=(loop, thread), name="dataagents-watchdog", daemon=True
            )
            self._thread.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop watching; the thread has ended by then."""
        self._leaving.set()
        if self._thread is not None:
            self._thread.join()  # it is in the middle of a look, at most
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await self._record()

    @property
    def health(self) -> LoopHealth:
        """How punctual the loop was in the last minute, and what blocks it."""
        lags, blocked = tuple(self._lags), self._blocked
        if blocked is not None:
            blocked = replace(blocked, seconds=self._now() - self._beat_at)
        return LoopHealth(
            lag_p50=median(lags) if lags else 0.0,
            lag_max=max(lags, default=0.0),
            blocked=blocked,
            blockages=self._blockages,
            last=self._last,
        )

    def beat(self) -> None:
        """Note that the loop runs; called on it, once an interval."""
        now = self._now()
        if self._beats:
            self._lags.append(max(0.0, now - self._beat_at - self._interval))
        blocked, held_up = self._blocked, now - self._beat_at
        self._beats, self._beat_at = self._beats + 1, now
        if blocked is not None:
            self._blocked, self._last = None, replace(blocked, seconds=held_up)
            self._over.append(self._last)
            self._noted.set()

    def look(self, stack: Callable[[], FrameType | None], task: Callable[[], str]) -> None:
        """Look whether the loop has run since the last look; called on the watchdog's thread.

        Args:
            stack: Returns the innermost frame of the loop's thread.
            task: Returns the name of the task that runs on the loop.
        """
        if self._beats != self._seen:
            self._seen, self._missed = self._beats, 0
            return
        self._missed += 1
        if self._missed != LOOKS:
            return
        blockage = self._found(stack(), task(), self._now() - self._beat_at)
        if self._beats != self._seen:
            return  # it went on in the meantime
        self._blocked = blockage
        self._blockages += 1
        _log.warning(
            "%s blocks the event loop, for %.1f s so far, in %s; at %s",
            f"plugin {blockage.plugin!r}" if blockage.plugin else "something that is no plugin",
            blockage.seconds,
            blockage.what,
            blockage.stack[-1] if blockage.stack else "an unknown place",
            extra={"plugin": blockage.plugin, "what": blockage.what, "stack": blockage.stack},
        )

    def _found(self, frame: FrameType | None, task: str, seconds: float) -> Blockage:
        found = caller_in(frame)
        if found is not None:
            record, outermost = found
            return Blockage(record.plugin, record.what, seconds, _places(frame, outermost))
        each = frame
        while each is not None:
            module = str(each.f_globals.get("__name__", ""))
            for owned, plugin in self._owners.items():
                if module == owned or module.startswith(f"{owned}."):
                    return Blockage(plugin, f"task {task}", seconds, _places(frame, None))
            each = each.f_back
        return Blockage("", f"task {task}", seconds, _places(frame, None))

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        self.beat()
        self._timer = loop.call_later(self._interval, self._beat, loop)

    def _watch(self, loop: asyncio.AbstractEventLoop, thread: int) -> None:
        def stack() -> FrameType | None:
            frames = sys._current_frames()  # pyright: ignore[reportPrivateUsage]  # documented
            return frames.get(thread)

        def task() -> str:
            current = asyncio.current_task(loop)
            return current.get_name() if current is not None else "of a callback"

        while not self._leaving.wait(self._interval):
            self.look(stack, task)

    async def _put_on_record(self) -> None:
        while True:
            await self._noted.wait()
            self._noted.clear()
            await self._record()

    async def _record(self) -> None:
        while self._over:
            each = self._over.popleft()
            _log.info("the event loop runs again after %.1f s", each.seconds)
            with suppress(StoreError):  # whoever acts next learns of that
                await self._recorder.record(EventKind.LOOP_BLOCKED, each.plugin or KERNEL, each)


def _places(frame: FrameType | None, outermost: FrameType | None) -> tuple[str, ...]:
    """Return the places of a stack within a frame, that one left out, the innermost last."""
    found: list[tuple[FrameType, int]] = []
    while frame is not None and frame is not outermost and len(found) < _DEEPEST:
        found.append((frame, frame.f_lineno))
        frame = frame.f_back
    summary = traceback.StackSummary.extract(reversed(found), lookup_lines=True)
    return tuple(
        f"{each.filename}:{each.lineno} in {each.name}: {each.line or ''}".rstrip(": ")
        for each in summary
    )
