"""A store in memory, for tests and for whoever wants to look at what happened."""

from collections.abc import Collection, Sequence

from dataagents.core.events import Event, EventKind
from dataagents.core.goals import RunStatus
from dataagents.core.messaging import Assurance, ReceiptStatus


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

    async def run_events(self, run: str, kinds: Collection[str]) -> tuple[Event, ...]:
        """Return the events of a run that are of some kinds, oldest first."""
        return tuple(each for each in self.events if each.run == run and each.kind in kinds)

    async def unfinished(self) -> tuple[str, ...]:
        """Return the ids of the runs that have no end, or are suspended; oldest first."""
        unfinished: dict[str, None] = {}
        for event in self.events:
            if event.kind in (EventKind.RUN_STARTED, EventKind.RUN_RESUMED):
                unfinished[event.subject] = None
            ended = event.kind == EventKind.RUN_ENDED
            if ended and event.body.get("status") != RunStatus.SUSPENDED:
                unfinished.pop(event.subject, None)
        return tuple(unfinished)

    async def unsettled(self, limit: int) -> tuple[Event, ...]:
        """Return guaranteed messages that were sent and not settled, oldest first."""
        open_ = {
            each.subject: each
            for each in self._latest(EventKind.MESSAGE_SENT).values()
            if each.body.get("assurance") == Assurance.GUARANTEED
        }
        for each in self._latest(EventKind.MESSAGE_SETTLED).values():
            sent = open_.get(each.subject)
            if sent is not None and self.events.index(sent) < self.events.index(each):
                del open_[each.subject]
        return tuple(open_.values())[:limit]

    async def tried(self, messages: Collection[str]) -> tuple[Event, ...]:
        """Return the newest `message.tried` of each message since it was sent."""
        sent = self._latest(EventKind.MESSAGE_SENT)
        return tuple(
            each
            for name, each in self._latest(EventKind.MESSAGE_TRIED).items()
            if name in messages
            and (name not in sent or self.events.index(sent[name]) < self.events.index(each))
        )

    async def undelivered(self, limit: int) -> tuple[tuple[Event, Event], ...]:
        """Return the newest messages that did not arrive: as sent and as settled, oldest first."""
        sent = self._latest(EventKind.MESSAGE_SENT)
        again = self._latest(EventKind.MESSAGE_RESENT)
        lost = [
            (sent[name], settled)
            for name, settled in self._latest(EventKind.MESSAGE_SETTLED).items()
            if name in sent and name not in again and not _arrived(settled)
        ]
        return tuple(lost[max(0, len(lost) - limit) :])

    async def exchange(self, message: str) -> tuple[Event, ...]:
        """Return how a message was sent and settled, and its reply, as far as there are any."""
        return tuple(
            each
            for each in self.events
            if each.kind in (EventKind.MESSAGE_SENT, EventKind.MESSAGE_SETTLED)
            and message in (each.subject, each.body.get("reply_to"))
        )

    async def said(self, conversation: str, limit: int) -> tuple[Event, ...]:
        """Return the newest messages of a conversation as they were sent, oldest first."""
        sent = self._latest(EventKind.MESSAGE_SENT).values()
        said = [each for each in sent if each.body.get("conversation") == conversation]
        return tuple(said[max(0, len(said) - limit) :])

    def _latest(self, kind: str) -> dict[str, Event]:
        found: dict[str, Event] = {}
        for event in self.of(kind):
            found.pop(event.subject, None)
            found[event.subject] = event
        return found

    def of(self, kind: str) -> tuple[Event, ...]:
        """Return all events of a kind, oldest first."""
        return tuple(event for event in self.events if event.kind == kind)


def _arrived(settled: Event) -> bool:
    return settled.body.get("status") in (ReceiptStatus.DELIVERED, ReceiptStatus.QUEUED)
