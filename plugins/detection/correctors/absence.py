"""One way to say nothing: a word for it becomes the empty cell that the table has elsewhere."""

from dataagents.core.detection import Table
from dataagents.plugins.detection.correctors.wrong_cells import NONE

CONFIDENCE = 0.6
"""Less than that of evidence which names a value: if the cell was lost, that is what it said."""


def words_for_nothing(table: Table, values: str) -> str:
    """Keep the wrong values that stand for nothing, as `place` and `value`.

    That they do is what the table itself says: it does not count them as values.

    Args:
        table: The table.
        values: Relation `place`, `value`, `cells` of what wrong cells say.
    """
    wrong = {place for (place,) in table.query(f"SELECT DISTINCT place FROM {values}")}
    columns = [column for column in table.columns if column.place in wrong]
    if not columns:
        return table.keep("SELECT 0 AS place, '' AS value WHERE false")
    places = ", ".join(str(column.place) for column in columns)
    given, said = (
        ", ".join(f"{row}.{table.identifier(column.name)}" for column in columns)
        for row in ("given", "said")
    )
    return table.keep(
        f"SELECT place, value FROM {values} SEMI JOIN (SELECT place, value FROM (SELECT "
        f"unnest([{places}]::INTEGER[]) AS place, unnest([{given}]) AS value, "
        f"unnest([{said}]) AS said FROM {table.raw} AS given "
        f"JOIN {table.relation} AS said ON given._row = said._row) "
        "WHERE said IS NULL AND value IS NOT NULL) AS told USING (place, value)"
    )


def absence(table: Table, words: str) -> str:
    """Keep words that stand for nothing with the empty cell instead.

    Where no cell is empty, a word is the table's own way to say so, and stays.

    Args:
        table: The table.
        words: Relation `place`, `value` of those that wrong cells say.
    """
    empty = " OR ".join(
        f"coalesce(trim(cell.{table.identifier(column.name)}), '') = ''" for column in table.columns
    )
    if not empty or not table.query(f"SELECT 1 FROM {table.raw} AS cell WHERE {empty} LIMIT 1"):
        return table.keep(NONE)
    return table.keep(
        f"SELECT place, value, '' AS becomes, {CONFIDENCE} AS confidence, 'absence' AS rule, "
        "concat('''', value, ''' stands for nothing, for which other cells are empty') AS reason "
        f"FROM {words} WHERE trim(value) <> ''"
    )
