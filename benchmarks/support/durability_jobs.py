"""The jobs of `durability.py`: rows, steps, messages, and a process that is killed."""

import asyncio
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dataagents.core import Kernel, KernelConfig, Message, MessageType
from dataagents.core.durability import AfterCrash
from dataagents.core.events import Event
from dataagents.core.tracing import TraceContext
from dataagents.core.values import Json
from dataagents.storage import SqliteStore
from support.durability_peers import RESULT, Program

BODY = {"text": "x" * 360, "rows": 5_000, "ok": True}
"""Of a row: about 400 bytes."""
CONFIG = KernelConfig(agents=(), monitoring=False, max_message_rate=1_000_000_000)
BATCH = 1_000
_TABLE = """
CREATE TABLE journal (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, at TEXT, kind TEXT, subject TEXT,
    run TEXT, task TEXT, agent TEXT, body TEXT)
"""
_ROW = """
INSERT INTO journal (seq, id, at, kind, subject, run, task, agent, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_WORKER = Path(__file__).with_name("durability_worker.py")


@dataclass(slots=True)
class Rows:
    """Rows that producers commit one by one, each waiting until its row is durable."""

    store: SqliteStore
    producers: int
    latencies: list[float]
    """Seconds from asking to the acknowledgement."""
    name: str = "row"
    made: int = 0

    async def __call__(self, seconds: float) -> float:
        """Commit for so long; return rows per second."""
        began = time.perf_counter()
        before, until = self.made, began + seconds
        await asyncio.gather(*(self._produce(until) for _ in range(self.producers)))
        return (self.made - before) / (time.perf_counter() - began)

    async def _produce(self, until: float) -> None:
        commit, latencies, clock = self.store.commit, self.latencies, time.perf_counter
        while (asked := clock()) < until:
            self.made += 1
            name = f"{self.name}-{self.made}"
            event = Event(
                name, datetime.now(UTC), "benchmark.row", name, BODY, "run", "task", "agent"
            )
            await commit((event,))
            latencies.append(clock() - asked)


@dataclass(slots=True)
class RawBatches:
    """The same rows by `sqlite3` alone, a thousand in a transaction.

    Either into a table that has an index of its ids only, or into the store's own tables.
    """

    path: Path
    tables: Sequence[str] = (_TABLE,)
    made: int = 0
    connection: sqlite3.Connection | None = None

    async def __call__(self, seconds: float) -> float:
        """Write batches for so long; return rows per second."""
        if self.connection is None:
            self.connection = sqlite3.connect(self.path, isolation_level=None)
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = FULL")
            for script in self.tables:
                self.connection.executescript(script)
        execute, many = self.connection.execute, self.connection.executemany
        body, began, before = json.dumps(BODY), time.perf_counter(), self.made
        while time.perf_counter() < began + seconds:
            at = datetime.now(UTC).isoformat()
            rows: list[tuple[object, ...]] = []
            for _ in range(BATCH):
                self.made += 1
                name = f"row-{self.made}"
                rows.append(
                    (self.made, name, at, "benchmark.row", name, "run", "task", "agent", body)
                )
            execute("BEGIN IMMEDIATE")
            many(_ROW, rows)
            execute("COMMIT")
        return (self.made - before) / (time.perf_counter() - began)


@dataclass(slots=True)
class Programs:
    """Programs side by side, each with so many steps, again and again."""

    program: Program
    side_by_side: int
    steps: int
    name: str
    made: int = 0
    step_seconds: float = 0.0
    """How long a round took; the next one is chosen by it."""

    async def __call__(self, seconds: float) -> float:
        """Go through steps for about so long; return steps per second."""
        began, done = time.perf_counter(), 0
        while done == 0 or time.perf_counter() - began < seconds:
            names = [f"{self.name}-{self.made + number}" for number in range(self.side_by_side)]
            self.made += self.side_by_side
            await asyncio.gather(*(self.program(name, self.steps) for name in names))
            done += self.side_by_side * self.steps
        return done / (time.perf_counter() - began)


def program_of(kernel: Kernel, *, external: bool) -> Program:
    """Return a program of durable steps; external ones wait for a commit of their own first."""

    async def work(key: str) -> Json:
        return {"text": RESULT}

    async def program(run: str, steps: int) -> None:
        async with kernel.steps.open(run) as opened:
            for number in range(steps):
                await opened.step(
                    "step", {"number": number}, work, external=external, policy=AfterCrash.SKIP
                )

    return program


async def send_messages(kernel: Kernel, number: int, at_a_time: int = 100) -> None:
    """Send messages to an agent, so many of them on their way at any time."""
    left = iter(range(number))

    async def receive(message: Message) -> None:
        return None

    async def send() -> None:
        for each in left:
            sent = kernel.hub.compose(
                "application", "sink", MessageType.PIPELINE_STATUS, {"number": each},
                context=TraceContext(run="benchmark"),
            )  # fmt: skip
            receipt = await kernel.hub.send(sent)
            if not receipt.ok:
                raise RuntimeError(receipt.reason)

    kernel.hub.register("sink", receive)
    await asyncio.gather(*(send() for _ in range(at_a_time)))
    await kernel.hub.unregister("sink")


def resident_bytes() -> int:
    """Return the memory that this process has in use now."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("this system does not say how much memory a process has")


def bytes_on_disk(store: Path) -> int:
    """Return the size of a store that is closed, in bytes."""
    return store.stat().st_size


def kill_and_wait(store: Path, times: int, work_seconds: float = 0.2) -> Sequence[float]:
    """Kill a kernel at work as often as that; return the seconds until each next one was ready."""
    waits: list[float] = []
    for _ in range(times + 1):
        began = time.perf_counter()
        command = [sys.executable, str(_WORKER), str(store)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                if process.stdout is None or process.stdout.readline() != "READY\n":
                    raise RuntimeError("the kernel did not come up")
                waits.append(time.perf_counter() - began)
                time.sleep(work_seconds)
            finally:
                process.kill()
    return waits[1:]
