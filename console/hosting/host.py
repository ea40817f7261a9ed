"""The host: what the console knows of the kernel that lives in its own process.

The console reads the kernel's store and writes into its queue of commands as it does with the
kernel of another process; a host adds only what needs no store: life, and the wish to end.
"""

from pathlib import Path
from typing import Protocol

GRACE = 10.0
"""Seconds that tasks get to end in when the console is left."""


class Host(Protocol):
    """A kernel in this process; every method may be called from any thread."""

    @property
    def store(self) -> Path:
        """The store that the kernel writes; there is no file before the kernel opened it."""
        ...

    def start(self) -> None:
        """Begin to bring the kernel up, without waiting for it; a second call does nothing."""
        ...

    def describe(self) -> str:
        """Return what the kernel is for, in a few words: `run of orders.csv`, `demo`."""
        ...

    def in_flight(self) -> bool:
        """Return whether a run is under way, so that leaving now would cut it off."""
        ...

    def problem(self) -> str:
        """Return why the kernel could not start or ended, in a sentence; empty when all is well."""
        ...

    def stop(self, grace: float = GRACE) -> None:
        """End the kernel in order, and wait until its thread is gone; safe to call again.

        No further task begins. Tasks that run get `grace` seconds; a run that is not over by then
        is cut off, and stays in the store as one that can be gone on with. This blocks: call it
        from a worker thread, or when the screen is given back.
        """
        ...
