"""Days and moments in the form that their column has, where they can be read in one way only."""

from collections.abc import Sequence

from dataagents.core.detection import Table, TableColumn
from dataagents.plugins.detection.correctors.wrong_cells import NONE

SAMPLED = 1_000
"""Values of a column that are read to find the form it has."""
DOMINANT = 0.8
"""Share of them that must be written in one form for it to be the column's."""
SURE = 0.9
_DAYS = (
    "%Y-%m-%d", "%Y-%-m-%-d", "%Y/%m/%d", "%Y/%-m/%-d", "%Y.%m.%d", "%Y%m%d",
    "%m/%d/%Y", "%-m/%-d/%Y", "%d/%m/%Y", "%-d/%-m/%Y", "%m-%d-%Y", "%d-%m-%Y",
    "%d.%m.%Y", "%-d.%-m.%Y", "%m/%d/%y", "%-m/%-d/%y", "%d/%m/%y", "%-d/%-m/%y",
    "%b %d, %Y", "%b %-d, %Y", "%B %d, %Y", "%B %-d, %Y", "%d %b %Y", "%-d %b %Y",
    "%d %B %Y", "%-d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d %Y", "%B %d %Y",
)  # fmt: skip
_TIMES = ("", " %H:%M:%S", "T%H:%M:%S", "T%H:%M:%SZ", " %H:%M", " %I:%M %p", " %I:%M:%S %p")
FORMS = tuple(
    day + time
    for time in _TIMES
    for day in (_DAYS if not time or time.startswith(" ") else _DAYS[:1])
    if not time or day.startswith(("%Y-", "%m/", "%d/", "%d.", "%-m/", "%-d/"))
)
"""The forms in which a day is written, and those of them to which a time is added."""


def dates(table: Table, columns: Sequence[TableColumn], counts: str, values: str) -> str:
    """Keep wrong values that are days in another form with the form of their column.

    What may be read as two days, such as 3/4/2020, stays, unless it can be read in the order that
    the column has with the same signs.

    Args:
        table: The table.
        columns: Columns with wrong cells.
        counts: Relation `place`, `value`, `cells` of all that they say.
        values: The same of what their wrong cells say.
    """
    eligible = [each.place for each in columns if each.type in {"text", "date", "timestamp"}]
    usual = _usual(table, counts, eligible) if eligible else {}
    return table.keep(
        " UNION ALL ".join(
            _rewritten(table, values, place, form) for place, form in sorted(usual.items())
        )
        or NONE
    )


def _usual(table: Table, counts: str, places: Sequence[int]) -> dict[int, str]:
    """Return the form of each column that has one, by its place."""
    sample = table.keep(
        "SELECT * FROM (SELECT place, value FROM (SELECT *, row_number() OVER ("
        f"PARTITION BY place ORDER BY hash(value)) AS number FROM {counts} "
        f"WHERE list_contains($1, place)) WHERE number <= {SAMPLED}) "
        "QUALIFY avg((length(value) BETWEEN 6 AND 30 AND regexp_matches(value, '[0-9].*[0-9]'))"
        f"::INTEGER) OVER (PARTITION BY place) >= {DOMINANT}",
        (list(places),),
    )
    if not table.query(f"SELECT 1 FROM {sample} LIMIT 1"):
        return {}
    shares = ", ".join(
        f"avg((strftime({_read(form)}, '{form}') IS NOT DISTINCT FROM value)::INTEGER)"
        for form in FORMS
    )
    usual: dict[int, str] = {}
    for place, *found in table.query(f"SELECT place, {shares} FROM {sample} GROUP BY place"):
        share, form = max(zip(found, FORMS, strict=True), key=lambda each: each[0])
        if share >= DOMINANT:
            usual[int(place)] = form
    return usual


def _read(form: str) -> str:
    return f"try_strptime(value, '{form}')"


def _exactly(form: str) -> str:
    """Return the moment of a value that is written in a form to the letter.

    A zero that is missing in one place and there in another is a lost digit rather than a habit.
    """
    moment = _read(form)
    return f"CASE WHEN lower(strftime({moment}, '{form}')) = lower(value) THEN {moment} END"


def _rewritten(table: Table, values: str, place: int, usual: str) -> str:
    """Return the query for the values of a column that are read as one moment.

    A form without a time reads midnight, so a time is given up only where it is midnight. A year
    of two digits is neither given a century, which it does not say, nor made of one of four.
    """
    readings = ", ".join(_exactly(form) for form in FORMS if ("%y" in form) == ("%y" in usual))
    own = _exactly(usual.replace("%d", "%-d").replace("%m", "%-m"))
    timed = "%H" in usual or "%I" in usual
    whole = "true" if timed else "moment = date_trunc('day', moment)"
    return (
        f"SELECT place, cell AS value, strftime(moment, '{usual}') AS becomes, "
        f"{SURE} AS confidence, 'date' AS rule, "
        f"{table.literal(f'is that day as the column writes it ({usual})')} "
        "AS reason FROM (SELECT place, cell, CASE WHEN own IS NOT NULL THEN own "
        "WHEN len(moments) = 1 THEN moments[1] END AS moment FROM (SELECT place, "
        f"cell, {own} AS own, list_distinct([{readings}]) AS moments "
        f"FROM (SELECT place, value AS cell, trim(value) AS value FROM {values} "
        f"WHERE place = {place} AND length(value) <= 40))) "
        f"WHERE moment IS NOT NULL AND {whole} AND year(moment) BETWEEN 1000 AND 2999"
    )
