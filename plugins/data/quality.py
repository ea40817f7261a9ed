"""Data quality: five dimensions of ISO/IEC 25012, and their weighted mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from dataagents.core.values import Json
from dataagents.plugins.data.cells import fits, meaning
from dataagents.plugins.data.checks import (
    doubt,
    judge,
    open_current,
    predicates,
    reasons,
    staging_of,
    violating_rows,
)
from dataagents.plugins.data.contracts.model import ColumnType
from dataagents.plugins.data.detection.inspection import Task, inspect
from dataagents.plugins.data.detection.results import Inspection, read_inspection
from dataagents.plugins.data.engine import Session
from dataagents.plugins.data.options import Dimension, ValidateOptions
from dataagents.plugins.data.profile import suspected_key
from dataagents.plugins.data.repairs import filled_cells
from dataagents.plugins.data.rules import gaps
from dataagents.plugins.data.suspicions import Suspicion, told
from dataagents.plugins.data.workplace import Column, Rule, Schema, Workplace

EXPECTED_SHARE = 0.5
"""Without a given contract, a column is expected to be filled when more of its cells are."""
CELL_RULES = ("type", "allowed", "range", "pattern")
"""Rules that make a value invalid."""
MAX_SUSPICIONS = 100
BATCH = 150


@dataclass(frozen=True, slots=True)
class Counted:
    """What is present and valid in one column of the rows as they are now."""

    present: int
    valid: int | None
    """None where nothing says what is valid."""


@dataclass(frozen=True, slots=True)
class Quality:
    """What was measured of the rows as they are now."""

    score: float | None
    """Weighted mean of the measured dimensions; None when none could be measured."""
    dimensions: Mapping[Dimension, float | None]
    """Share in order, in [0, 1]; None where nothing could be measured, which is not 1."""
    weights: Mapping[Dimension, float]
    rows: int
    columns: Mapping[str, Counted]
    violations: tuple[tuple[str, str, int], ...]
    violating_rows: int
    gaps: tuple[Rule, ...]
    duplicates: int
    suspicions: tuple[Suspicion, ...]
    strict: bool = False
    """Whether rows that break the contract or look doubtful were left out."""
    inspection: Inspection | None = None
    """How errors were looked for; None when nobody was to."""
    voted: bool = False
    """Whether that was done now; else it is what was found before."""

    @property
    def weakest(self) -> str | None:
        """Name of the measured dimension with the smallest share."""
        measured = {name: share for name, share in self.dimensions.items() if share is not None}
        return min(measured, key=lambda name: measured[name]) if measured else None

    def figures(self, *, timed: bool = True) -> dict[str, Json]:
        """Return it as JSON.

        Args:
            timed: With how long each detector took. What is reasoned about has no such figures:
                the same data then gives the same steps.
        """
        return {
            "score": self.score,
            "dimensions": {str(name): share for name, share in self.dimensions.items()},
            "weakest": self.weakest,
            "weights": {str(name): weight for name, weight in self.weights.items()},
            "columns": {
                name: {
                    "completeness": _share(each.present, self.rows),
                    "validity": None if each.valid is None else _share(each.valid, each.present),
                }
                for name, each in self.columns.items()
            },
            "violations": [
                {"column": column, "rule": rule, "rows": rows}
                for column, rule, rows in self.violations
            ],
            "violating_rows": self.violating_rows,
            "gaps": [
                {"rule": gap.rule, "column": gap.column, "cells": gap.cells} for gap in self.gaps
            ],
            "duplicates": self.duplicates,
            "strict": self.strict,
            "suspicions": [each.figures() for each in self.suspicions[:MAX_SUSPICIONS]],
            "detection": None if self.inspection is None else self.inspection.figures(timed=timed),
        }


def measure(
    place: Workplace,
    schema: Schema,
    options: ValidateOptions,
    now: datetime,
    session: Session,
    *,
    strict: bool = False,
    task: Task | None = None,
) -> Quality:
    """Measure the rows after the recorded rules, and look for errors in them if nobody did.

    Args:
        place: Where the rows are.
        schema: The contract in force.
        options: The weights.
        now: To judge by how fresh they are.
        session: The engine.
        strict: Leave out the rows that break the contract and those with suspicious cells.
        task: How to look for errors; nobody does when None.

    Raises:
        InputError: It is strict, and nobody has looked for suspicious cells yet.
    """
    rules = place.rules()
    open_current(session, place, schema, rules)
    session.tell("checking rows", None, None)
    judge(session, place, schema)
    if strict:
        doubt(session, place)
        session.rows("CREATE OR REPLACE TEMP TABLE held AS SELECT DISTINCT _row FROM violations")
        open_current(session, place, schema, rules, held="held")
        judge(session, place, schema)
    inspection, voted = read_inspection(place), False
    if inspection is None and task is not None and not strict:
        inspection, voted = inspect(session, place, schema, task), True
    looked = inspection is not None and not strict
    found = tuple(reasons(session))
    removed = any(rule.rule == "duplicates" for rule in rules)
    copies = 0 if removed or strict else schema.duplicates
    rows = int(session.row("SELECT count(*) FROM kept")[0])
    columns = _columns(session, place, schema, removed=removed or strict)
    dimensions: dict[Dimension, float | None] = {
        "completeness": completeness(schema, columns, rows),
        "validity": validity(columns),
        "uniqueness": _uniqueness(session, schema, copies, rows, recount=strict),
        "consistency": _consistency(session, schema, found, rows),
        "timeliness": timeliness(schema, now),
    }
    return Quality(
        score=weighted(dimensions, options.weights),
        dimensions=dimensions,
        weights={name: options.weights.get(name, 1.0) for name in dimensions},
        rows=rows,
        columns=columns,
        violations=found,
        violating_rows=violating_rows(session),
        gaps=tuple(gaps(schema, rules)),
        duplicates=copies,
        suspicions=told(session, place, staging_of(place)) if looked else (),
        strict=strict,
        inspection=inspection,
        voted=voted,
    )


def weighted(
    dimensions: Mapping[Dimension, float | None], weights: Mapping[Dimension, float]
) -> float | None:
    """Return the mean of what was measured, by weight; None when nothing was."""
    measured: dict[Dimension, float] = {
        name: share
        for name, share in dimensions.items()
        if share is not None and weights.get(name, 1.0) > 0
    }
    total = sum(weights.get(name, 1.0) for name in measured)
    if not total:
        return None
    return sum(weights.get(name, 1.0) * share for name, share in measured.items()) / total


def completeness(schema: Schema, columns: Mapping[str, Counted], rows: int) -> float | None:
    """Return the share of the cells that hold a value, in columns that are expected to."""
    if schema.given is not None:
        expected = [name for name, rule in schema.contract.columns.items() if rule.required]
    else:
        expected = [
            name
            for name, column in schema.columns.items()
            if column.present > EXPECTED_SHARE * schema.rows
        ]
    return _share(sum(columns[name].present for name in expected), rows * len(expected))


def validity(columns: Mapping[str, Counted]) -> float | None:
    """Return the share of the values that are valid, in columns where something says what is."""
    judged = [(each.valid, each.present) for each in columns.values() if each.valid is not None]
    return _share(sum(valid for valid, _ in judged), sum(present for _, present in judged))


def timeliness(schema: Schema, now: datetime) -> float | None:
    """Return how fresh the newest value is: 1 when new, 0 when as old as it may be or older."""
    freshness = schema.contract.freshness
    column = schema.columns.get(freshness.column) if freshness else None
    if freshness is None or column is None or column.maximum is None:
        return None
    if column.type not in ("date", "timestamp"):
        return None
    newest = datetime.fromisoformat(column.maximum).replace(tzinfo=UTC)
    age = max((now - newest).total_seconds(), 0.0)
    return max(0.0, 1 - age / freshness.max_age)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _columns(
    session: Session, place: Workplace, schema: Schema, *, removed: bool
) -> dict[str, Counted]:
    """Count from the profile, the rows that were removed, what repairs filled, and violations."""
    gone = _gone(session, schema) if removed else {}
    listed = ", ".join(f"'{rule}'" for rule in CELL_RULES)
    broken = {
        str(name): int(rows)
        for name, rows in session.rows(
            "SELECT name, count(DISTINCT _row) FROM violations JOIN names USING (id) "
            f"WHERE rule IN ({listed}) GROUP BY name"
        )
    }
    filled = filled_cells(session, place)
    found: dict[str, Counted] = {}
    for name, column in schema.columns.items():
        present, dominating = gone.get(name, (0, 0))
        kept = _present(name, column, schema) - present + filled.get(name, 0)
        valid: int | None = None
        if column.type == "text" and column.dominant != "text":
            valid = column.dominating - dominating
        elif column.type != "text" or _limited(schema, name):
            valid = kept - broken.get(name, 0)
        found[name] = Counted(kept, valid)
    return found


def _present(name: str, column: Column, schema: Schema) -> int:
    return column.conforming if name in schema.resolution.nulled else column.present


def _limited(schema: Schema, name: str) -> bool:
    rule = schema.contract.columns[name]
    return rule.allowed is not None or rule.pattern is not None


def _gone(session: Session, schema: Schema) -> dict[str, tuple[int, int]]:
    """Return present and dominating cells of the rows that were removed."""
    found: dict[str, tuple[int, int]] = {}
    kinds: set[ColumnType] = {column.dominant for column in schema.columns.values()}
    for kind in sorted(kinds):
        alike = [name for name, column in schema.columns.items() if column.dominant == kind]
        for start in range(0, len(alike), BATCH):
            batch = alike[start : start + BATCH]
            cells = ", ".join(meaning(name, schema) for name in batch)
            # The cells as rows, so that the expression of the type is planned once for a batch.
            for place, present, dominating in session.rows(
                f"SELECT place, count(v), count(*) FILTER (v IS NOT NULL AND {fits(kind, 'v')}) "
                f"FROM (SELECT unnest(range({len(batch)})) AS place, unnest([{cells}]) AS v "
                "FROM staged SEMI JOIN removed USING (_row)) GROUP BY place"
            ):
                found[batch[int(place)]] = (int(present), int(dominating))
    return found


def _uniqueness(
    session: Session, schema: Schema, copies: int, rows: int, *, recount: bool
) -> float | None:
    if not rows:
        return None
    shares = [1 - copies / rows]
    key = schema.key
    if not key and schema.given is None and not schema.lenient:
        looked = suspected_key(schema.columns, schema.duplicates)
        key = (looked,) if looked else ()
    if len(key) == 1 and not recount:
        shares.append(schema.columns[key[0]].distinct / rows)
    elif key:
        values = ", ".join(f"{meaning(name, schema)} AS k{n}" for n, name in enumerate(key))
        complete = " AND ".join(f"k{n} IS NOT NULL" for n in range(len(key)))
        (distinct,) = session.row(
            f"SELECT count(*) FROM (SELECT DISTINCT * FROM (SELECT {values} FROM kept) "
            f"WHERE {complete})"
        )
        shares.append(int(distinct) / rows)
    return min(shares)


def _consistency(
    session: Session, schema: Schema, found: tuple[tuple[str, str, int], ...], rows: int
) -> float | None:
    """Return the share of the cells covered by the contract's SQL rules that obey them."""
    width = {
        f"rule:{predicate.name}": len(predicate.covers) for predicate in predicates(schema, session)
    }
    broken = sum(width.get(rule, 0) * count for _, rule, count in found)
    covered = rows * sum(width.values())
    return 1 - broken / covered if covered else None
