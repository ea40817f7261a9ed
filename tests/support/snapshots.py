"""Snapshots: what a screen shows as text that can be read in a review, and whether it still does.

Below the lines stands, cell by cell, how each is drawn: by a letter for what the colour means, so
that another shade changes nothing and another meaning does. Text rather than a picture: a picture
differs with every version of what draws it, and nobody sees in a diff what became of it.
"""

import os
from pathlib import Path
from typing import Any, Final

from rich.color import Color as RichColor
from rich.style import Style
from textual.color import Color

UPDATE: Final = "UPDATE_SNAPSHOTS"
"""Variable of the environment with which snapshots are written rather than compared."""
_ROWS: Final = {
    "cursor": "C", "resting": "R", "marked": "M", "heading": "H",
    "badge-ok": "B", "badge-busy": "B", "badge-warn": "B", "badge-fail": "B", "badge-note": "B",
}  # fmt: skip
_TONES: Final = {
    "ok": "o", "busy": "b", "warn": "w", "fail": "f", "idle": "i", "note": "n", "dim": "d",
    "strong": "s", "match": "m",
}  # fmt: skip
_LEGEND: Final = " ".join(
    f"{letter} {name}"
    for letter, name in sorted(
        {letter: name.partition("-")[0] for name, letter in (_ROWS | _TONES).items()}.items()
    )
)


def snapshot(app: Any) -> str:
    """Return what a terminal shows: its lines, and how each cell is drawn."""
    variables = app.get_css_variables()
    papers = {_hex(variables[f"{row}-background"]): each for row, each in _ROWS.items()}
    inks = {_hex(variables[f"tone-{tone}"]): each for tone, each in _TONES.items()}
    plain = _hex(variables["foreground"])
    texts, styles = [], []
    for strip in app.screen._compositor.render_strips():
        texts.append(strip.text.rstrip())
        letters = ""
        for text, style, _ in strip:
            letters += _letter(style, papers, inks, plain) * len(text)
        styles.append("".join(
            " " if text == " " and letter.islower() else letter
            for text, letter in zip(strip.text, letters, strict=True)
        ).rstrip(" ."))  # fmt: skip
    return "\n".join([*texts, f"--- {_LEGEND}", *styles, ""])


def check(path: Path, text: str) -> None:
    """Compare a snapshot with the one that is kept.

    Args:
        path: Where it is kept; written when `UPDATE_SNAPSHOTS` is set.
        text: What `snapshot` gave.

    Raises:
        AssertionError: They differ, or none is kept.
    """
    if os.environ.get(UPDATE):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return
    assert path.exists(), f"no snapshot {path.name}; {UPDATE}=1 writes it:\n{text}"
    kept = path.read_text()
    assert text.splitlines() == kept.splitlines(), f"{path.name} differs; {UPDATE}=1 takes it"


def _letter(style: Style | None, papers: dict[str, str], inks: dict[str, str], plain: str) -> str:
    if style is None:
        return "."
    row = papers.get(_shade(style.bgcolor))
    if row is not None:
        return row
    ink = _shade(style.color)
    return "." if ink == plain else inks.get(ink, ".")


def _shade(color: RichColor | None) -> str:
    return "" if color is None else color.get_truecolor().hex


def _hex(color: str) -> str:
    return Color.parse(color).rich_color.get_truecolor().hex
