"""ASCII: whoever draws, only ASCII leaves, in the same cells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text
from textual.app import App
from textual.binding import Binding
from textual.geometry import Region
from textual.widgets import Footer, Input, OptionList, Static

from dataagents.console.ascii_filter import AsciiFilter
from dataagents.console.safe_text import safe_text
from dataagents.console.view.ascii_text import ascii_text
from dataagents.console.view.glyphs import ASCII, UNICODE, glyphs_for
from dataagents.console.view.marks import Mark


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("plain", "plain"),
        ("größer", "gro?er"),
        ("café", "cafe"),
        ("日本", "????"),
        ("├── a │ b ━━╸", "+-- a | b ==+"),
        ("“so” \N{EN DASH} a → b…", '"so" - a > b~'),
        ("a\u0301b", "ab"),
        ("① ½", "1 ?"),
        ("\N{REPLACEMENT CHARACTER}", "?"),
    ],
)
def test_each_character_has_a_twin_of_its_width(text, plain):
    assert ascii_text(text) == plain


def test_glyphs_become_what_the_set_for_ascii_has():
    assert [ascii_text(UNICODE.marks[mark]) for mark in Mark] == [
        ASCII.marks[mark] for mark in Mark
    ]
    assert ascii_text(UNICODE.spark) == ASCII.spark
    assert glyphs_for(True) is ASCII
    assert glyphs_for(False) is UNICODE


@given(st.text())
def test_any_safe_text_keeps_its_cells(text):
    safe = safe_text(text)
    plain = ascii_text(safe)
    assert plain.isascii()
    assert len(plain) == cell_len(safe)


class Drawn(App[None]):
    """Frames, a scrollbar, keys, and data of all kinds."""

    BINDINGS = [Binding("up", "bell", "Auf"), Binding("enter", "bell", "Öffnen")]  # noqa: RUF012

    def get_line_filters(self):
        return [*super().get_line_filters(), AsciiFilter()]

    def compose(self):
        frame = Static(Text("日本語 größe 👩‍💻\n" * 40))
        frame.styles.border = ("round", "red")
        yield frame
        yield OptionList(*(f"→ {at}" for at in range(50)))
        yield Input("ü")
        yield Footer()


async def test_nothing_but_ascii_leaves_an_app():
    app = Drawn()
    async with app.run_test(size=(60, 30), notifications=True) as pilot:
        app.notify("größer", markup=False)
        await pilot.press("ctrl+p")
        await pilot.pause()
        lines = 0
        for screen in app.screen_stack:
            for widget in screen.walk_children():
                region = Region(0, 0, *widget.size)
                for strip in widget.render_lines(region):
                    lines += 1
                    assert strip.text.isascii(), (widget, strip.text)
                    assert strip.cell_length == len(strip.text)
        assert lines > 30
