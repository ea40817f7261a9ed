"""Numbers far from the rest of their column."""

from collections.abc import Iterable

from dataagents.core.detection import Flags, Table
from dataagents.plugins.detection.values import NUMERIC, at_cells, count_values

FEWEST = 7
"""Numbers that a column must have for its middle to say anything."""

FAR = 3.5
"""How many times the typical distance from the median an outlier is off, at least; a normal
distribution has one in fifty beyond that, so the gap must say that it doesn't belong."""

GAP = 1.2
"""How many times as far as its inner neighbour the first outlier of a side must be; a side
ends at the first gap that is not small beside its widest."""

AGES = 2
"""The same for days, which have no zero and so no logarithmic scale to hold a long past against."""

DENSE = 0.05
"""Further numbers in a step beyond the gap for each in a step of the body, from which on they are
not scattered but a group of their own, such as another series of identifiers; one alone is none."""

LARGEST_SHARE = 1 / 3
"""Share of a side beyond the gap from which on it is the body that has two parts."""

UNUSUAL = 0.5
"""Odds that a lone gap of twice the distance on one side only is an error: tails are long by
nature, and mostly on one side."""

MANY = 100
"""Numbers on a side from which on a gap says all it can. Of `n` numbers with an exponential tail,
the last is `1 + g` times as far as the one before with a chance of `n` to the power of `-g`, so a
gap counts for as much as the logarithm of how many there are."""

SIGNED = 20
"""Numbers of at most the same size above zero for each below it, up to which a column has a sign:
the tail of one that has is not cut off at zero."""

UNSIGNED = 2.0
"""Odds that a number below zero is an error where the others are as good as never: refunds and
corrections are written so too."""

ENOUGH = 100
"""Numbers that are not below zero from which on they show that none is."""

MEASURED = frozenset({"text", "date", "timestamp"})
"""The types of columns that may hold numbers with one unit, or days."""

MOSTLY = 0.8
"""Share of a column's cells that must have one unit, or be days, to be measured."""

CODE_DIGITS = 5
CODES = 0.8
"""Where at least four in five have the same number of digits, five or more, numbers may be codes
such as postcodes: a gap between two of them measures nothing, and only what has another number of
digits, so that it is no such code either, is off."""


class Outliers:
    """Numbers and days beyond a gap that closes off the bulk of their column."""

    theory = (
        "What a column measures fills a range without holes; numbers scattered beyond a gap, many "
        "times farther from the median than is typical of their side (on a plain and, where none "
        "is negative, on a logarithmic scale), come from somewhere else, the more so where both "
        "sides have them, the less the more often one of them is repeated, and the less the fewer "
        "numbers there are; and where hundreds are counts or amounts, one has no sign."
    )

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return the numbers beyond a gap."""
        counts = count_values(table, (each for each in table.columns if each.type in NUMERIC))
        texts = count_values(table, (each for each in table.columns if each.type in MEASURED))
        numbers = table.keep(_NUMBERS.format(counts=counts, texts=texts))
        found = (query.format(numbers=numbers, counts=counts) for query in (_BEYOND, _BELOW_ZERO))
        yield from at_cells(table, table.keep(" UNION ALL ".join(f"({each})" for each in found)))


_NUMBERS = rf"""
WITH parted AS (
    SELECT *, TRY_CAST(TRY_CAST(value AS TIMESTAMP) AS DATE) - DATE '1970-01-01' AS day,
        regexp_extract(value, '^(\p{{{{Sc}}}}?)[-+]?[0-9][0-9,]*(\.[0-9]+)?(\D*)$',
            ['before', 'fraction', 'after']) AS parts
    FROM {{texts}}
),
united AS (
    SELECT place, value, cells, day IS NOT NULL AS dated,
        CASE WHEN NOT dated THEN parts['before'] || parts['after'] END AS unit,
        coalesce(day, TRY_CAST(regexp_replace(value, '[^-+0-9.]', '', 'g') AS DOUBLE)) AS number,
        sum(cells) OVER (PARTITION BY place, dated, unit) AS same,
        sum(cells) OVER (PARTITION BY place) AS total
    FROM parted
)
SELECT place, value, cells, TRY_CAST(value AS DOUBLE) AS number, false AS dated
FROM {{counts}} WHERE isfinite(number)
UNION ALL
SELECT place, value, cells, number, dated FROM united
WHERE same >= {MOSTLY} * total AND number IS NOT NULL AND (dated OR unit <> '')
"""
"""Numbers of columns of numbers, those with the unit of their column, and moments as days."""

_BEYOND = f"""
WITH numbers AS (SELECT * FROM {{numbers}}),
lengths AS (
    SELECT place, length(value) AS digits, sum(cells) AS same,
        sum(sum(cells)) OVER (PARTITION BY place) AS total,
        bool_and(regexp_full_match(value, '[0-9]{{{{{CODE_DIGITS},}}}}')) AS coded
    FROM {{counts}} GROUP BY place, digits
),
ordered AS (
    SELECT *, sum(cells) OVER (PARTITION BY place ORDER BY number) AS upto,
        sum(cells) OVER (PARTITION BY place) AS total
    FROM numbers
),
middles AS (
    SELECT place, min(number) FILTER (upto >= total / 2) AS middle,
        arg_min(value, number) FILTER (upto >= total / 2) AS usual,
        min(number) >= 0 AND NOT bool_or(dated) AS positive
    FROM ordered GROUP BY place HAVING any_value(total) >= {FEWEST}
),
distances AS (
    SELECT numbers.*, middle, middles.usual AS centre, number > middle AS above,
        abs(number - middle) AS distance,
        CASE WHEN positive AND middle > 0
        THEN abs(ln((number + middle) / (2 * middle))) END AS ratio
    FROM numbers JOIN middles USING (place) WHERE number <> middle
),
typical AS (
    SELECT place, above, min(distance) FILTER (within >= half) AS distance,
        min(ratio) FILTER (within >= half) AS ratio
    FROM (
        SELECT *, sum(cells) OVER (side ORDER BY distance) AS within,
            sum(cells) OVER side / 2 AS half
        FROM distances WINDOW side AS (PARTITION BY place, above)
    ) GROUP BY ALL
),
times AS (
    SELECT own.*, least(
        own.distance / typical.distance, coalesce(own.ratio / typical.ratio, 1e308)
    ) AS far
    FROM distances AS own JOIN typical USING (place, above)
),
gaps AS (
    SELECT *, far / lag(far) OVER (PARTITION BY place, above ORDER BY far) AS gap FROM times
),
wide AS (
    SELECT *, max(gap) OVER (PARTITION BY place, above) AS widest
    FROM gaps WHERE far >= {FAR} AND gap >= CASE WHEN dated THEN {AGES} ELSE {GAP} END
),
edges AS (
    SELECT place, above, arg_min(gap, (far, gap)) AS gap, min(far) AS edge
    FROM wide WHERE gap >= sqrt(widest) GROUP BY ALL
),
sides AS (
    SELECT place, above, any_value(edges.gap) AS gap, any_value(edge) AS edge,
        sum(cells) AS many, sum(cells) FILTER (far < edge) / count(*) FILTER (far < edge) AS usual
    FROM times JOIN edges USING (place, above) GROUP BY ALL
    HAVING sum(cells) FILTER (far >= edge) <= {LARGEST_SHARE} * sum(cells)
    AND (sum(cells) FILTER (far >= edge) - 1) / (max(far) - any_value(edge) + 1)
        <= {DENSE} * sum(cells) FILTER (far <= 1)
),
judged AS (
    SELECT *, (max(gap) OVER (PARTITION BY place) - 1)
        * CASE WHEN count(*) OVER (PARTITION BY place) = 2 THEN 4 ELSE 1 END
        * least(ln(many) / ln({MANY}), 1) AS strength
    FROM sides
)
SELECT place, value, {UNUSUAL} * strength / (1 + (cells - 1) / usual) AS odds,
    least(odds / (1 + odds), 0.95) AS confidence,
    concat('is ', round(far)::BIGINT, ' times as far from the median (', centre,
        ') as is typical, beyond a gap') AS reason,
    NULL::VARCHAR AS suggestion
FROM times JOIN judged USING (place, above)
LEFT JOIN (
    SELECT place, digits FROM lengths WHERE coded AND same >= {CODES} * total
) AS codes USING (place)
WHERE far >= edge AND digits IS DISTINCT FROM length(value)
"""
"""What is repeated is less of an error, as far as it stands in more cells than a usual number."""


_BELOW_ZERO = f"""
WITH numbers AS (SELECT * FROM {{numbers}} WHERE NOT dated),
signs AS (
    SELECT place, median(number) FILTER (number < 0) AS usual,
        sum(cells) FILTER (number < 0) AS below,
        sum(cells) FILTER (number >= 0) AS others
    FROM numbers GROUP BY place HAVING below > 0 AND others >= {ENOUGH}
),
judged AS (
    SELECT place, below, others, {SIGNED} * sum(cells) FILTER (number < 0)
        / greatest(sum(cells) FILTER (number > 0), 1) AS signed
    FROM numbers JOIN signs USING (place) WHERE abs(number) <= abs(usual)
    GROUP BY place, below, others
)
SELECT place, value, {UNSIGNED} * (1 - signed) AS odds, odds / (1 + odds) AS confidence,
    concat('is below zero, as ', below, ' of ', below + others, ' numbers are') AS reason,
    NULL::VARCHAR AS suggestion
FROM numbers JOIN judged USING (place) WHERE number < 0 AND signed < 1
"""
"""A measure that can be negative goes on below zero as it is above it. A count that cannot ends
there, however many numbers are close to it."""
