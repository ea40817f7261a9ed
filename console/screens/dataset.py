"""A data set: what it was made of, and what was made of it, as a tree."""

from collections.abc import Sequence

from dataagents.console.screens.loaded import LoadedScreen
from dataagents.console.view.addresses import find_id
from dataagents.console.view.cells import Cell, Column
from dataagents.console.view.lineage_rows import (
    LINEAGE_COLUMNS,
    LineageRow,
    lineage_cells,
    lineage_rows,
    lineage_sections,
)
from dataagents.core.events import EventKind
from dataagents.core.messaging import Lineage
from dataagents.core.values import from_json
from dataagents.storage import StoreReader

_EVENTS = 1_000


class DatasetScreen(LoadedScreen[tuple[LineageRow, ...], LineageRow]):
    """The lineage of one data set."""

    COLUMNS = LINEAGE_COLUMNS

    async def load(self, reader: StoreReader) -> tuple[LineageRow, ...] | None:
        """Read where it came from, and what became of it."""
        known = await reader.entities.ids("dataset")
        dataset = self.address.id if self.address.id in known else find_id(self.address, known)
        back = await reader.lineage(dataset)
        ahead = await reader.lineage(dataset, forwards=True)
        found = await reader.entities.about("dataset", dataset, _EVENTS)
        records = [
            from_json(Lineage, each.event.body)
            for each in found
            if each.event.kind == EventKind.LINEAGE_RECORDED
        ]
        return lineage_rows(dataset, back, ahead, records)

    def rows_of(self, thing: tuple[LineageRow, ...]) -> Sequence[LineageRow]:
        """Return the tree."""
        return thing

    def key(self, row: LineageRow) -> str:
        """Return what tells a row from the others."""
        return row.key

    def targets(self) -> tuple[str, ...]:
        """Return the address of the data set under the cursor."""
        row = self.table.current
        return (row.address if row is not None and row.address else str(self.address),)

    def link(self, row: LineageRow) -> str:
        """Return where a row leads to: the data set, unless it is this one."""
        return row.address if row.address != str(self.address) else ""

    def columns(self) -> Sequence[Column]:
        """Return the columns."""
        return self.COLUMNS

    def cells(self, row: LineageRow) -> Sequence[Cell]:
        """Return how a row is shown."""
        return lineage_cells(row, self.session.moment())

    def sections(self, row: LineageRow) -> Sequence[tuple[str, str]]:
        """Return everything about a step of the lineage."""
        return lineage_sections(row)
