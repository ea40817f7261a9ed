"""A figure of the monitor: its curve over time, and the values it is made of."""

from collections.abc import Sequence
from typing import ClassVar

from dataagents.console.screens.charted import ChartedScreen
from dataagents.console.view.addresses import find_id
from dataagents.console.view.cells import Cell, Column
from dataagents.console.view.fields import name
from dataagents.console.view.plots import Series, line_plot
from dataagents.console.view.words import measured, plural
from dataagents.storage import StoreReader
from dataagents.storage.browsing import MetricEntry, Sample

_MOST = 1_000
"""Values that the curve is drawn from; of more, the extremes of each stretch are kept."""
Curve = tuple[MetricEntry, tuple[Sample, ...]]


class MetricScreen(ChartedScreen[Curve, Sample]):
    """One figure."""

    SHARE = 0.6
    COLUMNS: ClassVar[tuple[Column, ...]] = (Column("WHEN", 24), Column("VALUE", 14, right=True))

    async def load(self, reader: StoreReader) -> Curve | None:
        """Read the figure and its values."""
        known = {entry.name: entry for entry in await reader.browse.metrics()}
        entry = known[find_id(self.address, known)]
        return entry, await reader.browse.samples(entry.name, most=_MOST)

    def rows_of(self, thing: Curve) -> Sequence[Sample]:
        """Return the values, newest first."""
        return thing[1][::-1]

    def key(self, row: Sample) -> str:
        """Return what tells a value from the others."""
        return str(row.place)

    def targets(self) -> tuple[str, ...]:
        """Return the address of the figure."""
        return (str(self.address),)

    def notes(self) -> tuple[str, ...]:
        """Return the value now."""
        if self.thing is None:
            return ()
        entry, samples = self.thing
        now = "" if entry.value is None else measured(entry.value, entry.unit, entry.name)
        return (now, plural(len(samples), "value"))

    def cells(self, row: Sample) -> Sequence[Cell]:
        """Return how a value is shown."""
        return (Cell(f"{row.at:%Y-%m-%d %H:%M:%S} UTC", "dim"), Cell(self._measured(row)))

    def sections(self, row: Sample) -> Sequence[tuple[str, str]]:
        """Return the value and its time."""
        if self.thing is None:
            return ()
        figure = name(self.thing[0].name)
        return ((figure, ""), ("value", self._measured(row)), ("exactly", repr(row.value)),
                ("at", f"{row.at:%Y-%m-%d %H:%M:%S.%f} UTC"))  # fmt: skip

    def chart(self, thing: Curve, width: int, height: int) -> Sequence[Sequence[Cell]]:
        """Return the curve."""
        entry, samples = thing
        series = Series(name(entry.name), [(each.at, each.value) for each in samples])
        plot = line_plot(
            [series], width, max(3, height - 3), self.session.glyphs, unit=name(entry.unit)
        )
        note = [(Cell(f" {plot.note}", "dim"),)] if plot.note else []
        return [*plot.lines, *((cell,) for cell in plot.legend), *note]

    def _measured(self, row: Sample) -> str:
        unit = self.thing[0].unit if self.thing is not None else ""
        return measured(row.value, unit)
