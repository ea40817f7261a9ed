"""The way to here, and what is to be known about what is shown."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.widgets import Static


class Crumbs(Static):
    """One line: the way at the left, notes at the right; the last notes give way first."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._shown: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def show(self, way: Sequence[str], notes: Sequence[str]) -> None:
        """Show a way and notes."""
        shown = (tuple(way), tuple(note for note in notes if note))
        if shown != self._shown:
            self._shown = shown
            self._draw()

    def on_resize(self) -> None:
        """Fit them to the new width."""
        self._draw()

    def _draw(self) -> None:
        way, notes = self._shown
        width = self.size.width
        if width <= 0:
            return
        kept = list(notes)
        left = " > ".join(way)
        while kept and cell_len(left) + cell_len("  ".join(kept)) + 4 > width:
            kept.pop()
        right = "  ".join(kept)
        room = max(0, width - cell_len(right) - 3)
        if cell_len(left) > room:
            left = "…" + _end_of(left, room - 1)
        gap = max(1, width - cell_len(left) - cell_len(right) - 2)
        line = Text.assemble((f" {left}", "bold"), " " * gap, right, no_wrap=True, end="")
        self.update(line, layout=False)


def _end_of(text: str, width: int) -> str:
    """Return the end of a text that fits into a width."""
    while text and cell_len(text) > width:
        text = text[1:]
    return set_cell_size(text, max(0, width))
