"""The table as a detector sees it: text cells behind an engine that answers SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column, and what was measured of it."""

    name: str
    place: int
    """From 0, in the order of the table."""
    type: str
    """`integer`, `decimal`, `float`, `boolean`, `date`, `timestamp` or `text`: what most present
    cells fit."""
    present: int
    """Cells that hold a value."""
    distinct: int
    key: bool = False
    """Whether the contract says that its values tell rows apart."""


class Table(Protocol):
    """A data set while detectors look at it; everything here is called in the engine's thread.

    `relation` has a column `_row` (BIGINT, unique) and one VARCHAR column for each of `columns`, by
    its name: what the cell says, without blanks around it, NULL where it is empty or a null token.
    `raw` has the same with every cell as it was read. The engine is DuckDB; it can open no file and
    reach no network.
    """

    @property
    def dataset(self) -> str:
        """Its name."""
        ...

    @property
    def rows(self) -> int:
        """How many rows there are; of a sample, how many are in it."""
        ...

    @property
    def columns(self) -> Sequence[TableColumn]:
        """The columns, in order."""
        ...

    @property
    def relation(self) -> str:
        """The name to select from, quoted already."""
        ...

    @property
    def raw(self) -> str:
        """The name to select cells as they were read from, quoted already."""
        ...

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query; keep it small, what is large stays in the engine.

        Raises:
            InputError: The work was stopped meanwhile.
        """
        ...

    def keep(self, sql: str, parameters: Sequence[object] = ()) -> str:
        """Keep what a query gives as a table of this detector's, and return its quoted name."""
        ...

    def identifier(self, name: str) -> str:
        """Return any text as a quoted identifier."""
        ...

    def literal(self, text: str) -> str:
        """Return any text as a literal."""
        ...
