"""The shape of values: how a cell is written, whatever it says."""

from collections.abc import Iterable

from dataagents.core.detection import Flags, Table
from dataagents.plugins.detection.values import at_cells, count_values, texts

ESTABLISHED = 0.05
"""Share of a column's cells from which on a shape is one of the column's ways to write."""

COVERED = 0.8
"""Share of the cells that established shapes must make for the others to be out of order."""

RARE = 0.02
"""Share of a column's cells from which on a shape is no exception any more."""

FEWEST = 10
"""Cells of one shape from which on the count of its digits is telling."""

WRONG = 0.35
"""Odds that a rare shape is wrong where established ones cover little more than they have to: names
of people, places and firms are written in any way now and then."""

MEANT = 7
"""Cells that may well hold the same mistake."""

UNNATURAL = 0.9
"""How sure a word of a rare shape is wrong, such as one of letters with a digit among them."""


class Shapes:
    """A value written in a way that hardly any other value of its column is."""

    theory = (
        "One kind of thing is written in few ways, so in a column where a few shapes (runs of "
        "capitals, small letters and digits, and signs, in order) make most of the cells, a value "
        "of a rare shape, with a digit more or less than all of its shape, or with a word of a "
        "rare shape was written wrongly, unless it is as common as regular values are."
    )

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return values of rare shapes, each by the most telling of three ways to generalise."""
        counts = count_values(table, texts(table))
        shaped = table.keep(
            f"SELECT *, {_phrases('runs')} AS shape FROM "
            f"(SELECT *, {_runs('written')} AS runs FROM "
            f"(SELECT *, {_letters('value')} AS written FROM {counts}))"
        )
        found = " UNION ALL ".join(
            query.format(counts=counts, shaped=shaped)
            for query in (_RARE_SHAPES, _OTHER_DIGITS, _RARE_WORDS)
        )
        yield from at_cells(table, table.keep(found))


def _letters(text: str) -> str:
    r"""Return the SQL of a text in which each run of capitals is `A`, of small letters `a`."""
    capitals = rf"regexp_replace({text}, '\p{{Lu}}+', 'A', 'g')"
    return (
        rf"translate(regexp_replace({capitals}, '\p{{Ll}}+', 'a', 'g'), '012345678', '999999999')"
    )


def _runs(written: str) -> str:
    """Return the SQL of the same with each run of digits as one."""
    return f"regexp_replace({written}, '9+', '9', 'g')"


def _phrases(runs: str) -> str:
    """Return the SQL of the same with words alike in a row as one: how many there are is free."""
    for word in ("Aa", "A", "a", "9"):
        runs = rf"regexp_replace({runs}, '\b{word}( {word}\b)+', '{word}+', 'g')"
    return runs


_RARE_SHAPES = f"""
(WITH grouped AS (
    SELECT place, shape, sum(cells) AS shape_cells, count(*) AS size FROM {{shaped}} GROUP BY ALL
),
measured AS (
    SELECT *, sum(shape_cells) OVER same AS total, first_value(shape) OVER most AS usual,
        shape_cells >= {ESTABLISHED} * total AND shape_cells >= 3 AS regular
    FROM grouped WINDOW same AS (PARTITION BY place),
        most AS (PARTITION BY place ORDER BY shape_cells DESC, shape)
),
judged AS (
    SELECT *, (shape_cells - 1) / total AS share,
        sum(shape_cells) FILTER (regular) OVER same / total AS covered,
        sum(shape_cells) FILTER (regular) OVER same / sum(size) FILTER (regular) OVER same
            AS typical
    FROM measured WINDOW same AS (PARTITION BY place)
)
SELECT place, value, {WRONG} * (covered - 0.5) / (1.05 - covered) * (1 - share / {RARE})
        * least(typical / cells, 1) / greatest(1, cells / {MEANT}) AS odds,
    odds / (1 + odds) AS confidence,
    concat('is written like ''', judged.shape, ''' as ', shape_cells, ' of ', total,
        ' cells are; most are like ''', usual, '''') AS reason,
    NULL::VARCHAR AS suggestion
FROM {{shaped}} JOIN judged USING (place, shape)
WHERE covered >= {COVERED} AND NOT regular AND share < {RARE})
"""
"""Odds grow with what the established shapes cover beyond a half. They fall with how many cells say
the very same: what stands in more than a regular value does is regular, and who writes one thing
again and again means it."""

_OTHER_DIGITS = f"""
(WITH grouped AS (
    SELECT place, shape, written, sum(cells) AS same_cells FROM {{shaped}}
    WHERE contains(written, '9') GROUP BY ALL
),
judged AS (
    SELECT *, sum(same_cells) OVER same AS total,
        max(same_cells) OVER same / sum(same_cells) OVER same AS covered,
        first_value(written) OVER (same ORDER BY same_cells DESC, written) AS usual
    FROM grouped WINDOW same AS (PARTITION BY place, shape)
)
SELECT place, value, 0.5 * (covered - 0.5) / (1.05 - covered) / cells
        * least(1, ({ESTABLISHED} - (same_cells - 1) / total) / ({ESTABLISHED} - {RARE})) AS odds,
    odds / (1 + odds) AS confidence,
    concat('has digits like ''', written, '''; ', round(100 * covered),
        ' % of its shape are like ''', usual, '''') AS reason,
    NULL::VARCHAR AS suggestion
FROM {{shaped}} JOIN judged USING (place, shape, written)
WHERE covered >= {COVERED} AND total >= {FEWEST} AND written <> usual
    AND same_cells - 1 <= {ESTABLISHED} * total)
"""
"""Where one count of digits makes nearly all of a shape it is a code, not a quantity."""

_RARE_WORDS = rf"""
(WITH words AS (
    SELECT DISTINCT place, value, cells,
        unnest(regexp_extract_all(runs, '[\pL\pM9]{{{{3,}}}}')) AS word
    FROM {{shaped}}
),
judged AS (
    SELECT place, word, sum(cells) AS word_cells, (word_cells - 1) / any_value(total) AS share
    FROM words JOIN (SELECT place, sum(cells) AS total FROM {{counts}} GROUP BY place)
    USING (place) WHERE word <> 'AaAa' GROUP BY ALL HAVING share < {RARE}
)
SELECT place, value, NULL::DOUBLE AS odds, {UNNATURAL} * (1 - share / {RARE}) AS confidence,
    concat('holds a word like ''', word, ''', as ', word_cells, ' cells do') AS reason,
    NULL::VARCHAR AS suggestion
FROM words JOIN judged USING (place, word))
"""
"""Words of three runs or more, save for those that join two names such as McCarthy."""
