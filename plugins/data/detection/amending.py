"""Amending a vote by review: a person's answers about cells become weights and ballots.

Where answers speak against cells like it, all ballots for a cell weigh less; where they speak for
it, the review has a ballot of its own. Both are such that noisy-or comes to the chance that the
answers make likely. A cell that was answered, and says what it said then, is decided by that.
"""

from collections.abc import Sequence

from dataagents.core.detection import TallyExpression
from dataagents.core.detection.review import (
    CERTAIN,
    UNFLAGGED,
    Effects,
    Label,
    learn,
    log_odds,
)
from dataagents.plugins.data.detection.flags import FLAGS
from dataagents.plugins.data.detection.likeness import (
    ALIKE,
    NEARLY,
    find_likeness,
    names_of,
    places,
    shape,
    values,
)
from dataagents.plugins.data.detection.table import SessionTable
from dataagents.plugins.data.detection.verdicts import BALLOTS, decide
from dataagents.plugins.data.engine import Session, identifier

CHANCES = identifier("detection_chances")
"""The relation of every flagged cell: that of `ALIKE` with `chance`, that it is wrong in the light
of the answers."""

_ANSWERS = identifier("detection_answers")
_BY_SHAPE = identifier("detection_by_shape")
_BY_VALUE = identifier("detection_by_value")
_BY_WHO = identifier("detection_by_who")
_AMENDED = identifier("detection_amended")

_LIKELY = 0.5
"""The review has a ballot where a cell is more likely wrong than not."""
_SAYS = "a person called cells like it wrong"
_SAID = "a person called it wrong"


def weigh(
    session: Session, table: SessionTable, detectors: Sequence[str], labels: Sequence[Label]
) -> Effects:
    """Keep `CHANCES` of all cells that have a ballot, and return what the answers teach."""
    find_likeness(session, table)
    effects = learn(labels)
    _keep_effects(session, detectors, labels, effects)
    bounded = f"least(greatest(support, {1 - CERTAIN}), {CERTAIN})"
    session.rows(
        f"CREATE OR REPLACE TEMP TABLE {CHANCES} AS SELECT _row, place, value, shape, "
        "who, support, doubt, CASE WHEN a.wrong IS NOT NULL THEN a.wrong::INTEGER::DOUBLE ELSE "
        "CASE WHEN moved = 0 THEN support ELSE "
        f"1 / (1 + exp(-(ln({bounded} / (1 - {bounded})) + moved))) END END AS chance "
        "FROM (SELECT c.*, w.effect + coalesce(s.effect, 0) + coalesce(v.effect, 0) AS moved "
        f"FROM {ALIKE} AS c JOIN {_BY_WHO} AS w USING (place, who) "
        f"LEFT JOIN {_BY_SHAPE} AS s ON s.place = c.place AND s.shape = c.shape AND s.flagged "
        f"LEFT JOIN {_BY_VALUE} AS v ON v.place = c.place AND v.value = c.value) "
        f"LEFT JOIN {_ANSWERS} AS a USING (_row, place, value)"
    )
    return effects


def amend(
    session: Session,
    table: SessionTable,
    detectors: Sequence[str],
    expression: TallyExpression,
    labels: Sequence[Label],
) -> int:
    """Amend a vote that was held by what answers teach, and decide again.

    The review's number among the voters is the one after the detectors'.

    Args:
        session: Where the vote was held.
        table: What was voted on.
        detectors: Names of the detectors, by their numbers in the flags.
        expression: What the cells are decided by.
        labels: The answers.

    Returns:
        How many cells are found to be wrong now.
    """
    effects = weigh(session, table, detectors, labels)
    review = len(detectors)
    session.rows(
        f"CREATE OR REPLACE TEMP TABLE {_AMENDED} AS SELECT b.* REPLACE ("
        "CASE WHEN chance >= support THEN weight "
        f"ELSE (1 - pow(1 - least(confidence * weight, {NEARLY}), "
        "ln(1 - chance) / ln(doubt))) / confidence END AS weight) "
        f"FROM {BALLOTS} AS b JOIN (SELECT _row, place, support, chance, doubt FROM {CHANCES}) "
        "USING (_row, place)"
    )
    _raise(session, review)
    _extend(session, table, review, labels, effects)
    session.rows(f"INSERT INTO {_AMENDED} SELECT *, 1 FROM {FLAGS} WHERE detector = {review}")
    session.rows(f"CREATE OR REPLACE TEMP VIEW {BALLOTS} AS SELECT * FROM {_AMENDED}")
    return decide(session, expression)


def _raise(session: Session, review: int) -> None:
    """Give the review a ballot for each flagged cell that answers make more likely wrong."""
    session.rows(
        f"INSERT INTO {FLAGS} SELECT {review}, _row, place, "
        "1 - (1 - chance) / doubt, "
        f"if(a.wrong, '{_SAID}', '{_SAYS}'), "
        "coalesce(a.correction, v.correction) "
        f"FROM {CHANCES} "
        f"LEFT JOIN {_ANSWERS} AS a USING (_row, place, value) "
        f"LEFT JOIN {_BY_VALUE} AS v USING (place, value) "
        f"WHERE chance > support AND chance >= {_LIKELY}"
    )


def _extend(
    session: Session,
    table: SessionTable,
    review: int,
    labels: Sequence[Label],
    effects: Effects,
) -> None:
    """Give the review a ballot for cells that nobody flagged, where answers make them likely."""
    named = places(session)
    promising = [place for place, column in named.items() if _promising(column, labels, effects)]
    if not promising:
        return
    start = f"{log_odds(UNFLAGGED)!r} + w.effect + coalesce(s.effect, 0) + coalesce(v.effect, 0)"
    session.rows(
        f"INSERT INTO {FLAGS} SELECT {review}, _row, place, chance, "
        f"if(wrong, '{_SAID}', '{_SAYS}'), correction FROM ("
        "SELECT c._row, c.place, a.wrong, coalesce(a.correction, v.correction) AS correction, "
        f"CASE WHEN a.wrong IS NOT NULL THEN a.wrong::INTEGER ELSE 1 / (1 + exp(-({start}))) END "
        f"AS chance FROM (SELECT *, {shape('value')} AS shape FROM ({values(table, '')}) "
        f"WHERE place IN (SELECT unnest(?::INTEGER[])) ) AS c ANTI JOIN {ALIKE} USING (_row, place)"
        f" JOIN {_BY_WHO} AS w ON w.place = c.place AND len(w.who) = 0 "
        f"LEFT JOIN {_BY_SHAPE} AS s ON s.place = c.place AND s.shape = c.shape AND NOT s.flagged "
        f"LEFT JOIN {_BY_VALUE} AS v ON v.place = c.place AND v.value = c.value "
        f"LEFT JOIN {_ANSWERS} AS a ON a._row = c._row AND a.place = c.place AND a.value = c.value)"
        f" WHERE chance >= {_LIKELY}",
        [promising],
    )


def _promising(column: str, labels: Sequence[Label], effects: Effects) -> bool:
    """Return whether cells of a column that nobody flagged may be likely wrong by the answers."""
    here = [each for each in labels if each.column == column]
    if not any(each.wrong for each in here):
        return False
    shapes = {effects.of_shape(column, each.shape, flagged=False) for each in here}
    said = {effects.of_value(column, each.value) for each in here}
    most = effects.of_detectors(column, ()) + max(*shapes, 0.0) + max(*said, 0.0)
    return log_odds(UNFLAGGED) + most >= 0 or any(
        each.wrong and not each.detectors for each in here
    )


def _keep_effects(
    session: Session, detectors: Sequence[str], labels: Sequence[Label], effects: Effects
) -> None:
    named = places(session)
    numbers = {name: place for place, name in named.items()}
    known = [each for each in labels if each.column in numbers]
    by_cell = {(each.row, numbers[each.column], each.value): each for each in known}
    _keep(
        session,
        _ANSWERS,
        {"_row": "BIGINT", "place": "INTEGER", "value": "VARCHAR", "wrong": "BOOLEAN",
         "correction": "VARCHAR"},
        [(*cell, each.wrong, each.correction) for cell, each in by_cell.items()],
    )  # fmt: skip
    by_value = {(numbers[each.column], each.value): each.column for each in known}
    corrections = {
        (numbers[each.column], each.value): each.correction
        for each in known
        if each.wrong and each.correction is not None
    }
    _keep(
        session,
        _BY_VALUE,
        {"place": "INTEGER", "value": "VARCHAR", "effect": "DOUBLE", "correction": "VARCHAR"},
        [
            (place, value, effects.of_value(column, value), corrections.get((place, value)))
            for (place, value), column in by_value.items()
        ],
    )
    by_shape = {
        (numbers[each.column], each.shape, bool(each.detectors)): each.column for each in known
    }
    _keep(
        session,
        _BY_SHAPE,
        {"place": "INTEGER", "shape": "VARCHAR", "flagged": "BOOLEAN", "effect": "DOUBLE"},
        [
            (place, sign, flagged, effects.of_shape(column, sign, flagged=flagged))
            for (place, sign, flagged), column in by_shape.items()
        ],
    )
    together = session.rows(f"SELECT DISTINCT place, who FROM {ALIKE} ORDER BY place, who")
    together += [(place, []) for place in named]
    _keep(
        session,
        _BY_WHO,
        {"place": "INTEGER", "who": "INTEGER[]", "effect": "DOUBLE"},
        [
            (place, who, effects.of_detectors(named[place], names_of(detectors, who)))
            for place, who in together
        ],
    )


def _keep(
    session: Session, relation: str, columns: dict[str, str], rows: Sequence[Sequence[object]]
) -> None:
    """Keep rows as a table."""
    given = ", ".join(f"unnest(?::{kind}[]) AS {name}" for name, kind in columns.items())
    session.rows(
        f"CREATE OR REPLACE TEMP TABLE {relation} AS SELECT {given}",
        [[row[place] for row in rows] for place in range(len(columns))],
    )
