"""How often values are a slip apart by chance: what that says of those that are.

Values that are established are hardly slips of each other. So the share of them that have another
one a slip away tells how many of the rest will have one by chance; where no more of them do than
that, as with codes that fill the room there is, a neighbour proves nothing (the false discovery
rate of Efron's empirical Bayes).
"""

from dataagents.core.detection import Table
from dataagents.plugins.detection.neighbours import TIMES_AS_COMMON, neighbours

FAR = 3
"""How many times as common a neighbour makes an established value a slip of it, often made."""

NO_COINCIDENCE = "(1 - coalesce(share, 0)) * greatest(0, 1 - coalesce(by_chance, share, 0))"
"""How sure it is that a neighbour is none by chance, in SQL beside what `coincidences` found."""


def coincidences(table: Table, counts: str, pairs: str) -> str:
    """Keep how often values are a slip apart by chance, and return the relation's name.

    Args:
        table: The table.
        counts: Name of a relation `place`, `value`, `cells`.
        pairs: What `neighbours` made of it.

    Returns:
        The name of a relation `place`, `kind`, `share` (of the established values that have another
        such a slip away), `by_chance` (how many of the others have one by chance, beside how many
        do). What is not in it never happens.
    """
    established = table.keep(_ESTABLISHED.format(counts=counts))
    close = neighbours(table, established, times=0)
    return table.keep(
        _COINCIDENCES.format(counts=counts, pairs=pairs, established=established, close=close)
    )


_ESTABLISHED = """
SELECT place, value, cells FROM {counts}
QUALIFY cells >= greatest(3, avg(cells) OVER (PARTITION BY place))
"""

_COINCIDENCES = f"""
WITH slips AS (
    SELECT DISTINCT place, value FROM {{pairs}} WHERE meant_cells >= {FAR} * cells
),
known AS (
    SELECT place, value FROM {{established}} ANTI JOIN slips USING (place, value)
),
among_known AS (
    SELECT place, kind, count(DISTINCT one.value) AS near FROM {{close}} AS one
    SEMI JOIN known USING (place, value)
    SEMI JOIN known AS other ON one.place = other.place AND one.meant = other.value GROUP BY ALL
),
among_rest AS (
    SELECT place, kind, count(DISTINCT value) AS near FROM {{pairs}}
    ANTI JOIN known USING (place, value) GROUP BY ALL
),
many AS (
    SELECT place, count(known.value) AS known, count(*) - count(known.value) AS rest,
        count(*) FILTER (known.value IS NOT NULL
            OR cells >= {TIMES_AS_COMMON} AND slips.value IS NULL) AS aims
    FROM {{counts}} LEFT JOIN known USING (place, value) LEFT JOIN slips USING (place, value)
    GROUP BY place
)
SELECT place, kind, among_known.near / known AS share,
    (1 - pow(1 - share, aims / known)) / nullif(among_rest.near / nullif(rest, 0), 0) AS by_chance
FROM among_known JOIN many USING (place) LEFT JOIN among_rest USING (place, kind)
"""
