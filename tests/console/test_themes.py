"""Themes: readable on every row, and never by colour alone."""

from pathlib import Path

import pytest
from rich.color import ColorSystem
from textual.app import App
from textual.color import Color
from textual.geometry import Region
from textual.theme import BUILTIN_THEMES
from textual.widgets import Input

from dataagents.console import themes
from dataagents.console.style_sheet import SteadySheet
from dataagents.console.themes import (
    BADGES,
    CONTRAST,
    DARK,
    LIGHT,
    PLAIN,
    THEMES,
    choose,
    install,
    native_colours,
    theme_for,
    usable,
)
from dataagents.console.view.cells import TONES
from dataagents.console.view.glyphs import ASCII, UNICODE
from dataagents.console.view.marks import Mark
from dataagents.console.view.status_line import Count, Status
from dataagents.console.widgets.detail_pane import DetailPane
from dataagents.console.widgets.status_line import StatusLine
from dataagents.core.errors import InputError

COLOURED = (DARK, LIGHT, CONTRAST)
READABLE = 4.5
ROWS = ("heading", "cursor", "resting", "marked")
GROUNDS = ("background", "surface", "panel", *(f"{row}-background" for row in ROWS))
TEXTS = (
    *(f"tone-{tone}" for tone in (*TONES, "match")),
    "foreground", "text-muted", "text-success", "text-warning", "text-error",
)  # fmt: skip
PAIRS = (
    ("footer-foreground", "footer-background"),
    ("footer-key-foreground", "footer-background"),
    ("footer-description-foreground", "footer-background"),
    *((f"badge-{mark}-foreground", f"badge-{mark}-background") for mark in BADGES),
    *((f"{row}-foreground", f"{row}-background") for row in ROWS),
    ("block-cursor-foreground", "block-cursor-background"),
    ("block-cursor-blurred-foreground", "block-cursor-blurred-background"),
    ("input-selection-foreground", "input-selection-background"),
    ("input-cursor-foreground", "input-cursor-background"),
)  # fmt: skip


def variables(theme):
    return theme.to_color_system().generate() | theme.variables


def luminance(color):
    def linear(part):
        part /= 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b)


def contrast(one, other):
    """WCAG 2.2, relative luminance."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def as_it_is(color):
    return color


def of_256(color):
    return Color(*color.rich_color.downgrade(ColorSystem.EIGHT_BIT).get_truecolor())


def test_contrast_is_measured_as_wcag_does():
    assert contrast(Color.parse("#000"), Color.parse("#fff")) == pytest.approx(21)
    assert contrast(Color.parse("#777"), Color.parse("#fff")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("shown", [as_it_is, of_256])
@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_every_text_is_readable_wherever_it_may_stand(theme, shown):
    known = variables(theme)
    needed = 7.0 if theme is CONTRAST else READABLE
    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS] + list(PAIRS)

    faint = {
        pair: round(ratio, 2)
        for pair in pairs
        if (ratio := contrast(*(shown(Color.parse(known[name])) for name in pair))) < needed
    }
    assert not faint


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_rows_stay_apart_with_256_colours(theme):
    known = variables(theme)
    looks = {
        (of_256(Color.parse(known[f"{row}-background"])).hex, "reverse" in known[f"{row}-style"])
        for row in ("cursor", "resting", "marked")
    }
    plain = (of_256(Color.parse(known["background"])).hex, False)
    assert len({*looks, plain}) == 4


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_every_theme_has_every_variable_that_a_stylesheet_may_use(theme):
    ours = variables(DARK).keys()
    textuals = BUILTIN_THEMES["textual-dark"].to_color_system().generate().keys()
    assert not (ours | textuals) - variables(theme).keys()


@pytest.mark.parametrize("name", ["dataagents-ansi", "dataagents-plain"])
def test_the_terminals_own_colours_are_all_that_its_themes_use(name):
    known = variables(THEMES[name])
    styles = {known[f"{row}-style"] for row in ROWS}
    assert len({*styles, "none"}) == 5, "rows differ by style, not by colour"
    ours = [key for key in known if key.startswith(("tone-", "badge-", *ROWS, "footer", "border"))]
    used = {known[key] for key in ours if not key.endswith("style")}
    assert all(each == "transparent" or each.startswith("ansi_") for each in used)


def test_no_meaning_is_told_by_colour_alone():
    for glyphs in (UNICODE, ASCII):
        assert len({glyphs.marks[mark] for mark in Mark}) == len(Mark)
    known = variables(PLAIN)
    colours = {known[f"tone-{tone}"] for tone in TONES} | {
        known[f"{row}-background"] for row in ROWS
    }
    assert colours == {"ansi_default"}


@pytest.mark.parametrize(
    ("wanted", "system", "no_color", "name"),
    [
        (None, "truecolor", False, "dataagents-dark"),
        ("light", "256", False, "dataagents-light"),
        ("dataagents-contrast", "truecolor", False, "dataagents-contrast"),
        ("ansi", "truecolor", False, "dataagents-ansi"),
        ("light", "standard", False, "dataagents-ansi"),
        ("plain", "standard", False, "dataagents-plain"),
        (None, "windows", False, "dataagents-ansi"),
        ("light", "truecolor", True, "dataagents-plain"),
        (None, None, False, "dataagents-plain"),
    ],
)
def test_a_terminal_gets_a_theme_that_it_can_show(wanted, system, no_color, name):
    assert theme_for(wanted, usable(system, no_color=no_color)) == name


def test_an_unknown_theme_is_refused_with_the_nearest():
    with pytest.raises(InputError, match=r"none is called 'ligth'\. Did you mean 'light'\? Themes"):
        theme_for("ligth", tuple(THEMES))
    with pytest.raises(InputError, match=r"called 'zzz'\. Themes: dark, light, contrast, ansi, pl"):
        theme_for("zzz", tuple(THEMES))


class Sheet(App[None]):
    """The stylesheet of the console, its line and its pane, and nothing else."""

    def __init__(self, environ, wanted=None):
        sheet = Path(themes.__file__).with_name("console.tcss")
        super().__init__(ansi_color=native_colours(environ), css_path=sheet)
        install(self, wanted)

    def compose(self):
        yield StatusLine()
        yield DetailPane()
        yield Input("text")

    def drawn(self, widget):
        """Return the segments of a widget's first line, as they go to the terminal."""
        widget = self.query_one(widget)
        return list(widget.render_lines(Region(0, 0, widget.size.width, 1))[0])


@pytest.fixture
def terminal(monkeypatch):
    """Make the environment one of a terminal."""

    def of(**environ):
        for name in ("NO_COLOR", "COLORTERM", "TERM"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        return environ

    return of


@pytest.mark.parametrize("name", THEMES)
async def test_the_stylesheet_works_with_every_theme(terminal, name):
    app = Sheet(terminal(TERM="xterm-256color", COLORTERM="truecolor"), name)
    async with app.run_test():
        assert app.theme == name
        assert set(app.available_themes) == set(THEMES), "none that lacks our variables"
        choose(app, "light")
        assert app.theme == "dataagents-light"


async def test_a_terminal_of_16_colours_gets_its_own(terminal):
    app = Sheet(terminal(TERM="xterm"), "light")
    async with app.run_test():
        assert app.theme == "dataagents-ansi"
        choose(app, "contrast")
        assert app.theme == "dataagents-ansi"
        app.query_one(StatusLine).show(Status("live"))
        colours = {segment.style.color.name for segment in app.drawn(StatusLine)}
        assert colours == {"color(2)", "default"}


async def test_without_colour_state_is_still_seen(terminal):
    app = Sheet(terminal(TERM="xterm-256color", COLORTERM="truecolor", NO_COLOR="1"), "dark")
    async with app.run_test(size=(80, 20)):
        assert app.theme == "dataagents-plain"
        counts = (Count("failed", 5, Mark.FAIL),)
        app.query_one(StatusLine).show(Status("live", counts=counts, unacknowledged=2))
        for widget in (StatusLine, DetailPane, Input):
            for segment in app.drawn(widget):
                style = segment.style
                assert style is None or all(
                    colour is None or colour.is_default for colour in (style.color, style.bgcolor)
                )
        said = {segment.text.strip(): segment.style for segment in app.drawn(StatusLine)}
        assert said["LIVE"].reverse
        assert said["! 2 unacknowledged"].reverse
        assert said["✖ 5 FAILED"].bold


@pytest.mark.parametrize("name", THEMES)
async def test_the_pane_with_the_focus_has_another_line(terminal, name):
    app = Sheet(terminal(TERM="xterm-256color", COLORTERM="truecolor"), name)
    async with app.run_test() as pilot:
        app.query_one(Input).focus()
        await pilot.pause()
        resting = app.drawn(DetailPane)[0].text
        app.query_one(DetailPane).focus()
        await pilot.pause()
        assert app.drawn(DetailPane)[0].text != resting


def test_the_sheet_is_parsed_anew_when_its_colours_change_and_only_then():
    sheet = SteadySheet(variables={"ink": "red"})
    sheet.add_source("Static { color: $ink; }", read_from=("here", ""))
    sheet.reparse()
    before = sheet.rules
    sheet.set_variables({"ink": "red"})
    sheet.reparse()
    assert sheet.rules is before
    sheet.set_variables({"ink": "blue"})
    sheet.reparse()
    (rule,) = sheet.rules
    assert rule.styles.color.hex == "#0000FF"


def test_what_is_added_later_counts_too():
    sheet = SteadySheet()
    sheet.add_source("Static { color: red; }", read_from=("here", ""))
    sheet.reparse()
    sheet.add_source("Label { color: red; }", read_from=("there", ""))
    sheet.reparse()
    assert len(sheet.rules) == 2
