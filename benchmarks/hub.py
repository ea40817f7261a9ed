"""What a message costs: asked and answered, one way, to many, on disk, and at rest.

A kernel with its bundled plugins, its own hub, and agents that answer at once, beside a bare queue
of `asyncio` and the peers that are installed (autogen-core, pykka). Every message of ours is
checked at the door, has an id, a trace context, a receipt and a place in the hub's record of what
was sent; `durable` adds a `SqliteStore`, and the reply is returned after its commit. All are
measured in turns within one process; a figure is the median of the rounds, a ratio that of the
rounds' ratios.
"""

import gc
import statistics
import time
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from support.figures import Figure
from support.hub_peers import (
    BURST,
    PAYLOAD,
    Actors,
    Contender,
    bare_queue,
    flights,
    peers,
    until,
)
from support.turns import compete, in_turns, ratio

from dataagents.core import Agent, AgentCard, Desk, Kernel, KernelConfig, Message, MessageType
from dataagents.core.messaging import EVERYONE, Assurance, Receipt
from dataagents.core.tracing import TraceContext
from dataagents.storage import SqliteStore

OURS, LOOPBACK, DURABLE, FLOOR = "hub", "hub, loopback", "hub, durable", "asyncio queue and future"
PEER = "autogen-core"
MEASURED_EARLIER = {"ask": 2_910.0, "ask_many": 3_260.0, "tell": 4_580.0}
"""What autogen-core did on another machine, when the bars were set."""
BARS = {"ask": 15.0, "ask_many": 15.0, "tell": 35.0}
DURABLE_BAR = 5.0
IDLE_BAR = 1_536
TITLES = {"ask": "round trips, sequential", "ask_many": "round trips, 100 in flight",
          "tell": "one-way"}  # fmt: skip
CONTEXT = TraceContext(run="benchmark", task="messages")

Rates: TypeAlias = dict[str, dict[str, list[float]]]
"""What is measured → contender → messages per second in each round."""


class Answering(Agent):
    """Answers with what it is sent, and counts what only informs it."""

    counted = 0

    async def handle(self, message: Message, desk: Desk) -> dict[str, Any] | None:
        """Answer a request."""
        if message.type is MessageType.PIPELINE_STATUS:
            self.counted += 1
            return None
        return dict(message.payload)


class Ours:
    """The job of `support/hub_peers.py`, on the hub of a kernel."""

    def __init__(self, kernel: Kernel) -> None:
        self._hub = kernel.hub
        self._counted = 0
        self._hub.register("echo", self._echo)
        self._hub.register("count", self._count)

    async def ask(self, times: int) -> None:
        """Ask and wait for the answer, one after another."""
        compose, request, kind = self._hub.compose, self._hub.request, MessageType.DATA_REQUEST
        for _ in range(times):
            answer = await request(compose("application", "echo", kind, PAYLOAD, context=CONTEXT))
            if isinstance(answer, Receipt):
                raise RuntimeError(answer.reason)  # noqa: TRY004  # no mistake about a type

    async def tell(self, times: int) -> None:
        """Send without waiting, then wait until everything was handled."""
        compose, send, kind = self._hub.compose, self._hub.send, MessageType.DATA_REQUEST
        wanted, queued = self._counted + times, Assurance.QUEUED
        for number in range(times):
            told = compose("application", "count", kind, PAYLOAD, context=CONTEXT, assurance=queued)
            if not (await send(told)).ok:
                raise RuntimeError("a receipt says no")
            if number % BURST == 0:
                await until(lambda: self._hub.waiting("count") < BURST)
        await until(lambda: self._counted == wanted)

    async def _echo(self, message: Message) -> dict[str, Any]:
        return dict(message.payload)

    async def _count(self, message: Message) -> None:
        self._counted += 1


@asynccontextmanager
async def hub(transport: str = "in-process", folder: Path | None = None) -> AsyncIterator[Actors]:
    """Open a kernel with two agents on its hub."""
    settings = {"agents": [], "monitoring": False, "strategies": {"transport": transport}}
    async with AsyncExitStack() as stack:
        store = None
        if folder is not None:
            store = await stack.enter_async_context(SqliteStore(folder / "hub.db"))
        config = KernelConfig.parse(settings)
        ours = Ours(await stack.enter_async_context(Kernel(config, store=store)))
        yield Actors(ours.ask, flights(ours.ask), ours.tell)


async def rate(job: Callable[[int], Awaitable[None]], seconds: float) -> float:
    """Return how many times a second a job can be done."""
    times, took = 100, 0.0
    while True:
        began = time.perf_counter()
        await job(times)
        took = time.perf_counter() - began
        if took >= seconds:
            return times / took
        times = 100 * max(times // 50, round(times * min(10.0, 1.2 * seconds / took) / 100))


async def measure(contenders: Mapping[str, Contender], rounds: int, seconds: float) -> Rates:
    """Measure contenders in turns."""
    async with AsyncExitStack() as stack:
        opened = {
            name: await stack.enter_async_context(each()) for name, each in contenders.items()
        }
        jobs = {
            (what, name): partial(rate, getattr(actors, what))
            for what in TITLES
            for name, actors in opened.items()
        }
        measured = await in_turns(jobs, rounds, seconds)
    return {what: {name: measured[what, name] for name in contenders} for what in TITLES}


async def fan_out(agents: int, rounds: int) -> float:
    """Return how many receipts a second one broadcast after another brings."""
    config = KernelConfig(agents=(), monitoring=False, max_agents=agents)
    async with Kernel(config) as kernel:
        for number in range(agents):
            await kernel.deploy(Answering(AgentCard(f"agent-{number}", "answers")))
        began = time.perf_counter()
        for _ in range(rounds):
            told = kernel.hub.compose(
                "application", EVERYONE, MessageType.PIPELINE_STATUS, PAYLOAD, context=CONTEXT
            )
            receipts = await kernel.hub.broadcast(told)
            if not all(receipt.ok for receipt in receipts):
                raise RuntimeError("a receipt says no")
        return agents * rounds / (time.perf_counter() - began)


async def idle_bytes(agents: int, *, deployed: bool) -> float:
    """Return the memory of an agent that has handled one message and now waits.

    Args:
        agents: How many of them.
        deployed: Whether they are deployed by the kernel, with an agent object, a card, a health
            check and its report; else they are on the hub alone.
    """
    # What the hub remembers of messages is no agent's: it is made small, and the same both times.
    config = KernelConfig(
        agents=(), monitoring=False, max_agents=agents + 1, remembered_messages=1, history=1
    )
    async with Kernel(config) as kernel:

        async def handler(message: Message) -> None:
            return None

        async def add(name: str) -> None:
            if deployed:
                await kernel.deploy(Answering(AgentCard(name, "answers")))
            else:
                kernel.hub.register(name, handler)

        async def tell(name: str) -> None:
            kind = MessageType.PIPELINE_STATUS
            told = kernel.hub.compose("application", name, kind, {}, context=CONTEXT)
            receipt = await kernel.hub.send(told)
            if not receipt.ok:
                raise RuntimeError(receipt.reason)

        tracemalloc.start()
        await add("first")
        await tell("first")
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        names = [f"agent-{number}" for number in range(agents)]
        for name in names:
            await add(name)
            await tell(name)
        await tell("first")
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return (after - before) / agents


def figures_of(rates: Rates, absent: tuple[str, ...]) -> Iterator[Figure]:
    """Yield what was measured per second, and how it compares."""
    for what, title in TITLES.items():
        for name, values in rates[what].items():
            yield Figure(f"{title}: {name}", statistics.median(values), "messages/s")
    for name in absent:
        yield Figure(name, None, "messages/s", note="skipped: not installed")
    for what, title in TITLES.items():
        speed = ratio(rates[what][FLOOR], rates[what][OURS])
        yield Figure(f"{title}: speed of the floor, times ours", speed, "x")
    wanted = [(what, OURS, bar, rates[what]) for what, bar in BARS.items()]
    for what, ours, bar, those in (*wanted, ("ask_many", DURABLE, DURABLE_BAR, rates["ask_many"])):
        name = f"{TITLES[what]}: {ours}, times {PEER} in memory"
        if PEER in those:
            yield Figure(name, ratio(those[ours], those[PEER]), "x", bar, at_least=True)
            continue
        value = statistics.median(those[ours]) / MEASURED_EARLIER[what]
        note = f"{PEER} is not installed; its speed is of another machine"
        yield Figure(name, value, "x", bar, at_least=True, decisive=False, note=note)


async def measure_all(rounds: int, seconds: float, folder: Path) -> list[Figure]:
    """Measure everything."""
    others, absent = peers()
    contenders: dict[str, Contender] = {
        FLOOR: bare_queue,
        OURS: hub,
        LOOPBACK: partial(hub, "loopback"),
        DURABLE: partial(hub, folder=folder),
        **others,
    }
    figures = list(figures_of(await measure(contenders, rounds, seconds), absent))
    for agents in (10, 1_000):
        value = await fan_out(agents, 5_000 // agents)
        figures.append(Figure(f"broadcast to {agents:,} agents", value, "receipts/s"))
    for agents in (1_000, 10_000):
        for deployed, where, bar in ((False, "on the hub", IDLE_BAR), (True, "deployed", None)):
            value = await idle_bytes(agents, deployed=deployed)
            name = f"idle agent of {agents:,}, {where}"
            figures.append(Figure(name, value, "B", bar))
    return figures


def main() -> None:
    """Measure and print, as a table or as one JSON object a line."""
    title = "messages of about 400 bytes"
    compete(__doc__, title, measure_all, digits=1, files="the store is")


if __name__ == "__main__":
    main()
