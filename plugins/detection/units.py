"""Units: numbers that carry their unit with them, spelt now this way, now that."""

from collections.abc import Iterable

from dataagents.core.detection import Flags, Table
from dataagents.plugins.detection.values import NUMERIC, at_cells, count_values

MOSTLY = 0.8
"""Share of a column's cells that must be a number with or without a unit."""

ESTABLISHED = 0.05
"""Share of the cells from which on a spelling is in use; one below is a slip or an addition."""


class Units:
    """Numbers with a unit in a column that spells the unit in several ways, or not always."""

    theory = (
        "A column of quantities has one unit, so a number is all that a cell needs: where some "
        "cells carry the unit and some do not, or carry it in several spellings of the same word, "
        "nobody looks after it, and the less common a spelling the likelier it is wrong."
    )

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return such numbers, with the number alone as the suggestion."""
        mixed = [column for column in table.columns if column.type in {"text", *NUMERIC}]
        counts = count_values(table, mixed)
        counted = table.keep(_COUNTED.format(counts=counts))
        yield from at_cells(table, table.keep(_MIXED.format(counted=counted)))


_COUNTED = rf"""
WITH quantities AS (
    SELECT place, sum(cells) AS total FROM {{counts}} GROUP BY place
    HAVING sum(cells) FILTER (regexp_matches(value, '^\p{{{{Sc}}}}?[-+]?\pN')
        AND length(value) <= 40) >= {MOSTLY} * total
    AND count(*) FILTER (TRY_CAST(value AS DOUBLE) IS NULL) > 0
)
SELECT place, value, cells, total, parts['number'] AS number,
    parts['number'] <> '' AND NOT regexp_matches(number, '^[-+]?0[0-9]') AS counted,
    parts['before'] || parts['after'] AS unit
FROM (
    SELECT *, regexp_extract(value, '^(\p{{{{Sc}}}}?)([-+]?\pN[\pN.,]*)\s*([^\pN]*)$',
        ['before', 'number', 'after']) AS parts
    FROM {{counts}} JOIN quantities USING (place)
)
"""

_MIXED = rf"""
WITH spellings AS (
    SELECT place, unit, sum(cells) AS unit_cells, unit_cells / any_value(total) AS share,
        lower(regexp_replace(unit, '[\s.,]+', '', 'g')) AS plain
    FROM {{counted}} WHERE counted GROUP BY ALL
),
mixed AS (
    SELECT place, max(share) AS most, bool_or(unit = '') AS bare, count(*) AS ways,
        count(DISTINCT plain) AS words, bool_or(regexp_full_match(unit, '\pL')) AS coded
    FROM spellings SEMI JOIN (
        SELECT place FROM {{counted}} GROUP BY place
        HAVING sum(cells) FILTER (counted) >= {MOSTLY} * any_value(total)
    ) USING (place) WHERE share >= {ESTABLISHED} GROUP BY place
    HAVING ways > words OR (bare AND words = 2 AND NOT coded)
)
SELECT place, value,
    CASE WHEN unit <> '' AND most < 0.5 THEN 1 - share / 2 ELSE 1 - share END AS confidence,
    concat(CASE unit WHEN '' THEN 'is without a unit' ELSE concat('carries ''', unit, '''') END,
        ' as ', unit_cells, ' cells are; the column has ', ways, ' ways to write a unit') AS reason,
    CASE WHEN unit <> '' THEN CASE WHEN length(number) > 16
        THEN format('{{{{:.15g}}}}', TRY_CAST(replace(number, ',', '') AS DOUBLE))
        ELSE regexp_replace(replace(number, ',', ''), '\.0+$', '') END END AS suggestion
FROM {{counted}} JOIN spellings USING (place, unit) JOIN mixed USING (place)
WHERE counted AND share < 0.5
"""
"""A spelling is as likely right as it is common; where none has a majority, none is a standard, and
it's an even chance that the number alone is. Two spellings are of one word where they are the same
but for case, blanks and stops; a single letter behind a number is part of a code, as is a zero
before it. A double shows
no more than fifteen digits of what was typed: what is beyond them is rounded away."""
