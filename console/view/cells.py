"""Cells and columns: what a table shows, free of any widget."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column; columns are one cell apart."""

    title: str
    width: int = 0
    """Cells; 0 takes what the others leave, for one column of a table."""
    right: bool = False
    """Whether its cells stand at the right, as figures should."""
    needs: int = 0
    """The column is left out in tables narrower than this."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Text that is safe to show, and what it means."""

    text: str
    tone: str = ""
    """One of `TONES`, or empty for plain text."""


TONES = ("ok", "busy", "warn", "fail", "idle", "note", "dim", "strong")
"""What a cell may mean; themes say how each looks."""
