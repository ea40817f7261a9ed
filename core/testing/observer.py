"""An observer that remembers what it was shown."""

from collections.abc import Sequence

from dataagents.core.events import Event, Observer
from dataagents.core.hookspecs import hookimpl
from dataagents.core.registry import Strategy


class RecordingObserver:
    """Keeps every event; it is a plugin too, so a kernel takes it as it is.

    Observers are told off the hot path: what it has is complete once the kernel was left.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        """Everything that was seen, oldest first."""

    async def observe(self, events: Sequence[Event]) -> None:
        """Keep a batch."""
        self.events.extend(events)

    @hookimpl
    def register_observers(self) -> tuple[Strategy[Observer], ...]:
        """Provide this very observer."""
        return (Strategy("recording", lambda options: self, summary="keeps every event"),)
