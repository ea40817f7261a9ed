"""Suspicions: the cells that detectors found to be wrong, told by column and kind of evidence."""

from dataclasses import dataclass

from dataagents.core.detection import Voice
from dataagents.core.values import Json
from dataagents.plugins.data.cells import locate
from dataagents.plugins.data.engine import Session
from dataagents.plugins.data.repairs import without_mended
from dataagents.plugins.data.workplace import Staging, Workplace

EXAMPLES = 3
SHOWN = 200
MOST_VOICES = 5
"""So many detectors are told of one cell."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Cells of a column for which the same detector has the strongest evidence."""

    column: str
    kind: str
    """That detector."""
    cells: int
    explanation: str
    """Its reason, of the cell that it is surest of."""
    examples: tuple[tuple[int, str, str | None], ...]
    """Line, file and value of the first of them."""
    support: float = 0.0
    """What the vote on the first of them came to."""
    voices: tuple[Voice, ...] = ()
    """Who flagged the first of them, the weightiest first."""

    def figures(self) -> dict[str, Json]:
        """Return it as JSON."""
        return {
            "column": self.column,
            "kind": self.kind,
            "cells": self.cells,
            "explanation": self.explanation,
            "examples": [
                {"line": line, "file": file, "value": value} for line, file, value in self.examples
            ],
            "support": self.support,
            "voices": [
                {
                    "detector": each.detector,
                    "confidence": each.confidence,
                    "weight": each.weight,
                    "reason": each.reason,
                    "suggestion": each.suggestion,
                }
                for each in self.voices
            ],
        }


def told(session: Session, place: Workplace, staging: Staging) -> tuple[Suspicion, ...]:
    """Return the suspicious cells of the rows in `kept` that were not mended.

    One that breaks a rule of the contract, as `judge` found, is told of as that.
    Most confident first, with the first cells of each as examples.
    """
    session.view("suspicious", place.table("suspicions"))
    without = without_mended(session, place)
    counted = session.rows(
        'SELECT "column", kind, count(*), arg_max(explanation, confidence), '
        f"arg_min({{'row': _row, 'value': left(value, {SHOWN})}}, _row, {EXAMPLES}), "
        "avg(confidence) AS sure, arg_min(confidence, _row) "
        f"FROM suspicious SEMI JOIN kept USING (_row){without} "
        'ANTI JOIN (SELECT _row, name AS "column" FROM violations JOIN names USING (id)) AS broken '
        'USING (_row, "column") '
        "GROUP BY ALL ORDER BY sure DESC, 3 DESC, 1, 2"
    )
    lines = locate(session, place, staging, [each["row"] for row in counted for each in row[4]])
    voices = _voices(session, place, [(row[4][0]["row"], row[0]) for row in counted])
    return tuple(
        Suspicion(
            column=str(column),
            kind=str(kind),
            cells=int(cells),
            explanation=str(why),
            examples=tuple((*lines[each["row"]], each["value"]) for each in first),
            support=float(support),
            voices=voices.get((first[0]["row"], column), ()),
        )
        for column, kind, cells, why, first, _, support in counted
    )


def _voices(
    session: Session, place: Workplace, cells: list[tuple[int, str]]
) -> dict[tuple[int, str], tuple[Voice, ...]]:
    if not cells or not place.table("flags").exists():
        return {}
    session.view("ballots", place.table("flags"))
    found: dict[tuple[int, str], tuple[Voice, ...]] = {}
    for row, column, detector, confidence, weight, reason, suggestion in session.rows(
        f'SELECT _row, "column", detector, confidence, weight, reason, left(suggestion, {SHOWN}) '
        "FROM ballots SEMI JOIN (SELECT unnest(?::BIGINT[]) AS _row, "
        'unnest(?::VARCHAR[]) AS "column") AS wanted USING (_row, "column") '
        'ORDER BY _row, "column", confidence * weight DESC, detector',
        [[row for row, _ in cells], [column for _, column in cells]],
    ):
        before = found.get((row, column), ())
        if len(before) < MOST_VOICES:
            voice = Voice(detector, confidence, weight, reason, suggestion)
            found[row, column] = (*before, voice)
    return found
