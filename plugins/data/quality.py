"""Data quality: dimensions of ISO/IEC 25012 that a schema can measure, and their mean."""

from collections.abc import Mapping
from dataclasses import dataclass

from dataagents.core.values import Json
from dataagents.plugins.data.checks import judge, open_current, reasons, violating_rows
from dataagents.plugins.data.engine import Session, identifier
from dataagents.plugins.data.rules import gaps
from dataagents.plugins.data.workplace import Rule, Schema, Workplace


@dataclass(frozen=True, slots=True)
class Quality:
    """What was measured of the rows as they are now."""

    score: float | None
    """Mean of the measured dimensions; None when none could be measured."""
    dimensions: Mapping[str, float | None]
    """Share in order, in [0, 1]; None where nothing could be measured, which is not 1."""
    violations: tuple[tuple[str, str, int], ...]
    violating_rows: int
    gaps: tuple[Rule, ...]
    duplicates: int

    @property
    def weakest(self) -> str | None:
        """Name of the measured dimension with the smallest share."""
        measured = {name: share for name, share in self.dimensions.items() if share is not None}
        return min(measured, key=lambda name: measured[name]) if measured else None

    def figures(self) -> dict[str, Json]:
        """Return it as JSON."""
        return {
            "score": self.score,
            "dimensions": dict(self.dimensions),
            "weakest": self.weakest,
            "violations": [
                {"column": column, "rule": rule, "rows": rows}
                for column, rule, rows in self.violations
            ],
            "violating_rows": self.violating_rows,
            "gaps": [
                {"rule": gap.rule, "column": gap.column, "cells": gap.cells} for gap in self.gaps
            ],
            "duplicates": self.duplicates,
        }


def measure(place: Workplace, schema: Schema, session: Session) -> Quality:
    """Measure the rows after the recorded rules."""
    rules = place.rules()
    open_current(session, place, schema, rules)
    judge(session, schema)
    found = tuple(reasons(session))
    removed = any(rule.rule == "duplicates" for rule in rules)
    copies = 0 if removed else schema.duplicates
    dimensions: dict[str, float | None] = {
        "completeness": _completeness(session, schema, found),
        "validity": _validity(session, schema, found),
        "uniqueness": _uniqueness(session, schema, copies),
        "consistency": None,
        "timeliness": None,
    }
    measured = [share for share in dimensions.values() if share is not None]
    return Quality(
        score=sum(measured) / len(measured) if measured else None,
        dimensions=dimensions,
        violations=found,
        violating_rows=violating_rows(session),
        gaps=tuple(gaps(schema, rules)),
        duplicates=copies,
    )


def _rows(session: Session) -> int:
    return int(session.row("SELECT count(*) FROM kept")[0])


def _completeness(
    session: Session, schema: Schema, found: tuple[tuple[str, str, int], ...]
) -> float | None:
    cells = _rows(session) * sum(not column.nullable for column in schema.columns.values())
    missing = sum(rows for _, rule, rows in found if rule == "required")
    return 1 - missing / cells if cells else None


def _validity(
    session: Session, schema: Schema, found: tuple[tuple[str, str, int], ...]
) -> float | None:
    """Return the share of present cells that fit their type, in columns that have one."""
    typed = [name for name, column in schema.columns.items() if column.type != "text"]
    if not typed:
        return None
    counts = ", ".join(f"count({identifier(name)})" for name in typed)
    present = sum(int(count) for count in session.row(f"SELECT {counts} FROM current"))
    misfits = sum(rows for _, rule, rows in found if rule == "type")
    return 1 - misfits / present if present else None


def _uniqueness(session: Session, schema: Schema, copies: int) -> float | None:
    rows = _rows(session)
    if not rows:
        return None
    shares = [1 - copies / rows]
    if schema.key is not None:
        key = identifier(schema.key)
        distinct = session.row(f"SELECT count(DISTINCT {key}) FROM current")[0]
        shares.append(int(distinct) / rows)
    return min(shares)
