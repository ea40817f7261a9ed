"""Rows that are the same but for one cell: one thing entered twice, once wrongly."""

from collections.abc import Iterable, Iterator, Sequence
from math import log

from dataagents.core.detection.detector import Flags
from dataagents.core.detection.table import Table, TableColumn
from dataagents.plugins.detection.association import CHANCE, Association, surprise
from dataagents.plugins.detection.deviations import LEAST_CONFIDENCE, deviations

LEAST_STRENGTH = 0.8
"""Where near duplicates disagree more often, that column is what tells them apart."""
LEAST_SHARED = 3
"""Rows that share fewer columns may be about different things."""
MEASURED_CELLS = 500_000
"""About so many cells are measured at once: a query for each column takes longer to plan than to
answer where columns are many and rows are few."""
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
        claims, settled = list[str](), False
        step = max(1, MEASURED_CELLS // table.rows)
        for start in range(0, len(telling), step):
            for found in _measured(table, hashes, telling[start : start + step]):
                if surprise(found) <= log(len(telling) / CHANCE):
                    continue
                if found.strength < LEAST_STRENGTH:
                    claims.append(_alone(hashes, found.right, max(found.strength, 0.0)))
                elif found.agreement < 1:  # where all of them agree, none is to be flagged
                    claims.append(_differing(table, hashes, found.right))
                    settled = True
        if settled:
            yield _flags(table, claims)


def _code(column: TableColumn, row: str = "cell") -> str:
    """Return the hash of a cell among what `_hashes` gives."""
    return f"{row}.h{column.place}"


def _hashes(table: Table, columns: list[TableColumn]) -> str:
    """Return of each row `whole`, and the hashes of its cells, each of which can be taken away."""
    cells = ", ".join(
        f"hash({each.place}, lower({table.identifier(each.name)})) AS h{each.place}"
        for each in columns
    )
    parts = [f"h{each.place}" for each in columns]
    while len(parts) > 1:  # In pairs, for an engine refuses what is nested a thousand deep.
        last = parts[-1:] if len(parts) % 2 else []
        pairs = zip(parts[::2], parts[1::2], strict=False)
        parts = [f"xor({one}, {other})" for one, other in pairs] + last
    return f"SELECT *, {parts[0]} AS whole FROM (SELECT _row, {cells} FROM {table.relation})"


def _measured(table: Table, hashes: str, columns: Sequence[TableColumn]) -> Iterator[Association]:
    """Yield how well the rest of a row settles each column."""
    places = ", ".join(str(each.place) for each in columns)
    codes = ", ".join(_code(each) for each in columns)
    rests = ", ".join(f"xor(cell.whole, {_code(each)})" for each in columns)
    found = table.query(
        f"WITH cells AS (SELECT unnest([{places}]::INTEGER[]) AS place, unnest([{codes}]) AS code, "
        f"unnest([{rests}]) AS rest FROM {hashes} AS cell), "
        "chances AS (SELECT place, sum(n * (n - 1)) / greatest(sum(n) * (sum(n) - 1), 1) AS chance "
        "FROM (SELECT place, count(*)::DOUBLE AS n FROM cells GROUP BY place, code) GROUP BY place"
        "), alike AS (SELECT place, sum(k) AS n, sum(k * (k - 1)) AS agreeing FROM ("
        "SELECT place, rest, count(*) AS k FROM cells GROUP BY place, rest, code) "
        "GROUP BY place, rest HAVING sum(k) > 1) "
        "SELECT place, count(*), avg(agreeing / (n * (n - 1))), any_value(chance) "
        "FROM alike JOIN chances USING (place) GROUP BY place ORDER BY place"
    )
    by_place = {each.place: each for each in columns}
    for place, groups, agreement, chance in found:
        column = by_place[place]
        yield Association(column, column, groups, float(agreement or 0.0), float(chance or 0.0))


def _differing(table: Table, hashes: str, column: TableColumn) -> str:
    """Return the query for the cells of a column that differ from near duplicates."""
    name = table.identifier(column.name)
    rows = table.keep(
        f"SELECT cell._row, xor(cell.whole, {_code(column)}) AS rest, said.{name} AS said "
        f"FROM {hashes} AS cell JOIN {table.relation} AS said ON said._row = cell._row"
    )
    found = deviations(table, "cell.rest", "cell.said", rows)
    return (
        f"SELECT cell._row, {column.place} AS place, true AS told, found.confidence, "
        "format('{} of {} rows that are otherwise the same hold ''{}''', found.votes, found.n, "
        "found.usual) AS reason, found.usual AS suggestion "
        f"FROM {rows} AS cell JOIN {found.relation} AS found ON cell.rest = found.value "
        "AND cell.said IS NOT DISTINCT FROM found.other "
        f"WHERE found.confidence >= {LEAST_CONFIDENCE}"
    )


def _alone(hashes: str, column: TableColumn, strength: float) -> str:
    """Return the query for cells that say what no near duplicate does, where many differ."""
    code = _code(column)
    return (
        f"SELECT _row, {column.place}, false, {strength!r} * (n - 1) / n, NULL, NULL FROM (SELECT "
        f"_row, count(*) OVER (PARTITION BY xor(cell.whole, {code})) AS n, "
        f"count(*) OVER (PARTITION BY xor(cell.whole, {code}), {code}) AS k FROM {hashes} AS cell) "
        "WHERE n > 1 AND k = 1"
    )


def _flags(table: Table, claims: Sequence[str]) -> Flags:
    """Return the cells that differ from near duplicates, each by its share of the blame.

    A row that a change of any of several cells would make the same as others has one of them wrong
    (minimal repair). They share the blame, and a column of which some cell is the only one that may
    be wrong has the greater part: what errs once errs again.
    """
    found = table.keep(" UNION ALL ".join(claims))
    shared = table.keep(
        "SELECT *, confidence * (1 + count(*) FILTER (alone) OVER (PARTITION BY place)) AS part "
        f"FROM (SELECT *, count(*) OVER (PARTITION BY _row) = 1 AS alone FROM {found})"
    )
    return Flags(
        'SELECT _row, name AS "column", confidence * part / total AS confidence, reason, '
        "suggestion FROM (SELECT *, sum(part) OVER (PARTITION BY _row) AS total "
        f"FROM {shared}) JOIN (SELECT unnest($1::INTEGER[]) AS place, "
        "unnest($2::VARCHAR[]) AS name) USING (place) WHERE told",
        ([each.place for each in table.columns], [each.name for each in table.columns]),
    )
