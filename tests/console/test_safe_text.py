import pytest

from dataagents.console.safe_text import REPLACEMENT, safe_text

HOSTILE = {
    "csi": "\x1b[2J\x1b[1;1H",
    "osc title": "\x1b]0;owned\x07",
    "osc 52": "\x1b]52;c;ZXZpbA==\x1b\\",
    "c1 csi": "\x9b2J",
    "c1 osc": "\x9d52;c;ZXZpbA==\x9c",
    "nul and bell": "a\x00b\x07",
    "backspace": "safe\x08\x08\x08\x08evil",
    "carriage return": "safe\revil",
    "delete": "a\x7fb",
    "right to left": "user\u202etxt.exe",
    "isolates": "\u2066a\u2069",
    "zero width": "a\u200bb\ufeffc",
    "line separators": "a\u2028b\u2029c",
    "invisible tags": "a\U000e0041b",
    "lone surrogate": "a\ud800b",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("lines", [True, False])
def test_nothing_that_a_terminal_obeys_is_left(text, lines):
    safe = safe_text(text, lines=lines)

    assert REPLACEMENT in safe
    assert len(safe) == len(text)
    assert all(each.isprintable() for each in safe)
    safe.encode()


def test_every_control_character_is_replaced_but_tab_and_newline():
    controls = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))

    assert safe_text(controls, lines=True).replace(REPLACEMENT, "") == "\t\n"


def test_ordinary_text_of_any_script_is_left_as_it_is():
    text = "größer 12 % [/] [@click=app.quit] العربية 日本語 👩\u200d💻 é"

    assert safe_text(text) is text


def test_a_single_line_is_one():
    assert safe_text("a\nb\tc") == "a↵b c"
    assert safe_text("a\nb\tc", lines=True) == "a\nb\tc"


@pytest.mark.parametrize(("limit", "shown"), [(5, "abcde"), (4, "abc…"), (1, "…")])
def test_a_long_text_is_cut(limit, shown):
    assert safe_text("abcde", limit=limit) == shown
