"""The terminal that the other tests look through sees what is there."""

import re
import sys

import pytest

from tests.support.sequences import names, unknown
from tests.support.terminals import NotShownError, Terminal, key_bytes

ECHO = """
import os, signal, sys, termios, tty
tty.setraw(0)
size = lambda *_: os.write(1, b"\\r\\n%dx%d" % os.get_terminal_size(0)[:2])
signal.signal(signal.SIGWINCH, size)
size()
while (key := os.read(0, 16)) != b"q":
    os.write(1, b"\\x1b[2J\\x1b[3;5H\\x1b[1;31mgot " + repr(key).encode() + b"\\x1b[m")
os.write(1, b"\\r\\nbye")
sys.exit(3)
"""


@pytest.fixture
def echo():
    """A program that shows the size of its terminal, and the keys that it gets."""
    with Terminal([sys.executable, "-c", ECHO], size=(70, 20)) as terminal:
        terminal.wait_for("70x20")
        yield terminal


def test_keys_and_screens(echo):
    echo.press("up")
    screen = echo.wait_for(r"got b'\x1b[A'")
    assert screen.place_of("got") == (4, 2)
    place = screen.at(4, 2)
    assert (place.text, place.ink, place.bold) == ("g", "red", True)
    assert screen.colours() == {"red"}
    echo.press("ctrl+p")
    echo.wait_for(re.compile(r"got b'\\x10'"))
    echo.type("ab")
    echo.wait_for("got b'ab'")


def test_it_can_become_smaller(echo):
    echo.resize(40, 12)
    screen = echo.wait_for("40x12")
    assert (len(screen.lines), len(screen.row(0))) == (12, 40)


def test_times_costs_and_ends(echo):
    assert 0 < echo.first_byte < 20
    assert echo.first_byte <= echo.when(b"70x20") < 20
    assert 0 < echo.latency("x") < 20
    assert echo.cpu_seconds() >= 0
    assert 1e6 < echo.memory_bytes() < 1e9
    echo.press("q")
    assert echo.wait_end() == 3
    assert echo.output.endswith(b"bye")


def test_what_does_not_come_is_told_with_the_screen(echo):
    with pytest.raises(NotShownError, match="70x20"):
        echo.wait_for("never", patience=0.05)
    echo.press("q")
    with pytest.raises(NotShownError, match="it has ended"):
        echo.wait_for("never")


def test_a_key_that_is_none_is_refused():
    with pytest.raises(ValueError, match="known are enter"):
        key_bytes("entre")


def test_a_terminal_is_told_things_by_name():
    data = b"\x1b[1;2H\x1b[31mred\x1b[?25l\x1b]22;default\x07\r\n"
    known = {"CSI H": 1, "CSI m": 1, "CSI ?25l": 1, "OSC 22;default\\x07": 1}
    assert dict(names(data)) == known | {"control 0d": 1, "control 0a": 1}
    assert unknown(data, known) == []


@pytest.mark.parametrize(
    "evil",
    [
        "\x1b]52;c;eA==\x07", "\x1b]0;title\x1b\\", "\x9b2J", "\x9d0;title\x9c", "\x1bPq\x1b\\",
        "\x1b[?1049l", "\x1b[2J", "\x1bc", "\x1b", "\x00", "\x07", "\u202e", "\u200b", "\x7f",
    ],
)  # fmt: skip
def test_what_is_told_beyond_that_is_found(evil):
    data = f"\x1b[1;2Hharmless {evil} text".encode()
    assert unknown(data, {"CSI H"}) != []


def test_a_byte_that_is_no_text_is_found():
    assert unknown(b"\x9b2J", set()) != []
    assert unknown(b"\xff", set()) != []


def test_the_clipboard_is_never_harmless():
    data = b"\x1b]52;c;eA==\x07"
    assert unknown(data, names(data)) != []
