"""Values that slipped into the neighbour's cell."""

from collections.abc import Iterable, Iterator

from dataagents.core.detection import Flags, Table, TableColumn
from dataagents.plugins.detection.closeness import candidates
from dataagents.plugins.detection.values import texts

REPEATED = 2
"""How many times a column's values occur on average, at least, for them to be a vocabulary in
which another cell's word is found by more than chance."""


class Swallowed:
    """A cell that ends in what its row's empty cell should say."""

    theory = (
        "Where a cell is empty and another of its row ends in a word of the empty cell's column, "
        "as it does not elsewhere, the value was not lost but written into the wrong cell, and "
        "both are wrong."
    )

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return both cells, with what each should say as the suggestion."""
        columns = texts(table)
        for empty in columns:
            others = candidates(empty, columns)
            if (
                not others
                or not table.rows / 2 <= empty.present < table.rows
                or empty.present < REPEATED * empty.distinct
            ):
                continue
            yield from _flags(table, empty, _found(table, empty, others))


def _found(table: Table, empty: TableColumn, others: list[TableColumn]) -> str:
    """Keep the cells that end in a word of the empty column: `place`, `_row`, `word`, `rest`."""
    name = table.identifier(empty.name)
    ends = " UNION ALL ".join(
        f"SELECT cell._row, {column.place} AS place, cell.{name} IS NULL AS lost, "
        f"cell.{other} AS value, split_part(cell.{other}, ' ', -1) AS word "
        f"FROM {table.relation} AS cell WHERE contains(cell.{other}, ' ')"
        for column in others
        for other in (table.identifier(column.name),)
    )
    said = (
        f"SELECT cell.{name} AS word FROM {table.relation} AS cell "
        f"WHERE cell.{name} IS NOT NULL GROUP BY cell.{name} HAVING count(*) >= {REPEATED}"
    )
    return table.keep(_FOUND.format(said=said, ends=ends))


def _flags(table: Table, empty: TableColumn, found: str) -> Iterator[Flags]:
    names = {column.place: column.name for column in table.columns}
    full = "concat('ends in ''', word, ''', a value of ', $2::VARCHAR, ', whose cell is empty')"
    lost = "concat('is empty, and ', $2::VARCHAR, ' ends in ''', word, '''')"
    for (place,) in table.query(f"SELECT DISTINCT place FROM {found}"):
        for here, there, reason, suggestion in (
            (names[place], empty.name, full, "rest"),
            (empty.name, names[place], lost, "word"),
        ):
            yield Flags(
                f'SELECT _row, $1 AS "column", confidence, {reason} AS reason, '
                f"{suggestion} AS suggestion FROM {found} WHERE place = $3",
                (here, there, place),
            )


_FOUND = """
WITH said AS ({said}),
ends AS ({ends}),
hits AS (SELECT * FROM ends SEMI JOIN said USING (word) WHERE length(word) >= 2),
chances AS (
    SELECT place, count(*) FILTER (lost) AS lost, count(*) FILTER (NOT lost) AS others
    FROM ends GROUP BY place
),
found AS (
    SELECT place, count(*) FILTER (lost) AS hit, count(*) FILTER (NOT lost) AS by_chance
    FROM hits GROUP BY place
),
judged AS (
    SELECT place, hit, 1 - (by_chance + 1) / (others + 1) * lost / hit AS sure
    FROM found JOIN chances USING (place) WHERE hit >= 1
)
SELECT place, _row, word, rtrim(left(value, length(value) - length(word)), ' ,;/|-') AS rest,
    least(sure, hit / (hit + 1)) AS confidence
FROM hits JOIN judged USING (place) WHERE hits.lost AND sure > 0
"""
"""As sure as the share of the hits that chance does not explain: how often the column ends in such
a word where nothing is lost says what chance does."""
