"""Columns whose text is made of the text of others: a code of a state and a measure, say."""

from collections import defaultdict
from dataclasses import dataclass
from math import log

from dataagents.core.detection.table import Table, TableColumn
from dataagents.plugins.detection.association import CHANCE, divergence
from dataagents.plugins.detection.closeness import candidates

SAMPLED_ROWS = 2_000
"""Enough to tell nine in ten from eight in ten; what is found is checked on all rows later."""
SAMPLED_CELLS = 400_000
"""About so many pairs of cells are compared; with many columns that takes fewer rows."""
NEARLY_ALWAYS = 0.9
"""Of the rows that could be an exception, so many have to be none."""


@dataclass(frozen=True, slots=True)
class Composition:
    """A column whose text holds the text of another, row by row and not by chance."""

    whole: TableColumn
    part: TableColumn
    rate: float
    """How many rows are exceptions."""


def compositions(table: Table) -> dict[int, list[Composition]]:
    """Return what each column is made of, by the place of the whole."""
    columns = [each for each in table.columns if each.distinct > 1 and each.type != "boolean"]
    wholes = {each.place for each in columns if each.type == "text"}
    if not wholes or len(columns) < 2:
        return {}
    tried = [
        (each.place, other.place)
        for each in columns
        if each.place in wholes
        for other in candidates(each, columns)
    ]
    pairs = len(tried)
    sample = table.keep(_sample(table, columns, max(100, SAMPLED_CELLS // pairs)))
    counts = table.query(
        "SELECT whole.place, part.place, "
        "count(*) FILTER (contains(whole.here, part.here) AND whole.here <> part.here) AS held, "
        "count(*) FILTER (contains(whole.here, part.there)), count(*) "
        "FROM (SELECT unnest(?::INTEGER[]) AS one, unnest(?::INTEGER[]) AS other) AS tried "
        f"JOIN {sample} AS whole ON whole.place = one JOIN {sample} AS part "
        "ON part.place = other AND whole.number = part.number GROUP BY ALL HAVING held > 0",
        [[one for one, _ in tried], [other for _, other in tried]],
    )
    by_place = {each.place: each for each in columns}
    found: defaultdict[int, list[Composition]] = defaultdict(list)
    for whole, part, held, chance, rows in sorted(counts):
        if _holds(held, chance, rows, pairs):
            each = Composition(by_place[whole], by_place[part], 1 - held / rows)
            found[whole].append(each)
    return dict(found)


def text(table: Table, column: TableColumn, row: str = "cell") -> str:
    """Return the text of a column as wholes and parts are compared: without case."""
    return f"lower({row}.{table.identifier(column.name)})"


def _sample(table: Table, columns: list[TableColumn], rows: int) -> str:
    """Return cells with, beside each, that of another row: `number`, `place`, `here`, `there`."""
    places = ", ".join(str(each.place) for each in columns)
    cells = ", ".join(text(table, each) for each in columns)
    return (
        "SELECT number, place, here, lead(here) OVER (PARTITION BY place ORDER BY number) AS there "
        f"FROM (SELECT number, unnest([{places}]) AS place, unnest(cells) AS here FROM ("
        f"SELECT hash(_row) AS number, [{cells}] AS cells FROM {table.relation} AS cell "
        f"ORDER BY number LIMIT {min(rows, SAMPLED_ROWS)})) WHERE here IS NOT NULL"
    )


def _holds(held: int, chance: int, rows: int, pairs: int) -> bool:
    seen, expected = held / rows, (chance + 1) / (rows + 1)
    if expected >= 1 or (seen - expected) / (1 - expected) < NEARLY_ALWAYS:
        return False
    return rows * divergence(seen, expected) >= log(pairs / CHANCE)
