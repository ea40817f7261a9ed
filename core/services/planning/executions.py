"""Executions: the plans that are being executed, so that somebody can step in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from dataagents.core.errors import InputError
from dataagents.core.suggestions import did_you_mean


class Steerable(Protocol):
    """What can be told to a plan that is being executed."""

    @property
    def busy(self) -> bool:
        """Whether a task of it runs now."""
        ...

    def pause(self, reason: str) -> bool:
        """Start no further task until `proceed`; return whether it was not paused before."""
        ...

    def proceed(self, reason: str) -> bool:
        """Go on after a pause; return whether there was one."""
        ...

    def retry(self, task: str) -> None:
        """Try a task again now that waits for its next attempt."""
        ...

    def stop(self, reason: str) -> None:
        """End before the next task."""
        ...

    def replan(self, reason: str) -> None:
        """Change the plan, from the state as it is when the tasks that run have ended."""
        ...

    def resources_changed(self, capacity: Mapping[str, float]) -> None:
        """Reckon with other amounts of some resources from now on."""
        ...


class Executions:
    """Run → the execution of its plan, for as long as it goes on."""

    def __init__(self) -> None:
        self._running: dict[str, Steerable] = {}

    @property
    def runs(self) -> tuple[str, ...]:
        """The runs whose plans are being executed."""
        return tuple(self._running)

    def of(self, run: str) -> Steerable:
        """Return the execution of a run.

        Raises:
            InputError: None is going on; names the nearest run that has one.
        """
        found = self._running.get(run)
        if found is None:
            hint = did_you_mean(run, self._running).strip()
            raise InputError(f"run {run!r}", "no plan of it is being executed", hint=hint)
        return found

    @contextmanager
    def open(self, run: str, execution: Steerable) -> Iterator[None]:
        """Let an execution be found until the context ends."""
        self._running[run] = execution
        try:
            yield
        finally:
            del self._running[run]
