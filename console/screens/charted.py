"""Screens with a chart over their table."""

from collections.abc import Sequence
from typing import TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Container

from dataagents.console.screens.loaded import LoadedScreen
from dataagents.console.view.cells import Cell
from dataagents.console.widgets.cell_lines import CellLines
from dataagents.console.widgets.detail_pane import DetailPane
from dataagents.console.widgets.virtual_table import VirtualTable

ThingT = TypeVar("ThingT")
RowT = TypeVar("RowT")


class ChartedScreen(LoadedScreen[ThingT, RowT]):
    """A thing as a chart, and below it as rows."""

    SHARE = 1 / 3
    """Share of the height that the chart may take."""

    def body(self) -> ComposeResult:
        """Lay out the chart, the table and the pane."""
        yield CellLines(id="chart")
        with Container(id="body"):
            yield VirtualTable[RowT](
                self.columns(), self.cells, self.key, glyphs=self.session.glyphs, id="rows"
            )
            yield DetailPane(id="detail")

    def chart(self, thing: ThingT, width: int, height: int) -> Sequence[Sequence[Cell]]:
        """Return the lines of the chart; fewer than `height` are fine."""
        raise NotImplementedError

    def refresh_rows(self) -> None:
        """Show the rows, and the chart above them."""
        super().refresh_rows()
        chart = self.query_one("#chart", CellLines)
        if self.thing is None:
            chart.display = False
            return
        height = max(4, int(self.size.height * self.SHARE))
        lines = self.chart(self.thing, max(20, self.size.width - 2), height)[:height]
        chart.display = bool(lines)
        chart.styles.height = len(lines)
        chart.show(lines)

    def on_resize(self, event: events.Resize) -> None:
        """Draw the chart for the new size."""
        self.call_after_refresh(self.refresh_rows)
