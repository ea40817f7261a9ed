"""How many loop steps a second a reasoning takes, and how much of it is kept.

A run is ten tool steps and an answer. Model and tool are in this process and answer at once, so all
that is measured is the loop. The floor is a bare `asyncio` loop with the same model and tool; with
a file, one SQLite transaction a step. Peers are measured in the same way where they are installed.

Every round measures all of them, one after another, so that a busy moment hits all of them; a
ratio is the median of those of the rounds. One step of ours asks the model twice, once for the
thought and once for the decision; the peers, which call functions, ask it once.
"""

import json
import statistics
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from support import reasoning_peers as job
from support.figures import Figure
from support.reasoning_peers import TURNS, Contender, Run
from support.turns import Job, compete, in_turns, ratio

from dataagents.core import KernelConfig, ReasoningTask, Strategy, hookimpl
from dataagents.core.clock import SystemClock
from dataagents.core.models import Prompt
from dataagents.core.reasoning import (
    FINAL_RESULT,
    Bench,
    Effect,
    Observation,
    StepBudget,
    StopReason,
    ToolLimits,
)
from dataagents.core.testing import ScriptedModel, kernel_for
from dataagents.storage import SqliteStore

RATIO_BAR = 10.0
BYTES_BAR = 1_000.0
MEASURED_EARLIER = 295.0
"""Steps per second of the fastest peer in memory (langgraph), when the bars were set."""
MEASURED_EARLIER_DURABLE = 97.0
"""Likewise of langgraph with its AsyncSqliteSaver."""

OURS = "dataagents"
FLOOR = "floor: bare loop"
OURS_STORED = "dataagents, SqliteStore"
FLOOR_STORED = "floor: one transaction a step"
TASK = ReasoningTask(job.QUESTION, (job.TOOL,), budget=StepBudget(steps=TURNS + 1))
CONFIG = KernelConfig(agents=(), monitoring=False, model="scripted:any", disabled_plugins=("data",))


class Look(BaseModel):
    """Input of the tool."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int


class LookTool:
    """Looks at a number; sees a little more each time, or the analyst would see a circle."""

    name = job.TOOL
    description = job.ABOUT_TOOL
    effect = Effect.READ
    limits = ToolLimits()
    input_model = Look

    async def run(self, request: Look, bench: Bench | None) -> Observation:
        """Look."""
        number = request.number
        return Observation(job.seen(number), {"value": number * 7}, quality=number / TURNS)

    @hookimpl
    def register_tools(self) -> tuple[Strategy["LookTool"], ...]:
        """Provide itself."""
        return (Strategy(self.name, lambda options: self),)


@dataclass(slots=True)
class Measured:
    """What was measured of one contender."""

    rates: list[float] = field(default_factory=list)
    """Steps per second, one for each round."""
    steps: int = 0
    size: int = 0
    """Bytes of its files when it was closed, less those when it had just been opened once."""


def replies() -> Iterator[str]:
    """Yield what the model says, run after run."""
    while True:
        for turn in range(1, TURNS + 1):
            yield job.thought(turn)
            yield json.dumps({"action": job.TOOL, "input": {"number": turn}})
        yield f"All {TURNS} numbers are known: this can be answered."
        yield json.dumps({"action": FINAL_RESULT, "input": {"answer": job.ANSWER}})


@asynccontextmanager
async def bare(file: Path | None) -> AsyncIterator[Run]:
    """Open the floor: the same model and tool, and nothing between them."""
    model, tool = ScriptedModel(replies()), LookTool()
    prompt = Prompt("", job.QUESTION)

    async def run() -> None:
        model.prompts.clear()
        for steps in range(TURNS + 1):
            await model.complete(prompt)
            decision = json.loads((await model.decide(prompt, Look)).text)
            if decision["action"] == FINAL_RESULT:
                job.check(steps)
                return
            await tool.run(Look.model_validate(decision["input"]), None)

    yield run


@asynccontextmanager
async def ours(file: Path | None) -> AsyncIterator[Run]:
    """Open a kernel with the bundled plugins and no other."""
    model = ScriptedModel(replies())
    async with AsyncExitStack() as stack:
        store = None if file is None else await stack.enter_async_context(SqliteStore(file))
        kernel = kernel_for(LookTool(), model, config=CONFIG, store=store, clock=SystemClock())
        await stack.enter_async_context(kernel)

        async def run() -> None:
            model.prompts.clear()
            answer = await kernel.reason(TASK)
            job.check(len(answer.steps) - 1)
            if answer.stop is not StopReason.FINAL_RESULT or answer.analysis is None:
                raise AssertionError(f"it ended otherwise: {answer.stop}, {answer.summary}")
            if answer.analysis.circles:
                raise AssertionError(f"it went in circles: {answer.analysis.circles}")

        yield run


def contenders() -> tuple[Mapping[str, Contender], Mapping[str, Contender], tuple[str, ...]]:
    """Return who is measured in memory, who with a file, and which peers are not installed."""
    peers = {**job.PEERS, **job.DURABLE_PEERS}
    absent = tuple(name for name, (_, needs) in peers.items() if not job.installed(*needs))
    here = {name: peer for name, (peer, _) in job.PEERS.items() if name not in absent}
    there = {name: peer for name, (peer, _) in job.DURABLE_PEERS.items() if name not in absent}
    return (
        {FLOOR: bare, OURS: ours, **here},
        {FLOOR_STORED: job.commits, OURS_STORED: ours, **there},
        absent,
    )


def counting(run: Run, measured: Measured) -> Job:
    """Return what does the job again and again, and counts the steps."""

    async def rate(seconds: float) -> float:
        steps, began = 0, time.perf_counter()
        while (took := time.perf_counter() - began) < seconds or not steps:
            await run()
            steps += TURNS
        measured.steps += steps
        return steps / took

    return rate


def size(file: Path) -> int:
    """Return the bytes of a closed database, and of a write-ahead log if there is one left.

    Closing moves the log into the database. So what has grown is what the steps keep for good,
    indexes and half-empty pages included, and what a run records beside its steps too.
    """
    return sum(each.stat().st_size for each in file.parent.glob(f"{file.name}*"))


async def measure(
    names: Mapping[str, Contender], rounds: int, seconds: float, folder: Path | None
) -> dict[str, Measured]:
    """Measure contenders in turns, in memory or each with a file of its own in a folder."""
    measured = {name: Measured() for name in names}
    files: dict[str, Path | None] = dict.fromkeys(names)
    for number, (name, contender) in enumerate(names.items()):
        if folder is None:
            continue
        files[name] = file = folder / str(number) / "steps.db"
        file.parent.mkdir()
        async with contender(file):
            pass  # makes the tables, which are no step's
        measured[name].size -= size(file)
    async with AsyncExitStack() as stack:
        jobs = {
            name: counting(await stack.enter_async_context(contender(files[name])), measured[name])
            for name, contender in names.items()
        }
        for name, rates in (await in_turns(jobs, rounds, seconds)).items():
            measured[name].rates = rates
    for name, file in files.items():
        measured[name].size += 0 if file is None else size(file)
    return measured


def speed(measured: Mapping[str, Measured], ours: str, other: str) -> float:
    """Return how many times as fast as another ours is."""
    return ratio(measured[ours].rates, measured[other].rates)


def against_peers(
    measured: Mapping[str, Measured], ours: str, floor: str, label: str, earlier: float
) -> Figure:
    """Return ours against the fastest peer, or against what one did when the bars were set."""
    peers = [name for name in measured if name not in (ours, floor)]
    if peers:
        worst = min(peers, key=lambda name: speed(measured, ours, name))
        name = f"{label}: times the fastest peer ({worst})"
        return Figure(name, speed(measured, ours, worst), "x", RATIO_BAR, at_least=True)
    value = statistics.median(measured[ours].rates) / earlier
    note = f"no peer is installed; {earlier:g} steps/s were measured earlier, on another machine"
    name = f"{label}: times a peer that was measured earlier"
    return Figure(name, value, "x", RATIO_BAR, at_least=True, decisive=False, note=note)


def figures_of(
    memory: Mapping[str, Measured], stored: Mapping[str, Measured], absent: tuple[str, ...]
) -> Iterator[Figure]:
    """Yield what is to be reported."""
    for label, each in (("in memory", memory), ("with a file", stored)):
        for name, one in each.items():
            yield Figure(f"{label}: {name}", statistics.median(one.rates), "steps/s")
    for name in absent:
        yield Figure(name, None, "steps/s", note="skipped: not installed")
    for name, one in stored.items():
        bar = BYTES_BAR if name == OURS_STORED else None
        yield Figure(f"kept: {name}", one.size / one.steps, "B/step", bar)
    yield Figure("in memory: speed of the floor, times ours", speed(memory, FLOOR, OURS), "x")
    stored_ratio = speed(stored, FLOOR_STORED, OURS_STORED)
    yield Figure("with a file: speed of the floor, times ours", stored_ratio, "x")
    yield against_peers(memory, OURS, FLOOR, "in memory", MEASURED_EARLIER)
    yield against_peers(stored, OURS_STORED, FLOOR_STORED, "with a file", MEASURED_EARLIER_DURABLE)


async def measure_all(rounds: int, seconds: float, folder: Path) -> list[Figure]:
    """Measure everybody, in memory, then with a file."""
    here, there, absent = contenders()
    memory = await measure(here, rounds, seconds, None)
    stored = await measure(there, rounds, seconds, folder)
    return list(figures_of(memory, stored, absent))


def main() -> None:
    """Measure and print, as a table or as one JSON object a line."""
    title = f"runs of {TURNS} tool steps"
    compete(__doc__, title, measure_all, digits=2, files="the files are")


if __name__ == "__main__":
    main()
