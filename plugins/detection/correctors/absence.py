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
    told = [
        f"SELECT {column.place} AS place, given.{name} AS value FROM {table.raw} AS given "
        f"JOIN {table.relation} AS said ON given._row = said._row "
        f"WHERE said.{name} IS NULL AND given.{name} IS NOT NULL GROUP BY given.{name}"
        for column in table.columns
        for name in (table.identifier(column.name),)
    ]
    none = "SELECT 0 AS place, '' AS value WHERE false"
    return table.keep(
        f"SELECT place, value FROM {values} SEMI JOIN ({' UNION ALL '.join(told) or none}) "
        "AS told USING (place, value)"
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
