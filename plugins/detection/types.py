"""Cells of another type than their column."""

from collections.abc import Iterable

from dataagents.core.detection import Flags, Table
from dataagents.plugins.detection.values import at_cells, count_values

MOSTLY = 0.8
"""Share of the present cells that must fit a type for the others to be out of place."""

_NUMBER = r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?"
_KINDS = (
    ("number", f"regexp_full_match(value, '{_NUMBER}')"),
    ("date", "value >= '0' AND value < ':' AND TRY_CAST(value AS TIMESTAMP) IS NOT NULL"),
    ("yes or no", "lower(value) IN ('true', 'false')"),
)
"""What the cells of a column may be, and how a value shows it; a plain number is no date."""


class Types:
    """A cell that is no number, date or truth value in a column of them."""

    theory = (
        "The cells of a column have one type, so where at least four in five are numbers, dates or "
        "truth values, a cell that can't be read as one was filled in or moved wrongly."
    )

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return the cells that don't fit, the surer the more others do."""
        columns = [column for column in table.columns if column.present]
        counts = count_values(table, columns)
        fits = ", ".join(f"{test} AS fits_{place}" for place, (_, test) in enumerate(_KINDS))
        fitted = table.keep(f"SELECT *, {fits} FROM {counts}")
        verdicts = table.keep(
            " UNION ALL ".join(
                "SELECT place, value, least(share, 0.95) AS confidence, "
                f"concat('is no {kind}, as ', floor(100 * share)::INT, ' % of the column are') "
                "AS reason, NULL::VARCHAR AS suggestion FROM (SELECT *, "
                f"sum(cells) FILTER (fits_{place}) OVER same / sum(cells) OVER same AS share "
                f"FROM {fitted} WINDOW same AS (PARTITION BY place)) "
                f"WHERE share >= {MOSTLY} AND NOT fits_{place}"
                for place, (kind, _) in enumerate(_KINDS)
            )
        )
        yield from at_cells(table, verdicts)
