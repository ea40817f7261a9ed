"""The console as an operator has it: a command on a terminal, beside kernels of other processes."""

import sys

import pytest

from tests.support.multiplexer import Multiplexer, has_tmux
from tests.support.terminals import Terminal

COMMAND = (
    sys.executable,
    "-c",
    "import sys; from dataagents.console.launch import main; sys.exit(main())",
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Have what the console remembers and is told in folders of the test."""
    for name in ("STATE", "CONFIG", "CACHE", "DATA"):
        folder = tmp_path / "home" / name.lower()
        folder.mkdir(parents=True)
        monkeypatch.setenv(f"XDG_{name}_HOME", str(folder))
    return tmp_path / "home"


@pytest.fixture
def console(home, tmp_path):
    """Open consoles on terminals; what is left open is ended with the test."""
    opened = []

    def start(*arguments, size=(80, 24), env=None):
        terminal = Terminal([*COMMAND, *map(str, arguments)], size=size, env=env, cwd=tmp_path)
        opened.append(terminal)
        return terminal

    yield start
    for terminal in opened:
        terminal.close()


@pytest.fixture
def tmux(home, tmp_path_factory):
    """Open consoles in tmux, where a real terminal emulator stands between."""
    if not has_tmux():
        pytest.skip("NOT TESTED: there is no tmux")
    folder = tmp_path_factory.mktemp("t")  # a socket's path may have 107 characters
    opened = []

    def start(*arguments, size=(80, 24), env=None):
        session = Multiplexer(folder, [*COMMAND, *map(str, arguments)], size=size, env=env)
        opened.append(session)
        return session

    yield start
    for session in opened:
        session.close()
