"""No byte of a hostile store reaches the terminal that a harmless store would not have sent."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support import hostile
from tests.support.sequences import names, unknown


def listed(view):
    """What is shown once a view has its list, and the cursor is on it."""
    return rf"^ {view}  .*\n(.*\n)*>"


def opened(view):
    """What is shown once something of a view was opened."""
    return rf"^ {view} > "


SETTLED = ""
IN_PANE, IN_LIST = "^ / Filter", "^ enter Open"
WALK = (
    ("1", listed("Overview")), ("end", SETTLED), ("enter", opened("Overview")),
    ("down", SETTLED), ("escape", listed("Overview")),
    ("2", listed("Traces")), ("end", SETTLED), ("enter", opened("Traces")),
    ("down", SETTLED), ("down", SETTLED), ("down", SETTLED),
    ("enter", IN_PANE), ("pagedown", SETTLED), ("escape", IN_LIST), ("escape", listed("Traces")),
    ("3", listed("Messages")),
    ("4", listed("Decisions")), ("down", SETTLED), ("enter", opened("Decisions")),
    ("escape", listed("Decisions")),
    ("5", listed("Plans")), ("enter", opened("Plans")), ("escape", listed("Plans")),
    ("6", listed("Reflections")), ("7", listed("Lineage")),
    ("8", listed("Alerts")), ("enter", opened("Alerts")), ("escape", listed("Alerts")),
    ("9", listed("Audit")), ("0", listed("Metrics")),
)  # fmt: skip
"""Keys that open what there is to be seen, and what is then on the screen.

All of them are safe: the console is not armed.
"""
SMUGGLED = (b"\x1b[31;5m", b"\x1b]52", b"\x1b]0;", b"\x1b]8;", b"\x1bc", b"owned\x07", b"\x1b[20t")


SIZES = [
    pytest.param((80, 24), id="80x24"),
    pytest.param((160, 45), id="160x45", marks=pytest.mark.slow),
]


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """A hostile store and its harmless twin."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, harmless in (("hostile", False), ("harmless", True)):
        hostile.record(folder / f"{name}.db", harmless=harmless)
    return folder


@pytest.fixture(scope="module", params=SIZES)
def written(request, stores, console_in, tmp_path_factory):
    """What consoles wrote of the harmless store, of the hostile one, and of that one in ASCII."""

    def walk(folder, *arguments):
        with console_in(folder, *arguments, size=request.param) as terminal:
            return walked(terminal)

    folders = [tmp_path_factory.mktemp("home") for _ in range(3)]
    calls = (["harmless.db"], ["hostile.db"], ["hostile.db", "--ascii"])
    with ThreadPoolExecutor(len(calls)) as pool:  # they wait more than they work
        return list(
            pool.map(lambda folder, call: walk(folder, stores / call[0], *call[1:]), folders, calls)
        )


def walked(terminal):
    """Go through the console and return every byte that it wrote, its farewell included."""
    terminal.wait_for("POST-MORTEM")
    for key, shown in WALK:
        terminal.press(key)
        terminal.wait_for(re.compile(shown, re.MULTILINE))
        terminal.settle()
    before = terminal.screen.text
    terminal.press("?")
    terminal.wait_for(lambda screen: "esc closes" in screen.text and screen.text != before)
    terminal.press("escape")
    terminal.wait_until_gone("esc closes")
    terminal.press("q")
    assert terminal.wait_end() == 0, terminal.last_words()
    return terminal.output


def test_a_terminal_is_told_nothing_that_a_harmless_store_does_not_tell_it(written):
    harmless, output, _ = written

    assert unknown(output, names(harmless)) == []
    assert [each for each in SMUGGLED if each in output] == []
    assert b"orders" in output


def test_ascii_is_ascii(written):
    *_, output = written
    assert output.isascii()
