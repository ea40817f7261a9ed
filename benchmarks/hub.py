"""What a message costs: asked and answered, one way, to many, on disk, and at rest.

A kernel with its bundled plugins, its own hub, and agents that answer at once, beside a bare queue
of `asyncio` and the peers that are installed (autogen-core, pykka). Every message of ours is
checked at the door, has an id, a trace context, a receipt and a place in the hub's record of what
was sent; `durable` adds a `SqliteStore`, and the reply is returned after its commit. All are
measured in turns within one process; a figure is the median of the rounds, a ratio that of the
rounds' ratios.
"""

import argparse
import asyncio
import gc
import json
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from hub_peers import BURST, PAYLOAD, Actors, Contender, bare_queue, flights, peers, until

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


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report."""

    name: str
    value: float | None
    unit: str
    bar: float | None = None
    at_most: bool = False
    note: str = ""
    decisive: bool = True

    @property
    def holds(self) -> bool | None:
        """Whether the bar is kept; None without a bar that counts."""
        if self.bar is None or self.value is None or not self.decisive:
            return None
        return self.value <= self.bar if self.at_most else self.value >= self.bar

    def row(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        row = {"name": self.name, "value": self.value, "unit": self.unit, "bar": self.bar}
        return {**row, "holds": self.holds, **({"note": self.note} if self.note else {})}


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
    """The job of `hub_peers.py`, on the hub of a kernel."""

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
    rates: Rates = {what: {name: [] for name in contenders} for what in TITLES}
    async with AsyncExitStack() as stack:
        opened = {
            name: await stack.enter_async_context(each()) for name, each in contenders.items()
        }
        for number in range(rounds + 1):  # the first one warms up
            for what in TITLES:
                for name, actors in opened.items():
                    gc.collect()
                    gc.freeze()  # what one has left behind must not be looked through by another
                    value = await rate(getattr(actors, what), seconds if number else seconds / 5)
                    gc.unfreeze()
                    if number:
                        rates[what][name].append(value)
    return rates


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


def ratio(rates: Mapping[str, list[float]], ours: str, other: str) -> float:
    """Return how many times as fast as another ours is: the median of the rounds."""
    pairs = zip(rates[ours], rates[other], strict=True)
    return round(statistics.median(mine / others for mine, others in pairs), 2)


def figures_of(rates: Rates, absent: tuple[str, ...]) -> Iterator[Figure]:
    """Yield what was measured per second, and how it compares."""
    for what, title in TITLES.items():
        for name, values in rates[what].items():
            yield Figure(f"{title}: {name}", round(statistics.median(values), 1), "messages/s")
    for name in absent:
        yield Figure(name, None, "messages/s", note="skipped: not installed")
    for what, title in TITLES.items():
        speed = ratio(rates[what], FLOOR, OURS)
        yield Figure(f"{title}: speed of the floor, times ours", speed, "x")
    wanted = [(what, OURS, bar, rates[what]) for what, bar in BARS.items()]
    for what, ours, bar, those in (*wanted, ("ask_many", DURABLE, DURABLE_BAR, rates["ask_many"])):
        name = f"{TITLES[what]}: {ours}, times {PEER} in memory"
        if PEER in those:
            yield Figure(name, ratio(those, ours, PEER), "x", bar)
            continue
        value = round(statistics.median(those[ours]) / MEASURED_EARLIER[what], 2)
        note = f"{PEER} is not installed; its speed is of another machine"
        yield Figure(name, value, "x", bar, decisive=False, note=note)


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
        value = round(await fan_out(agents, 5_000 // agents), 1)
        figures.append(Figure(f"broadcast to {agents:,} agents", value, "receipts/s"))
    for agents in (1_000, 10_000):
        for deployed, where, bar in ((False, "on the hub", IDLE_BAR), (True, "deployed", None)):
            value = round(await idle_bytes(agents, deployed=deployed), 1)
            name = f"idle agent of {agents:,}, {where}"
            figures.append(Figure(name, value, "B", bar, at_most=True))
    return figures


def main() -> None:
    """Measure and print, as a table or as one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured")
    parser.add_argument("--seconds", type=float, default=0.5, help="how long a measurement takes")
    parser.add_argument("--folder", type=Path, help="where the store is; on the disk that matters")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        figures = asyncio.run(measure_all(options.rounds, options.seconds, Path(name)))
    if options.json:
        for each in figures:
            print(json.dumps(each.row()))
        return
    print(f"{'messages of about 400 bytes':<64}{'value':>20}{'bar':>12}  holds")
    for each in figures:
        value = "" if each.value is None else f"{each.value:,.1f} {each.unit}"
        bar = "" if each.bar is None else f"{each.bar:,.0f} {each.unit}"
        verdict = {True: "yes", False: "NO", None: each.note}[each.holds]
        print(f"{each.name:<64}{value:>20}{bar:>12}  {verdict}".rstrip())


if __name__ == "__main__":
    main()
