"""A process that dies in a simulation, and the one that goes on with what it left."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from faults import BadLine, FaultyStore, Line
from hierarchy_team import Head, Workshop

from dataagents.core import Agent, AgentCard, Kernel, KernelConfig, Message, MessageType
from dataagents.core.config import StrategyChoices
from dataagents.core.durability import AfterCrash, Intent
from dataagents.core.errors import StoreError
from dataagents.core.events import EventKind
from dataagents.core.goals import Goal, RunResult, RunStatus
from dataagents.core.messaging import Assurance
from dataagents.core.planning import TaskResult
from dataagents.core.testing import kernel_for
from dataagents.core.testing.simulation import Simulation
from dataagents.core.tracing import TraceContext
from dataagents.core.values import Json
from dataagents.core.voting import Vote

CONFIG = KernelConfig(
    seed=1,
    agents=(),
    monitoring=False,
    max_message_rate=1_000_000,
    disabled_plugins=("data", "reporting"),
    resume="never",
    strategies=StrategyChoices(transport="unreliable", domain="workshop"),
)
GOAL = Goal("make_and_stamp", {"first": "here"})
PROGRAM = "program"
STEPS = 6


class Mortal(Agent):
    """Works and votes, and does nothing any more once its process is dead."""

    def __init__(self, id: str, world: "World") -> None:
        super().__init__(AgentCard(id, "hand", {"work": 0.9}))
        self._world = world

    async def handle(self, message, desk):
        await self._world.take_time()
        self._world.effect(f"letter {message.payload['number']}")
        return {}

    async def vote(self, motion, desk):
        await self._world.take_time()
        return Vote(motion.options[0], 0.9, "agreed")

    async def execute(self, task, desk):
        await self._world.take_time()
        self._world.effect(f"task {task.id}")
        return TaskResult(task.id, True, dict.fromkeys(task.writes, True))


@dataclass
class World:
    """What outlives a process: the store, and what was done outside of it."""

    store: FaultyStore
    simulation: Simulation
    effects: Counter[str] = field(default_factory=Counter)
    results: list[Json] = field(default_factory=list)
    """Of the program that came to its end."""
    letters: list[Message] = field(default_factory=list)
    """As the application keeps them until they are acknowledged."""
    ended: list[RunStatus] = field(default_factory=list)
    """How the goal's run ended, as often as somebody was told."""

    def effect(self, what: str) -> None:
        """Something is done outside, unless whoever does it is dead."""
        if self.store.dead:
            raise StoreError("simulated", "it died")
        self.effects[what] += 1

    async def take_time(self) -> None:
        """Wait for as long as chance has it."""
        await self.simulation.clock.sleep(self.simulation.random.random())

    async def live(self, again: bool) -> None:
        """Do everything, from the beginning or from where it stood, until it is done or dead."""
        line = BadLine(self.simulation)
        line.line = Line(doubling=0.2, slowest=0.3)
        clock = self.simulation.clock
        kernel = kernel_for(Workshop(2), line, config=CONFIG, store=self.store, clock=clock)
        try:
            async with kernel:
                for each in (*(Mortal(f"hand-{number}", self) for number in range(3)), Head()):
                    await kernel.deploy(each)
                jobs = (self._runs, self._program, self._letters)
                async with asyncio.TaskGroup() as group:
                    for job in jobs:
                        group.create_task(self._until_death(job, kernel, again))
        except StoreError:
            assert self.store.dead

    async def _until_death(
        self, job: Callable[[Kernel, bool], Awaitable[None]], kernel: Kernel, again: bool
    ) -> None:
        try:
            await job(kernel, again)
        except StoreError:
            assert self.store.dead

    async def _runs(self, kernel: Kernel, again: bool) -> None:
        """Have a goal achieved; go on with the one that was cut off."""
        for stood in await kernel.unfinished():
            if not stood.is_program:
                self._end(await kernel.resume(stood.run))
        begun = [each for each in self.store.of(EventKind.RUN_STARTED) if each.run != PROGRAM]
        if not begun:  # not even that was put on record
            self._end(await kernel.run(GOAL))

    def _end(self, result: RunResult) -> None:
        if not self.store.dead:
            self.ended.append(result.outcome.status)

    async def _program(self, kernel: Kernel, again: bool) -> None:
        """Act once for each step, whatever happens between acting and its record."""

        async def act(key: str) -> Json:
            await self.take_time()
            self.effect(f"step {key}")
            return key

        async def verify(key: str) -> Json:
            return key if self.effects[f"step {key}"] else None

        results: list[Json] = []
        async with kernel.steps.open(PROGRAM) as run:
            for number in range(1, STEPS + 1):
                following = Intent(
                    f"step-{number + 1}", None, external=True, policy=AfterCrash.VERIFY
                )
                announced = number < STEPS and self.simulation.random.random() < 0.5
                results.append(
                    await run.step(
                        f"step-{number}", None, act, external=True, policy=AfterCrash.VERIFY,
                        verify=verify, following=following if announced else None,
                    )
                )  # fmt: skip
        self.results = results

    async def _letters(self, kernel: Kernel, again: bool) -> None:
        """Send messages that are to be handled; in doubt, the same ones again."""
        while len(self.letters) < 4:
            number = len(self.letters)
            letter = kernel.hub.compose(
                "application", f"hand-{number % 3}", MessageType.DATA_REQUEST, {"number": number},
                context=TraceContext(), assurance=Assurance.GUARANTEED,
            )  # fmt: skip
            self.letters.append(letter)
        for letter in self.letters:
            receipt = await kernel.hub.send(letter)
            assert receipt.ok, receipt
        while await self.store.unsettled(1):
            await self.simulation.clock.sleep(1.0)
