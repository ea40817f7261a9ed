"""Likeness: what flagged cells have in common, so that one answer speaks for many."""

from collections.abc import Sequence

from dataagents.plugins.data.detection.flags import COLUMNS
from dataagents.plugins.data.detection.table import SessionTable
from dataagents.plugins.data.detection.verdicts import BALLOTS
from dataagents.plugins.data.engine import Session, identifier

ALIKE = identifier("detection_alike")
"""The relation of every flagged cell: `_row`, `place`, `value`, `shape`, `who` (numbers of the
detectors, sorted), `doubt`, the chance that all of them are mistaken, and `support`, the other."""

SHAPE_LENGTH = 24
NEARLY = 0.999999
"""What a sure ballot counts here, so that a cell with one can still be doubted."""


def shape(value: str) -> str:
    """Return the expression for the shape of a value: each run of letters or digits as one sign."""
    made = value
    for found, sign in (
        (r"\p{Lu}+", "A"),
        (r"[\p{Ll}\p{Lt}\p{Lm}\p{Lo}]+", "a"),
        (r"\p{Nd}+", "9"),
        (r"\s+", " "),
    ):
        made = f"regexp_replace({made}, '{found}', '{sign}', 'g')"
    return f"left({made}, {SHAPE_LENGTH})"


def values(table: SessionTable, rows: str) -> str:
    """Return the query for the cells of some rows: `_row`, `place` and `value`, '' where empty.

    Args:
        table: The table.
        rows: What follows the relation of the table in the query, such as `WHERE _row < 9`.
    """
    names = [each.name for each in table.columns]
    cells = ", ".join(f"coalesce({identifier(name)}, '')" for name in names)
    return (
        f"SELECT _row, unnest(range({len(names)}))::INTEGER AS place, unnest([{cells}]) AS value "
        f"FROM {table.raw} {rows}"
    )


def find_likeness(session: Session, table: SessionTable) -> None:
    """Keep `ALIKE`, of all cells that have a ballot."""
    session.rows(
        f"CREATE OR REPLACE TEMP TABLE {ALIKE} AS WITH voted AS ("
        "SELECT _row, place, list(detector ORDER BY detector) AS who, "
        f"product(1 - least(confidence * weight, {NEARLY})) AS doubt "
        f"FROM {BALLOTS} GROUP BY _row, place) "
        f"SELECT _row, place, value, {shape('value')} AS shape, who, doubt, "
        "1 - doubt AS support FROM voted "
        f"JOIN ({values(table, 'SEMI JOIN voted USING (_row)')}) USING (_row, place)"
    )


def names_of(detectors: Sequence[str], who: Sequence[int]) -> tuple[str, ...]:
    """Return the names of detectors, sorted."""
    return tuple(sorted(detectors[each] for each in who))


def places(session: Session) -> dict[int, str]:
    """Return the columns by their places."""
    rows = session.rows(f"SELECT place, name FROM {COLUMNS} ORDER BY place")
    return {int(place): str(name) for place, name in rows}
