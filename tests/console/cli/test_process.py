"""The command as a process: without its extras, interrupted, on a terminal, with output closed."""

import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
import termios
from fcntl import ioctl
from struct import pack

import pytest

from dataagents.core.version import __version__
from tests.console.cli.conftest import RELEASED

PROGRAM = "import sys; from dataagents.console.cli import main; sys.exit(main())"
COMMAND = [sys.executable, "-P", "-c", PROGRAM]
WITHOUT = (
    "import importlib.util as u; find = u.find_spec\n"
    "u.find_spec = lambda name, *a: None if name == {!r} else find(name, *a)"
)


@pytest.mark.parametrize("library", ["typer", "rich"])
def test_without_the_console_extra_it_says_which_one_to_install(shell, orders, library):
    done = shell("run", orders, before=WITHOUT.format(library))

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "dataagents: dataagents needs the extra 'console': pip install 'dataagents[console]'."
    ]


def test_the_version_needs_no_extra(shell):
    expected = f"dataagents {__version__}\n"
    assert shell("--version", before=WITHOUT.format("typer")).stdout == expected
    assert shell("--version").stdout == expected


def test_without_the_engine_nothing_is_begun(shell, orders, home):
    done = shell("run", orders, "--out", "results", before=WITHOUT.format("duckdb"))

    assert done.returncode == 2
    assert "pip install 'dataagents[data]'" in done.stderr
    assert sorted(each.name for each in home.iterdir()) == ["orders.csv"]


def test_the_version_loads_nothing_heavy(shell, monkeypatch):
    # Coverage, where it follows a process into its children, loads sqlite3 there.
    for name in [name for name in os.environ if "COVERAGE" in name]:
        monkeypatch.delenv(name)
    report = (
        "import atexit, sys\n"
        "atexit.register(lambda: sys.stderr.write(' '.join(sorted(sys.modules))))"
    )
    done = shell("--version", before=report)

    loaded = set(done.stderr.split())
    assert loaded & {"rich.console", "duckdb", "textual", "aiosqlite", "sqlite3"} == set()


def test_a_process_helps_and_refuses_wrong_usage(shell):
    done = shell("run", "--help")
    assert (done.returncode, "Examples:" in done.stdout) == (0, True)

    done = shell("run", "--fast", "x.csv")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Usage: dataagents" in done.stderr


@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help"), ("trace", "-h")])
def test_help_teaches_by_examples(cli, arguments):
    done = cli(*arguments)

    assert done.exit_code == 0
    assert "Examples:" in done.stdout


def test_help_names_every_exit_code(cli):
    lines = cli("--help").stdout.splitlines()
    assert {line.split()[0] for line in lines if line.strip()[:1].isdigit()} == {
        "0", "1", "2", "3", "4", "130",
    }  # fmt: skip


@pytest.mark.parametrize("arguments", [(), ("run",), ("walk",), ("run", "--fast", "x.csv")])
def test_wrong_usage_is_2(cli, arguments):
    done = cli(*arguments)

    assert done.exit_code == 2
    assert "Traceback" not in done.stderr
    assert "Usage: dataagents" in done.stderr + done.stdout


class Running:
    """A command in a process of its own whose tool never ends."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [*COMMAND, *arguments], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def read_until(self, word):
        for line in self.process.stderr:
            if word in line:
                return
        raise AssertionError(f"{word!r} did not come")

    def end(self):
        """Wait for the end and return the rest of stderr."""
        return self.process.communicate(timeout=30)[1]


@pytest.fixture
def running():
    """Start runs, and leave none behind."""
    started = []

    def start(*arguments):
        started.append(Running(*arguments))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.communicate()


@pytest.mark.parametrize(
    ("number", "code", "grace"), [(signal.SIGINT, 130, 20), (signal.SIGTERM, 0, 0.2)]
)
def test_a_signal_ends_a_question_in_order(running, orders, stand_in, number, code, grace):
    waiting = "sys.stderr.write('analyzing\\n'); sys.stderr.flush(); await asyncio.Event().wait()"
    stand_in(waiting, grace=grace)  # SIGTERM leaves it to the task to end within it
    run = running("reason", "Why?", "orders.csv")
    run.read_until("analyzing")
    run.process.send_signal(number)
    run.read_until("stopping")
    rest = run.end()

    assert run.process.returncode == code
    assert "Traceback" not in rest
    assert "interrupted: the run is recorded as cancelled; dataagents trace " in rest
    with sqlite3.connect(".dataagents/store.db") as store:
        assert store.execute("SELECT status FROM runs").fetchall() == [("cancelled",)]
    store.close()


def test_a_reader_that_goes_away_is_no_failure(ran):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, "trace"], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)

    assert done.returncode == 141
    assert done.stderr == ""


def on_terminal(*arguments, columns=80, **environment):
    """Run on a pseudo terminal and return what it was sent."""
    leader, follower = pty.openpty()
    ioctl(follower, termios.TIOCSWINSZ, pack("HHHH", 40, columns, 0, 0))
    base = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "NO_COLOR")}
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)], stdin=follower, stdout=follower, stderr=follower,
        env={**base, "TERM": "xterm-256color", **environment}, start_new_session=True,
    )  # fmt: skip
    os.close(follower)
    output = b""
    try:
        while chunk := os.read(leader, 65536):
            output += chunk
    except OSError:  # the other end was closed
        pass
    finally:
        os.close(leader)
    assert process.wait(timeout=30) == 0
    return output.decode()


def test_on_a_terminal_progress_is_live_in_colour_and_leaves_no_trace(orders):
    sent = on_terminal("run", orders)

    assert "of 6 tasks" in sent
    assert "[DATA]" not in sent
    assert sent.count("\x1b[?25l") == sent.count("\x1b[?25h") == 1  # the cursor comes back
    assert "40 = " in sent.replace("\x1b[0m", "").replace("\x1b[1m", "")
    assert "\x1b[1;32m" in sent


def test_on_a_terminal_an_answer_stands_apart_from_the_steps(orders, stand_in):
    stand_in()
    sent = on_terminal("reason", "How many rows?", orders, NO_COLOR="1")

    assert sent.count("\x1b[?25l") == sent.count("\x1b[?25h") == 1  # the cursor comes back
    lines = [line.strip() for line in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", sent).splitlines()]
    begin = next(at for at, line in enumerate(lines) if line.startswith("Rules decided here"))
    assert lines[begin - 1] == ""
    assert "● 1 analyze_schema" in sent.replace("\x1b[1m", "")
    assert "\x1b[3" not in sent  # no colour
    assert "\x1b[31m" not in sent


def test_colour_is_left_out_where_nobody_wants_it(orders, stand_in):
    stand_in(RELEASED)
    assert "\x1b[1;3" not in on_terminal("run", orders, "--quiet", NO_COLOR="1")


def test_a_dumb_terminal_gets_plain_lines(orders, stand_in):
    stand_in(RELEASED)
    sent = on_terminal("run", orders, TERM="dumb")

    assert "\x1b" not in sent
    assert "profiler works on" in sent
    assert "orders  done in " in sent


def test_an_encoding_without_the_glyphs_is_no_failure(orders, shell, stand_in):
    stand_in(RELEASED)
    assert shell("run", orders, PYTHONIOENCODING="ascii").returncode == 0
    assert shell("trace", PYTHONIOENCODING="ascii").returncode == 0
