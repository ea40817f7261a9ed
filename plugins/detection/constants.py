"""Columns that hardly vary, and the cells in which they do."""

from collections.abc import Iterable

from dataagents.core.detection import Flags, Table
from dataagents.plugins.detection.values import NUMERIC, at_cells, count_values

MOSTLY = 0.75
"""Share of the cells that one value must hold for the column to be nearly constant."""

SCATTERED = 20
"""As many rivals of the same size as show that the deviations have nothing in common."""


UNSURE = 0.8
"""Most odds of a deviation on one side only, or of a text: one as many classes or counts have, and
that takes another detector's word to be an error."""


class NearConstants:
    """Deviations from the one value that nearly the whole column holds."""

    theory = (
        "A column in which at least three cells in four hold one value describes something that "
        "does not vary; deviations that agree on no second value, and lie on both sides of it, are "
        "noise, while a flag, a count or a rare class would show one other value or one side only."
    )

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return the scattered deviations, with the constant as the suggestion."""
        columns = [column for column in table.columns if column.present >= 5]
        counts = count_values(table, columns)
        numeric = [column.place for column in columns if column.type in NUMERIC]
        verdicts = table.keep(_DEVIATIONS.format(counts=counts), (numeric,))
        yield from at_cells(table, verdicts)


_DEVIATIONS = f"""
WITH ranked AS (
    SELECT *, sum(cells) OVER (PARTITION BY place) AS total,
        list_contains($1, place) AS numeric, TRY_CAST(value AS DOUBLE) AS number,
        row_number() OVER (PARTITION BY place ORDER BY cells DESC, value) = 1 AS leads
    FROM {{counts}}
),
leaders AS (
    SELECT place, numeric, value AS usual, number AS level, cells / total AS share
    FROM ranked WHERE leads AND cells < total AND cells >= {MOSTLY} * total
),
rivals AS (
    SELECT place, any_value(numeric) AS numeric, any_value(usual) AS usual,
        any_value(share) AS share,
        least(1, greatest(
            count(*) / sum(cells), pow(sum(cells), 2) / sum(pow(cells, 2)) / {SCATTERED}
        )) AS scatter,
        coalesce(count(*) FILTER (number < level) > 0 AND count(*) FILTER (number > level) > 0,
            false) AS around
    FROM ranked JOIN leaders USING (place, numeric) WHERE NOT leads GROUP BY place
)
SELECT place, value, share / (1 - share) * scatter AS lone,
    CASE WHEN rivals.numeric AND around THEN lone ELSE least(lone / 4, {UNSURE}) END AS odds,
    odds / (1 + odds) AS confidence,
    format('{{{{:.0f}}}} % of the column say ''{{{{}}}}'', and the others agree on nothing else',
        100 * share, usual) AS reason,
    usual AS suggestion
FROM ranked JOIN rivals USING (place) WHERE NOT leads AND odds >= 0.1
"""
