"""The table that detectors look at: a relation of text cells in a session of the engine."""

from collections.abc import Collection, Sequence
from typing import Any

from dataagents.core.detection import TableColumn
from dataagents.plugins.data.cells import value
from dataagents.plugins.data.counts import count
from dataagents.plugins.data.engine import Session, identifier, literal
from dataagents.plugins.data.options import SchemaOptions

BATCH_CELLS = 4_000_000
"""About so many cells are counted at once."""
COPIED_CELLS = 1_000_000
"""Up to so many cells are kept as they were read, too: a view is planned anew with all its columns
for each query, which takes longer than to read what a small table holds."""
READ = "detection_read"
"""Table of the session that holds them."""
VALUES = "detection_values"
"""Table of the session that holds what the cells say."""


class SessionTable:
    """A `Table` on a session; see the protocol for what each of its members is.

    Args:
        session: The connection that everything is asked of.
        dataset: Name of the data set.
        rows: How many rows there are.
        columns: What was measured of the columns.
        relation: Quoted name of what the cells say.
        raw: Quoted name of the cells as they were read.
    """

    def __init__(
        self,
        session: Session,
        dataset: str,
        rows: int,
        columns: Sequence[TableColumn],
        relation: str,
        raw: str,
    ) -> None:
        self._session = session
        self._dataset = dataset
        self._rows = rows
        self._columns = tuple(columns)
        self._relation = relation
        self._raw = raw
        self._kept: list[str] = []
        self._number = 0

    @property
    def dataset(self) -> str:
        """Its name."""
        return self._dataset

    @property
    def rows(self) -> int:
        """How many rows there are; of a sample, how many are in it."""
        return self._rows

    @property
    def columns(self) -> Sequence[TableColumn]:
        """The columns, in order."""
        return self._columns

    @property
    def relation(self) -> str:
        """The name to select from, quoted already."""
        return self._relation

    @property
    def raw(self) -> str:
        """The name to select cells as they were read from, quoted already."""
        return self._raw

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query.

        Raises:
            InputError: The work was stopped meanwhile.
        """
        return self._session.rows(sql, parameters)

    def keep(self, sql: str, parameters: Sequence[object] = ()) -> str:
        """Keep what a query gives as a table until its detector is done; return its name."""
        self._number += 1
        name = identifier(f"detection_kept_{self._number}")
        self._session.rows(f"CREATE TEMP TABLE {name} AS {sql}", parameters)
        self._kept.append(name)
        return name

    def identifier(self, name: str) -> str:
        """Return any text as a quoted identifier."""
        return identifier(name)

    def literal(self, text: str) -> str:
        """Return any text as a literal."""
        return literal(text)

    def release(self) -> None:
        """Drop what was kept: the detector whose it was is done."""
        while self._kept:
            self._session.rows(f"DROP TABLE IF EXISTS {self._kept.pop()}")


def open_table(
    session: Session,
    dataset: str,
    source: str,
    names: Sequence[str],
    *,
    key: Collection[str] = (),
    null_tokens: Sequence[str] | None = None,
) -> SessionTable:
    """Measure the columns of a relation, keep what its cells say, and return it as a table.

    Args:
        session: Where the relation is.
        dataset: Name of the data set.
        source: Quoted name of a relation with `_row` and the columns, all of them text.
        names: The columns.
        key: Columns of which the contract says that they tell rows apart.
        null_tokens: Cells that stand for no value; those of `analyze_schema` when None.
    """
    tokens = SchemaOptions().null_tokens if null_tokens is None else tuple(null_tokens)
    cells = ", ".join(f"{value(identifier(name), tokens)} AS {identifier(name)}" for name in names)
    raw = source
    (rows,) = session.row(f"SELECT count(*) FROM {source}")
    if int(rows) * len(names) <= COPIED_CELLS:
        raw = identifier(READ)
        session.rows(f"CREATE OR REPLACE TEMP TABLE {raw} AS SELECT * FROM {source}")
    relation = identifier(VALUES)
    session.rows(f"CREATE OR REPLACE TEMP TABLE {relation} AS SELECT _row, {cells} FROM {raw}")
    columns: list[TableColumn] = []
    width = max(1, BATCH_CELLS // max(int(rows), 1))
    for start in range(0, len(names), width):
        batch = names[start : start + width]
        for name, profile in count(session, relation, batch, ()).items():
            columns.append(
                TableColumn(
                    name=name,
                    place=len(columns),
                    type=profile.dominant(),
                    present=profile.present,
                    distinct=profile.distinct,
                    key=name in key,
                )
            )
    return SessionTable(session, dataset, int(rows), columns, relation, raw)
