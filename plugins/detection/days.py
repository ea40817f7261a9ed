"""Days that can't be read in the order in which their column writes day and month."""

from collections.abc import Iterable

from dataagents.core.detection import Flags, Table
from dataagents.plugins.detection.values import at_cells, count_values, texts

MOSTLY = 0.8
"""Share of the cells that must be days, and of those that must have one order, for it to be the
column's; as for a type."""
SURE = 0.95
"""A cell that no calendar has may stand for something on purpose, such as an open end."""

_DAY = r"^([0-9]{{1,2}})([/.-])([0-9]{{1,2}})([/.-])([0-9]{{4}}|[0-9]{{2}})([ T].*)?$"

_READ = f"""
WITH parsed AS (
    SELECT place, value, cells,
        regexp_extract(value, '{_DAY}', ['one', 'sign', 'two', 'again', 'year', 'rest']) AS parts
    FROM {{counts}}
),
-- With two digits of a year, other signs make versions. Whether it is a leap year is the same in
-- every century, but for one year in each.
parted AS (
    SELECT place, value, cells, parts.one AS one, parts.two AS two, parts.sign AS sign,
        parts.year AS year, parts.rest AS rest, sign <> '' AND sign = parts.again
            AND (sign = '/' OR length(year) = 4) AS day,
        CASE WHEN length(year) = 2 THEN '20' || year ELSE year END AS full_year
    FROM parsed
),
readable AS (
    SELECT *,
        day AND try_strptime(concat(full_year, '/', two, '/', one), '%Y/%m/%d') IS NOT NULL AS dmy,
        day AND try_strptime(concat(full_year, '/', one, '/', two), '%Y/%m/%d') IS NOT NULL AS mdy
    FROM parted
),
counted AS (
    SELECT place, sum(cells) AS total, sum(cells * day::INT) AS days,
        sum(cells * dmy::INT) AS as_dmy, sum(cells * mdy::INT) AS as_mdy,
        sum(cells * (dmy AND NOT mdy)::INT) AS only_dmy,
        sum(cells * (mdy AND NOT dmy)::INT) AS only_mdy
    FROM readable GROUP BY place
),
orders AS (
    SELECT place, only_dmy >= only_mdy AS day_first, greatest(as_dmy, as_mdy) / days AS share,
        coalesce(greatest(only_dmy, only_mdy) / nullif(only_dmy + only_mdy, 0), 1) AS proof
    FROM counted
    WHERE days >= {MOSTLY} * total AND share >= {MOSTLY} AND proof >= {MOSTLY}
)
SELECT place, value, least(share, proof, {SURE}) AS confidence,
    concat('''', value, ''' is no day read as ',
        CASE WHEN day_first THEN 'day, month' ELSE 'month, day' END, ', year, as ',
        floor(100 * share)::INT, ' % of the days in the column are') AS reason,
    CASE WHEN dmy OR mdy THEN concat(two, sign, one, sign, year, rest) END AS suggestion
FROM readable JOIN orders USING (place)
WHERE day AND NOT CASE WHEN day_first THEN dmy ELSE mdy END
"""


class Days:
    """A date that can only be read in another order than the dates of its column, or not at all."""

    theory = (
        "A column writes day and month in one order, which the days past the twelfth show, so a "
        "date that can't be read in it was written by another hand, or is in no calendar."
    )

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return dates that don't fit the order, with their day and month swapped if that helps."""
        counts = count_values(table, texts(table))
        yield from at_cells(table, table.keep(_READ.format(counts=counts)))
