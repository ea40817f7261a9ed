"""The values of each column with how many cells hold them: what most detectors think about.

A verdict about a value holds for every cell that says it, so detectors decide over distinct values,
and only `at_cells` goes back to the rows.
"""

from collections.abc import Iterable, Sequence

from dataagents.core.detection import Flags, Table, TableColumn

NUMERIC = frozenset({"integer", "decimal", "float"})
"""The types of columns that hold numbers."""

SHORT = 10_000
"""Up to so many rows it takes longer to plan a query for each column than to count its cells, the
more so the more columns there are: all are counted in one."""


def texts(table: Table) -> list[TableColumn]:
    """Return the columns that hold text; what is a number or a moment has detectors of its own."""
    return [column for column in table.columns if column.type == "text" and column.present]


def count_values(table: Table, columns: Iterable[TableColumn], *, raw: bool = False) -> str:
    """Keep the distinct values of columns, and return the name of that relation.

    Args:
        table: The table.
        columns: Which columns.
        raw: Take cells as they were read, so that blanks and null tokens are values too.

    Returns:
        The name of a relation `place`, `value`, `cells`; cells without a value are not in it.
    """
    source = table.raw if raw else table.relation
    counted = list(columns)
    if counted and table.rows <= SHORT:
        return table.keep(
            f"SELECT place, value, count(*) AS cells FROM ({unpivoted(table, counted, source)}) "
            "WHERE value IS NOT NULL GROUP BY place, value"
        )
    return keep_all(
        table,
        [
            f"SELECT {column.place} AS place, cell.{name} AS value, count(*) AS cells "
            f"FROM {source} AS cell WHERE cell.{name} IS NOT NULL GROUP BY cell.{name}"
            for column in counted
            for name in (table.identifier(column.name),)
        ],
    )


def unpivoted(table: Table, columns: Sequence[TableColumn], source: str) -> str:
    """Return the query for the cells of columns, one a row: `_row`, `place` and `value`.

    Args:
        table: The table.
        columns: Which columns, one at least.
        source: The relation that has them.
    """
    places = ", ".join(str(column.place) for column in columns)
    cells = ", ".join(f"cell.{table.identifier(column.name)}" for column in columns)
    return (
        f"SELECT cell._row, unnest([{places}]::INTEGER[]) AS place, unnest([{cells}]) AS value "
        f"FROM {source} AS cell"
    )


def keep_all(table: Table, selects: Sequence[str]) -> str:
    """Keep relations `place`, `value`, `cells` as one; there may be none, as without columns."""
    none = "SELECT 0 AS place, '' AS value, 0::BIGINT AS cells WHERE false"
    return table.keep(" UNION ALL ".join(selects) or none)


def at_cells(table: Table, verdicts: str, *, raw: bool = False) -> Iterable[Flags]:
    """Give what was decided about values as flags of the cells that hold them.

    Args:
        table: The table.
        verdicts: Name of a relation `place`, `value`, `confidence`, `reason`, `suggestion`; where
            a value has several, the most confident one counts.
        raw: Whether the values are cells as they were read.
    """
    source = table.raw if raw else table.relation
    places = {place for (place,) in table.query(f"SELECT DISTINCT place FROM {verdicts}")}
    for column in table.columns:
        if column.place not in places:
            continue
        name = table.identifier(column.name)
        yield Flags(
            f'SELECT cell._row, {table.literal(column.name)} AS "column", '
            "verdict.confidence::DOUBLE AS confidence, verdict.reason, verdict.suggestion "
            f"FROM {source} AS cell JOIN (SELECT value, max(confidence) AS confidence, "
            "arg_max(reason, (confidence, reason)) AS reason, "
            # A struct, since arg_max passes over NULL: no suggestion is what the surest may make.
            "arg_max({'is': suggestion}, (confidence, reason))['is'] AS suggestion "
            f"FROM {verdicts} WHERE place = {column.place} GROUP BY value"
            f") AS verdict ON cell.{name} = verdict.value"
        )
