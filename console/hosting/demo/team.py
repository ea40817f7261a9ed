"""The team of the demonstration: the usual agents, at a pace that one can follow, with real faults.

Answers take their time to set out, so that ballots and bids come in one after the other. Workers
ask for more when they have much to do, and some of them break down: one raises, one falls silent
and takes its health check with it, until the kernel builds it anew.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from functools import partial
from random import Random
from typing import Literal

from pydantic import Field

from dataagents.core import (
    Agent,
    AgentCard,
    Desk,
    HealthAnswer,
    Lot,
    Message,
    MessageType,
    Offer,
    PlannedTask,
    Strategy,
    StrategyOptions,
    TaskResult,
    hookimpl,
)
from dataagents.core.agents import AgentFactory
from dataagents.core.bidding import assess_card
from dataagents.core.cards import Sample
from dataagents.core.clock import Clock
from dataagents.core.messaging import Interceptor, Passage, Receipt
from dataagents.core.values import JsonObject

WORKER = "demo-worker"
"""Kind of the agents that work."""
PACE = "demo-pace"
"""Name of the interceptor that makes answers take their time."""
_TASK_SECONDS = (0.4, 1.4)
"""Between which a worker's task takes more than it would, at normal speed."""
_THOUGHT: Mapping[MessageType, tuple[float, float]] = {
    MessageType.VALIDATION_VOTE: (0.2, 1.0),
    MessageType.BID: (0.05, 0.2),
    MessageType.PLAN_RESPONSE: (0.3, 0.9),
}
"""Type of an answer → between which seconds it sets out late, at normal speed."""
_MOOD = 0.35
"""Share by which a worker asks for more when it likes a task least."""


class WorkerOptions(StrategyOptions):
    """Options of a worker."""

    fault: Literal["none", "raises", "stalls"] = "none"
    """What becomes of it: it raises out of a task, or falls silent until it is built anew."""
    every: int = Field(default=4, ge=1)
    """The how-manieth of its tasks that happens to."""


class Pace:
    """How long things take.

    Args:
        clock: What time is measured by.
        speed: How many times as fast as normal.
        seed: What everything random depends on.
    """

    def __init__(self, clock: Clock, speed: float, seed: int) -> None:
        self._clock = clock
        self._speed = speed
        self._seed = seed
        self._rng = Random(seed)  # a pace, no secret

    async def take(self, least: float, most: float) -> None:
        """Let some time pass."""
        await self._clock.sleep(self._rng.uniform(least, most) / self._speed)

    def mood(self, *about: str) -> float:
        """Return a number in [0, 1] that is always the same about the same."""
        return Random("/".join((str(self._seed), *about))).random()


class Unhurried:
    """An interceptor that lets answers set out after a while: their senders think first.

    Args:
        pace: How long they think.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._held: Counter[str] = Counter()

    async def intercept(self, message: Message, passage: Passage) -> Receipt:
        """Let a message proceed, an answer later than it was given."""
        seconds = _THOUGHT.get(message.type)
        if seconds is not None:
            self._held[message.type] += 1
            await self._pace.take(*seconds)
        return await passage.proceed(message)

    def health(self) -> JsonObject:
        """Return how many answers of each type took their time."""
        return dict(self._held)


class DemoWorker(Agent):
    """Works on tasks, competes for them, and breaks down now and then."""

    def __init__(self, pace: Pace, options: WorkerOptions, card: AgentCard) -> None:
        super().__init__(card)
        self._pace = pace
        self._options = options
        self._tasks = 0
        self._silent = False

    async def check_health(self, sample: Sample, desk: Desk) -> HealthAnswer:
        """Answer, unless it fell silent: then nothing comes from it at all."""
        if self._silent:
            await _silence()
        return await super().check_health(sample, desk)

    async def bid(self, lot: Lot, desk: Desk) -> Offer | None:
        """Go along with the price asked down to what this task is worth to it."""
        if self._silent:
            await _silence()
        assessment = assess_card(self.card, lot)
        mood = self._pace.mood(self.card.id, lot.id)
        least = self.card.cost * (1.0 + _MOOD * mood)
        if not assessment.capable or (lot.asking is not None and lot.asking < least):
            return None
        # The first price leaves room to give way in.
        price = 2.0 * least if lot.asking is None else lot.asking
        return Offer(round(price, 3), assessment.level, reason=f"it costs me {least:.2f}")

    async def execute(self, task: PlannedTask, desk: Desk) -> TaskResult:
        """Work on a task, if this is not the one that it breaks down at.

        Raises:
            ConnectionResetError: It is the one, and this worker raises then.
        """
        self._tasks += 1
        await self._pace.take(*_TASK_SECONDS)
        if self._options.fault != "none" and self._tasks % self._options.every == 0:
            if self._options.fault == "raises":
                raise ConnectionResetError(f"lost its scratch disk in task {self._tasks}")
            self._silent = True
            await _silence()
        return await super().execute(task, desk)


class DemoTeam:
    """Brings the workers of the demonstration, and its pace, into a kernel.

    Args:
        pace: How long things take.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    @hookimpl
    def register_agents(self) -> tuple[Strategy[AgentFactory], ...]:
        """Provide the worker."""
        summary = "works, and breaks down now and then"
        return (Strategy(WORKER, self._worker, WorkerOptions, summary),)

    @hookimpl
    def register_interceptors(self) -> tuple[Strategy[Interceptor], ...]:
        """Provide what makes answers take their time."""
        summary = "lets answers take their time"
        return (Strategy(PACE, lambda options: Unhurried(self._pace), summary=summary),)

    def _worker(self, options: WorkerOptions) -> AgentFactory:
        return partial(DemoWorker, self._pace, options)


async def _silence() -> None:
    """Come back only when whoever waits gives up."""
    await asyncio.Event().wait()
