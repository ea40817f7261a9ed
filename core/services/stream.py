"""The event stream: hands events to observers, each behind a bounded buffer of its own."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from dataagents.core.boundary import Boundary
from dataagents.core.errors import DataAgentsError
from dataagents.core.events import Event, Observer
from dataagents.core.health import ObserverHealth
from dataagents.core.registry import Built

_log = logging.getLogger(__name__)
_BATCH = 500
_ANSWER_HOLDS = 1.0
"""Seconds that an observer is not asked again for; asking costs as much as making a message."""


class _Subscription:
    """One observer, its buffer and its counts."""

    def __init__(self, observer: Built[Observer], capacity: int) -> None:
        self.observer = observer
        self.buffer: deque[Event] = deque(maxlen=capacity)
        self.waiting = asyncio.Event()
        self.closing = False
        self._wants: Callable[[str], bool] | None = getattr(observer.value, "wants", None)
        self._asked = f"observer {observer.name} wants"
        self.answers: dict[str, bool] = {}
        """What it wants, as far as it was asked lately."""
        self.seen = self.lost = self.failures = 0

    def wants(self, kind: str, boundary: Boundary) -> bool:
        answer = self.answers.get(kind)
        if answer is None:
            answer = self.answers[kind] = self._ask(kind, boundary)
        return answer

    def _ask(self, kind: str, boundary: Boundary) -> bool:
        if self._wants is None:
            return True
        try:
            return boundary.call_now(self.observer.plugin, self._asked, partial(self._wants, kind))
        except DataAgentsError:
            return True

    def offer(self, event: Event) -> None:
        self.lost += len(self.buffer) == self.buffer.maxlen
        self.buffer.append(event)
        self.waiting.set()

    def take(self) -> tuple[Event, ...]:
        batch = tuple(self.buffer.popleft() for _ in range(min(_BATCH, len(self.buffer))))
        if not self.buffer and not self.closing:
            self.waiting.clear()
        return batch


class EventStream:
    """Publishes events to observers; publishing never waits, an observer never blocks another."""

    def __init__(self, boundary: Boundary, *, limit: float, capacity: int = 10_000) -> None:
        self._boundary = boundary
        self._limit = limit
        self._capacity = capacity
        self._subscriptions: list[_Subscription] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._wanted: dict[str, bool] = {}
        self._now = boundary.clock.monotonic
        self._asked_at = self._now()

    def wanted(self, kind: str) -> bool:
        """Return whether anybody wants to see events of a kind, or did within the last second."""
        if self._now() - self._asked_at >= _ANSWER_HOLDS:
            self._forget_answers()
        wanted = self._wanted.get(kind)
        if wanted is None:
            wanted = any(each.wants(kind, self._boundary) for each in self._subscriptions)
            self._wanted[kind] = wanted
        return wanted

    @property
    def health(self) -> tuple[ObserverHealth, ...]:
        """How each observer keeps up."""
        return tuple(
            ObserverHealth(each.observer.name, each.seen, each.lost, each.failures)
            for each in self._subscriptions
        )

    def add(self, observer: Built[Observer]) -> None:
        """Let an observer see what is published from now on."""
        self._subscriptions.append(_Subscription(observer, self._capacity))
        self._wanted.clear()

    def start(self) -> None:
        """Start handing events over."""
        self._tasks = [
            asyncio.create_task(self._feed(each), name=f"observer {each.observer.name}")
            for each in self._subscriptions
        ]

    def publish(self, events: Sequence[Event]) -> None:
        """Hand events to every observer, later; a full buffer loses its oldest."""
        if self._now() - self._asked_at >= _ANSWER_HOLDS:
            self._forget_answers()
        for subscription in self._subscriptions:
            for event in events:
                if subscription.wants(event.kind, self._boundary):
                    subscription.offer(event)

    async def close(self) -> None:
        """Hand over what is still buffered, all observers at once, then stop."""
        for subscription in self._subscriptions:
            subscription.closing = True
            subscription.waiting.set()
        await asyncio.gather(*self._tasks)
        if not self._tasks:
            await asyncio.gather(*(self._feed(each) for each in self._subscriptions))

    def _forget_answers(self) -> None:
        self._asked_at = self._now()
        self._wanted.clear()
        for each in self._subscriptions:
            each.answers.clear()

    async def _feed(self, subscription: _Subscription) -> None:
        while subscription.buffer or not subscription.closing:
            await subscription.waiting.wait()
            await self._hand_over(subscription)

    async def _hand_over(self, subscription: _Subscription) -> None:
        observer, batch = subscription.observer, subscription.take()
        if not batch:
            return
        try:
            await self._boundary.call(
                observer.plugin,
                f"observer {observer.name}",
                lambda: observer.value.observe(batch),
                limit=self._limit,
            )
            subscription.seen += len(batch)
        except DataAgentsError as error:
            subscription.failures += 1
            subscription.lost += len(batch)
            if subscription.closing:  # an exit waits for one failure, not for one a batch
                subscription.lost += len(subscription.buffer)
                subscription.buffer.clear()
            if subscription.failures == 1:
                _log.warning("%s; later failures are counted in health only", error)
