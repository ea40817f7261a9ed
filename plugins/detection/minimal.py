"""The least that has to change: the one cell that is in everything that a row breaks.

Of the ways to make a row keep its rules again, that with fewest changes is the likeliest, since
errors are rare and two in one row rarer still (minimal repair: Bohannon et al. 2005, Kolahi and
Lakshmanan 2009). So where all that a row breaks has one cell in common, and another value there
would keep it all, that cell is to blame and the others are not.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from dataagents.core.detection.table import Table, TableColumn
from dataagents.plugins.detection.association import Association
from dataagents.plugins.detection.deviations import LEAST_CONFIDENCE, Deviations


class Rule(Protocol):
    """One column that settles another, and the rows that break it."""

    @property
    def found(self) -> Association:
        """Which columns."""
        ...

    @property
    def seen(self) -> Deviations:
        """What most of each group hold, and what the rest do."""
        ...


def culprits(table: Table, broken: str, kept: Sequence[Rule]) -> str:
    """Keep the cells that explain by themselves all that their rows break.

    Args:
        table: The table.
        broken: Relation `_row`, `left`, `right` (places), `usual`, `confidence`: each rule that a
            row breaks, and what most rows of its group hold on the right.
        kept: The rules.

    Returns:
        The name of a relation `_row`, `place`, `confidence`, `suggestion` (NULL where several
        values would do) and `against` (how many columns its value does not go with).
    """
    central = table.keep(_CENTRAL.format(broken=broken))
    places = {place for (place,) in table.query(f"SELECT DISTINCT place FROM {central}")}
    return table.keep(
        " UNION ALL ".join(
            _satisfied(table, central, column, kept)
            for column in table.columns
            if column.place in places
        )
        or "SELECT 0::BIGINT AS _row, 0 AS place, 0.0::DOUBLE AS confidence, '' AS suggestion, "
        "0::BIGINT AS against WHERE false"
    )


_CENTRAL = f"""
WITH sure AS (
    SELECT *, {{{{'low': least("left", "right"), 'high': greatest("left", "right")}}}} AS pair
    FROM {{broken}} WHERE confidence >= {LEAST_CONFIDENCE}
),
several AS (
    SELECT _row, count(DISTINCT pair) AS pairs FROM sure GROUP BY _row HAVING pairs > 1
),
ends AS (
    SELECT _row, pair, "left" AS place, NULL AS usual, confidence FROM sure
    UNION ALL SELECT _row, pair, "right", usual, confidence FROM sure
)
SELECT _row, place, max(confidence) AS confidence, min(usual) AS usual,
    count(*) FILTER (usual IS NULL) AS against
FROM ends JOIN several USING (_row) GROUP BY _row, place
HAVING count(DISTINCT pair) = any_value(pairs) AND coalesce(min(usual) = max(usual), true)
"""
"""Cells in all pairs of columns that a row breaks, of which those that ask for something in their
place ask for the same."""


def _satisfied(table: Table, central: str, column: TableColumn, kept: Sequence[Rule]) -> str:
    """Return the query for those of a column of which one change keeps all rules about them.

    What is there goes with nothing on the left of it, and something else goes with all on the
    right of it as they are.
    """
    name = table.identifier(column.name)
    witnesses = [each for each in kept if each.found.right.place == column.place]
    settled = [each for each in kept if each.found.left.place == column.place]
    joins, conditions = list(_assents(witnesses, name)), list[str]()
    fit = "one.usual"
    if settled:
        joins.append(f"JOIN {_fitting(table, settled)} AS fit ON {_as_they_are(table, settled)}")
        conditions.append("(one.usual IS NULL OR list_contains(fit.usable, one.usual))")
        fit = "coalesce(one.usual, CASE WHEN len(fit.usable) = 1 THEN fit.usable[1] END)"
    where = " AND ".join((f"one.place = {column.place}", *conditions))
    return (
        f"SELECT one._row, one.place, one.confidence, {fit} AS suggestion, one.against "
        f"FROM {central} AS one JOIN {table.relation} AS cell ON cell._row = one._row "
        f"{' '.join(joins)} WHERE {where}"
    )


def _assents(witnesses: Sequence[Rule], name: str) -> Iterator[str]:
    for number, each in enumerate(witnesses):
        group = f"w{number}"
        yield (
            f"ANTI JOIN {each.seen.groups} AS {group} ON {each.seen.left} = {group}.value "
            f"AND {group}.usual = cell.{name} AND {group}.votes > 1"
        )


def _fitting(table: Table, settled: Sequence[Rule]) -> str:
    """Keep which values of a column go with what is on the right of it."""
    usual = ", ".join(f"g{number}.usual AS u{number}" for number in range(len(settled)))
    joins = " JOIN ".join(
        f"(SELECT value, usual FROM {each.seen.groups} WHERE votes > 1) AS g{number}"
        + (" USING (value)" if number else "")
        for number, each in enumerate(settled)
    )
    return table.keep(
        f"SELECT * EXCLUDE value, list(value) AS usable FROM (SELECT value, {usual} FROM {joins}) "
        "GROUP BY ALL"
    )


def _as_they_are(table: Table, settled: Sequence[Rule]) -> str:
    return " AND ".join(
        f"fit.u{number} = cell.{table.identifier(each.found.right.name)}"
        for number, each in enumerate(settled)
    )
