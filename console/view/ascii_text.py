"""Text in ASCII: what takes the place of every other character, cell by cell."""

from collections.abc import Mapping
from dataclasses import fields
from functools import cache, lru_cache
from unicodedata import name, normalize

from rich.cells import cell_len

from dataagents.console.view.glyphs import ASCII, UNICODE, Glyphs

UNKNOWN = "?"
"""In each cell of a character that has no twin."""

_TWINS: Mapping[str, str] = {
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{DOUBLE LOW-9 QUOTATION MARK}": '"',
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}": '"',
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{MINUS SIGN}": "-",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{DIVISION SIGN}": "/",
    "\N{BULLET}": ".",
    "\N{RIGHTWARDS ARROW}": ">",
    "\N{LEFTWARDS ARROW}": "<",
    "\N{DOWNWARDS ARROW WITH CORNER LEFTWARDS}": "/",
    "\N{RETURN SYMBOL}": "/",
    "\N{CLOCKWISE GAPPED CIRCLE ARROW}": "@",
    "\N{BLACK DOWN-POINTING TRIANGLE}": "v",
    "\N{CHECK MARK}": "v",
}
"""Of characters whose twin can't be told from what Unicode says about them."""


@cache
def _drawn() -> Mapping[str, str]:
    """Return the twins of the glyphs that the console draws with."""
    twins = {glyph: ASCII.marks[mark] for mark, glyph in UNICODE.marks.items()}
    for field in fields(Glyphs):
        if field.name != "marks":
            pairs = zip(getattr(UNICODE, field.name), getattr(ASCII, field.name), strict=True)
            twins |= {glyph: twin for glyph, twin in pairs if not glyph.isascii()}
    return {**_TWINS, **twins}


@lru_cache(maxsize=4096)
def _twin(character: str) -> str:
    """Return ASCII that is as wide as a character; nothing for one that takes no cell."""
    if character.isascii():
        return character
    width = cell_len(character)
    known = _drawn().get(character) or _shape(name(character, ""))
    if known or not width:
        return known if width else ""
    plain = "".join(each for each in normalize("NFKD", character) if each.isascii())
    return plain if plain.isprintable() and len(plain) == width else UNKNOWN * width


def _shape(said: str) -> str:
    """Return the twin of a part of a frame, or of a block, from its name; empty for others."""
    if said.startswith("BOX DRAWINGS"):
        if said.endswith("HORIZONTAL"):
            return "=" if "HEAVY" in said or "DOUBLE" in said else "-"
        return "|" if said.endswith("VERTICAL") else "+"
    if said.endswith("BLOCK") or "QUADRANT" in said:
        if "LEFT" in said or "RIGHT" in said:
            return "|"
        return "-" if "UPPER" in said else "#"
    return ""


def ascii_text(text: str) -> str:
    """Return a text in ASCII that takes the same cells."""
    return text if text.isascii() else "".join(map(_twin, text))
