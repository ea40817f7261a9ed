"""The recorder: turns what happens into events, makes them durable, then shows them around."""

from collections.abc import Sequence

from dataagents.core.clock import Clock
from dataagents.core.events import Event
from dataagents.core.ids import IdSource
from dataagents.core.journal import Store
from dataagents.core.redaction import Redactor
from dataagents.core.services.stream import EventStream
from dataagents.core.tracing import TraceContext
from dataagents.core.values import WrittenObject, write_json

NOWHERE = TraceContext()


class Recorder:
    """Writes the journal of one kernel."""

    def __init__(
        self,
        store: Store | None,
        stream: EventStream,
        clock: Clock,
        new_id: IdSource,
        redactor: Redactor,
    ) -> None:
        self._store = store
        self._stream = stream
        self._clock = clock
        self._new_id = new_id
        self._redactor = redactor

    def wants(self, kind: str) -> bool:
        """Return whether anybody keeps, or wants to see, events of a kind."""
        return self._store is not None or self._stream.wanted(kind)

    def event(
        self, kind: str, subject: str, value: object, context: TraceContext = NOWHERE
    ) -> Event:
        """Return an event about a dataclass, a model or a plain mapping, without its secrets."""
        at = self._clock.now()
        written = WrittenObject(write_json(value).decode())
        return Event(
            id=self._new_id(at),
            at=at,
            kind=kind,
            subject=self._redactor.text(subject),
            body=self._redactor.object(written, written.text),
            run=context.run,
            task=context.task,
            agent=context.agent,
        )

    async def record(
        self, kind: str, subject: str, value: object, context: TraceContext = NOWHERE
    ) -> None:
        """Make one thing that happened durable, then publish it."""
        if self.wants(kind):
            await self.commit((self.event(kind, subject, value, context),))

    async def commit(self, unit: Sequence[Event]) -> None:
        """Make events durable together, or none of them, then publish them.

        Raises:
            StoreError: They could not be written; nobody was shown them.
        """
        if self._store is not None:
            await self._store.commit(unit)
        self._stream.publish(unit)
