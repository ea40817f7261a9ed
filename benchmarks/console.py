"""What the console costs, and how soon it answers, on a real terminal of 160 by 45.

Everything is reached as an operator reaches it: a command line, a terminal, keys; a process of its
own writes the store beside it. Shares are of one core, of the whole process of the console. Beside
it stands the floor: an app of Textual that shows one line, on the same terminal, in the same run.

The large store has ten million events of a thousand agents (`--quick`: 300,000). It takes some
minutes to build: name one with `--store` that was built before by `python -m
tests.support.big_store`, which is only read. Its pages are read twice: from disk, and from what the
system has kept in memory since; the bar is for the latter.
"""

import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parent.parent))  # for tests.support

from support import console_probes as probes
from support.figures import Figure, arguments, show

from tests.support.big_store import build
from tests.support.team_story import Spec
from tests.support.terminals import Terminal

AGENTS = 1_000
BARS = {
    "first frame": 0.6,
    "first data": 0.8,
    "1,000 agents, all change at 4 Hz": 12.0,
    "idle, attached": 3.0,
    "tail of 10,000 events/s": 30.0,
    "key to first byte, p50": 30.0,
    "key to first byte, p95": 150.0,
    "commit to screen, p95": 360.0,
    "page, p95": 10.0,
    "memory": 120.0,
}
_WALK = (
    "2",
    "pagedown",
    "3",
    "pagedown",
    "end",
    "4",
    "pagedown",
    "5",
    "6",
    "7",
    "8",
    "9",
    "0",
    "1",
)
"""Through every view, for what they keep in memory."""
_MOVES = ("down", "pagedown", "up", "pageup")
"""Keys each of which changes the screen, however often they are pressed in turns."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long is measured."""

    starts: int
    seconds: float
    keys: int
    marks: int
    pages: int


THOROUGH = Effort(7, 10.0, 120, 60, 60)
QUICK = Effort(3, 4.0, 40, 20, 20)


def barred(name: str, value: float, unit: str, note: str = "") -> Figure:
    """Return a figure with its bar."""
    return Figure(name, value, unit, BARS[name], note=note)


def floor(effort: Effort, folder: Path) -> Iterator[Figure]:
    """Measure the app that shows one line."""
    begun = probes.starts(probes.BARE, "ready", folder, effort.starts)
    yield Figure("floor: first frame", statistics.median(frame for frame, _ in begun), "s")
    with probes.on_terminal(probes.BARE, folder) as terminal:
        terminal.wait_for("ready")
        terminal.settle(0.5)
        yield from keys(terminal, ("x", "y"), effort, "floor: ")
        yield Figure("floor: idle", terminal.cpu_share(effort.seconds) * 100, "%")
        yield Figure("floor: memory", terminal.memory_bytes() / 1e6, "MB")


def keys(terminal: Terminal, pressed: tuple[str, ...], effort: Effort, of: str) -> Iterator[Figure]:
    """Measure how soon keys are answered."""
    found = probes.latencies(terminal, pressed, effort.keys)
    for what, share in (("p50", 0.5), ("p95", 0.95)):
        name, value = f"key to first byte, {what}", probes.quantile(found, share) * 1e3
        yield Figure(of + name, value, "ms") if of else barred(name, value, "ms")


def starting(store: Path, agent: str, effort: Effort, folder: Path) -> Iterator[Figure]:
    """Measure how soon there is something to be seen."""
    begun = probes.starts((*probes.CONSOLE, str(store)), agent, folder, effort.starts)
    frames, data = zip(*begun, strict=True)
    worst = f"slowest of {effort.starts}: {max(frames):.2f} s"
    yield barred("first frame", statistics.median(frames), "s", worst)
    yield barred("first data", statistics.median(data), "s", f"slowest: {max(data):.2f} s")


def attached(store: Path, effort: Effort, folder: Path) -> Iterator[Figure]:
    """Measure a console beside a process that writes."""
    command, agent = (*probes.CONSOLE, str(store)), "worker-0001"
    with probes.writing("idle", store), probes.on_terminal(command, folder) as terminal:
        _find(terminal, agent)
        yield barred("idle, attached", terminal.cpu_share(effort.seconds) * 100, "%")
        yield from keys(terminal, _MOVES, effort, "")
    with probes.writing("agents", store), probes.on_terminal(command, folder) as terminal:
        _find(terminal, agent)
        share = terminal.cpu_share(effort.seconds) * 100
        yield barred("1,000 agents, all change at 4 Hz", share, "%")
    with (
        probes.writing("marks", store, "--agents", "1") as process,
        probes.on_terminal(command, folder) as terminal,
    ):
        _find(terminal, agent)
        found = probes.marks_shown(terminal, process, effort.marks)
        half = f"p50 {probes.quantile(found, 0.5) * 1e3:.0f} ms"
        yield barred("commit to screen, p95", probes.quantile(found, 0.95) * 1e3, "ms", half)
    with probes.writing("tail", store) as process, probes.on_terminal(command, folder) as terminal:
        _find(terminal, agent)
        rate = probes.written_rates(process, effort.seconds)
        share = terminal.cpu_share(effort.seconds) * 100
        note = f"{rate():,.0f} events/s were written"
        yield barred("tail of 10,000 events/s", share, "%", note)


def large(store: Path, effort: Effort, folder: Path) -> Iterator[Figure]:
    """Measure a store that nobody can read whole."""
    probes.forget(store)
    value, note = _slowest(probes.pages(store, effort.pages))
    yield Figure("page from disk, p95", value, "ms", note=note)
    value, note = _slowest(probes.pages(store, effort.pages))
    yield barred("page, p95", value, "ms", note)
    with probes.on_terminal((*probes.CONSOLE, str(store)), folder) as terminal:
        terminal.wait_for("POST-MORTEM")
        terminal.settle(1.0)
        yield Figure("large store: first data", terminal.when(b"coordinator-0001"), "s")
        for key in _WALK:
            terminal.press(key)
            terminal.settle(0.4, 5.0)
        yield barred("memory", terminal.memory_bytes() / 1e6, "MB", "after all views were seen")
        yield from keys(terminal, _MOVES, effort, "large store: ")


def _slowest(times: Mapping[str, Sequence[float]]) -> tuple[float, str]:
    """Return the time of all lists' pages in milliseconds, and which list takes longest."""
    slowest = max(times, key=lambda name: probes.quantile(times[name], 0.95))
    every = [each for found in times.values() for each in found]
    note = f"slowest list: {slowest}, {probes.quantile(times[slowest], 0.95) * 1e3:.1f} ms"
    return probes.quantile(every, 0.95) * 1e3, note


def _find(terminal: Terminal, agent: str) -> None:
    """Have the agents of the writer on the screen, and let the start be over."""
    terminal.wait_for("LIVE")
    terminal.wait_for(agent)
    terminal.settle(0.5, 2.0)


def figures(effort: Effort, store: Path | None, events: int) -> Iterator[Figure]:
    """Measure everything."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield from floor(effort, folder)
        small = build(folder / "team.db", Spec(events=60_000, agents=AGENTS, failed_steps=40))
        yield from starting(small.path, "coordinator-0001", effort, folder)
        yield from attached(small.path, effort, folder)
        if store is None:
            store = build(folder / "large.db", Spec(events=events, agents=AGENTS)).path
        yield from large(store, effort, folder)


def main() -> None:
    """Measure and print, as a table or as one JSON object a line."""
    parser = arguments(__doc__)
    parser.add_argument("--quick", action="store_true", help="a smaller store, shorter looks")
    parser.add_argument("--store", type=Path, help="the large store, where there is one")
    options = parser.parse_args()
    effort, events = (QUICK, 300_000) if options.quick else (THOROUGH, 10_000_000)
    rows = figures(effort, options.store, events)
    show("console", rows, as_json=options.json, digits=3)


if __name__ == "__main__":
    main()
