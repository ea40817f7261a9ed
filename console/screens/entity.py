"""Any thing at all: what is on record about it, what happened to it, and what it has to do with."""

from collections.abc import Sequence
from typing import ClassVar

from dataagents.console.feeds.entities import about
from dataagents.console.screens.loaded import LoadedScreen
from dataagents.console.view.cells import Cell, Column
from dataagents.console.view.entities import EntityView, entity_view
from dataagents.console.view.event_lines import EventLine
from dataagents.console.view.marks import Mark
from dataagents.console.view.widths import brief
from dataagents.storage import StoreReader

Row = EventLine | str
"""Something that happened, or the address of what it has to do with."""
_EVENTS = 200


class EntityScreen(LoadedScreen[EntityView, Row]):
    """The history of a thing as rows; what it points to below, to be opened."""

    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("TIME", 12),
        Column("WHAT", 24),
        Column("GIST"),
    )

    async def load(self, reader: StoreReader) -> EntityView | None:
        """Read what is on record about it."""
        return entity_view(self.address, await about(reader, self.address, _EVENTS))

    def rows_of(self, thing: EntityView) -> Sequence[Row]:
        """Return what happened, newest first, and what it has to do with."""
        return (*reversed(thing.history), *thing.points_to)

    def key(self, row: Row) -> str:
        """Return the address of a row."""
        return f"event:{row.id}" if isinstance(row, EventLine) else row

    def failed(self, row: Row) -> bool:
        """Return whether what happened went wrong."""
        return isinstance(row, EventLine) and row.mark is Mark.FAIL

    def link(self, row: Row) -> str:
        """Return where a row leads to."""
        return "" if isinstance(row, EventLine) else row

    def targets(self) -> tuple[str, ...]:
        """Return the address of the thing: actions are about it, whatever row is chosen."""
        row = self.table.current
        return (row,) if isinstance(row, str) else (str(self.address),)

    def cells(self, row: Row) -> Sequence[Cell]:
        """Return how a row is shown."""
        glyphs = self.session.moment().glyphs
        if isinstance(row, str):
            return (Cell(""), Cell(f"{glyphs.right} see also", "dim"), Cell(row, "strong"))
        mark = f"{glyphs.marks[row.mark]} {row.kind}"
        return (Cell(f"{row.at:%H:%M:%S}.{row.at.microsecond // 1000:03d}", "dim"),
                Cell(mark, row.mark.value), Cell(brief(row.gist)))  # fmt: skip

    def sections(self, row: Row) -> Sequence[tuple[str, str]]:
        """Return the facts about the thing, and the row."""
        facts = self.thing.facts if self.thing is not None else ()
        if isinstance(row, str):
            return ((row, ""), ("", "enter opens it"), (str(self.address), ""), *facts)
        when = f"{row.at:%Y-%m-%d %H:%M:%S} UTC"
        return ((f"{row.kind}  {when}", ""), ("", row.gist), (str(self.address), ""), *facts)
