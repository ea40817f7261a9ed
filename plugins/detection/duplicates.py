"""Rows that are the same but for one cell: one thing entered twice, once wrongly."""

from collections.abc import Iterable
from math import log

from dataagents.core.detection.detector import Flags
from dataagents.core.detection.table import Table, TableColumn
from dataagents.plugins.detection.association import CHANCE, Association, surprise
from dataagents.plugins.detection.deviations import LEAST_CONFIDENCE, deviations

LEAST_STRENGTH = 0.8
"""Where near duplicates disagree more often, that column is what tells them apart."""
LEAST_SHARED = 3
"""Rows that share fewer columns may be about different things."""
NEARLY_UNIQUE = 0.95
"""A column of which nearly every row has its own value can't be shared, and is left out."""


class Duplicates:
    """Flags the cell in which rows differ that are the same in every other column."""

    theory = (
        "Rows that are equal in all columns but one are most likely the same thing entered twice, "
        "and the cell in which they differ is wrong in one of them; rows are blocked by a hash of "
        "the other columns, so that nothing is compared in pairs."
    )

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return cells that differ between near duplicates, the minority first."""
        shared = [
            each
            for each in table.columns
            if each.present and each.distinct < max(NEARLY_UNIQUE * table.rows, 2) and not each.key
        ]
        telling = [each for each in shared if each.distinct > 1]
        if len(telling) <= LEAST_SHARED:
            return
        hashes = table.keep(_hashes(table, shared))
        for column in telling:
            found = _measure(table, hashes, column)
            if found.strength >= LEAST_STRENGTH and surprise(found) > log(len(telling) / CHANCE):
                yield _flags(table, hashes, column)


def _code(column: TableColumn, row: str = "cell") -> str:
    """Return the hash of a cell among what `_hashes` gives."""
    return f"{row}.h{column.place}"


def _hashes(table: Table, columns: list[TableColumn]) -> str:
    """Return of each row `whole`, and the hashes of its cells, each of which can be taken away."""
    cells = ", ".join(
        f"hash({each.place}, lower({table.identifier(each.name)})) AS h{each.place}"
        for each in columns
    )
    whole = "0::UBIGINT"
    for each in columns:
        whole = f"xor({whole}, h{each.place})"
    return f"SELECT *, {whole} AS whole FROM (SELECT _row, {cells} FROM {table.relation})"


def _measure(table: Table, hashes: str, column: TableColumn) -> Association:
    """Return how well the rest of a row settles a column."""
    code = _code(column)
    ((groups, agreement),) = table.query(
        "SELECT count(*), avg(agreeing / (n * (n - 1))) FROM (SELECT sum(k) AS n, "
        f"sum(k * (k - 1)) AS agreeing FROM (SELECT xor(cell.whole, {code}) AS rest, count(*) AS k "
        f"FROM {hashes} AS cell GROUP BY rest, {code}) GROUP BY rest HAVING sum(k) > 1)"
    )
    ((chance,),) = table.query(
        "SELECT sum(n * (n - 1)) / greatest(sum(n) * (sum(n) - 1), 1) FROM (SELECT "
        f"count(*)::DOUBLE AS n FROM {hashes} AS cell GROUP BY {code})"
    )
    return Association(column, column, groups, float(agreement or 0.0), float(chance or 0.0))


def _flags(table: Table, hashes: str, column: TableColumn) -> Flags:
    name = table.identifier(column.name)
    rows = table.keep(
        f"SELECT cell._row, xor(cell.whole, {_code(column)}) AS rest, said.{name} AS said "
        f"FROM {hashes} AS cell JOIN {table.relation} AS said ON said._row = cell._row"
    )
    found = deviations(table, "cell.rest", "cell.said", rows)
    return Flags(
        f'SELECT cell._row, {table.literal(column.name)} AS "column", found.confidence, '
        "format('{} of {} rows that are otherwise the same hold ''{}''', found.votes, found.n, "
        "found.usual) AS reason, found.usual AS suggestion "
        f"FROM {rows} AS cell JOIN {found.relation} AS found ON cell.rest = found.value "
        "AND cell.said IS NOT DISTINCT FROM found.other "
        f"WHERE found.confidence >= {LEAST_CONFIDENCE}"
    )
