"""How often values come again by chance: the birthday problem for numbers, days and names.

Among n draws from N values about n²/2N pairs are equal, however large N is. So that some values of
a column are in several rows says nothing by itself; that they are in more than values spread like
these come to by chance does.
"""

from dataagents.core.detection.table import Table, TableColumn
from dataagents.plugins.detection.order import MOMENTS, NUMBERS, number

FEW = 5
"""Up to so many of anything may be luck."""
READABLE = 0.9
"""Share of the values of a text column that must be numbers or days for them to be taken so."""
_FORMS = (
    "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%Y", "%d.%m.%y", "%d-%m-%Y",
    "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%d-%b-%Y", "%d-%b-%y",
)  # fmt: skip
_WORDS = r"regexp_extract_all(lower(value), '[\pL\pN]+')"


def by_chance(table: Table, column: TableColumn, repeated: int, pairs: int) -> bool:
    """Say whether values come again about as often as they must.

    Args:
        table: The table.
        column: Which column.
        repeated: How many of its values are in several rows.
        pairs: How many pairs of rows have the same value.
    """
    if column.type in NUMBERS | MOMENTS:
        return _numbers(table, column, number(table, column), repeated)
    name = table.identifier(column.name)
    plain = f"regexp_replace({name}, '\\s*\\(.*\\)$', '')"
    read = f"coalesce({number(table, column)}, epoch(try_strptime({plain}, {list(_FORMS)!r})))"
    ((share,),) = table.query(f"SELECT count({read}) / count({name}) FROM {table.relation}")
    if share >= READABLE:
        return _numbers(table, column, read, repeated)
    return _words(table, column) >= pairs / 2


def _numbers(table: Table, column: TableColumn, read: str, repeated: int) -> bool:
    """Say whether measures or days repeat as often as they must, having few to choose from.

    Of random measures about half as many are equal as are one step apart; of numbers that were
    given one by one nearly none are equal, and many one step apart.
    """
    name = table.identifier(column.name)
    ((near,),) = table.query(
        f"WITH measures AS (SELECT {read} AS value, count(*) AS n FROM {table.relation} "
        f"WHERE {name} IS NOT NULL GROUP BY 1), "
        "gaps AS (SELECT lead(value) OVER (ORDER BY value) - value AS gap, "
        "n * lead(n) OVER (ORDER BY value) AS pairs FROM measures WHERE value IS NOT NULL) "
        "SELECT coalesce(sum(pairs), 0) FROM gaps "
        "WHERE gap <= 1.000001 * (SELECT min(gap) FROM gaps WHERE gap > 0)"
    )
    return bool(near > FEW and repeated >= near / 4)


def _words(table: Table, column: TableColumn) -> float:
    """Return how many pairs of rows have the same words by chance: first and last names, say.

    How often two values have the same word in a place is counted among distinct values, so that
    what was copied doesn't count. Of one word, that can't be told.
    """
    name = table.identifier(column.name)
    ((expected,),) = table.query(
        f"WITH texts AS (SELECT value, {_WORDS} AS words, len(words) AS size FROM ("
        f"SELECT DISTINCT {name} AS value FROM {table.relation} WHERE {name} IS NOT NULL)), "
        "sizes AS (SELECT size, count(*)::DOUBLE AS n FROM texts WHERE size > 1 GROUP BY size "
        "HAVING count(*) > 1), "
        "uses AS (SELECT size, place, word, count(*)::DOUBLE AS k FROM (SELECT size, "
        "unnest(words) AS word, generate_subscripts(words, 1) AS place FROM texts "
        "SEMI JOIN sizes USING (size)) GROUP BY ALL), "
        "agreeing AS (SELECT size, sum(k * (k - 1)) / any_value(n * (n - 1)) AS share "
        "FROM uses JOIN sizes USING (size) GROUP BY size, place) "
        "SELECT coalesce(sum(n * (n - 1) / 2 * agree), 0) FROM sizes JOIN "
        "(SELECT size, product(share) AS agree FROM agreeing GROUP BY size) USING (size)"
    )
    return float(expected)
