"""The probes of `console.py`: a console, or a bare Textual app, on a terminal beside a writer."""

import asyncio
import math
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from dataagents.storage import StoreReader
from dataagents.storage.browsing import Page
from tests.support.terminals import Terminal

SIZE = (160, 45)
CONSOLE = (
    sys.executable, "-P", "-c",
    "import sys; from dataagents.console.launch import main; sys.exit(main())",
)  # fmt: skip
_BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("ready")
    def on_key(self, event):
        self.query_one(Static).update(str(event.time))
Bare().run()
"""
BARE = (sys.executable, "-P", "-c", _BARE)
FRAME = b"\x1b[1;1H"
"""What a frame of Textual begins with."""
_WRITER = Path(__file__).parent / "console_writer.py"
_PAUSE = 0.06
"""Seconds without output after which a key is pressed."""


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that a share of them does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


@contextmanager
def on_terminal(command: Sequence[str], folder: Path) -> Iterator[Terminal]:
    """Run a program on a terminal; it remembers nothing of the one before."""
    with TemporaryDirectory(dir=folder) as home:
        homes = {f"XDG_{name}_HOME": home for name in ("STATE", "CONFIG", "CACHE", "DATA")}
        with Terminal(command, size=SIZE, env=homes, cwd=folder) as terminal:
            yield terminal


@contextmanager
def writing(job: str, store: Path, *options: str) -> Iterator["subprocess.Popen[str]"]:
    """Have a process that writes a store."""
    command = [sys.executable, str(_WRITER), job, str(store), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        if process.stdout.readline() != "READY\n":
            raise SystemExit(f"the writer of {store} did not start")
        try:
            yield process
        finally:
            process.kill()


def starts(
    command: Sequence[str], shown: str, folder: Path, times: int
) -> list[tuple[float, float]]:
    """Start a program some times: seconds to its first frame, and to the text on the screen."""
    found: list[tuple[float, float]] = []
    for _ in range(times):
        with on_terminal(command, folder) as terminal:
            terminal.wait_for(shown)
            found.append((terminal.when(FRAME), terminal.when(shown.encode())))
    return found


def latencies(terminal: Terminal, keys: Sequence[str], times: int) -> list[float]:
    """Press keys in turns, each when the one before was answered; seconds to the first byte."""
    found: list[float] = []
    for number in range(times):
        terminal.settle(_PAUSE, 0.5)
        found.append(terminal.latency(keys[number % len(keys)]))
    return found


def marks_shown(terminal: Terminal, process: "subprocess.Popen[str]", times: int) -> list[float]:
    """Return the seconds from the commit of marked events to the bytes that show them."""
    assert process.stdout is not None
    committed: dict[str, float] = {}
    begun = time.perf_counter()
    while len(committed) < times:
        mark, moment = process.stdout.readline().split()
        if float(moment) > begun:  # those before were for nobody to see yet
            committed[mark] = float(moment)
    last = max(committed)
    terminal.wait_for(lambda screen: re.search(rf"\b(?:{last}|{int(last) + 1})\b", screen.text))
    shown: dict[str, float] = {}
    for at, chunk in terminal.chunks:
        for mark in re.findall(rb"(?<!\d)7\d{4}(?!\d)", chunk):
            shown.setdefault(mark.decode(), at)
    found = [shown[mark] - moment for mark, moment in committed.items() if mark in shown]
    if len(found) < times * 0.8:
        raise SystemExit(f"only {len(found)} of {times} marks were seen")
    return found


def written_rates(process: "subprocess.Popen[str]", seconds: float) -> Callable[[], float]:
    """Begin to read how fast a writer is; the function that comes back gives the median."""
    rates: list[float] = []

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            rates.append(float(line))

    threading.Thread(target=read, daemon=True).start()
    until = time.perf_counter() + seconds + 2

    def median() -> float:
        if not rates and time.perf_counter() > until:
            raise SystemExit("the writer wrote nothing")
        return statistics.median(rates) if rates else 0.0

    return median


LISTS = (
    "events", "runs", "messages", "elections", "auctions", "plans", "alerts", "commands", "lessons",
    "reflections", "datasets", "failures",
)  # fmt: skip


async def page_times(store: Path, each: int) -> dict[str, list[float]]:
    """Return the seconds that pages of every list take: the newest one, and those at any place."""
    rng = Random(1)
    async with StoreReader(store) as reader:
        last = await reader.last_seq()
        found: dict[str, list[float]] = {}
        for name in LISTS:
            pages = [Page(), *(Page(before=rng.randint(1, last)) for _ in range(each - 1))]
            read = getattr(reader.browse, name)
            await read(Page(limit=1))
            found[name] = []
            for page in pages:
                began = time.perf_counter()
                await read(page)
                found[name].append(time.perf_counter() - began)
        return found


def forget(store: Path) -> None:
    """Have the system forget what it keeps of a store in memory, so that it is read from disk."""
    descriptor = os.open(store, os.O_RDONLY)
    try:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def pages(store: Path, each: int) -> dict[str, list[float]]:
    """See `page_times`."""
    return asyncio.run(page_times(store, each))
