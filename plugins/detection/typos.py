"""Typing errors: a rare value a slip away from a common one."""

from collections.abc import Iterable

from dataagents.core.detection import Flags, Table
from dataagents.plugins.detection.coincidence import NO_COINCIDENCE, coincidences
from dataagents.plugins.detection.neighbours import neighbours
from dataagents.plugins.detection.values import at_cells, count_values, texts

AS_A_WORD = 3
"""Values of a column in which a word stands before it counts as one that the column uses."""

SELDOM = 3
"""Cells that may well hold the same slip."""


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
        coincidence = coincidences(table, counts, pairs)
        words = table.keep(_NEW_WORDS.format(counts=counts, pairs=pairs))
        verdicts = table.keep(_VERDICTS.format(pairs=pairs, coincidence=coincidence, words=words))
        yield from at_cells(table, verdicts)


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
    ) GROUP BY ALL
)
SELECT place, value, meant FROM changed JOIN used USING (place, word)
GROUP BY ALL HAVING min(uses) >= {AS_A_WORD}
"""
"""Pairs that differ in words which other values have too: a slip doesn't repeat itself."""

_VERDICTS = f"""
SELECT place, value, meant_cells / cells / pow(greatest(1, cells / {SELDOM}), 2)
    * {NO_COINCIDENCE} * CASE
        WHEN kind = 'replaced' AND length(meant) <= 3 THEN 0.1
        WHEN length(meant) >= 6 THEN 2 ELSE 0.5 END AS odds,
    odds / (1 + odds) AS confidence,
    concat(cells, CASE cells WHEN 1 THEN ' cell says' ELSE ' cells say' END, ' so; a slip away, ',
        meant_cells, ' say ''', meant, '''') AS reason,
    meant AS suggestion
FROM {{pairs}} LEFT JOIN {{coincidence}} USING (place, kind)
ANTI JOIN {{words}} USING (place, value, meant)
WHERE odds > 0.1
"""
"""The odds of a slip: how many times as common what was meant is, halved where the texts are so
short that neighbours come about by chance, and doubled where they are long. What many cells say
is less likely one, the more so the more say it, since the same slip seldom comes again and each
time it would have to be made anew: that counts with its square."""
