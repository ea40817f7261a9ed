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


@pytest.fixture(scope="module", autouse=True)
def unmeasured():
    """Start consoles and kernels without coverage, which in-process tests see to: twice as fast."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        yield


def made_home(folder):
    """Make the folders of what a console remembers and is told; return how it is told of them."""
    told = {}
    for name in ("STATE", "CONFIG", "CACHE", "DATA"):
        place = folder / "home" / name.lower()
        place.mkdir(parents=True)
        told[f"XDG_{name}_HOME"] = str(place)
    return told


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Have what the console remembers and is told in folders of the test."""
    for name, place in made_home(tmp_path).items():
        monkeypatch.setenv(name, place)
    return tmp_path / "home"


@pytest.fixture(scope="session")
def console_in():
    """Open a console on a terminal that remembers in a folder, for what several tests look at."""

    def start(folder, *arguments, size=(80, 24)):
        command = [*COMMAND, *map(str, arguments)]
        return Terminal(command, size=size, env=made_home(folder), cwd=folder)

    return start


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
