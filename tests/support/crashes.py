"""Kernels that lose their store in the middle of something, and those that come after them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from sample_agents import card

from dataagents.core import Agent, Desk, Kernel, KernelConfig, Lot, Message, Motion, Offer, Vote
from dataagents.core.errors import StoreError
from dataagents.core.events import Event, EventKind
from dataagents.core.planning import PlannedTask, TaskResult
from dataagents.core.testing import FakeClock, MemoryStore
from dataagents.core.testing.clock import START
from dataagents.core.testing.kernels import kernel_for
from dataagents.core.values import JsonObject

T = TypeVar("T")


class CrashingStore(MemoryStore):
    """Keeps what is committed until it is made to refuse everything: the moment of a crash."""

    def __init__(self, before: Sequence[Event] = ()) -> None:
        super().__init__()
        self.events.extend(before)
        self._ids.update(event.id for event in before)
        self.left: int | None = None
        """Commits that still succeed; all when None."""
        self.made = 0

    async def commit(self, unit: Sequence[Event]) -> None:
        await asyncio.sleep(0)  # others get their turn, as they do while a disk is waited for
        if self.left is not None:
            if self.left <= 0:
                raise StoreError("memory", "the power is gone")
            self.left -= 1
        self.made += 1
        await super().commit(unit)


class Member(Agent):
    """Votes, bids, works and handles as it is told, and counts what it was asked."""

    def __init__(
        self,
        id: str,
        *,
        choice: str | None = None,
        cost: float = 1.0,
        works: bool = True,
    ) -> None:
        super().__init__(card(id, cost, work=1.0))
        self.choice = choice
        self.cost = cost
        self.works = works
        self.asked: Counter[str] = Counter()
        self.handled: Counter[str] = Counter()
        self.busy = asyncio.Event()
        """Set once it has handled something."""

    async def vote(self, motion: Motion, desk: Desk) -> Vote:
        self.asked["vote"] += 1
        return Vote(self.choice, 0.9, "says so")

    async def bid(self, lot: Lot, desk: Desk) -> Offer | None:
        self.asked["bid"] += 1
        if lot.asking is not None and lot.asking < self.cost:
            return None
        return Offer(self.cost if lot.asking is None else lot.asking, 0.9)

    async def execute(self, task: PlannedTask, desk: Desk) -> TaskResult:
        self.asked["execute"] += 1
        error = None if self.works else "broken on purpose"
        return TaskResult(task.id, self.works, summary=f"by {self.card.id}", error=error)

    async def handle(self, message: Message, desk: Desk) -> JsonObject | None:
        self.handled[message.id] += 1
        self.busy.set()
        return {"said": dict(message.payload), "by": self.card.id}


CONFIG = KernelConfig(seed=1, agents=(), monitoring=False, max_agents=20, quarantine_after=1000)


@asynccontextmanager
async def kernel_on(
    store: MemoryStore,
    *agents: Agent,
    clock: FakeClock | None = None,
    config: KernelConfig = CONFIG,
) -> AsyncIterator[Kernel]:
    """Open a kernel on a store with a team; that the store is gone when it closes is no matter."""
    # A later kernel opens later: ids are made from the time, and of one seed.
    later = START + timedelta(hours=len(store.of(EventKind.KERNEL_STARTED)))
    kernel = kernel_for(config=config, store=store, clock=clock or FakeClock(later))
    with suppress(StoreError):
        async with kernel:
            for agent in agents:
                await kernel.deploy(agent)
            yield kernel


async def crashed(
    crash: int,
    team: Sequence[Agent],
    work: Callable[[Kernel], Coroutine[object, object, T]],
    *,
    before: Sequence[Event] = (),
    config: KernelConfig = CONFIG,
) -> tuple[CrashingStore, T | None]:
    """Work with a kernel whose store refuses from a commit on; return the store and the outcome.

    Args:
        crash: How many commits succeed, not counting those that deploy the team.
        team: Who is there.
        work: What is done; what it returns is None when it did not come to its end.
        before: What was on record already.
        config: Settings of the kernel.
    """
    store, outcome = CrashingStore(before), None
    async with kernel_on(store, *team, config=config) as kernel:
        store.left = crash
        with suppress(StoreError):
            outcome = await work(kernel)
    return store, outcome


def survivors(store: MemoryStore) -> CrashingStore:
    """Return a new store with what the other one had kept."""
    return CrashingStore(tuple(replace(event) for event in store.events))
