"""Typing errors: a rare value a slip away from a common one."""

from collections.abc import Iterable

from dataagents.core.detection import Flags, Table
from dataagents.plugins.detection.neighbours import TIMES_AS_COMMON, neighbours
from dataagents.plugins.detection.values import at_cells, count_values, texts

AS_A_WORD = 3
"""Values of a column in which a word stands before it counts as one that the column uses."""

SELDOM = 3
"""Cells that may well hold the same slip."""

FAR = 3
"""How many times as common a neighbour makes an established value a slip of it, often made."""


class Typos:
    """A rare value that is a slip of the pen away from a common value of its column."""

    theory = (
        "People and devices repeat right values and make each mistake seldom, so a rare value one "
        "slip away from a far more common one of the same column is probably that one mistyped, "
        "unless established values lie as close to each other (compared in blocks that share a "
        "piece)."
    )

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return values with a common neighbour, with that as the suggestion."""
        counts = count_values(table, texts(table))
        pairs = neighbours(table, counts)
        established = table.keep(_ESTABLISHED.format(counts=counts))
        close = neighbours(table, established, times=0)
        by_chance = table.keep(
            _BY_CHANCE.format(counts=counts, pairs=pairs, established=established, close=close)
        )
        words = table.keep(_NEW_WORDS.format(counts=counts, pairs=pairs))
        verdicts = table.keep(
            _VERDICTS.format(pairs=pairs, by_chance=by_chance, words=words, seldom=SELDOM)
        )
        yield from at_cells(table, verdicts)


_ESTABLISHED = """
SELECT place, value, cells FROM {counts}
QUALIFY cells >= greatest(3, avg(cells) OVER (PARTITION BY place))
"""

_BY_CHANCE = f"""
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
"""The share of a column's established values that have another such a slip away; and how many of
the other values will have one by chance, beside how many do. Where these are as many, as with
codes that fill the room there is, a neighbour proves nothing (the false discovery rate of Efron's
empirical Bayes)."""

_SPLIT = r"string_split_regex(lower({}), '[^\pL\pN]+')"
_NEW_WORDS = f"""
WITH changed AS (
    SELECT place, value, meant, unnest(list_filter({_SPLIT.format("value")},
        lambda w: length(w) >= 2 AND NOT list_contains({_SPLIT.format("meant")}, w))) AS word
    FROM {{pairs}}
),
used AS (
    SELECT place, word, count(DISTINCT value) AS uses FROM (
        SELECT place, value, unnest({_SPLIT.format("value")}) AS word FROM {{counts}}
        SEMI JOIN {{pairs}} USING (place, value)
    ) GROUP BY ALL
)
SELECT place, value, meant FROM changed JOIN used USING (place, word)
GROUP BY ALL HAVING min(uses) >= {AS_A_WORD}
"""
"""Pairs that differ in words which other rare values have too: a slip doesn't repeat itself."""

_VERDICTS = """
SELECT place, value, meant_cells / cells / greatest(1, cells / {seldom})
        * (1 - coalesce(share, 0)) * greatest(0, 1 - coalesce(by_chance, share, 0)) * CASE
        WHEN kind = 'replaced' AND length(meant) <= 3 THEN 0.1
        WHEN length(meant) >= 6 THEN 2 ELSE 0.5 END AS odds,
    odds / (1 + odds) AS confidence,
    concat(cells, CASE cells WHEN 1 THEN ' cell says' ELSE ' cells say' END, ' so; a slip away, ',
        meant_cells, ' say ''', meant, '''') AS reason,
    meant AS suggestion
FROM {pairs} LEFT JOIN {by_chance} USING (place, kind)
ANTI JOIN {words} USING (place, value, meant)
WHERE odds > 0.1
"""
"""The odds of a slip: how many times as common what was meant is, halved where the texts are so
short that neighbours come about by chance, and doubled where they are long. What many cells say
is less likely one, since the same slip seldom comes again."""
