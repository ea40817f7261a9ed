"""Collecting flags: every detector looks, and what it flags becomes rows of one relation."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter

from dataagents.core.boundary import Boundary
from dataagents.core.detection import Detector, Flags
from dataagents.core.detection.expression import DIGITS
from dataagents.core.errors import DataAgentsError
from dataagents.core.registry import Built
from dataagents.plugins.data.detection.table import SessionTable
from dataagents.plugins.data.engine import Session, identifier

FLAGS = identifier("detection_flags")
"""The relation of all flags: `detector` (its number), `_row`, `place` (the column's), `confidence`
in (0, 1], `reason` and `suggestion`; at most one for a detector and a cell."""
COLUMNS = identifier("detection_columns")
"""The relation of `place` and `name` of each column."""

_COLLECT = """
INSERT INTO {flags}
SELECT {number}, _row, place, best.confidence, best.reason, best.suggestion FROM (
    SELECT found._row, place, max({{
        'confidence': round(least(CAST(found.confidence AS DOUBLE), 1.0), {digits}),
        'reason': coalesce(CAST(found.reason AS VARCHAR), ''),
        'suggestion': CAST(found.suggestion AS VARCHAR)
    }}) AS best
    FROM ({sql}) AS found JOIN {columns} AS known ON known.name = found."column"
    SEMI JOIN {relation} AS there ON there._row = found._row
    WHERE isfinite(CAST(found.confidence AS DOUBLE)) AND found.confidence > 0
    GROUP BY found._row, place
)
"""


@dataclass(frozen=True, slots=True)
class Looked:
    """How it went when one detector looked at a table."""

    detector: str
    plugin: str
    cells: int
    """How many cells it flagged."""
    seconds: float
    problem: str = ""
    """Why it said nothing: what it raised; empty when it was fine."""


def collect(
    session: Session,
    table: SessionTable,
    detectors: Sequence[Built[Detector]],
    boundary: Boundary,
) -> tuple[Looked, ...]:
    """Have every detector look at a table, and collect what they flag.

    One that raises, or whose query the engine refuses, costs its own flags only. A cell or column
    that is not there is passed over, and so is a confidence that is none; of two flags of a
    detector for one cell, the surer counts.

    Args:
        session: Where the table is.
        table: The table.
        detectors: Those who look; their numbers in the flags are their places here.
        boundary: Contains what they do.

    Raises:
        InputError: The work was stopped.
    """
    session.rows(
        f"CREATE OR REPLACE TEMP TABLE {FLAGS} (detector INTEGER, _row BIGINT, place INTEGER, "
        "confidence DOUBLE, reason VARCHAR, suggestion VARCHAR)"
    )
    session.rows(
        f"CREATE OR REPLACE TEMP TABLE {COLUMNS} AS SELECT unnest(?::INTEGER[]) AS place, "
        "unnest(?::VARCHAR[]) AS name",
        [[each.place for each in table.columns], [each.name for each in table.columns]],
    )
    looked: list[Looked] = []
    for number, each in enumerate(detectors):
        session.tell(f"looking for errors: {each.name}", number, len(detectors))
        looked.append(_look(session, table, number, each, boundary))
    return tuple(looked)


def _look(
    session: Session,
    table: SessionTable,
    number: int,
    built: Built[Detector],
    boundary: Boundary,
) -> Looked:
    began, problem = perf_counter(), ""
    look = partial(_flag, session, table, number, built.value)
    try:
        boundary.call_now(built.plugin, f"detector {built.name}", look)
    except DataAgentsError as error:
        session.check()
        problem = str(error)
        session.rows(f"DELETE FROM {FLAGS} WHERE detector = ?", [number])
    finally:
        table.release()
    (cells,) = session.row(f"SELECT count(*) FROM {FLAGS} WHERE detector = ?", [number])
    return Looked(built.name, built.plugin, int(cells), perf_counter() - began, problem)


def _flag(session: Session, table: SessionTable, number: int, detector: Detector) -> None:
    """Insert what a detector flags; what it flags twice is settled at the end."""
    several = 0
    for flags in detector.detect(table):
        _insert(session, table, number, flags)
        several += 1
    if several > 1:
        _settle(session, number)


def _insert(session: Session, table: SessionTable, number: int, flags: Flags) -> None:
    sql = _COLLECT.format(
        flags=FLAGS, number=number, sql=flags.sql, columns=COLUMNS, relation=table.relation,
        digits=DIGITS,
    )  # fmt: skip
    session.rows(sql, flags.parameters)


def _settle(session: Session, number: int) -> None:
    """Leave one flag of a detector for each cell, the surest."""
    name = identifier("detection_settled")
    session.rows(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT detector, _row, place, max({{"
        "'confidence': confidence, 'reason': reason, 'suggestion': suggestion}) AS best "
        f"FROM {FLAGS} WHERE detector = ? GROUP BY ALL",
        [number],
    )
    session.rows(f"DELETE FROM {FLAGS} WHERE detector = ?", [number])
    session.rows(
        f"INSERT INTO {FLAGS} SELECT detector, _row, place, best.confidence, best.reason, "
        f"best.suggestion FROM {name}"
    )
    session.rows(f"DROP TABLE {name}")
