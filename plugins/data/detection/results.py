"""What an inspection leaves: its figures, every ballot, and the cells that were found wrong."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter

from dataagents.core.values import Json, to_json
from dataagents.plugins.data.detection.flags import COLUMNS
from dataagents.plugins.data.detection.sizes import Detect
from dataagents.plugins.data.detection.verdicts import BALLOTS, VERDICTS
from dataagents.plugins.data.engine import Session, identifier
from dataagents.plugins.data.records import Record
from dataagents.plugins.data.workplace import Workplace

TOLD_VOICES = 3
"""So many detectors are named in the explanation of a cell."""
REASON_LENGTH = 300

_EMPTY = (
    "SELECT 0::BIGINT AS _row, '' AS \"column\", '' AS kind, '' AS value, "
    "0.0::DOUBLE AS confidence, '' AS explanation WHERE false"
)
_NUMBERED = f"""
SELECT b._row, b.place, c.name AS "column", d.name AS detector,
    round(b.confidence, 6) AS confidence, round(b.weight, 6) AS weight,
    left(b.reason, {REASON_LENGTH}) AS reason, b.suggestion,
    v.support, v.wrong,
    row_number() OVER (PARTITION BY b._row, b.place
        ORDER BY b.confidence * b.weight DESC, b.detector) AS rank
FROM {BALLOTS} AS b JOIN {VERDICTS} AS v USING (_row, place) JOIN {COLUMNS} AS c USING (place)
JOIN (SELECT unnest(range(len(?::VARCHAR[])))::INTEGER AS number, unnest(?::VARCHAR[]) AS name) AS d
    ON d.number = b.detector
"""


class Share(Record):
    """What one detector did in the vote on the cells of a data set."""

    detector: str
    plugin: str
    cells: int
    """Cells that it flagged."""
    upheld: int = 0
    """Those of them that were found to be wrong."""
    alone: int = 0
    """Those of them that no other detector flagged."""
    decisive: int = 0
    """Those of them that would not have been found without it."""
    weight: float = 1.0
    """What its confidences were worth, on average over its flags."""
    surest: float = 0.0
    """Its confidence in the flag that weighs most, of those on cells that were found wrong."""
    surest_weight: float = 1.0
    """Its weight there."""
    seconds: float | None = None
    """How long it took; None where that is not told."""
    problem: str = ""
    """Why it said nothing; empty when it was fine."""

    @property
    def untimed(self) -> "Share":
        """The same without how long it took."""
        return self.model_copy(update={"seconds": None})


class Inspection(Record):
    """How errors were looked for in a data set, and what the vote on its cells came to."""

    detect: Detect
    rows: int = 0
    columns: int = 0
    sampled: int | None = None
    """Rows of the sample that was looked at first; None when there was none."""
    verified: tuple[str, ...] = ()
    """Columns that were looked at in full since the sample had wrong cells there."""
    flagged: int = 0
    """Cells that at least one detector flagged."""
    wrong: int = 0
    """Those that were found to be wrong."""
    rule: str = ""
    threshold: float = 0.0
    """The support from which a cell counts as wrong."""
    digest: str = ""
    """SHA-256 of the file of all ballots."""
    shares: tuple[Share, ...] = ()
    """What each detector did, the one with most cells first."""
    proposed: int = 0
    """Wrong cells that somebody proposes a value for."""
    correctors: tuple[Share, ...] = ()
    """What each corrector proposed values for."""
    problem: str = ""
    """Why nobody looked; empty when that was wanted, or somebody did."""

    def figures(self, *, timed: bool = True) -> dict[str, Json]:
        """Return it as JSON, with how long each detector took or without."""
        told = self if timed else self.model_copy(
            update={
                "shares": tuple(each.untimed for each in self.shares),
                "correctors": tuple(each.untimed for each in self.correctors),
            }
        )  # fmt: skip
        return {name: to_json(getattr(told, name)) for name in type(self).model_fields}


def read_inspection(place: Workplace) -> Inspection | None:
    """Return what the latest inspection came to; None when there was none, or it is outdated."""
    found = place.load("detection.json", TypeAdapter(Inspection))
    return found if place.table("suspicions").exists() else None


def write_ballots(session: Session, detectors: Sequence[str], path: Path) -> None:
    """Write every ballot: row, column, detector, confidence, weight, reason and suggestion.

    With it goes what was decided of the cell.

    Args:
        session: Where the vote was held.
        detectors: Their names, by their numbers in the flags.
        path: The file.
    """
    session.write(
        'SELECT _row, "column", detector, confidence, weight, reason, suggestion, support, wrong '
        f"FROM ({_NUMBERED}) ORDER BY _row, place, rank",
        path,
        parameters=[list(detectors), list(detectors)],
    )


def write_suspicions(
    session: Session, place: Workplace, *, found: bool, detectors: Sequence[str] = ()
) -> None:
    """Write the cells that were found to be wrong, each with who says so and why.

    Args:
        session: Where the vote was held, with the rows in `kept`.
        place: Where the data set is.
        found: Whether there was a vote.
        detectors: Names of the detectors, by their numbers in the flags.
    """
    path = place.table("suspicions")
    if not found:
        session.write(_EMPTY, path)
        return
    (names,) = session.row(f"SELECT list(name ORDER BY place) FROM {COLUMNS}")
    cells = ", ".join(identifier(name) for name in names)
    session.write(
        f"""
        WITH told AS (
            SELECT _row, place, any_value("column") AS "column", arg_min(detector, rank) AS kind,
                any_value(support) AS confidence,
                string_agg(reason || ' (' || detector || ' ' ||
                    round(least(confidence * weight, 1.0), 2) || ')', '; ' ORDER BY rank)
                    FILTER (rank <= {TOLD_VOICES}) AS why,
                count(*) AS voices
            FROM ({_NUMBERED}) WHERE wrong GROUP BY _row, place
        ),
        said AS (
            SELECT _row, unnest(range({len(names)}))::INTEGER AS place, unnest([{cells}]) AS value
            FROM kept SEMI JOIN told USING (_row)
        )
        SELECT _row, "column", kind, value, confidence,
            why || if(voices > {TOLD_VOICES}, '; and ' || (voices - {TOLD_VOICES}) || ' more', '')
                || '; support ' || round(confidence, 2) AS explanation
        FROM told JOIN said USING (_row, place)
        ORDER BY _row, place
        """,
        path,
        parameters=[list(detectors), list(detectors)],
    )
