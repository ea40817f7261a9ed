"""Lines of cells: charts and plots, drawn as they come."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from dataagents.console.view.cells import TONES, Cell


class CellLines(Widget):
    """Shows lines, each a sequence of cells; what doesn't fit is cut off."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"lines--{tone}" for tone in TONES}

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: tuple[tuple[Cell, ...], ...] = ()
        """What is shown."""

    def show(self, lines: Sequence[Sequence[Cell]]) -> None:
        """Show other lines."""
        shown = tuple(tuple(line) for line in lines)
        if shown != self.lines:
            self.lines = shown
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Render a line."""
        width = self.content_size.width
        if y >= len(self.lines):
            return Strip.blank(width, self.rich_style)
        segments = [Segment(cell.text, self._style(cell.tone)) for cell in self.lines[y]]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _style(self, tone: str) -> Style:
        if not tone:
            return self.rich_style
        return self.rich_style + self.get_component_rich_style(f"lines--{tone}", partial=True)
