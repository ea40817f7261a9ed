"""The filter that makes every byte of the console ASCII, whoever drew it (`--ascii`)."""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from dataagents.console.view.ascii_text import ascii_text


class AsciiFilter(LineFilter):
    """Replaces what is not ASCII on its way to the terminal: glyphs, frames, data, palette."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments with the same cells in ASCII."""
        return [
            segment if segment.text.isascii() else Segment(_plain(segment), segment.style)
            for segment in segments
        ]


def _plain(segment: Segment) -> str:
    # The ends of a scrollbar's thumb are parts of a cell, which ASCII has not: they become whole.
    if segment.style is not None and segment.style.meta.get("@mouse.down") == "grab":
        return " " * segment.cell_length
    return ascii_text(segment.text)
