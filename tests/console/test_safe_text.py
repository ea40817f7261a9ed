import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from dataagents.console.safe_text import MOST_MARKS, REPLACEMENT, safe_text

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
    "arabic letter mark": "a\u061cb",
    "zero width": "a\u200bb\ufeffc",
    "joiners in a name": "pay\u200dpal pay\u200cpal",
    "word joiner": "a\u2060b\u2064c",
    "soft hyphen": "pass\xadword",
    "line separators": "a\u2028b\u2029c",
    "invisible tags": "a\U000e0041b",
    "selectors that carry data": "a\ufe0f\U000e0154\U000e0155",
    "fillers": "a\u3164b\u115fc\uffa0d",
    "grapheme joiner": "a\u034fb",
    "private use": "a\ue0a0\U000f0001\U0010fffdb",
    "unassigned": "a\U0003fffe\uffffb",
    "annotation": "a\ufff9b\ufffbc",
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


@pytest.mark.parametrize(
    "text",
    [
        "größer\xa012\u202f% é e\u0301 [/] [@click=app.quit]",
        "العربية שָׁלוֹם می\u200cخواهم",  # noqa: RUF001  # that is how it is written
        "日本語 한국어 हिन्दी ไทย\u3000ế e\u0302\u0301",
        "👩 💻 🇩🇪 ✖ ● ░ → … „“",
    ],
)
def test_ordinary_text_of_any_script_is_left_as_it_is(text):
    assert safe_text(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("👩\u200d💻", "👩💻"),
        ("👨\u200d👩\u200d👧", "👨👩👧"),
        ("👍🏽", "👍"),
        ("☝\ufe0f🏽", "☝"),
        ("❤\ufe0f", "❤"),
        ("1\ufe0f\u20e3", "1\u20e3"),
        ("🏽", REPLACEMENT),
    ],
)
def test_emoji_are_shown_by_parts_whose_width_all_terminals_agree_about(text, shown):
    assert safe_text(text) == shown
    assert cell_len(shown) == sum(map(cell_len, shown))


def test_marks_do_not_climb_over_other_lines():
    piled = "a" + "\u0301" * 50 + "b\u0302"
    assert safe_text(piled) == "a" + "\u0301" * MOST_MARKS + REPLACEMENT + "b\u0302"


@pytest.mark.parametrize("text", ["\u0336struck", "a\n\u0336b", "a\t\u20ddb"])
def test_marks_upon_nothing_do_not_land_on_what_stands_before(text):
    assert safe_text(text, lines=True).count(REPLACEMENT) == 1


def test_a_single_line_is_one():
    assert safe_text("a\nb\tc") == "a↵b c"
    assert safe_text("a\nb\tc", lines=True) == "a\nb\tc"


@pytest.mark.parametrize(("limit", "shown"), [(5, "abcde"), (4, "abc…"), (1, "…"), (0, "")])
def test_a_long_text_is_cut(limit, shown):
    assert safe_text("abcde", limit=limit) == shown


nasty = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "a1é\n\t\r\x1b\x9b\u0301\u0336\u20e3\u200b\u200c\u200d\u202e\u2028\ufe0e\ufe0f👩🏽☝می"
            "\u034f\u3164\ue000\U000e0041\U000e0101\ud800"
        ),
    ),
    max_size=60,
)


@given(nasty, st.booleans(), st.integers(0, 70))
@example("☝\ufe0f🏽\u200d\u0301\u0301\u0301\u0301", True, 60)
@example("\u200c\u0301\u200dم\u200c\u200dم", False, 60)
def test_whatever_comes_is_safe_and_stays_as_it_is(text, lines, limit):
    safe = safe_text(text, lines=lines, limit=limit)

    assert safe_text(safe, lines=lines, limit=limit) == safe
    assert len(safe) <= limit
    allowed = "\n\t" if lines else ""
    for each in safe:
        assert each.isprintable() or each.isspace() or each == "\u200c"
        assert each not in "\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029\u200d\ufe0e\ufe0f"
        assert each >= " " or each in allowed
    safe.encode()


@given(nasty)
def test_cells_are_those_of_its_characters(text):
    safe = safe_text(text)
    assert cell_len(safe) == sum(map(cell_len, safe))
