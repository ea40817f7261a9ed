"""Themes: how each meaning looks, as data; the stylesheet knows only the names of meanings.

Colour is sparse: plain text is one colour, and only what has a state has its own. Textual's own
themes are not offered, for the contrast of tones on rows is computed for these alone.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from textual.app import App
from textual.theme import BUILTIN_THEMES, Theme

from dataagents.console import palettes
from dataagents.console.palettes import Palette
from dataagents.core.errors import InputError

_PREFIX = "dataagents-"
BADGES = ("ok", "busy", "warn", "fail", "note")
"""Marks that stand out as a block of colour: the state of the store, and alerts."""


def _theme(name: str, palette: Palette, *, dark: bool) -> Theme:
    """Return a theme for terminals with colours of their own choosing."""
    tones = {
        "ok": palette.ok, "busy": palette.primary, "warn": palette.warn, "fail": palette.fail,
        "idle": palette.dim, "note": palette.foreground, "dim": palette.dim,
        "strong": palette.foreground, "match": palette.match,
    }  # fmt: skip
    styles = {"fail": "bold", "strong": "bold", "match": "bold underline"}
    rows = {
        "cursor": (palette.cursor, palette.cursor_style),
        "resting": (palette.resting, "none"),
        "marked": (palette.marked, "none"),
        "heading": (palette.surface, "bold"),
    }
    variables: dict[str, str] = {}
    for tone, colour in tones.items():
        variables[f"tone-{tone}"] = colour
        variables[f"tone-{tone}-style"] = styles.get(tone, "none")
    for row, (colour, style) in rows.items():
        variables[f"{row}-background"] = colour
        variables[f"{row}-foreground"] = palette.dim if row == "heading" else palette.foreground
        variables[f"{row}-style"] = style
    for badge in BADGES:
        variables[f"badge-{badge}-background"] = tones["idle" if badge == "note" else badge]
        variables[f"badge-{badge}-foreground"] = palette.on_badge
    variables |= {
        "badge-style": "bold",
        "rule": palette.rule,
        "focus-rule": palette.primary,
        "text-muted": palette.dim,
        "text-disabled": palette.dim,
        "text-primary": palette.primary,
        "text-success": palette.ok,
        "text-warning": palette.warn,
        "text-error": palette.fail,
        "foreground-muted": palette.dim,
        "border": palette.primary,
        "border-blurred": palette.rule,
        "block-cursor-background": palette.cursor,
        "block-cursor-foreground": palette.foreground,
        "block-cursor-text-style": palette.cursor_style,
        "block-cursor-blurred-background": palette.resting,
        "block-cursor-blurred-foreground": palette.foreground,
        "footer-background": palette.panel,
        "footer-foreground": palette.foreground,
        "footer-description-foreground": palette.dim,
        "footer-key-foreground": palette.primary,
        "input-selection-background": palette.marked,
        "input-selection-foreground": palette.foreground,
        "scrollbar": palette.rule,
        "scrollbar-hover": palette.dim,
        "scrollbar-active": palette.primary,
        "scrollbar-background": palette.background,
        "scrollbar-background-hover": palette.background,
        "scrollbar-background-active": palette.background,
        "scrollbar-corner-color": palette.background,
    }
    return Theme(
        name, primary=palette.primary, secondary=palette.dim, accent=palette.primary,
        foreground=palette.foreground, background=palette.background, surface=palette.surface,
        panel=palette.panel, success=palette.ok, warning=palette.warn, error=palette.fail,
        dark=dark, variables=variables,
    )  # fmt: skip


def _terminal_theme(name: str, colours: Mapping[str, str]) -> Theme:
    """Return a theme that leaves backgrounds to the terminal, and tells rows by style.

    Nobody knows what a terminal's own colours look like on one another, so text is only ever in
    one of them on the terminal's background, or the other way round.
    """
    plain = "ansi_default"
    styles = {
        "idle": "dim", "dim": "dim", "strong": "bold", "warn": "bold", "fail": "bold",
        "match": "bold underline",
    }  # fmt: skip
    rows = {
        "cursor": "bold reverse", "resting": "underline", "marked": "bold italic",
        "heading": "bold",
    }  # fmt: skip
    variables: dict[str, str] = {}
    for tone in ("ok", "busy", "warn", "fail", "idle", "note", "dim", "strong", "match"):
        variables[f"tone-{tone}"] = colours.get(tone, plain)
        variables[f"tone-{tone}-style"] = styles.get(tone, "none")
    for row, style in rows.items():
        variables[f"{row}-background"] = plain
        variables[f"{row}-foreground"] = plain
        variables[f"{row}-style"] = style
    for badge in BADGES:
        variables[f"badge-{badge}-background"] = plain
        variables[f"badge-{badge}-foreground"] = colours.get(badge, plain)
    focus = colours.get("busy", plain)
    variables |= {
        "badge-style": "bold reverse",
        "rule": plain,
        "focus-rule": focus,
        "ansi-background": plain,
        "ansi-foreground": plain,
        "surface-active": plain,
        "text-muted": plain,
        "text-disabled": plain,
        "foreground-muted": plain,
        "foreground-disabled": plain,
        "background-muted": plain,
        "border": focus,
        "border-blurred": plain,
        "block-cursor-background": plain,
        "block-cursor-foreground": plain,
        "block-cursor-text-style": "bold reverse",
        "block-cursor-blurred-background": plain,
        "block-cursor-blurred-foreground": plain,
        "block-cursor-blurred-text-style": "underline",
        "footer-key-foreground": focus,
        "input-cursor-text-style": "reverse",
        "input-selection-background": plain,
        "input-selection-foreground": plain,
        "scrollbar": plain,
        "scrollbar-hover": plain,
        "scrollbar-active": focus,
        "scrollbar-background": plain,
        "scrollbar-background-hover": plain,
        "scrollbar-background-active": plain,
    }
    return Theme(
        name, primary=focus, secondary=plain, accent=focus, foreground=plain, background=plain,
        surface=plain, panel=plain, boost=plain, success=colours.get("ok", plain),
        warning=colours.get("warn", plain), error=colours.get("fail", plain),
        ansi=True, variables=variables,
    )  # fmt: skip


DARK = _theme("dataagents-dark", palettes.DARK, dark=True)
LIGHT = _theme("dataagents-light", palettes.LIGHT, dark=False)
CONTRAST = _theme("dataagents-contrast", palettes.CONTRAST, dark=True)
ANSI = _terminal_theme(
    "dataagents-ansi",
    {
        "ok": "ansi_green", "busy": "ansi_cyan", "warn": "ansi_yellow", "fail": "ansi_red",
        "match": "ansi_magenta",
    },
)  # fmt: skip
PLAIN = _terminal_theme("dataagents-plain", {})

THEMES: Mapping[str, Theme] = {theme.name: theme for theme in (DARK, LIGHT, CONTRAST, ANSI, PLAIN)}
DEFAULT = DARK.name


def usable(color_system: str | None, *, no_color: bool) -> Sequence[str]:
    """Return the names of the themes that a terminal can show; the first is the one it gets.

    Args:
        color_system: What the terminal can show, as Rich names it; None when it has no colour.
        no_color: Whether the operator wants no colour at all (`NO_COLOR`).
    """
    if no_color or color_system is None:
        return (PLAIN.name,)
    if color_system in ("standard", "windows"):
        return (ANSI.name, PLAIN.name)
    return tuple(THEMES)


def theme_for(wanted: str | None, offered: Sequence[str]) -> str:
    """Return the name of the theme that an operator gets.

    Args:
        wanted: What was asked for; may leave out `dataagents-`. None leaves the choice.
        offered: What the terminal can show; the first takes the place of what it can't.

    Raises:
        InputError: There is no theme of that name.
    """
    name = None if wanted is None else _known(wanted)
    return offered[0] if name is None or name not in offered else name


def _known(wanted: str) -> str:
    for name in (wanted, f"{_PREFIX}{wanted}"):
        if name in THEMES:
            return name
    known = [name.removeprefix(_PREFIX) for name in THEMES]
    near = get_close_matches(wanted.removeprefix(_PREFIX), known, 1)
    hint = f"Did you mean '{near[0]}'? " if near else ""
    raise InputError(
        "theme", f"none is called '{wanted}'", hint=f"{hint}Themes: {', '.join(known)}."
    )


def native_colours(environ: Mapping[str, str]) -> bool | None:
    """Return what `App(ansi_color=…)` needs, before there is a theme.

    Textual turns colours into shades of grey under `NO_COLOR`, unless native colours are on as it
    is made; then it leaves them out.
    """
    return True if "NO_COLOR" in environ else None


def install(app: App[Any], wanted: str | None = None) -> None:
    """Give an app the themes that its terminal can show, and no other, and choose one.

    Raises:
        InputError: There is no theme of that name.
    """
    offered = usable(app.console.color_system, no_color=app.no_color)
    name = theme_for(wanted, offered)
    for each in offered:
        app.register_theme(THEMES[each])
    app.theme = name
    for each in BUILTIN_THEMES:
        app.unregister_theme(each)


def choose(app: App[Any], wanted: str) -> None:
    """Switch an app to another theme, as far as its terminal can show it.

    Raises:
        InputError: There is no theme of that name.
    """
    app.theme = theme_for(wanted, usable(app.console.color_system, no_color=app.no_color))
