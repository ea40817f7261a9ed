"""Misspelt words within longer texts."""

from collections.abc import Iterable

from dataagents.core.detection import Flags, Table
from dataagents.plugins.detection.coincidence import NO_COINCIDENCE, coincidences
from dataagents.plugins.detection.neighbours import neighbours
from dataagents.plugins.detection.values import at_cells, count_values, texts

SHORTEST = 4
"""Letters that a word must have: shorter ones have neighbours by chance."""

LONG = 8
"""Letters from which on a word seldom has another word for a neighbour."""


class Misspellings:
    """A rare word a slip of the pen away from a word that the table uses often."""

    theory = (
        "A text may be unique while its words are not: a word that a table hardly uses, one slip "
        "away from one that it uses often, is probably that one misspelt, unless it is another "
        "form of it (compared in blocks that share a piece)."
    )

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return values with such a word, with the word put right as the suggestion."""
        counts = count_values(table, texts(table))
        used = table.keep(_USED.format(counts=counts))
        vocabulary = table.keep(
            "SELECT 0 AS place, lower(word) AS value, sum(cells)::BIGINT AS cells "
            f"FROM {used} GROUP BY ALL"
        )
        pairs = neighbours(table, vocabulary)
        coincidence = coincidences(table, vocabulary, pairs)
        verdicts = table.keep(_VERDICTS.format(pairs=pairs, coincidence=coincidence, used=used))
        yield from at_cells(table, verdicts)


_USED = rf"""
SELECT DISTINCT place, value, cells, word FROM (
    SELECT place, value, cells,
        unnest(string_split_regex(value, '[^\pL\pM''\x{{{{2019}}}}]+')) AS word
    FROM {{counts}}
) WHERE length(word) >= {SHORTEST}
"""

_VERDICTS = f"""
WITH judged AS (
    SELECT *, meant_cells / (cells * cells) * CASE
        WHEN starts_with(value, meant) OR starts_with(meant, value) OR kind = 'replaced' THEN 0.05
        WHEN length(meant) >= {LONG} THEN 0.3 ELSE 0.1 END * {NO_COINCIDENCE} AS odds
    FROM {{pairs}} LEFT JOIN {{coincidence}} USING (place, kind)
),
misspelt AS (
    SELECT value AS word, max(odds) AS odds, arg_max(meant, (odds, meant)) AS meant,
        any_value(cells) AS uses, arg_max(meant_cells, (odds, meant)) AS meant_uses
    FROM judged GROUP BY value HAVING max(odds) > 0.1
)
SELECT place, value, odds / (1 + odds) AS confidence,
    concat('the word ''', used.word, ''' is used ', CASE uses WHEN 1 THEN 'once'
        ELSE concat(uses, ' times') END, '; a slip away, ''', meant, ''' is ', meant_uses)
        AS reason,
    replace(value, used.word, CASE used.word WHEN lower(used.word) THEN meant
        WHEN upper(used.word) THEN upper(meant)
        ELSE upper(left(meant, 1)) || substr(meant, 2) END) AS suggestion
FROM {{used}} AS used JOIN misspelt ON lower(used.word) = misspelt.word
"""
"""A misspelling is made seldom, so that each further use of a word speaks twice against it; a
longer form of a word, or another letter in the place of one, makes another word, and short words
have others for neighbours."""
