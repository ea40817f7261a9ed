"""A store in memory, for tests and for whoever wants to look at what happened."""

from collections.abc import Sequence

from dataagents.core.events import Event


class MemoryStore:
    """Keeps events in a list, each id once."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        """Everything that was committed, oldest first."""
        self._ids: set[str] = set()

    async def commit(self, unit: Sequence[Event]) -> None:
        """Keep the events that are not there yet."""
        for event in unit:
            if event.id not in self._ids:
                self._ids.add(event.id)
                self.events.append(event)

    async def recent(self, kind: str, limit: int) -> tuple[Event, ...]:
        """Return the newest `limit` events of a kind, oldest of them first."""
        found = self.of(kind)
        return found[max(0, len(found) - limit) :]

    def of(self, kind: str) -> tuple[Event, ...]:
        """Return all events of a kind, oldest first."""
        return tuple(event for event in self.events if event.kind == kind)
