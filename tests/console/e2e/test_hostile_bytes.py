"""No byte of a hostile store reaches the terminal that a harmless store would not have sent."""

import pytest

from tests.support import hostile
from tests.support.sequences import names, unknown

WALK = (
    *"1234567890",  # the views
    "1", "enter", "down", "down", "enter", "escape", "escape",
    "2", "end", "enter", "down", "down", "down", "enter", "pagedown", "escape", "escape",
    "4", "down", "enter", "escape", "5", "enter", "escape", "8", "enter", "escape",
)  # fmt: skip
"""Keys that open what there is to be seen; all of them are safe: the console is not armed."""
SMUGGLED = (b"\x1b[31;5m", b"\x1b]52", b"\x1b]0;", b"\x1b]8;", b"\x1bc", b"owned\x07", b"\x1b[20t")


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """A hostile store and its harmless twin."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, harmless in (("hostile", False), ("harmless", True)):
        hostile.record(folder / f"{name}.db", harmless=harmless)
    return folder


def walked(terminal):
    """Go through the console and return every byte that it wrote, its farewell included."""
    terminal.wait_for("POST-MORTEM")
    for key in WALK:
        terminal.press(key)
        terminal.settle(0.6 if key == "escape" else 0.25)  # escape and a key make another key
        alive = terminal.process.poll() is None
        assert alive, f"{key!r} ended it:\n{terminal.last_words()}"
    before = terminal.screen.text
    terminal.press("?")
    terminal.wait_for(lambda screen: "esc closes" in screen.text and screen.text != before)
    terminal.press("escape")
    terminal.wait_until_gone("esc closes")
    terminal.press("q")
    assert terminal.wait_end() == 0, terminal.last_words()
    return terminal.output


@pytest.mark.parametrize(
    "size",
    [
        pytest.param((80, 24), id="80x24"),
        pytest.param((160, 45), id="160x45", marks=pytest.mark.slow),
    ],
)
def test_a_terminal_is_told_nothing_that_a_harmless_store_does_not_tell_it(console, stores, size):
    known = names(walked(console(stores / "harmless.db", size=size)))
    output = walked(console(stores / "hostile.db", size=size))

    assert unknown(output, known) == []
    assert [each for each in SMUGGLED if each in output] == []
    assert b"orders" in output


def test_ascii_is_ascii(console, stores):
    output = walked(console("--ascii", stores / "hostile.db"))
    assert output.isascii()
