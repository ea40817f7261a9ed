"""Marks: how the state of a thing is shown; a word and a glyph, so that colour only repeats it."""

from collections.abc import Mapping
from enum import StrEnum


class Mark(StrEnum):
    """The state of a row."""

    OK = "ok"
    BUSY = "busy"
    WARN = "warn"
    FAIL = "fail"
    IDLE = "idle"
    """Nothing happens here, or not yet, or not any more."""
    NOTE = "note"
    """Neither good nor bad: a fact."""


GLYPHS: Mapping[Mark, str] = {
    Mark.OK: "●",
    Mark.BUSY: "◐",
    Mark.WARN: "▲",
    Mark.FAIL: "✖",
    Mark.IDLE: "○",
    Mark.NOTE: "·",
}
"""Glyph of each mark; all are one cell wide."""
