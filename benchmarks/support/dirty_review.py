"""Reviews by an operator who answers from the truth: what a few answers a table add."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dataagents.core.detection import TallyExpression
from dataagents.core.detection.review import Label, merged
from dataagents.core.detection.sheet import Sheet, SheetCell, select_cells
from dataagents.plugins.data.detection.amending import amend
from dataagents.plugins.data.detection.flags import COLUMNS, FLAGS
from dataagents.plugins.data.detection.learning import weights_by_agreement
from dataagents.plugins.data.detection.reviewing import write_sheet
from dataagents.plugins.data.detection.table import SessionTable
from dataagents.plugins.data.detection.verdicts import VERDICTS, vote
from dataagents.plugins.data.engine import Session

CELLS = "review of 20 cells"
ROWS = "review of 20 rows"
UNSEEN = ", other cells"
"""What the name of a protocol has behind it where cells that were answered are left out."""
PROTOCOLS = (CELLS, ROWS)
REVIEWS = tuple(protocol + part for protocol in PROTOCOLS for part in ("", UNSEEN))
"""Names of what is compared; those of whole rows last."""
BATCH = 5
"""So many cells are answered before the next are chosen."""
QUESTIONS = 20


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What was found after a review: a query for flagged cells, and one for errors."""

    name: str
    flagged: str
    errors: str


def reviews(
    session: Session,
    table: SessionTable,
    detectors: Sequence[str],
    expression: TallyExpression,
) -> Iterator[Reviewed]:
    """Review a table by each protocol, hold the vote again, and yield what to compare.

    Args:
        session: Where the flags are, and the truth in `errors`.
        table: The table.
        detectors: Names of the detectors, by their numbers in the flags.
        expression: What the cells are decided by.
    """
    learned = weights_by_agreement(session, detectors, table.rows)
    for protocol in PROTOCOLS:
        session.rows(f"DELETE FROM {FLAGS} WHERE detector = {len(detectors)}")
        vote(session, detectors, expression, learned)
        sheet = write_sheet(session, table, detectors)
        labels = _by_cells(session, sheet) if protocol == CELLS else _by_rows(session, sheet)
        amend(session, table, detectors, expression, labels)
        session.rows(
            "CREATE OR REPLACE TEMP TABLE answered AS SELECT r._row, place FROM (SELECT "
            "unnest(?::BIGINT[]) AS _row, unnest(?::VARCHAR[]) AS name) AS r "
            f"JOIN {COLUMNS} USING (name)",
            [[each.row for each in labels], [each.column for each in labels]],
        )
        wrong = f"SELECT _row, place FROM {VERDICTS} WHERE wrong"
        yield Reviewed(protocol, wrong, "SELECT _row, place FROM errors")
        left = "ANTI JOIN answered USING (_row, place)"
        yield Reviewed(
            protocol + UNSEEN,
            f"SELECT _row, place FROM ({wrong}) {left}",
            f"SELECT _row, place FROM errors {left}",
        )
    session.rows(f"DELETE FROM {FLAGS} WHERE detector = {len(detectors)}")


def _by_cells(session: Session, sheet: Sheet) -> tuple[Label, ...]:
    labels: tuple[Label, ...] = ()
    for _ in range(QUESTIONS // BATCH):
        asked = select_cells(sheet.groups, labels, BATCH)
        labels = merged(labels, _answers(session, asked))
    return labels


def _by_rows(session: Session, sheet: Sheet) -> tuple[Label, ...]:
    return _answers(session, [cell for row in sheet.rows for cell in row])


def _answers(session: Session, cells: Sequence[SheetCell]) -> tuple[Label, ...]:
    wrong = {
        (int(row), str(column))
        for row, column in session.rows(
            f"SELECT _row, name FROM errors JOIN {COLUMNS} USING (place) "
            "WHERE _row IN (SELECT unnest(?::BIGINT[]))",
            [[each.row for each in cells]],
        )
    }
    return tuple(each.label(wrong=(each.row, each.column) in wrong) for each in cells)
