"""A small team under simulation: what it is asked, what can go wrong, and what must hold anyway."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from faults import BadLine, FaultyStore, Line
from hierarchy_team import Head, Workshop

from dataagents.core import Agent, AgentCard, Kernel, KernelConfig, Message, MessageType
from dataagents.core.bidding import Award, Contract
from dataagents.core.config import StrategyChoices
from dataagents.core.errors import StoreError
from dataagents.core.goals import Goal, RunResult
from dataagents.core.messaging import Assurance, Receipt
from dataagents.core.planning import PlannedTask, TaskResult, failed
from dataagents.core.testing import kernel_for
from dataagents.core.testing.simulation import Simulation
from dataagents.core.tracing import TraceContext
from dataagents.core.voting import Election, Vote

REMEMBERED, HISTORY = 50, 10
DEADLINE = 5.0
"""Seconds of a vote."""
SLACK = 2.0
"""Seconds that commits and the layers below may add."""
CONFIG = KernelConfig(
    seed=1,
    agents=(),
    monitoring=False,
    max_message_rate=1_000_000,
    remembered_messages=REMEMBERED,
    history=HISTORY,
    task_timeout=60.0,
    quarantine_after=1_000,
    disabled_plugins=("data", "reporting"),
    strategies=StrategyChoices(transport="unreliable", domain="workshop"),
)


@dataclass
class Trouble:
    """What goes wrong with the agents of one simulation: chances for each time."""

    raising: float
    hanging: float
    slowest: float


class Hand(Agent):
    """Works, votes and answers, each as well as chance has it; counts what it did to the world."""

    def __init__(self, id: str, simulation: Simulation, trouble: Trouble, effects: Counter[str]):
        super().__init__(AgentCard(id, "hand", {"work": 0.9}))
        self._simulation = simulation
        self._trouble = trouble
        self._effects = effects

    async def handle(self, message, desk):
        await self._take_time()
        number, to = message.payload.get("number"), message.payload.get("ask")
        if to is not None:
            await desk.ask(to, {"number": number})
        self._effects[f"handled {message.id}"] += 1
        return {"number": number}

    async def vote(self, motion, desk):
        await self._take_time()
        return Vote(self._simulation.random.choice((*motion.options, None)), 0.9, "chance")

    async def execute(self, task, desk):
        await self._take_time()
        self._effects[f"done {desk.context.run} {task.id}"] += 1
        if self._simulation.random.random() < self._trouble.raising:
            return failed(task, "out of order")
        return TaskResult(task.id, True, dict.fromkeys(task.writes, True))

    async def _take_time(self) -> None:
        chance = self._simulation.random
        await self._simulation.clock.sleep(chance.random() * self._trouble.slowest)
        if chance.random() < self._trouble.hanging:
            await asyncio.Event().wait()
        if chance.random() < self._trouble.raising:
            raise ValueError("broken by chance")


@dataclass
class Outcome:
    """What became of one thing that was asked of the kernel."""

    what: str
    value: object = None
    """What was returned, or the error."""
    seconds: float = 0.0


@dataclass
class Team:
    """One kernel with a team, and all that is asked of it at the same time."""

    simulation: Simulation
    store: FaultyStore
    effects: Counter[str] = field(default_factory=Counter)
    outcomes: list[Outcome] = field(default_factory=list)

    async def work(self) -> None:
        """Open a kernel, ask everything at once, and close it when all is answered."""
        chance = self.simulation.random
        trouble = Trouble(
            chance.choice((0.0, 0.1, 0.3)), chance.choice((0.0, 0.1)), chance.choice((0.0, 1.0))
        )
        line = Line(
            chance.choice((0.0, 0.1, 0.3)), chance.choice((0.0, 0.2)), chance.choice((0.0, 0.5))
        )
        on_the_way = BadLine(self.simulation)
        kernel = kernel_for(
            Workshop(2), on_the_way, config=CONFIG, store=self.store, clock=self.simulation.clock
        )
        try:
            async with kernel:
                names = tuple(f"hand-{number}" for number in range(4))
                for name in names:
                    await kernel.deploy(Hand(name, self.simulation, trouble, self.effects))
                await kernel.deploy(Head())
                on_the_way.line = line
                if chance.random() < 0.5:
                    at = self.store.calls + chance.randrange(1, 200)
                    self.store.failing = range(at, at + chance.choice((1, 1, 3, 50)))
                self.simulation.note(f"{trouble} {line} failing {self.store.failing}")
                async with asyncio.TaskGroup() as group:
                    for each in self._jobs(kernel, names):
                        task = group.create_task(each)
                        if chance.random() < 0.05:
                            group.create_task(self._cancel_later(task))
                self._check_memory(kernel)
        except StoreError:  # that it stopped is not on record, then
            assert self.store.failing

    def _jobs(self, kernel: Kernel, names: tuple[str, ...]):
        chance = self.simulation.random
        for number in range(3):
            rule = chance.choice(("supermajority", "weighted-majority", "borda"))
            yield self._ask(
                f"vote {number}",
                lambda rule=rule: kernel.vote(
                    "Which?", ("a", "b", "c"), voters=names, deadline=DEADLINE, quorum=2
                ),
            )
        for number in range(2):
            task = PlannedTask(f"lot-{number}", "step1", requires={"work": 0.5})
            yield self._ask(f"auction {number}", lambda task=task: kernel.auction(task))
        task = PlannedTask("contract", "step1", requires={"work": 0.5}, writes=("made",))
        yield self._ask("contract", lambda: kernel.contract(task))
        goal = Goal("make", {f"input-{number}": "somewhere" for number in range(3)})
        yield self._ask("run", lambda: kernel.run(goal))
        for number in range(8):
            yield self._send(kernel, names, number)

    def _send(self, kernel: Kernel, names: tuple[str, ...], number: int):
        chance = self.simulation.random
        payload: dict[str, object] = {"number": number}
        to, other = chance.choice(names), chance.choice(names)
        if chance.random() < 0.3:
            payload["ask"] = other
        sent = kernel.hub.compose(
            "application", to, MessageType.DATA_REQUEST, payload,
            context=TraceContext(), within=chance.choice((2.0, 30.0)),
            assurance=chance.choice((Assurance.HANDLED, Assurance.GUARANTEED)),
        )  # fmt: skip
        if chance.random() < 0.5:
            return self._ask(f"request {sent.id}", lambda: kernel.hub.request(sent))
        return self._ask(f"send {sent.id}", lambda: kernel.hub.send(sent))

    async def _ask(self, what: str, call: Callable[[], Awaitable[object]]) -> None:
        clock = self.simulation.clock
        began = clock.monotonic()
        try:
            value: object = await call()
        except (StoreError, asyncio.CancelledError) as error:
            value = error
        seconds = clock.monotonic() - began
        self.simulation.note(f"{what}: {_said(value)} after {seconds:.6f}")
        self.outcomes.append(Outcome(what, value, seconds))

    async def _cancel_later(self, task: "asyncio.Task[None]") -> None:
        await self.simulation.clock.sleep(self.simulation.random.random() * 5)
        task.cancel()

    def _check_memory(self, kernel: Kernel) -> None:
        """What is remembered is bounded, whatever happened."""
        assert len(kernel.hub.exchanges) <= 2 * REMEMBERED
        for kept in (kernel.hub.dead_letters, kernel.votes, kernel.auctions, kernel.plans):
            assert len(kept) <= HISTORY


def _said(value: object) -> str:
    match value:
        case Election():
            return f"{value.tally.verdict} {value.decision} of {len(value.ballots)}"
        case Receipt():
            return f"{value.status} {value.reason}"
        case Message():
            return f"reply {value.payload}"
        case RunResult():
            return f"{value.outcome.status} {value.outcome.reason}"
        case Award():
            return f"{value.outcome} {value.winner}"
        case Contract():
            return f"{value.result.success if value.result else None}"
        case _:
            return f"{type(value).__name__} {value}"
