"""A console beside a real kernel of another process, which is killed, comes again, is replaced."""

import re
from shutil import copyfile

import pytest

from tests.support.living_team import Living

AGENT = "coordinator-0001"


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store.db"


@pytest.fixture
def kernel(store, tmp_path):
    with Living(store, interval=0.5, errors=tmp_path / "kernel.err") as living:
        yield living


@pytest.fixture(scope="module")
def lively(tmp_path_factory):
    """A store of a kernel that lives for as long as the tests that do nothing to it."""
    folder = tmp_path_factory.mktemp("lively")
    with Living(folder / "store.db", interval=0.5, errors=folder / "kernel.err"):
        yield folder / "store.db"


def test_a_kernel_is_killed_and_comes_again(console, store, kernel):
    terminal = console(store, size=(120, 30))
    terminal.wait_for("LIVE")
    terminal.wait_for(AGENT)
    terminal.wait_for(str(kernel.pid))
    terminal.wait_for(re.compile(f"{AGENT} .*healthy"))

    kernel.kill()
    screen = terminal.wait_for("POST-MORTEM")
    assert AGENT in screen.text  # what was there can be read on

    kernel.start()
    terminal.wait_for("LIVE")
    terminal.wait_for(str(kernel.pid))
    terminal.wait_for(re.compile(f"{AGENT} .*healthy"))

    assert kernel.stop() == 0
    terminal.wait_for("POST-MORTEM")
    terminal.press("q")
    assert terminal.wait_end() == 0


def test_a_store_that_is_replaced_is_read_anew(console, store, kernel, tmp_path):
    other = tmp_path / "other.db"
    with Living(other, agents=9) as another:
        another.stop()
    terminal = console(store)
    terminal.wait_for("8 agents")
    kernel.stop()

    copyfile(other, tmp_path / "new.db")
    (tmp_path / "new.db").replace(store)
    terminal.wait_for("9 agents")


def test_a_store_that_is_gone_is_waited_for(console, store, kernel, tmp_path):
    kernel.stop()
    terminal = console(store)
    terminal.wait_for("POST-MORTEM")

    store.rename(tmp_path / "away.db")
    screen = terminal.wait_for("MISSING")
    assert AGENT in screen.text  # what was read stays

    (tmp_path / "away.db").rename(store)
    terminal.wait_for("POST-MORTEM")


def test_two_consoles_see_the_same(console, store, kernel):
    consoles = [console(store), console(store, size=(160, 45))]
    for terminal in consoles:
        terminal.wait_for("LIVE")
        terminal.wait_for(AGENT)
    kernel.kill()
    for terminal in consoles:
        terminal.wait_for("POST-MORTEM")
        terminal.press("q")
        assert terminal.wait_end() == 0


def test_it_takes_any_size_and_comes_back(console, lively):
    terminal = console(lively)
    terminal.wait_for(AGENT)
    for size in ((60, 15), (240, 70), (40, 10)):
        terminal.resize(*size)
        terminal.settle()
        terminal.wait_for("LIVE")
        terminal.resize(80, 24)
        screen = terminal.wait_for(AGENT)
        assert len(screen.lines) == 24
    terminal.press("q")
    assert terminal.wait_end() == 0


def test_no_colour_is_no_colour(console, lively):
    terminal = console(lively, env={"NO_COLOR": "1"})
    terminal.wait_for(AGENT)
    terminal.press("down")
    screen = terminal.settle()
    shades = {tuple(int(colour[at : at + 2], 16) for at in (0, 2, 4)) for colour in _rgb(screen)}
    assert all(max(shade) - min(shade) <= 2 for shade in shades)


def _rgb(screen):
    return [colour for colour in screen.colours() if len(colour) == 6]


def test_sixteen_colours_are_enough(console, lively):
    terminal = console(lively, env={"TERM": "xterm-16color", "COLORTERM": None})
    terminal.wait_for(AGENT)
    terminal.settle()
    assert b"38;2;" not in terminal.output
    assert b"38;5;" not in terminal.output


def test_it_ends_with_its_terminal(console, lively):
    terminal = console(lively)
    terminal.wait_for(AGENT)
    terminal.hang_up()
    terminal.process.wait(20)


def test_in_tmux_it_takes_keys_and_gives_the_terminal_back(tmux, lively):
    session = tmux(lively, size=(100, 30))
    session.wait_for(AGENT)
    session.resize(60, 15)
    session.press("Down")
    session.wait_for(">profiler-0001")
    session.resize(100, 30)
    session.press("Down")
    session.wait_for(">profiler-0002")
    session.press("q")
    assert session.wait_end() == 0
