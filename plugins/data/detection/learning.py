"""Reading from the engine what reliabilities are learned from."""

from collections.abc import Sequence

from dataagents.core.detection.reliability import Answer, Pattern, Weights, weights_from_shares
from dataagents.plugins.data.detection.flags import COLUMNS, FLAGS
from dataagents.plugins.data.engine import Session


def patterns(session: Session, detectors: Sequence[str]) -> tuple[Pattern, ...]:
    """Return which detectors flagged the same cells, by column."""
    rows = session.rows(
        "WITH cells AS (SELECT _row, place, list(detector ORDER BY detector) AS who, "
        f"list(confidence ORDER BY detector) AS sure FROM {FLAGS} GROUP BY _row, place), "
        "numbered AS (SELECT place, who, unnest(who) AS one, unnest(sure) AS confidence "
        "FROM cells) "
        "SELECT name, who, one, count(*), avg(confidence) FROM numbered "
        f"JOIN {COLUMNS} USING (place) GROUP BY name, place, who, one ORDER BY place, who, one"
    )
    found: dict[tuple[str, tuple[int, ...]], tuple[int, list[tuple[str, float]]]] = {}
    for column, who, one, cells, sure in rows:
        _, flags = found.setdefault((str(column), tuple(who)), (int(cells), []))
        flags.append((detectors[int(one)], float(sure)))
    return tuple(
        Pattern(column, tuple(flags), cells) for (column, _), (cells, flags) in found.items()
    )


def answers(session: Session, detectors: Sequence[str], known: str) -> tuple[Answer, ...]:
    """Return what became known of flags.

    Args:
        session: Where the flags were collected.
        detectors: Names of the detectors, by their numbers in the flags.
        known: Name of a relation `_row`, `place`, `wrong` with the cells that somebody judged.
    """
    rows = session.rows(
        f"SELECT detector, name, confidence, wrong FROM {FLAGS} JOIN {known} "
        f"USING (_row, place) JOIN {COLUMNS} USING (place) ORDER BY detector, place, _row"
    )
    return tuple(
        Answer(detectors[int(number)], str(column), float(sure), bool(wrong))
        for number, column, sure, wrong in rows
    )


def weights_by_agreement(session: Session, detectors: Sequence[str], rows: int) -> Weights:
    """Return the weights of detectors where nothing is known but what they flagged in a table.

    Args:
        session: Where the flags were collected.
        detectors: Names of the detectors, by their numbers in the flags.
        rows: Rows of the table.
    """
    return weights_from_shares(patterns(session, detectors), rows)
