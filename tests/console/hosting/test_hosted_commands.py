"""`dataagents-console run` and `demo` on a terminal: what they show, write, and leave behind."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dataagents.storage import SqliteStore, StoreReader
from tests.support.terminals import Terminal

COMMAND = (
    sys.executable,
    "-c",
    "import sys; from dataagents.console.launch import main; sys.exit(main())",
)
PATIENCE = 60.0


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give a folder of its own with a file to clean, and nobody's preferences."""
    rows = [f"{number},{number * 1.5:.2f},2026-01-{number % 28 + 1:02d}" for number in range(60)]
    (tmp_path / "orders.csv").write_text("\n".join(["id,price,day", *rows]) + "\n")
    return tmp_path


def at(place: Path, *words: str) -> Terminal:
    env = {
        "HOME": str(place), "XDG_STATE_HOME": None, "XDG_CONFIG_HOME": None,
        "TMPDIR": str(place / "tmp"),
    }  # fmt: skip
    (place / "tmp").mkdir(exist_ok=True)
    return Terminal([*COMMAND, *words], size=(120, 40), env=env, cwd=place)


def status_of(store: Path) -> tuple[str, bool]:
    """Return how the one run in a store stands, and whether a kernel has the store."""

    async def read():
        async with StoreReader(store) as reader:
            (run,) = await reader.runs(9)
            return str(run.status), reader.holder() is not None

    return asyncio.run(read())


def test_a_run_is_shown_and_told_of_when_the_operator_leaves(place):
    with at(place, "run", "orders.csv", "--out", "out", "--store", "s.db") as terminal:
        terminal.press("2")
        terminal.wait_for("● done", PATIENCE)
        assert "orders" in terminal.screen.text
        terminal.press("q")
        code = terminal.wait_end(PATIENCE)
        said = terminal.output.decode()
    assert code == 0
    assert "dataagents trace" in said
    assert (place / "out" / "contract.yaml").exists()
    assert status_of(place / "s.db") == ("done", False)
    assert not (place / "s.db.work").exists()


def test_terminating_the_process_gives_the_terminal_back_and_ends_the_kernel_in_order(place):
    with at(place, "run", "orders.csv", "--store", "s.db") as terminal:
        terminal.press("2")
        terminal.wait_for("● done", PATIENCE)
        terminal.process.send_signal(signal.SIGTERM)
        code = terminal.wait_end(PATIENCE)
        assert b"\x1b[?1049l" in terminal.output  # back to the screen before
    assert code == 0
    assert status_of(place / "s.db") == ("done", False)


def test_the_demonstration_runs_and_leaves_nothing_behind(place):
    with at(place, "demo", "--speed", "4") as terminal:
        terminal.wait_for("profiler-2", PATIENCE)
        terminal.press("2")
        terminal.wait_for("sensors", PATIENCE)
        terminal.press("q")
        assert terminal.wait_end(PATIENCE) == 0
    assert list((place / "tmp").iterdir()) == []


def test_a_demonstration_that_is_kept_can_be_looked_at_again(place):
    with at(place, "demo", "--store", "demo.db") as terminal:
        terminal.press("2")
        terminal.wait_for("◐ running", PATIENCE)
        terminal.press("q")  # what is kept is worth a question
        terminal.wait_for("A run is under way here", PATIENCE)
        terminal.settle()
        terminal.press("end")
        terminal.settle()
        terminal.press("enter")
        assert terminal.wait_end(PATIENCE) == 0
        assert "dataagents-console demo.db" in terminal.output.decode()
    with at(place, "demo.db") as terminal:
        terminal.press("2")
        terminal.wait_for("sensors", PATIENCE)
        terminal.press("q")
        assert terminal.wait_end(PATIENCE) == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run", "ordres.csv"), "Did you mean 'orders.csv'?"),
        (("run", "-"), "standard input"),
        (("run", "orders.csv", "--min-score", "x"), "--min-score"),
        (("run", "orders.csv", "--config", "none.toml"), "none.toml"),
        (("run", "orders.csv", "--out", "orders.csv"), "output folder"),
    ],
)
def test_what_can_not_be_used_is_said_before_anything_is_shown(place, words, says):
    with at(place, *words) as terminal:
        assert terminal.wait_end(PATIENCE) == 2
        said = terminal.output.decode()
    assert says in said
    assert len(said.strip().splitlines()) == 1
    assert "\x1b" not in said
    assert not (place / ".dataagents").exists()


def test_a_store_that_is_in_use_is_said_to_be(place):
    async def beside() -> str:
        async with SqliteStore(place / "s.db"):
            with at(place, "run", "orders.csv", "--store", "s.db") as terminal:
                assert await asyncio.to_thread(terminal.wait_end, PATIENCE) == 2
                return terminal.output.decode()

    said = asyncio.run(beside())
    assert f"process {os.getpid()} has it open" in said
    assert "dataagents-console s.db" in said


@pytest.mark.parametrize("words", [("run", "orders.csv"), ("demo",)])
def test_without_a_terminal_there_is_nothing_to_host(place, words):
    done = subprocess.run(
        [*COMMAND, *words], cwd=place, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 2
    assert "terminal" in done.stderr
    assert not (place / ".dataagents").exists()


def test_a_dumb_terminal_is_sent_to_the_lines(place):
    env = {"HOME": str(place), "TERM": "dumb"}
    with Terminal([*COMMAND, "demo"], env=env, cwd=place) as terminal:
        assert terminal.wait_end(PATIENCE) == 2
        assert "dataagents status --plain" in terminal.output.decode()
