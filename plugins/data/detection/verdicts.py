"""The bulk vote on cells: ballots out of flags and weights, verdicts out of ballots, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from dataagents.core.detection import TallyExpression, Voice
from dataagents.core.detection.expression import DIGITS
from dataagents.core.detection.reliability import Weights, weight_of
from dataagents.plugins.data.detection.flags import COLUMNS, FLAGS
from dataagents.plugins.data.detection.tallying import tallied
from dataagents.plugins.data.engine import Session, identifier

BALLOTS = identifier("detection_ballots")
"""The relation of all ballots: that of the flags, with the `weight` of the detector there."""
VERDICTS = identifier("detection_verdicts")
"""The relation of every cell with a ballot: `_row`, `place`, `support`, `wrong`."""
WRONG = identifier("detection_wrong")
"""The relation of the cells that were found to be wrong, as correctors get it: `_row`, `column`,
`confidence`."""

_WEIGHTS = identifier("detection_weights")


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one detector added to a vote."""

    detector: str
    cells: int
    """Cells that it flagged."""
    upheld: int
    """Those of them that were found to be wrong."""
    alone: int
    """Those of them that no other detector flagged."""
    decisive: int
    """Those of them that would not have been found without it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided of one cell, and who says what of it."""

    row: int
    column: str
    support: float
    wrong: bool
    voices: tuple[Voice, ...]
    """The weightiest first."""


def vote(
    session: Session,
    detectors: Sequence[str],
    expression: TallyExpression,
    weights: Weights | None = None,
) -> int:
    """Decide about every cell that was flagged, and keep `BALLOTS`, `VERDICTS` and `WRONG`.

    Args:
        session: Where the flags were collected.
        detectors: Names of the detectors, by their numbers in the flags.
        expression: What the voting rule's `bulk()` gave.
        weights: Detector and column → what its confidences are worth there; where the column is
            None, in every column that is not named. A detector that is not named weighs 1.

    Returns:
        How many cells were found to be wrong.
    """
    _keep_weights(session, detectors, weights or {})
    session.rows(
        f"CREATE OR REPLACE TEMP VIEW {BALLOTS} AS "
        f"SELECT f.*, w.weight FROM {FLAGS} AS f JOIN {_WEIGHTS} AS w USING (detector, place)"
    )
    return decide(session, expression)


def decide(session: Session, expression: TallyExpression) -> int:
    """Add up the ballots there are, and keep `VERDICTS` and `WRONG`; return how many are wrong."""
    session.rows(f"CREATE OR REPLACE TEMP TABLE {VERDICTS} AS {tallied(expression, BALLOTS)}")
    session.rows(
        f'CREATE OR REPLACE TEMP VIEW {WRONG} AS SELECT _row, name AS "column", '
        f"support AS confidence FROM {VERDICTS} JOIN {COLUMNS} USING (place) WHERE wrong"
    )
    (wrong,) = session.row(f"SELECT count(*) FROM {VERDICTS} WHERE wrong")
    return int(wrong)


def contributions(
    session: Session, detectors: Sequence[str], expression: TallyExpression
) -> tuple[Contribution, ...]:
    """Return what each detector added to the vote, in their order.

    Args:
        session: Where the vote was held.
        detectors: Their names, by their numbers in the flags.
        expression: What the cells were decided by.
    """
    counts = {
        int(number): (int(cells), int(upheld), int(alone))
        for number, cells, upheld, alone in session.rows(
            "SELECT detector, count(*), count(*) FILTER (wrong), "
            "count(*) FILTER (wrong AND ballots = 1) "
            f"FROM {BALLOTS} JOIN (SELECT _row, place, any_value(wrong) AS wrong, "
            f"count(*) AS ballots FROM {BALLOTS} JOIN {VERDICTS} USING (_row, place) "
            "GROUP BY _row, place) USING (_row, place) GROUP BY detector"
        )
    }
    found: list[Contribution] = []
    for number, name in enumerate(detectors):
        cells, upheld, alone = counts.get(number, (0, 0, 0))
        others = (
            f"(SELECT * FROM {BALLOTS} SEMI JOIN (SELECT _row, place FROM {BALLOTS} "
            f"WHERE detector = {number}) USING (_row, place) WHERE detector <> {number})"
        )
        kept = 0
        if upheld > alone:
            (kept,) = session.row(
                f"SELECT count(*) FROM ({tallied(expression, others)}) WHERE wrong"
            )
        found.append(Contribution(name, cells, upheld, alone, upheld - int(kept)))
    return tuple(found)


def verdicts(
    session: Session, detectors: Sequence[str], cells: Sequence[tuple[int, str]]
) -> tuple[Verdict, ...]:
    """Return what was decided of some cells, and why; those that nobody flagged are left out.

    Args:
        session: Where the vote was held.
        detectors: Names of the detectors, by their numbers in the flags.
        cells: Row and column of each.
    """
    rows = session.rows(
        "SELECT v._row, c.name, v.support, v.wrong, "
        "list({'d': b.detector, 'c': b.confidence, 'w': b.weight, 'r': b.reason, "
        "'s': b.suggestion} ORDER BY b.confidence * b.weight DESC, b.detector) "
        f"FROM {VERDICTS} AS v JOIN {COLUMNS} AS c USING (place) JOIN {BALLOTS} AS b "
        "USING (_row, place) JOIN (SELECT unnest(?::BIGINT[]) AS _row, "
        "unnest(?::VARCHAR[]) AS name) AS wanted ON wanted._row = v._row AND wanted.name = c.name "
        "GROUP BY v._row, place, c.name, v.support, v.wrong ORDER BY v._row, place",
        [[row for row, _ in cells], [column for _, column in cells]],
    )
    return tuple(
        Verdict(
            int(row),
            str(column),
            float(support),
            bool(wrong),
            tuple(
                Voice(detectors[int(each["d"])], each["c"], each["w"], each["r"], each["s"])
                for each in voices
            ),
        )
        for row, column, support, wrong, voices in rows
    )


def _keep_weights(
    session: Session,
    detectors: Sequence[str],
    weights: Weights,
) -> None:
    columns = session.rows(f"SELECT place, name FROM {COLUMNS}")
    rows = [
        (number, int(place), round(weight_of(weights, detector, str(name)), DIGITS))
        for number, detector in enumerate(detectors)
        for place, name in columns
    ]
    session.rows(
        f"CREATE OR REPLACE TEMP TABLE {_WEIGHTS} AS SELECT unnest(?::INTEGER[]) AS detector, "
        "unnest(?::INTEGER[]) AS place, unnest(?::DOUBLE[]) AS weight",
        [[each[0] for each in rows], [each[1] for each in rows], [each[2] for each in rows]],
    )
