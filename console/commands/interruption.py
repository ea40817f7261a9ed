"""Interruption: the first Ctrl-C stops a run in order, the second one ends the process at once."""

import asyncio
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SHELL_BASE = 128


@dataclass(slots=True)
class Interruption:
    """Whether a signal came, and which."""

    signal: int | None = None

    @property
    def came(self) -> bool:
        """Whether one came."""
        return self.signal is not None

    @property
    def exit_code(self) -> int:
        """What a shell reports of a process that the signal ended."""
        return _SHELL_BASE + (self.signal or signal.SIGINT)


@contextmanager
def interruptible(interruption: Interruption, say: Callable[[], None]) -> Generator[None]:
    """Cancel the current task when a signal comes.

    From then on a signal has its own effect again, so that the second one ends the process
    whatever it is busy with.

    Args:
        interruption: Where the signal is noted down.
        say: Called when the signal comes, to tell the user.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def stop() -> None:
        say()
        if task is not None:
            task.cancel()

    def take(number: int, frame: FrameType | None) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        interruption.signal = number
        loop.call_soon_threadsafe(stop)

    before = {each: signal.signal(each, take) for each in _SIGNALS}
    try:
        yield
    finally:
        if not interruption.came:
            for each, handler in before.items():
                signal.signal(each, handler)
