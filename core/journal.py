"""The protocol of a store: what the kernel needs of durability, and nothing more."""

from collections.abc import Collection, Sequence
from typing import Protocol

from dataagents.core.events import Event


class Store(Protocol):
    """An append-only journal of events; whatever else it keeps, it derives from them.

    The kernel opens nothing: it is handed a store that is open and leaves closing it to the owner.
    """

    async def commit(self, unit: Sequence[Event]) -> None:
        """Make all events of a unit durable, or none.

        Returns after they are safe. Idempotent by event id: an event that is already there is
        passed over. A caller that is cancelled while it waits doesn't know the outcome, and may
        commit the same unit again.

        Raises:
            StoreError: The unit could not be written; none of it was.
        """
        ...

    async def recent(self, kind: str, limit: int) -> Sequence[Event]:
        """Return the newest `limit` events of a kind, oldest of them first."""
        ...

    async def run_events(self, run: str, kinds: Collection[str]) -> Sequence[Event]:
        """Return the events of a run that are of some kinds, oldest first."""
        ...

    async def unfinished(self) -> Sequence[str]:
        """Return the ids of the runs that have no end, or are suspended; oldest first."""
        ...
