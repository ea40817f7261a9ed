"""A store that fails and a transport that loses, for simulations."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dataagents.core import Strategy, hookimpl
from dataagents.core.errors import ClosedError, StoreError
from dataagents.core.events import Event
from dataagents.core.messaging import Message, Receipt, Receive
from dataagents.core.testing import MemoryStore
from dataagents.core.testing.simulation import Simulation


class FaultyStore(MemoryStore):
    """Takes its time, and fails when it is told to; what it acknowledged is there.

    A simulated process that dies is a store that takes nothing more.
    """

    def __init__(self, simulation: Simulation, *, slowest: float = 0.01) -> None:
        super().__init__()
        self.calls = 0
        self.failing: range = range(0)
        """Which calls fail, counted from 1."""
        self.dies_at: int | None = None
        """The call from which on nothing is taken."""
        self.attach(simulation)
        self._slowest = slowest

    def attach(self, simulation: Simulation) -> None:
        """Go by another simulation from now on, as a file that another process opens."""
        self._simulation = simulation
        self._writing = asyncio.Lock()
        self.dies_at = None

    @property
    def dead(self) -> bool:
        """Whether it takes nothing more."""
        return self.dies_at is not None and self.calls >= self.dies_at

    async def commit(self, unit: Sequence[Event]) -> None:
        async with self._writing:  # one transaction after the other
            self.calls += 1
            call = self.calls
            await self._simulation.clock.sleep(self._simulation.random.random() * self._slowest)
            if self.dead or call in self.failing:
                self._simulation.note(f"commit {call} fails")
                raise StoreError("simulated", f"commit {call} failed")
            await super().commit(unit)
            self._simulation.note(f"commit {call}: {' '.join(each.kind for each in unit)}")
        await asyncio.sleep(0)  # acknowledged, but the caller does not know yet


@dataclass(frozen=True)
class Line:
    """How bad a line is: chances of what can happen to a message on it."""

    loss: float = 0.0
    """It never arrives, or its receipt never comes back; half of the times without a word."""
    doubling: float = 0.0
    """It arrives twice."""
    slowest: float = 0.0
    """Seconds that it takes at most, each way, so that a later one overtakes it."""


class UnreliableTransport:
    """Loses, doubles, delays and reorders messages, by the chances of a line."""

    def __init__(self, simulation: Simulation, line: Callable[[], Line]) -> None:
        self._simulation = simulation
        self._line = line
        self._receive: Receive | None = None
        self._late: set[asyncio.Task[Receipt]] = set()

    async def open(self, receive: Receive) -> None:
        self._receive = receive

    async def deliver(self, message: Message) -> Receipt:
        if self._receive is None:
            raise ClosedError("unreliable transport")
        chance, line = self._simulation.random, self._line()
        await self._pause()
        if chance.random() < line.loss:
            await self._lose(message, "lost")
        if chance.random() < line.doubling:
            self._simulation.note(f"{message.type} to {message.recipient} arrives twice")
            self._again(message)
        receipt = await self._receive(message)
        await self._pause()
        if chance.random() < line.loss:
            await self._lose(message, "receipt lost")
        return receipt

    async def close(self) -> None:
        self._receive = None
        for task in sorted(self._late, key=asyncio.Task.get_name):
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)

    def _again(self, message: Message) -> None:
        async def arrive() -> Receipt:
            await self._pause()
            if self._receive is None:
                raise ClosedError("unreliable transport")
            return await self._receive(message)

        task = asyncio.create_task(arrive(), name=f"twice {message.id}")
        self._late.add(task)
        task.add_done_callback(self._arrived)

    def _arrived(self, task: "asyncio.Task[Receipt]") -> None:
        self._late.discard(task)
        if not task.cancelled():
            task.exception()  # nobody waits for a copy

    async def _pause(self) -> None:
        seconds = self._simulation.random.random() * self._line().slowest
        await self._simulation.clock.sleep(seconds)

    async def _lose(self, message: Message, what: str) -> None:
        self._simulation.note(f"{message.type} to {message.recipient}: {what}")
        if message.deadline is not None and self._simulation.random.random() < 0.5:
            await asyncio.Event().wait()
        await self._simulation.clock.sleep(1.0)
        raise ConnectionError(what)


class BadLine:
    """The transport as a plugin: choose it by `strategies.transport = "unreliable"`."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self.line = Line()
        """It is good at first, and can be made bad at any time."""

    @hookimpl
    def register_transports(self) -> tuple[Strategy[UnreliableTransport], ...]:
        return (
            Strategy(
                "unreliable",
                lambda options: UnreliableTransport(self._simulation, lambda: self.line),
            ),
        )
