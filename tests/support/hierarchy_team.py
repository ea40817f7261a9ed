"""A team for hierarchies: many small jobs, and agents that do them without reasoning."""

import asyncio
from collections.abc import Callable

from dataagents.core import Agent, AgentCard, Coordinator, Kernel, KernelConfig, Strategy, hookimpl
from dataagents.core.config import StrategyChoices
from dataagents.core.deployment import Deployed
from dataagents.core.planning import (
    Domain,
    Goal,
    Method,
    Operator,
    PlannedTask,
    Task,
    TaskResult,
    failed,
)


def done(task: PlannedTask) -> TaskResult:
    """The result of a task that went well."""
    return TaskResult(task.id, success=True, effects=dict.fromkeys(task.writes, True))


class Meter:
    """Counts who is at work, and how many at the same time."""

    def __init__(self) -> None:
        self.by: dict[str, list[str]] = {}
        self.now = self.most = 0

    async def count(self, agent: str, task: str) -> None:
        self.by.setdefault(agent, []).append(task)
        self.now += 1
        self.most = max(self.most, self.now)
        for _ in range(3):
            await asyncio.sleep(0)
        self.now -= 1


class Worker(Agent):
    """Does a task at once, unless it is told to do something else."""

    def __init__(self, id: str, meter: Meter, **levels: float) -> None:
        super().__init__(AgentCard(id, "worker", levels or {"work": 0.9}))
        self.meter = meter
        self.act: Callable[[PlannedTask], TaskResult] = done

    async def execute(self, task, desk):
        await self.meter.count(self.card.id, task.id)
        return self.act(task)

    def fail(self, times: int = 99) -> "Worker":
        left = [None] * times

        def act(task: PlannedTask) -> TaskResult:
            if not left:
                return done(task)
            left.pop()
            return failed(task, "out of order")

        self.act = act
        return self


class Slow(Worker):
    """Never comes back."""

    def __init__(self, id: str, meter: Meter, **levels: float) -> None:
        super().__init__(id, meter, **levels)
        self.started = asyncio.Event()

    async def execute(self, task, desk):
        await self.meter.count(self.card.id, task.id)
        self.started.set()
        await asyncio.Event().wait()


class Leader(Agent):
    def __init__(self, id: str, level: float = 0.9) -> None:
        super().__init__(AgentCard(id, "leader", {"lead": level}))
        self.led: list[list[str]] = []

    async def lead(self, group, desk):
        self.led.append([each.task.id for each in group.everything()])
        return await super().lead(group, desk)


class Head(Coordinator):
    def __init__(self, id: str = "head") -> None:
        super().__init__(AgentCard(id, "coordinator", {"coordinate": 1.0}))


def workshop(steps: int = 1) -> Domain:
    """A domain in which each input takes so many steps, one after the other, then a stamp."""
    names = [f"step{number}" for number in range(1, steps + 1)]
    operators = [
        Operator(
            name,
            requires={"work": 0.5},
            effect=lambda state, task, name=name: {f"{name}:{task.args['dataset']}": True},
            reads=(f"{before}:{{dataset}}",) if before else (),
            writes=(f"{name}:{{dataset}}",),
        )
        for before, name in zip(["", *names], names, strict=False)
    ]
    stamp = Operator(
        "stamp",
        requires={"coordinate": 0.5},
        effect=lambda state, task: {f"stamp:{task.args['dataset']}": True},
        reads=(f"{names[-1]}:{{dataset}}",),
        writes=("stamp:{dataset}",),
    )

    def parts(*all_names):
        return lambda state, task: tuple(Task(name, task.args) for name in all_names)

    methods = (
        Method("all", "make", parts(*names)),
        Method("all", "make_and_stamp", parts(*names, "stamp", "pack")),
    )
    pack = Operator(
        "pack",
        requires={"work": 0.5},
        effect=lambda state, task: {f"pack:{task.args['dataset']}": True},
        reads=("stamp:{dataset}",),
        writes=("pack:{dataset}",),
    )
    return Domain("workshop", (*operators, stamp, pack), methods, ("make", "make_and_stamp"))


class Workshop:
    """The domain as a plugin."""

    def __init__(self, steps: int = 1) -> None:
        self.steps = steps

    @hookimpl
    def register_domains(self):
        return [Strategy("workshop", lambda options: workshop(self.steps))]


def config(organizer: str = "divisional", streams: int = 8, **options) -> KernelConfig:
    return KernelConfig(
        seed=1,
        agents=(),
        monitoring=False,
        max_agents=2_000,
        max_message_rate=1_000_000,
        max_parallel_streams=streams,
        strategies=StrategyChoices(domain="workshop", organizer=organizer),
        options={organizer: options},
    )


def goal(inputs: int, task: str = "make", **rest) -> Goal:
    return Goal(task, {f"d{number:04}": "x" for number in range(inputs)}, **rest)


async def deploy(kernel: Kernel, *agents: Agent) -> None:
    for agent in agents:
        outcome = await kernel.deploy(agent)
        assert isinstance(outcome, Deployed), outcome
