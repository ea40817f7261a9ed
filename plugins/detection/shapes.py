"""The shape of values: how a cell is written, whatever it says."""

from collections.abc import Iterable

from dataagents.core.detection import Flags, Table
from dataagents.plugins.detection.values import at_cells, count_values, texts

ESTABLISHED = 0.05
"""Share of a column's cells from which on a shape is one of the column's ways to write; a rarer one
is suspect as far as it is from that: the odds fall to a third with each such share."""

COVERED = 0.8
"""Share of the other cells that established shapes must make for a shape to be out of order."""

LEAD = 9
"""How many times as common as another an established shape must be to speak against it: one cell in
ten written wrongly is as much as there is where a format is kept at all."""

RARE = 0.02
"""Share of a column's cells from which on a word is no exception any more."""

FEWEST = 10
"""Cells of one shape from which on the count of its digits is telling."""

WRONG = 0.35
"""Odds that a rare shape is wrong where established ones cover little more than they have to."""

NATURAL = 0.25
"""How much of these odds is left for words joined as a language joins them (`O'Hara`, `Ulm-Ost`,
`Bosnia and Herzegovina`) in a column of words: names have parts, and nobody laid down which."""

ACRONYM = 4
"""Capitals that stand for a name among names; more of them are a name in another case."""

PARTED = 0.1
"""Share from which on the same characters in another form are a second form: the odds fall to a
third with each such share. Wrong cells make a tenth where there are any."""

TOLD = 4
"""Digits that a value must have, and more than letters, to be known as the same in another form: of
a phrase, words may change their places and still be of as many letters."""

MEANT = 7
"""Cells that may well hold the same mistake."""

UNNATURAL = 0.9
"""How sure a word of a rare shape is wrong, such as one of letters with a digit among them."""

COINED = 0.5
"""How much of that is left for a word that joins names, or counts one (`GlaxoSmithKline`, `1Time`)
where most cells have a word that begins with a capital."""

SHORTER = 0.1
"""Share of numbers without leading zeros that have a digit less than the others, where all are as
common; with half as many, digits are not lost but were never needed."""


class Shapes:
    """A value written in a way that hardly any other value of its column is."""

    theory = (
        "One kind of thing is written in few ways, so in a column where a few shapes (runs of "
        "capitals, small letters and digits, and signs, in order) make most of the cells, a value "
        "of a rare shape, with the same characters parted otherwise, with a digit more or less "
        "than all of its shape, or with a word of a rare shape was written wrongly, the less "
        "likely the more cells are written so."
    )

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return values of rare shapes, each by the most telling of four ways to generalise."""
        counts = count_values(table, texts(table))
        shaped = table.keep(
            f"SELECT *, {_phrases('runs')} AS shape FROM "
            f"(SELECT *, {_runs('written')} AS runs FROM "
            f"(SELECT *, {_letters('value')} AS written FROM {counts}))"
        )
        found = " UNION ALL ".join(
            query.format(counts=counts, shaped=shaped)
            for query in (_RARE_SHAPES, _PARTED_OTHERWISE, _OTHER_DIGITS, _RARE_WORDS)
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


_WORD = r"((Aa)+A?|A|a)\+?"
_NATURAL = rf"""
    NOT fixed AND NOT contains(usual, '9') AND regexp_full_match(judged.shape,
        '{_WORD}(( | ?[-''\x{{{{2019}}}}/.,:&_] ?){_WORD})*')
    AND (contains(usual, 'A') OR NOT contains(judged.shape, 'A'))
    AND CASE WHEN contains(usual, 'A') AND contains(usual, 'a')
        THEN starts_with(judged.shape, 'A') AND (contains(judged.shape, 'a')
            OR judged.shape = 'A' AND length(value) <= {ACRONYM})
        ELSE NOT contains(usual, 'A') OR NOT contains(judged.shape, 'a') END
"""
"""Whether a shape is of words in the usual case, in a column of words that have any length."""

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
lengths AS (
    SELECT place, max(same) >= {COVERED} * sum(same) AS fixed FROM (
        SELECT place, sum(cells) AS same FROM {{counts}} GROUP BY place, length(value)
    ) GROUP BY place
),
judged AS (
    SELECT *, (shape_cells - 1) / total AS share, others / (total - shape_cells + 1) AS covered
    FROM measured JOIN (
        SELECT own.place, own.shape, sum(other.shape_cells) AS others,
            others / sum(other.size) AS typical
        FROM measured AS own JOIN measured AS other ON other.place = own.place AND other.regular
            AND other.shape_cells >= {LEAD} * own.shape_cells
        GROUP BY own.place, own.shape
    ) USING (place, shape) WHERE covered >= {COVERED}
)
SELECT place, value, {WRONG} * (covered - 0.5) / (1.05 - covered)
        * CASE WHEN {_NATURAL} THEN {NATURAL} * exp(-share / {RARE})
            ELSE exp(-share / {ESTABLISHED}) END
        * least(typical / cells, 1) / greatest(1, cells / {MEANT}) AS odds,
    odds / (1 + odds) AS confidence,
    concat('is written like ''', judged.shape, ''' as ', shape_cells, ' of ', total,
        ' cells are; most are like ''', usual, '''') AS reason,
    NULL::VARCHAR AS suggestion
FROM {{shaped}} JOIN judged USING (place, shape) JOIN lengths USING (place))
"""
"""Odds grow with what the established shapes cover of the other cells beyond a half. They fall with
how many cells say the very same: what stands in more than a regular value does is regular, and who
writes one thing again and again means it."""

_PARTED_OTHERWISE = rf"""
(WITH parted AS (
    SELECT *, regexp_replace(written, '[^\pL\pM\pN]', '', 'g') AS bare,
        length(regexp_replace(value, '[^0-9]', '', 'g')) AS digits
    FROM {{shaped}}
    WHERE digits >= {TOLD} AND digits > length(regexp_replace(value, '[^\pL\pM]', '', 'g'))
),
grouped AS (
    SELECT place, shape, bare, sum(cells) AS same_cells FROM parted GROUP BY ALL
),
judged AS (
    SELECT *, sum(same_cells) OVER same AS total,
        max(same_cells) OVER same / (total - same_cells + 1) AS covered,
        first_value(shape) OVER (same ORDER BY same_cells DESC, shape) AS usual
    FROM grouped WINDOW same AS (PARTITION BY place, bare)
)
SELECT place, value, (covered - 0.5) / (1.05 - covered) * exp((1 - same_cells) / {PARTED} / total)
        / cells AS odds,
    odds / (1 + odds) AS confidence,
    concat('is written like ''', judged.shape, ''' as ', same_cells, ' of ', total,
        ' cells with the same characters are; most are like ''', usual, '''') AS reason,
    NULL::VARCHAR AS suggestion
FROM parted JOIN judged USING (place, shape, bare)
WHERE covered >= {COVERED} AND total >= {FEWEST} AND judged.shape <> usual
    AND same_cells * {LEAD} <= total - same_cells)
"""
"""Letters and digits, as many and in the same order, say the same sort of thing: the signs between
them are another form. So `2033` is wrong where numbers of four digits are like `2,033`, though
those of three need no comma."""

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
),
numbers AS (
    SELECT place, shape, value, cells, unnest(regexp_extract_all(value, '[0-9]+')) AS number,
        length(unnest(regexp_extract_all(usual, '9+'))) AS width,
        generate_subscripts(regexp_extract_all(value, '[0-9]+'), 1) AS part
    FROM {{shaped}} JOIN judged USING (place, shape, written)
    WHERE covered >= {COVERED} AND total >= {FEWEST}
),
first_digits AS (
    SELECT place, shape, part, left(number, 1) AS digit, length(number) - width AS more,
        sum(cells) AS same, sum(cells) FILTER (length(number) > 1 AND digit = '0') AS zeros
    FROM numbers GROUP BY ALL
),
parts AS (
    SELECT place, shape, part, sum(same) AS total, coalesce(sum(zeros), 0) AS padded,
        coalesce(sum(same) FILTER (more < 0), 0) AS fewer,
        arg_min(same, digit) FILTER (more = 0) * 9 / sum(same) FILTER (more = 0) AS even
    FROM first_digits GROUP BY ALL
),
needed AS (
    SELECT place, shape, value, max(CASE
        WHEN length(number) = width THEN 0
        WHEN padded > fewer THEN 1
        WHEN length(number) < width
            THEN greatest(0, 1 - (fewer - 1) / total * 2 / {SHORTER}) * least(even, 1)
        ELSE (NOT starts_with(number, '1'))::INTEGER
    END) AS code
    FROM numbers JOIN parts USING (place, shape, part) GROUP BY ALL
)
SELECT place, value, 0.5 * (covered - 0.5) / (1.05 - covered) / cells * code
        * least(1, ({ESTABLISHED} - (same_cells - 1) / total) / ({ESTABLISHED} - {RARE})) AS odds,
    odds / (1 + odds) AS confidence,
    concat('has digits like ''', written, '''; ', round(100 * covered),
        ' % of its shape are like ''', usual, '''') AS reason,
    NULL::VARCHAR AS suggestion
FROM {{shaped}} JOIN judged USING (place, shape, written) JOIN needed USING (place, shape, value)
WHERE written <> usual AND same_cells - 1 <= {ESTABLISHED} * total AND code > 0)
"""
"""Where one count of digits makes nearly all of a shape it is a code, not a quantity: it has
leading zeros, or as many numbers begin with the lowest digit as with others and hardly any are
shorter. A number that counts has a digit less at its start, and at its end a 1 and one more."""

_RARE_WORDS = rf"""
(WITH words AS (
    SELECT DISTINCT place, value, cells,
        unnest(regexp_extract_all(runs, '[\pL\pM9]{{{{3,}}}}')) AS word,
        contains(word, '9') AS mixed
    FROM {{shaped}}
),
columns AS (
    SELECT place, sum(cells) AS total,
        sum(cells) FILTER (regexp_matches(runs, '\bAa\b')) >= 0.5 * total AS named
    FROM {{shaped}} GROUP BY place
),
kinds AS (
    SELECT place, mixed, sum(cells) AS kind_cells FROM (
        SELECT DISTINCT place, value, cells, mixed FROM words WHERE word <> 'AaAa'
    ) GROUP BY ALL
),
judged AS (
    SELECT place, word, mixed, sum(cells) AS word_cells
    FROM words WHERE word <> 'AaAa' GROUP BY ALL
)
SELECT place, value, NULL::DOUBLE AS odds,
    {UNNATURAL} * (1 - (word_cells - 1) / total / {RARE})
        * CASE WHEN named AND regexp_full_match(word, '9?(Aa)+A?9?') THEN {COINED} ELSE 1 END
        AS confidence,
    concat('holds a word like ''', word, ''', as ', word_cells, ' cells do') AS reason,
    NULL::VARCHAR AS suggestion
FROM words JOIN judged USING (place, word, mixed) JOIN kinds USING (place, mixed)
JOIN columns USING (place)
WHERE word_cells - 1 < {RARE} * total AND kind_cells < {ESTABLISHED} * total)
"""
"""Words of three runs or more, save for those that join two names such as McCarthy. Where words of
letters and digits are common, as in hexadecimal keys, none of them is rare."""
