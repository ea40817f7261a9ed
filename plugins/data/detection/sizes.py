"""Sizes: whether all cells of a table are looked at, or those of a sample first."""

from collections.abc import Mapping, Sequence
from typing import Literal

from dataagents.core.errors import InputError
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import Json
from dataagents.plugins.data.engine import Session, identifier

Detect = Literal["full", "sample", "off"]
DETECTS: tuple[Detect, ...] = ("full", "sample", "off")

SAMPLE_CELLS = 1_000_000
"""About so many cells are in a sample; at least so many rows that rare errors show."""
SAMPLE_ROWS = 20_000
SAMPLE = "detection_sample"
"""View of the session that holds the rows of the sample."""


def wanted(settings: Mapping[str, Json]) -> Detect | None:
    """Return how a goal wants errors to be looked for; None when its size is to decide.

    Raises:
        InputError: The setting `detect` is none of the choices.
    """
    said = settings.get("detect")
    if said is None:
        return None
    for choice in DETECTS:
        if said == choice:
            return choice
    hint = did_you_mean(str(said), DETECTS).strip()
    raise InputError("setting 'detect'", f"{said!r} is none of {', '.join(DETECTS)}", hint=hint)


def chosen(said: Detect | None, rows: int, columns: int, full_cells: int) -> Detect:
    """Return how errors are looked for in a table.

    Args:
        said: What the goal wants; None when the size decides.
        rows: Rows of the table.
        columns: Columns of the table.
        full_cells: Up to so many cells, all of them are looked at.
    """
    if said == "off" or not rows or not columns:
        return "off"
    if said == "full" or step(rows, columns) == 1:
        return "full"
    return "sample" if said == "sample" or rows * columns > full_cells else "full"


def step(rows: int, columns: int) -> int:
    """Return of how many rows one is in a sample."""
    size = max(SAMPLE_ROWS, SAMPLE_CELLS // max(columns, 1))
    return max(1, -(-rows // size))


def open_sample(session: Session, source: str, rows: int, columns: int) -> str:
    """Make a sample of a relation's rows readable, ever the same, and return its quoted name."""
    name = identifier(SAMPLE)
    session.rows(
        f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM {source} "
        f"WHERE hash(_row) % {step(rows, columns)} = 0"
    )
    return name


def verified_columns(
    names: Sequence[str], found: Sequence[str], rows: int, full_cells: int
) -> list[str]:
    """Return the columns to look at in full: where something was found, and others as evidence.

    Args:
        names: All columns, in order.
        found: Those in which the sample has wrong cells.
        rows: Rows of the table.
        full_cells: Up to so many cells there may be others, which say what a cell should hold.
    """
    room = max(len(found), full_cells // max(rows, 1))
    others = [name for name in names if name not in found][: room - len(found)]
    kept = {*found, *others}
    return [name for name in names if name in kept]
