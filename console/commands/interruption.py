"""Interruption: the first signal stops a run in order, the second one ends the process at once.

Ctrl-C (SIGINT) stops what is being done. SIGTERM, by which service managers end a process, lets it
drain: no further task is started, and those that run get a while to end.
"""

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
    patience: asyncio.TimerHandle | None = None
    """What ends the draining."""

    @property
    def came(self) -> bool:
        """Whether one came."""
        return self.signal is not None

    @property
    def exit_code(self) -> int:
        """What the process ends with: 0 for whoever asked it to end, else what shells expect."""
        return 0 if self.signal == signal.SIGTERM else _SHELL_BASE + (self.signal or signal.SIGINT)

    def over(self) -> None:
        """Note that there is nothing left to drain."""
        if self.patience is not None:
            self.patience.cancel()


@contextmanager
def interruptible(interruption: Interruption, drain: Callable[[int], float]) -> Generator[None]:
    """Stop the current task when a signal comes.

    From then on a signal has its own effect again, so that the second one ends the process
    whatever it is busy with.

    Args:
        interruption: Where the signal is noted down.
        drain: Called with the signal when it comes, to tell the user, and to let nothing new begin.
            Returns how many seconds there are to end in order; then, or at once when it is 0, the
            task is cancelled.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def stop(number: int) -> None:
        seconds = drain(number)
        if task is not None:
            interruption.patience = loop.call_later(seconds, task.cancel)

    def take(number: int, frame: FrameType | None) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        interruption.signal = number
        loop.call_soon_threadsafe(stop, number)

    before = {each: signal.signal(each, take) for each in _SIGNALS}
    try:
        yield
    finally:
        if not interruption.came:
            for each, handler in before.items():
                signal.signal(each, handler)
