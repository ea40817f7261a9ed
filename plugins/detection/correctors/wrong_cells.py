"""Wrong cells by what they say: correctors think about distinct values, and answer for cells."""

from collections.abc import Iterable, Iterator, Sequence

from dataagents.core.detection import Suggestion, Table, TableColumn

NONE = (
    "SELECT 0 AS place, '' AS value, '' AS becomes, 0.0::DOUBLE AS confidence, '' AS rule, "
    "'' AS reason WHERE false"
)
"""No corrections: a relation of the columns that `at_wrong` takes."""


def columns_with_errors(table: Table, wrong: str) -> list[TableColumn]:
    """Return the columns in which cells were found to be wrong, in order."""
    names = {name for (name,) in table.query(f'SELECT DISTINCT "column" FROM {wrong}')}
    return [column for column in table.columns if column.name in names]


def wrong_values(table: Table, wrong: str, columns: Iterable[TableColumn]) -> str:
    """Keep what wrong cells say, as it was read, and return the name of that relation.

    Args:
        table: The table.
        wrong: Quoted name of the relation of wrong cells.
        columns: Which columns.

    Returns:
        The name of a relation `place`, `value`, `cells`.
    """
    selects = [
        f"SELECT {column.place} AS place, cell.{name} AS value, count(*) AS cells "
        f"FROM {table.raw} AS cell SEMI JOIN (SELECT _row FROM {wrong} "
        f'WHERE "column" = {table.literal(column.name)}) AS told ON told._row = cell._row '
        f"WHERE cell.{name} IS NOT NULL GROUP BY cell.{name}"
        for column in columns
        for name in (table.identifier(column.name),)
    ]
    none = "SELECT 0 AS place, '' AS value, 0::BIGINT AS cells WHERE false"
    return table.keep(" UNION ALL ".join(selects) or none)


def at_wrong(table: Table, wrong: str, corrections: Sequence[str]) -> Iterator[Suggestion]:
    """Give what values should become as suggestions for the wrong cells that say them.

    Args:
        table: The table.
        wrong: Quoted name of the relation of wrong cells.
        corrections: Relations `place`, `value` (as it was read), `becomes`, `confidence`, `rule`
            and `reason`; of several that have a value, the first counts.
    """
    ranked = " UNION ALL ".join(
        f"SELECT place, value, becomes, confidence, rule, reason, {rank} AS rank FROM {each}"
        for rank, each in enumerate(corrections)
    )
    settled = table.keep(
        f"SELECT * FROM ({ranked}) WHERE becomes IS NOT NULL AND becomes <> value "
        "QUALIFY row_number() OVER (PARTITION BY place, value "
        "ORDER BY rank, confidence DESC, becomes) = 1"
    )
    places = {place for (place,) in table.query(f"SELECT DISTINCT place FROM {settled}")}
    for column in table.columns:
        if column.place in places:
            yield _suggestion(table, wrong, settled, column)


def _suggestion(table: Table, wrong: str, settled: str, column: TableColumn) -> Suggestion:
    name = table.identifier(column.name)
    return Suggestion(
        f'SELECT cell._row, {table.literal(column.name)} AS "column", found.becomes AS value, '
        "found.confidence::DOUBLE AS confidence, found.rule, found.reason "
        f"FROM {table.raw} AS cell SEMI JOIN (SELECT _row FROM {wrong} "
        f'WHERE "column" = {table.literal(column.name)}) AS told ON told._row = cell._row '
        f"JOIN {settled} AS found ON found.value = cell.{name} AND found.place = {column.place}"
    )
