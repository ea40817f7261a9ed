"""Glyphs: the characters that lines, bars and marks are made of, and their twins in ASCII."""

from collections.abc import Mapping
from dataclasses import dataclass

from dataagents.console.view.marks import GLYPHS, Mark


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A set of characters; each is one cell wide."""

    marks: Mapping[Mark, str]
    spark: str
    """Heights of a sparkline, lowest first."""
    bar: str
    """Part of a waterfall bar, or of a share."""
    gap: str
    """The same, where nothing is."""
    open: str
    """Before a row whose children are shown."""
    closed: str
    """Before a row that hides its children."""
    right: str
    """Head of an arrow to the right."""
    left: str
    line: str
    """Horizontal line."""
    rule: str
    """Vertical line."""
    up: str
    """Sorted upwards."""
    down: str
    more: str
    """Stands for what was cut off."""
    cursor: str
    """Before the row under the cursor."""
    marked: str
    """Before a row that was marked."""
    both: str
    """Before a marked row under the cursor."""


UNICODE = Glyphs(
    GLYPHS, spark="▁▂▃▄▅▆▇█", bar="━", gap="╌", open="▾", closed="▸", right="▶", left="◀",
    line="─", rule="│", up="↑", down="↓", more="…", cursor=">", marked="*", both="»",
)  # fmt: skip
ASCII = Glyphs(
    {
        Mark.OK: "+",
        Mark.BUSY: "*",
        Mark.WARN: "!",
        Mark.FAIL: "X",
        Mark.IDLE: "o",
        Mark.NOTE: ".",
    },
    spark="_.-~=+*#", bar="=", gap=".", open="v", closed=">", right=">", left="<",
    line="-", rule="|", up="^", down="v", more="~", cursor=">", marked="*", both="#",
)  # fmt: skip
"""For terminals and fonts that lack the others (`--ascii`)."""


def glyphs_for(ascii_only: bool) -> Glyphs:
    """Return the set that a terminal gets."""
    return ASCII if ascii_only else UNICODE
