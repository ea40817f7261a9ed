"""A field of a row: one description serves showing, filtering, sorting and exporting it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeAlias, TypeVar

from dataagents.console.view.cells import Cell, Column
from dataagents.console.view.moment import Moment

RowT = TypeVar("RowT")

Value: TypeAlias = str | float | int | bool | datetime | None
"""What a field holds: it is filtered, sorted and exported by this, not by how it is shown."""


@dataclass(frozen=True, slots=True)
class Field(Generic[RowT]):
    """A field that all rows of a list have."""

    name: str
    """What it is called in filters, sorts and exports; lower case, for example `state`."""
    title: str
    """Its heading; empty for a field that is never a column, but can be asked for."""
    value: Callable[[RowT, Moment], Value]
    about: str
    """What it says, with its unit; for the help."""
    show: Callable[[RowT, Moment], Cell] | None = None
    """How it is shown; the value as text when None."""
    width: int = 0
    """Cells; 0 takes what the others leave, for one field of a list."""
    right: bool = False
    needs: int = 0
    """The column is left out in tables narrower than this."""

    @property
    def column(self) -> Column:
        """The field as a column."""
        return Column(self.title, self.width, self.right, self.needs)

    def cell(self, row: RowT, moment: Moment) -> Cell:
        """Return how the field of a row is shown."""
        if self.show is not None:
            return self.show(row, moment)
        value = self.value(row, moment)
        return Cell("" if value is None else str(value))
