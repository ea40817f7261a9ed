"""Numbers far from those of their own group, though not from the whole column."""

from collections.abc import Iterable

from dataagents.core.detection import Flags, Table, TableColumn
from dataagents.plugins.detection.values import NUMERIC

SAMPLED_ROWS = 5_000
"""Rows that groups are looked for in."""

EXPLAINS = 0.25
"""Share of the typical distance from the median that may be left within a group: a column whose
groups explain less says nothing about what is usual in one of them."""

FEWEST = 10
"""Numbers that a group must have on average for its middle and its spread to be known."""

FAR = 8.0
"""How many times the typical distance within its group an outlier is off: groups are many, and in
each there is a farthest."""

ALONE = 24.0
"""The same, from which on it is more likely an error than not by this evidence alone."""

MOSTLY = 0.9
"""Share of whole numbers that are different from which on they number the rows."""

FEW = 0.05
"""Share of a group from which on what is far from its middle is a part of it, and no error."""

CODE_DIGITS = 5
CODES = 0.8
"""Where at least four in five have the same number of digits, five or more, numbers are codes such
as postcodes: they measure nothing, and a group of them has no middle."""


class GroupOutliers:
    """A number that is usual in its column, and not among those like it."""

    theory = (
        "Where a label settles most of what a column measures (the median absolute deviation "
        "within its groups is at most a quarter of that of all), a number many such deviations "
        "from the median of its own group, and as far as the groups lie apart, belongs elsewhere "
        "or was mistyped; groups are looked for in a sample."
    )

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return the numbers that are far from their group."""
        numbers = [each for each in table.columns if each.type in NUMERIC and not _is_key(each)]
        labels = [
            each
            for each in table.columns
            if each.type == "text" and 2 <= each.distinct <= table.rows / FEWEST
        ]
        if not numbers or not labels:
            return
        sample = table.keep(
            f"SELECT * FROM {table.relation} ORDER BY hash(_row) LIMIT {SAMPLED_ROWS}"
        )
        for number in numbers:
            if _is_code(table, sample, number):
                continue
            label = _best(table, sample, number, labels)
            if label is not None:
                yield Flags(_FAR.format(**_names(table, table.relation, number, label)))


def _is_key(column: TableColumn) -> bool:
    """Return whether a column tells rows apart, or counts them."""
    counts = column.type == "integer" and column.distinct >= MOSTLY * column.present
    return column.key or counts


def _is_code(table: Table, sample: str, number: TableColumn) -> bool:
    """Return whether a column holds codes rather than measures."""
    name = f"cell.{table.identifier(number.name)}"
    found = table.query(
        f"SELECT count(*) / sum(count(*)) OVER (), min(length({name})) FROM {sample} AS cell "
        f"WHERE {name} IS NOT NULL AND {name} NOT LIKE '%.%' GROUP BY length({name}) "
        "ORDER BY 1 DESC LIMIT 1"
    )
    return any(share >= CODES and digits >= CODE_DIGITS for share, digits in found)


def _best(
    table: Table, sample: str, number: TableColumn, labels: Iterable[TableColumn]
) -> TableColumn | None:
    """Return the column whose groups explain most of a number; None where none does enough."""
    found: list[tuple[float, int, TableColumn]] = []
    for label in labels:
        names = _names(table, sample, number, label)
        ((within, overall),) = table.query(_SPREAD.format(**names))
        if within is not None and overall and 0 < within <= EXPLAINS * overall:
            found.append((within / overall, label.place, label))
    return min(found)[2] if found else None


def _names(table: Table, rows: str, number: TableColumn, label: TableColumn) -> dict[str, str]:
    return {
        "rows": rows,
        "number": f"cell.{table.identifier(number.name)}",
        "label": f"cell.{table.identifier(label.name)}",
        "column": table.literal(number.name),
        "group_name": table.literal(label.name),
    }


_CELLS = """
WITH cells AS (
    SELECT cell._row, TRY_CAST({number} AS DOUBLE) AS number, {label} AS label
    FROM {rows} AS cell WHERE isfinite(TRY_CAST({number} AS DOUBLE)) AND {label} IS NOT NULL
),
middles AS (
    SELECT *, median(number) OVER (PARTITION BY label) AS middle, median(number) OVER () AS centre,
        count(*) OVER (PARTITION BY label) AS members
    FROM cells
)
"""
_SPREAD = f"""
{_CELLS}
SELECT median(abs(number - middle)) FILTER (members > 1), median(abs(number - centre)) FROM middles
"""
_FAR = f"""
{_CELLS},
spreads AS (
    SELECT *, median(abs(number - middle)) OVER (PARTITION BY label) AS own,
        median(abs(number - middle)) OVER () AS usual, median(abs(number - centre)) OVER () AS apart
    FROM middles WHERE members >= {FEWEST}
),
distances AS (
    SELECT *, abs(number - middle) / greatest(own, usual) AS far FROM spreads
    WHERE greatest(own, usual) > 0 AND abs(number - middle) >= apart
)
SELECT _row, {{column}} AS "column", far / (far + {ALONE}) AS confidence,
    concat('is ', round(far)::BIGINT, ' times as far from the median (', middle,
        ') as is typical where ', {{group_name}}, ' is ''', left(label, 40), '''') AS reason,
    NULL::VARCHAR AS suggestion
FROM (SELECT *, count(*) OVER (PARTITION BY label) AS distant FROM distances WHERE far >= {FAR})
WHERE distant <= greatest(1, {FEW} * members)
"""
