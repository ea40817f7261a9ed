"""The recorder: turns what happens into events, makes them durable, then shows them around."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from dataagents.core.clock import Clock
from dataagents.core.errors import StoreDamagedError, StoreError
from dataagents.core.events import Event
from dataagents.core.ids import IdSource
from dataagents.core.journal import Store
from dataagents.core.redaction import Redactor
from dataagents.core.services.stream import EventStream
from dataagents.core.tracing import TraceContext
from dataagents.core.values import WrittenObject, write_json

NOWHERE = TraceContext()


@dataclass(slots=True)
class Commits:
    """How the commits of one kernel went."""

    made: int = 0
    failed: int = 0
    last_seconds: float = 0.0
    slowest: float = 0.0
    damaged: str = ""
    """What the store said when it was found to be damaged."""


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
        self._taps: dict[str, Callable[[Event], None]] = {}
        self.commits = Commits()

    def tap(self, kinds: Iterable[str], take: Callable[[Event], None]) -> None:
        """Have a function called at once for each event of some kinds; one for each kind.

        For the kernel's own services, which must not miss any; others observe.
        """
        self._taps |= dict.fromkeys(kinds, take)

    @property
    def store(self) -> Store | None:
        """Where events are kept, and can be read; None when they are in memory only."""
        return self._store

    def wants(self, kind: str) -> bool:
        """Return whether anybody keeps, or wants to see, events of a kind."""
        return self._store is not None or kind in self._taps or self._stream.wanted(kind)

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
            await self._commit(self._store, unit)
        self._stream.publish(unit)
        if self._taps:
            for event in unit:
                take = self._taps.get(event.kind)
                if take is not None:
                    take(event)

    async def _commit(self, store: Store, unit: Sequence[Event]) -> None:
        commits, began = self.commits, self._clock.monotonic()
        try:
            await store.commit(unit)
        except StoreError as error:
            commits.failed += 1
            if isinstance(error, StoreDamagedError):
                commits.damaged = str(error)
            raise
        commits.made += 1
        commits.last_seconds = self._clock.monotonic() - began
        commits.slowest = max(commits.slowest, commits.last_seconds)
