"""What it costs that nothing is lost: rows, steps, memory, bytes, and the time after a kill.

- Durable rows: producers commit events of about 400 bytes one by one to a `SqliteStore`, each
  waiting until its own is on the disk; beside them raw `sqlite3`, 1,000 rows in a transaction, with
  the same settings (write-ahead log, `synchronous=FULL`) and nobody who waits for a row: into a
  table with one index, which the bar is about, and into the store's tables with all of theirs.
- Durable steps: a program of steps of a kernel that return a sentence, alone and twenty at a time;
  beside the peers that are installed (DBOS on SQLite, langgraph with its AsyncSqliteSaver). A step
  with an external effect waits for a commit of its own before it acts.
- A million messages through a kernel with a store, and what that leaves in memory; `--quick` sends
  a tenth of them.

All are measured in turns within one process; a figure is the median of the rounds, a ratio the
median of the rounds' ratios.
"""

import asyncio
import gc
import os
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from support.durability_jobs import (
    CONFIG,
    Programs,
    RawBatches,
    Rows,
    bytes_on_disk,
    kill_and_wait,
    program_of,
    resident_bytes,
    send_messages,
)
from support.durability_peers import peers
from support.figures import Figure, arguments, show
from support.turns import Job, in_turns, ratio

from dataagents.core import Kernel
from dataagents.storage import SqliteStore
from dataagents.storage.migrations import MIGRATIONS

PRODUCERS = (1, 100, 1_000)
RUNS = {1: 200, 20: 50}
"""Programs side by side → steps of each."""
PEER_STEPS = {1: 20, 20: 5}
STEPS, EXTERNAL = "steps", "steps with an external effect"
RAW, RAW_JOURNAL = "raw sqlite3, 1,000 at a time", "raw sqlite3 into the store's tables"
ROWS_BAR = 0.4
STEP_BARS = {1: 1_000.0, 20: 8_000.0}
PEER_BARS = {1: 6.0, 20: 40.0}
MEASURED_EARLIER = {1: 163.0, 20: 188.0}
"""What the best peer did on another machine, when the bars were set."""
MEMORY_BAR = 16.0
"""Megabytes that may come between a tenth and all of the messages: caches, no more."""
BYTES_BAR = 1_000.0
READY_BAR = 1.0
KILLS = 10


async def rows(rounds: int, seconds: float, folder: Path) -> list[Figure]:
    """Measure rows."""
    async with SqliteStore(folder / "rows.db") as store:
        ours = {each: Rows(store, each, [], f"by-{each}") for each in PRODUCERS}
        jobs: dict[str, Job] = {
            RAW: RawBatches(folder / "raw.db"),
            RAW_JOURNAL: RawBatches(folder / "raw-journal.db", MIGRATIONS),
        }
        jobs |= {f"{each:,} producers": job for each, job in ours.items()}
        rates = await in_turns(jobs, rounds, seconds)
    return list(_row_figures(rates, ours))


def _row_figures(
    rates: Mapping[str, Sequence[float]], ours: Mapping[int, Rows]
) -> Iterator[Figure]:
    for raw in (RAW, RAW_JOURNAL):
        yield Figure(f"rows, {raw}", statistics.median(rates[raw]), "rows/s")
    for each, job in ours.items():
        name = f"{each:,} producers"
        yield Figure(f"rows, {name}", statistics.median(rates[name]), "rows/s")
        sorted_ms = sorted(1_000 * seconds for seconds in job.latencies)
        for part in (50, 99):
            value = sorted_ms[len(sorted_ms) * part // 100]
            yield Figure(f"rows, {name}: acknowledged, p{part}", value, "ms")
    of_raw = ratio(rates["100 producers"], rates[RAW])
    yield Figure("rows, 100 producers, part of raw", of_raw, "x", ROWS_BAR, at_least=True)
    of_journal = ratio(rates["100 producers"], rates[RAW_JOURNAL])
    yield Figure("rows, 100 producers, part of raw into the store's tables", of_journal, "x")


async def steps(rounds: int, seconds: float, folder: Path) -> list[Figure]:
    """Measure steps, ours and the peers'."""
    others, absent = peers()
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(SqliteStore(folder / "steps.db"))
        kernel = await stack.enter_async_context(Kernel(CONFIG, store=store))
        jobs: dict[tuple[str, int], Job] = {}
        for what, external in ((STEPS, False), (EXTERNAL, True)):
            program = program_of(kernel, external=external)
            for runs, number in RUNS.items():
                jobs[what, runs] = Programs(program, runs, number, f"{external}-{runs}")
        for name, peer in others.items():
            program = await stack.enter_async_context(peer(folder))
            for runs, number in PEER_STEPS.items():
                jobs[name, runs] = Programs(program, runs, number, f"{name}-{runs}")
        rates = await in_turns(jobs, rounds, seconds)
    return list(_step_figures(rates, list(others), absent))


def _step_figures(
    rates: Mapping[tuple[str, int], Sequence[float]], others: Sequence[str], absent: Sequence[str]
) -> Iterator[Figure]:
    for runs, bar in STEP_BARS.items():
        name = f"{runs} run" if runs == 1 else f"{runs} runs at a time"
        mine = rates[STEPS, runs]
        value = statistics.median(mine)
        yield Figure(f"{STEPS}, {name}", value, "steps/s", bar, at_least=True)
        yield Figure(f"{EXTERNAL}, {name}", statistics.median(rates[EXTERNAL, runs]), "steps/s")
        for peer in others:
            yield Figure(f"{peer}, {name}", statistics.median(rates[peer, runs]), "steps/s")
        if others:
            times = min(ratio(mine, rates[peer, runs]) for peer in others)
            yield Figure(f"{STEPS}, {name}, times the best peer", times, "x", PEER_BARS[runs], True)
        else:
            yield Figure(
                f"{STEPS}, {name}, times the best peer", value / MEASURED_EARLIER[runs], "x",
                PEER_BARS[runs], at_least=True, decisive=False,
                note="no peer is installed; its speed is of another machine",
            )  # fmt: skip
    for name in absent:
        yield Figure(name, None, "steps/s", note="skipped: not installed")


async def step_bytes(folder: Path, number: int = 5_000) -> Figure:
    """Measure what a step leaves on the disk, above an empty store."""
    sizes: list[int] = []
    for name, steps in (("empty.db", 0), ("some.db", number)):
        async with SqliteStore(folder / name) as store, Kernel(CONFIG, store=store) as kernel:
            await program_of(kernel, external=True)("program", steps)
        sizes.append(bytes_on_disk(folder / name))
    return Figure("a step with an external effect", (sizes[1] - sizes[0]) / number, "B", BYTES_BAR)


async def memory(folder: Path, messages: int) -> list[Figure]:
    """Measure the memory in use after a tenth of the messages, and after all of them."""
    used: list[int] = []
    async with SqliteStore(folder / "messages.db") as store, Kernel(CONFIG, store=store) as kernel:
        for number in (messages // 10, messages - messages // 10):
            await send_messages(kernel, number)
            gc.collect()
            used.append(resident_bytes())
    after_some, after_all = (each / 1e6 for each in used)
    return [
        Figure(f"memory after {messages // 10:,} messages", after_some, "MB"),
        Figure(f"memory after {messages:,} messages", after_all, "MB"),
        Figure("memory, what came between", after_all - after_some, "MB", MEMORY_BAR),
    ]


def ready(folder: Path) -> Iterator[Figure]:
    """Measure the time from the start of a process, after a kill, to a kernel that takes work."""
    waits = kill_and_wait(folder / "killed.db", KILLS)
    name = "ready again after a kill, process start included"
    yield Figure(f"{name}, median", statistics.median(waits), "s", READY_BAR)
    yield Figure(f"{name}, slowest of {KILLS}", max(waits), "s")


def main() -> None:
    """Measure and print, as a table or as one JSON object a line."""
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured")
    parser.add_argument("--seconds", type=float, default=0.5, help="how long a measurement takes")
    parser.add_argument(
        "--folder", type=Path, help="where the stores are; on the disk that matters"
    )
    parser.add_argument("--messages", type=int, default=1_000_000, help="how many are sent")
    parser.add_argument("--quick", action="store_true", help="send a tenth of the messages")
    options = parser.parse_args()
    figures: list[Figure] = []
    for measure in (
        partial(rows, options.rounds, options.seconds),
        partial(steps, options.rounds, options.seconds),
    ):
        with tempfile.TemporaryDirectory(dir=options.folder) as name:
            figures += asyncio.run(measure(Path(name)))
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        figures.append(asyncio.run(step_bytes(folder)))
        messages = options.messages // 10 if options.quick else options.messages
        figures += asyncio.run(memory(folder, messages))
        figures += ready(folder)
    load = "load of the machine in the last minute, at the end"
    figures.append(Figure(load, os.getloadavg()[0], "processes"))
    show("durability", figures, as_json=options.json)


if __name__ == "__main__":
    main()
