"""Fault 46: signals. SIGTERM drains and exits with 0, SIGINT with 130, a second one at once.

Also in the middle of a commit, and beside a plugin that doesn't let itself be stopped. Every
process here has to end by itself: what waits for it gives up after a minute, and the test fails.
"""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PROGRAM = "import sys; from dataagents.console.cli import main; sys.exit(main())"

TOOLS = """
import asyncio, os, sys, threading
from dataagents.core import Observation, Strategy, hookimpl
from dataagents.core.reasoning import Effect, ToolLimits
from pydantic import BaseModel

class Request(BaseModel):
    dataset: str
    lenient: bool = False

COLUMN = {"type": "integer", "present": 4, "conforming": 4, "distinct": 4}
DATA = {
    "analyze_schema": {"rows": 4, "key": "id", "columns": {"id": COLUMN}},
    "validate_data": {"score": 0.5, "dimensions": {"validity": 0.5, "timeliness": None}},
    "transform_data": {"cells_changed": 0},
    "route_pipeline": {},
}

def say(word):
    sys.stderr.write(word + "\\n")
    sys.stderr.flush()

def told():
    # Whoever runs this process says when to go on, by its standard input.
    return asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)

class Canned:
    effect = Effect.READ
    input_model = Request

    def __init__(self, name):
        self.name = self.description = name
        self.limits = ToolLimits(seconds=SECONDS)

    async def run(self, request, bench):
        say(f"begins {self.name}")
        if self.name == "analyze_schema":
            await act()
        return Observation(self.name, DATA[self.name])

async def act():
    %s

@hookimpl
def register_tools():
    return [Strategy(name, lambda options, name=name: Canned(name)) for name in DATA]
"""

FOREVER = "await asyncio.Event().wait()"
STUBBORN = (
    "while True:\n"
    "        try: await asyncio.Event().wait()\n"
    "        except asyncio.CancelledError: pass"
)
THREAD = "await asyncio.to_thread(threading.Event().wait)"
OBEDIENT = "await told()"


class Running:
    """`dataagents run` in a process of its own."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", PROGRAM, "run", "orders.csv"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def read_until(self, word: str) -> str:
        assert self.process.stderr is not None
        read = ""
        for line in self.process.stderr:
            read += line
            if word in line:
                return read
        raise AssertionError(f"{word!r} did not come: {read}")

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> tuple[int, str]:
        """Wait for the end, and return the exit code and the rest of stderr."""
        rest = self.process.communicate(timeout=60)[1]
        return self.process.returncode, rest


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Running]]:
    """Start a run whose first tool does what a test wants; no process is left behind."""
    for name in [name for name in os.environ if name.startswith("DATAAGENTS_")]:
        monkeypatch.delenv(name)
    site, home = tmp_path / "site", tmp_path / "home"
    info = site / "canned-1.0.dist-info"
    info.mkdir(parents=True)
    home.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: canned\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[dataagents]\ncanned = canned\n")
    (home / "orders.csv").write_text("id,amount\n1,2\n3,4\n")
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.chdir(home)
    started: list[Running] = []

    def run(act: str, *, grace: float, seconds: float | None = None) -> Running:
        (site / "canned.py").write_text(f"SECONDS = {seconds!r}\n{TOOLS % act}")
        config = f'disabled_plugins = ["data"]\ngrace = {grace}\nmax_replans = 0\n'
        (home / "dataagents.toml").write_text(config)
        started.append(Running())
        return started[-1]

    yield run
    for each in started:
        each.process.kill()
        each.process.communicate()


def recorded() -> tuple[list[str], list[str]]:
    """Return the state of the run, and the tasks that ended."""
    with sqlite3.connect(".dataagents/store.db") as store:
        runs = [row[0] for row in store.execute("SELECT status FROM runs")]
        ended = [
            row[0] for row in store.execute("SELECT subject FROM events WHERE kind = 'task.ended'")
        ]
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    store.close()
    return runs, ended


def test_sigterm_lets_the_task_under_way_end_starts_no_other_and_exits_with_0(start):
    run = start(OBEDIENT, grace=60)
    run.read_until("begins analyze_schema")
    run.send(signal.SIGTERM)
    run.read_until("stopping; tasks under way get 60 s")
    run.process.stdin.write("go on\n")
    run.process.stdin.flush()
    code, rest = run.end()
    assert code == 0, rest
    assert "begins" not in rest
    assert "recorded as cancelled" in rest
    runs, ended = recorded()
    assert runs == ["cancelled"]
    assert len(ended) == 1, "what the task did is on record"


@pytest.mark.parametrize("act", [FOREVER, STUBBORN, THREAD], ids=["waits", "stubborn", "thread"])
@pytest.mark.parametrize(
    ("number", "expected"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)], ids=["term", "int"]
)
def test_a_task_that_does_not_end_gets_its_grace_and_no_more(start, act, number, expected):
    run = start(act, grace=0.2)
    run.read_until("begins analyze_schema")
    run.send(number)
    run.read_until("stopping")
    code, rest = run.end()
    assert code == expected, rest
    assert "Traceback" not in rest
    assert "interrupted: the run is recorded as cancelled; dataagents trace " in rest
    assert recorded()[0] == ["cancelled"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(signal.SIGTERM, signal.SIGTERM, id="term-term"),
        pytest.param(signal.SIGINT, signal.SIGINT, id="int-int"),
        pytest.param(signal.SIGTERM, signal.SIGINT, id="term-int", marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, signal.SIGTERM, id="int-term", marks=pytest.mark.slow),
    ],
)
def test_a_second_signal_ends_it_at_once(start, first, second):
    run = start(STUBBORN, grace=600)
    run.read_until("begins analyze_schema")
    run.send(first)
    run.read_until("stopping")
    run.send(second)
    code, rest = run.end()
    assert code == -second
    assert "Traceback" not in rest


@pytest.mark.parametrize("act", [STUBBORN, THREAD], ids=["stubborn", "thread"])
def test_without_a_signal_too_the_process_ends_beside_what_does_not(start, act):
    run = start(act, grace=0.2, seconds=0.2)
    code, rest = run.end()
    assert code == 4, rest
    assert "Traceback" not in rest
    assert recorded()[0] == ["failed"]


COMMITTING = """
import asyncio, os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from dataagents.core import Event
from dataagents.storage import SqliteStore

async def main():
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    number = int(sys.argv[1])
    loop.add_signal_handler(number, told.set)
    acknowledged = 0
    async with SqliteStore(Path("store.db")) as store:
        async def writer(name):
            nonlocal acknowledged
            n = 0
            while not told.is_set():
                n += 1
                event = Event(f"{name}-{n}", datetime.now(UTC), "k", "s", {"x": "y" * 500})
                await store.commit((event,))
                acknowledged += 1
                if acknowledged == 50:
                    os.kill(os.getpid(), number)
        await asyncio.gather(*(writer(f"w{each}") for each in range(20)))
    print(acknowledged)

asyncio.run(main())
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["term", "int"])
def test_a_signal_during_commits_loses_nothing_that_was_acknowledged(tmp_path: Path, number: int):
    done = subprocess.run(
        [sys.executable, "-P", "-c", COMMITTING, str(int(number))],
        capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(tmp_path / "store.db") as store:
        (kept,) = store.execute("SELECT count(*) FROM events WHERE kind = 'k'").fetchone()
    store.close()
    assert kept == int(done.stdout) >= 50
