"""The command, as a shell runs it."""

import asyncio
import os
import pty
import select
import subprocess
import sys
import threading

import pytest

from dataagents.console.safe_text import safe_text
from dataagents.core.version import __version__
from dataagents.storage import SqliteStore

COMMAND = [
    sys.executable,
    "-c",
    "import sys; from dataagents.console.launch import main; sys.exit(main())",
]

EVIL = ("[@click=app.quit]", "\x1b]52;c;eA==\x07", "\x9b2J", "[/]")


def run(*arguments, cwd, before=""):
    command = [sys.executable, "-c", f"{before}\n{COMMAND[2]}", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def store(tmp_path, story):
    path = tmp_path / "store.db"

    async def write():
        async with SqliteStore(path) as store:
            evil = [story.health(name) for name in EVIL]
            await store.commit([*story.kernel(), *story.whole(), *evil])

    asyncio.run(write())
    return path


def test_help_and_version_need_no_extra(tmp_path):
    block = "import sys; sys.modules['textual'] = sys.modules['typer'] = None"
    assert "--version" in run("--help", cwd=tmp_path, before=block).stdout
    version = run("--version", cwd=tmp_path, before=block)
    assert version.stdout == f"dataagents-console {__version__}\n"
    assert version.returncode == 0


def test_a_missing_store_is_one_line_and_exit_code_2(tmp_path):
    done = run(cwd=tmp_path)

    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("dataagents-console: store .dataagents/store.db: there is no such file.")


def test_a_file_that_is_no_store_is_one_line_too(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not a database")
    done = run(path, cwd=tmp_path)

    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert path.read_text() == "not a database"


def test_without_the_extra_it_says_which_one_to_install(store, tmp_path):
    for missing in ("textual", "typer"):
        block = (
            "import importlib.util as u; find = u.find_spec\n"
            f"u.find_spec = lambda name, *a: None if name == {missing!r} else find(name, *a)"
        )
        done = run(store, cwd=tmp_path, before=block)
        assert done.returncode == 2
        assert "pip install 'dataagents[console]'" in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_without_a_terminal_it_says_so(store, tmp_path):
    done = run(store, cwd=tmp_path)

    assert done.returncode == 2
    assert "dataagents trace" in done.stderr


TERMINAL = {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}


def read(terminal: int) -> bytes:
    """Read what a terminal shows next; a terminal that stays silent is a failure, not a hang."""
    ready, _, _ = select.select([terminal], [], [], 40)
    assert ready, "nothing was written to the terminal for 40 s"
    return os.read(terminal, 65536)


def test_it_ends_when_its_terminal_is_gone(store, tmp_path):
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, str(store)], stdin=follower, stdout=follower, stderr=follower,
        cwd=tmp_path, env={**os.environ, **TERMINAL}, start_new_session=True,
    )  # fmt: skip
    os.close(follower)
    try:
        shown = b""
        while b"transformer" not in shown:
            shown += read(leader)
        os.close(leader)
        process.wait(timeout=40)
    finally:
        process.kill()
        process.wait()


def test_quitting_is_a_success_and_no_hostile_byte_reaches_the_terminal(store, tmp_path):
    leader, follower = pty.openpty()
    environment = {**os.environ, **TERMINAL}
    process = subprocess.Popen(
        [*COMMAND, str(store)], stdin=follower, stdout=follower, stderr=follower,
        cwd=tmp_path, env=environment, start_new_session=True,
    )  # fmt: skip
    os.close(follower)
    watchdog = threading.Timer(40, process.kill)
    watchdog.start()
    output, rest = b"", b""
    try:
        for awaited, key in ((b"transformer", b"2"), (b"run-1", b"\r"), (b"WHAT", b"q")):
            while awaited not in rest:
                rest += read(leader)
            os.write(leader, key)
            output, rest = output + rest, b""
        while chunk := read(leader):
            output += chunk
    except OSError:
        pass  # the other end was closed
    finally:
        code = process.wait()
        watchdog.cancel()
        os.close(leader)
    assert code == 0
    assert b"\x1b]52" not in output
    assert "\x9b" not in output.decode()
    for name in EVIL:
        assert safe_text(name) in output.decode()
