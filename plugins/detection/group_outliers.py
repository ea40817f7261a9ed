"""Numbers far from those of their own group, though not from the whole column."""

from collections.abc import Iterable, Sequence

from dataagents.core.detection import Flags, Table, TableColumn
from dataagents.plugins.detection.arithmetic import find_equations, vouched
from dataagents.plugins.detection.closeness import CANDIDATES, candidates
from dataagents.plugins.detection.values import NUMERIC, unpivoted

SAMPLED_ROWS = 5_000
"""Rows that groups are looked for in, at the most."""

COMPARED = 4_000_000
"""About so many pairs of a number and a label are compared; with more columns that takes fewer
rows, though never fewer than tell a group from its column."""
FEWEST_ROWS = 500

BATCH = 500_000
"""Of the pairs, about so many at once, lest wide tables take much memory."""

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
        "or was mistyped, unless an equation that nearly all rows keep comes to it; groups are "
        "looked for in a sample, by a bounded number of labels."
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
        rows = COMPARED // (len(numbers) * min(CANDIDATES, len(labels)))
        rows = min(max(rows, FEWEST_ROWS), SAMPLED_ROWS, table.rows)
        sample = table.keep(f"SELECT * FROM {table.relation} ORDER BY hash(_row) LIMIT {rows}")
        numbers = [each for each in numbers if not _is_code(table, sample, each)]
        best = dict[TableColumn, TableColumn]()
        step = max(1, BATCH // (rows * min(CANDIDATES, len(labels))))
        for start in range(0, len(numbers), step):
            some = numbers[start : start + step]
            pairs = [(each, label) for each in some for label in candidates(each, labels)]
            best |= _best(table, sample, pairs)
        found = find_equations(table) if best else []
        for number, label in best.items():
            names = _names(table, table.relation, number, label)
            yield Flags(_FAR.format(**names, vouched=vouched(table, number, found)))


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
    table: Table, sample: str, pairs: Sequence[tuple[TableColumn, TableColumn]]
) -> dict[TableColumn, TableColumn]:
    """Return for each number the column whose groups explain most of it, where one does enough."""
    numbers, labels = (list(dict.fromkeys(each)) for each in zip(*pairs, strict=True))
    places = {each.place: each for each in (*numbers, *labels)}
    found = table.query(
        _SPREADS.format(
            numbers=unpivoted(table, numbers, sample),
            labels=unpivoted(table, labels, sample),
        ),
        [[one.place for one, _ in pairs], [other.place for _, other in pairs]],
    )
    best = dict[TableColumn, tuple[float, int]]()
    for number, label, within, overall in found:
        if within is not None and overall and 0 < within <= EXPLAINS * overall:
            explained = (within / overall, label)
            best[places[number]] = min(explained, best.get(places[number], explained))
    return {number: places[best[number][1]] for number in numbers if number in best}


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
    SELECT cell._row, TRY_CAST({number} AS DOUBLE) AS number, {label} AS label,
        {vouched} AS vouched
    FROM {rows} AS cell WHERE isfinite(TRY_CAST({number} AS DOUBLE)) AND {label} IS NOT NULL
),
middles AS (
    SELECT *, median(number) OVER (PARTITION BY label) AS middle, median(number) OVER () AS centre,
        count(*) OVER (PARTITION BY label) AS members
    FROM cells
)
"""
_SPREADS = """
WITH numbers AS (
    SELECT _row, place, TRY_CAST(value AS DOUBLE) AS number FROM ({numbers})
    WHERE isfinite(TRY_CAST(value AS DOUBLE))
),
labels AS (SELECT _row, place, hash(value) AS code FROM ({labels}) WHERE value IS NOT NULL),
cells AS (
    SELECT numbers.place AS number_place, labels.place AS label_place, code, number
    FROM (SELECT unnest(?::INTEGER[]) AS one, unnest(?::INTEGER[]) AS other) AS pairs
    JOIN numbers ON numbers.place = one
    JOIN labels ON labels.place = other AND labels._row = numbers._row
),
groups AS (
    SELECT number_place, label_place, code, median(number) AS middle, count(*) AS members
    FROM cells GROUP BY ALL
),
centres AS (
    SELECT number_place, label_place, median(number) AS centre FROM cells GROUP BY ALL
)
SELECT number_place, label_place, median(abs(number - middle)) FILTER (members > 1),
    median(abs(number - centre))
FROM cells JOIN groups USING (number_place, label_place, code)
JOIN centres USING (number_place, label_place)
GROUP BY number_place, label_place
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
        AND NOT vouched
)
SELECT _row, {{column}} AS "column", far / (far + {ALONE}) AS confidence,
    concat('is ', round(far)::BIGINT, ' times as far from the median (', middle,
        ') as is typical where ', {{group_name}}, ' is ''', left(label, 40), '''') AS reason,
    NULL::VARCHAR AS suggestion
FROM (SELECT *, count(*) OVER (PARTITION BY label) AS distant FROM distances WHERE far >= {FAR})
WHERE distant <= greatest(1, {FEW} * members)
"""
