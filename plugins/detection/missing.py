"""Missing values: cells that say nothing, openly or in disguise."""

from collections.abc import Iterable, Sequence

from dataagents.core.detection import Flags, Table, TableColumn
from dataagents.plugins.detection.values import NUMERIC, at_cells, count_values, keep_all

RARELY_MISSING = 0.1
"""A column with no greater share of cells that say nothing is one where they should say something;
above one in ten, not to know is part of what the column is about."""

ANOTHER_WAY = 0.1
"""Share of a table's null tokens below which one is not the table's own way to say nothing."""


BATCH = 100
"""So many columns are asked about at once."""


class Missing:
    """Cells that say nothing where the column's others do, or say so in a way of their own."""

    theory = (
        "Where nearly every cell of a column says something, one that says nothing was lost; and a "
        "table that leaves cells empty has no second way to say so: a word, a sign or a number out "
        "of range that stands for nothing is a missing value in disguise."
    )

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return empty cells of mostly filled columns, and tokens and signs that say nothing."""
        empty = _empty(table)
        yield from _lost(table, empty)
        yield from _tokens(table, leaves_empty=any(empty))
        counts = count_values(table, table.columns)
        numeric = [column.place for column in table.columns if column.type in NUMERIC]
        verdicts = table.keep(_DISGUISED.format(counts=counts), (numeric,))
        yield from at_cells(table, verdicts)


def _empty(table: Table) -> tuple[int, ...]:
    """Return how many cells of each column are empty as they were read."""
    found: list[int] = []
    for batch in _batches(table.columns):
        counts = ", ".join(
            f"count(*) FILTER (coalesce(trim(cell.{table.identifier(column.name)}), '') = '')"
            for column in batch
        )
        found += table.query(f"SELECT {counts} FROM {table.raw} AS cell")[0]
    return tuple(found)


def _batches(columns: Sequence[TableColumn]) -> Iterable[Sequence[TableColumn]]:
    """Return columns in batches: the time to plan a query grows faster than what it asks for."""
    return (columns[start : start + BATCH] for start in range(0, len(columns), BATCH))


def _lost(table: Table, empty: tuple[int, ...]) -> Iterable[Flags]:
    for column, count in zip(table.columns, empty, strict=True):
        share = (count + 1) / (table.rows + 2)
        if not count or share > RARELY_MISSING:
            continue
        name = table.identifier(column.name)
        yield Flags(
            'SELECT cell._row, $1 AS "column", $2::DOUBLE AS confidence, $3 AS reason, '
            f"NULL::VARCHAR AS suggestion FROM {table.raw} AS cell "
            f"WHERE coalesce(trim(cell.{name}), '') = ''",
            (column.name, 0.8 - 3 * share, f"is empty, as {count} of {table.rows} cells are"),
        )


def _tokens(table: Table, *, leaves_empty: bool) -> Iterable[Flags]:
    tokens = keep_all(
        table,
        [
            f"SELECT {column.place} AS place, given.{name} AS value, count(*) AS cells "
            f"FROM {table.raw} AS given JOIN {table.relation} AS said ON given._row = said._row "
            f"WHERE said.{name} IS NULL AND trim(given.{name}) <> '' GROUP BY given.{name}"
            for column in _with_tokens(table)
            for name in (table.identifier(column.name),)
        ],
    )
    numeric = [column.place for column in table.columns if column.type in NUMERIC]
    verdicts = table.keep(
        f"SELECT place, value, CASE WHEN {leaves_empty} THEN 0.9 "
        "WHEN list_contains($1, place) OR sum(cells) OVER (PARTITION BY lower(trim(value))) "
        f"< {ANOTHER_WAY} * sum(cells) OVER () THEN 0.7 END AS confidence, "
        "concat('''', value, ''' stands for nothing', CASE WHEN list_contains($1, place) "
        "THEN ' among numbers' ELSE ', which other cells say in another way' END) AS reason, "
        f"NULL::VARCHAR AS suggestion FROM {tokens} QUALIFY confidence IS NOT NULL",
        (numeric,),
    )
    yield from at_cells(table, verdicts, raw=True)


def _with_tokens(table: Table) -> Iterable[TableColumn]:
    """Return the columns with cells that say something which stands for nothing, a pass a batch."""
    for batch in _batches([column for column in table.columns if column.present]):
        found = ", ".join(
            f"coalesce(bool_or(said.{name} IS NULL AND trim(given.{name}) <> ''), false)"
            for column in batch
            for name in (table.identifier(column.name),)
        )
        [holds] = table.query(
            f"SELECT {found} FROM {table.raw} AS given JOIN {table.relation} AS said "
            "ON given._row = said._row"
        )
        yield from (column for column, has in zip(batch, holds, strict=True) if has)


_DISGUISED = rf"""
WITH judged AS (
    SELECT *, NOT regexp_matches(value, '[\pL\pN]') AS mute,
        list_contains($1, place)
            AND regexp_full_match(value, '-?(9{{{{2,}}}}|9{{{{3,}}}}[.]0*9?)|-1') AS code,
        CASE WHEN list_contains($1, place) THEN TRY_CAST(value AS DOUBLE) END AS number
    FROM {{counts}}
),
ranges AS (
    SELECT place, sum(cells) AS total, sum(cells) FILTER (mute) AS muted,
        min(number) FILTER (NOT code) AS least, max(number) FILTER (NOT code) AS most
    FROM judged GROUP BY place
)
SELECT place, value, CASE WHEN mute THEN 0.9 ELSE 0.7 END AS confidence,
    CASE WHEN mute THEN concat('''', value, ''' has neither a letter nor a digit')
    ELSE concat(value, ' stands for nothing: ', cells, ' cells have it, and all others lie from ',
        least, ' to ', most) END AS reason,
    NULL::VARCHAR AS suggestion
FROM judged JOIN ranges USING (place)
WHERE (mute AND muted <= {RARELY_MISSING} * total) OR (
    code AND cells BETWEEN 2 AND {RARELY_MISSING} * total AND (
        (number > 2 * most AND most > 0) OR (number < 0 AND least >= 0)
    )
)
"""
"""Signs alone, and the numbers that people type for want of one: minus one, and nines, at least two
times, seldom, and far from what the column measures."""
