"""Suspicions: cells that differ from most others of their column, though no rule forbids them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal

from dataagents.core.values import Json
from dataagents.plugins.data.cells import NUMERIC, fits, locate, meaning
from dataagents.plugins.data.counts import SHAPE_LENGTH
from dataagents.plugins.data.engine import Session, identifier, literal
from dataagents.plugins.data.profile import suspected_key
from dataagents.plugins.data.workplace import Column, Schema, Staging, Workplace

FORMAT_SHARE = 0.95
"""A column of which so many cells have one shape makes the others suspicious."""
FILLED_SHARE = 0.99
"""A column of which so many cells are filled makes the missing ones suspicious."""
OUTLIER_RANGE = 4.0
"""A number is an outlier when it is further from the median than so many interquartile ranges."""
TAIL = 0.01
"""Where more than this share of the cells would be outliers on one side, none of them is."""
SAMPLED_ROWS = 50_000
"""In a longer table, quartiles are found on a sample of about so many rows, ever the same."""
BATCH = 150
EXAMPLES = 3
SHOWN = 200

Kind = Literal["format", "outlier", "missing", "type", "key"]
_CLASSES = {"9": "[0-9]", "a": "[a-z]", "A": "[A-Z]"}


@dataclass(frozen=True, slots=True)
class Suspect:
    """What makes cells of a column suspicious: original `o`, meaning `v`."""

    column: str
    place: int
    kind: Kind
    condition: str
    confidence: str
    """An SQL expression in [0, 1]."""
    explanation: str
    """Why, in a sentence."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Suspicious cells of a column."""

    column: str
    kind: str
    cells: int
    explanation: str
    examples: tuple[tuple[int, str, str | None], ...]
    """Line, file and value of the first of them."""

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
        }


def suspect(
    session: Session, place: Workplace, schema: Schema, staging: Staging
) -> tuple[Suspicion, ...]:
    """Find the suspicious cells of the rows in `kept`, and keep all of them in a table.

    `suspicions.parquet` has `_row`, column, kind, value, confidence and explanation.
    """
    session.rows(
        "CREATE OR REPLACE TEMP TABLE suspicious "
        "(_row BIGINT, suspect INT, value VARCHAR, confidence DOUBLE)"
    )
    suspects = _suspects(session, schema)
    numbered = [(n, each) for n, each in enumerate(suspects) if each.kind != "key"]
    for start in range(0, len(numbered), BATCH):
        _apply(session, schema, numbered[start : start + BATCH])
    for number, each in enumerate(suspects):
        if each.kind == "key":
            _repeated(session, schema, number, each)
    _write(session, suspects, place.table("suspicions"))
    return _told(session, place, staging, suspects)


def _suspects(session: Session, schema: Schema) -> list[Suspect]:
    """Return what to look for, leaving out what the profile says there is none of."""
    fences = _fences(session, schema)
    looked = None if schema.key else suspected_key(schema.columns, schema.duplicates)
    found: list[Suspect] = []
    for place, (name, column) in enumerate(schema.columns.items()):
        for each in (
            _missing(place, name, column, required=schema.contract.columns[name].required),
            _mistyped(place, name, column),
            _misshapen(place, name, column),
            _outlying(place, name, column, fences.get(name)),
        ):
            if each is not None:
                found.append(each)
        if name == looked and column.distinct < column.present:
            share = column.distinct / column.present
            why = f"{share:.1%} of the values are different: it looks like a key with errors"
            found.append(Suspect(name, place, "key", "true", f"{share:.6f}", why))
    return found


def _missing(place: int, name: str, column: Column, *, required: bool) -> Suspect | None:
    rows = column.present + column.missing
    if required or not column.missing or column.present < FILLED_SHARE * rows:
        return None
    share = column.present / rows
    why = f"{_percent(share)} of the cells of this column hold a value"
    return Suspect(name, place, "missing", f"v{place} IS NULL", f"{share:.6f}", why)


def _mistyped(place: int, name: str, column: Column) -> Suspect | None:
    if column.type != "text" or column.dominant == "text" or column.dominating >= column.present:
        return None
    share = column.dominating / column.present
    condition = f"v{place} IS NOT NULL AND NOT {fits(column.dominant, f'v{place}')}"
    why = f"{_percent(share)} of the values fit the type {column.dominant}"
    return Suspect(name, place, "type", condition, f"{share:.6f}", why)


def _misshapen(place: int, name: str, column: Column) -> Suspect | None:
    judged = column.type == column.dominant == "text" and 0 < len(column.format) < SHAPE_LENGTH
    if not judged or column.format_share < FORMAT_SHARE or column.distinct < 2:
        return None
    pieces = [
        f"{_CLASSES.get(sign, re.escape(sign))}{{{len(list(run))}}}"
        for sign, run in groupby(column.format)
    ]
    shape = literal("".join(pieces))
    condition = f"v{place} IS NOT NULL AND NOT regexp_full_match(v{place}, {shape})"
    why = f"{_percent(column.format_share)} of the values have the shape `{column.format}`"
    return Suspect(name, place, "format", condition, f"{column.format_share:.6f}", why)


def _percent(share: float) -> str:
    """Return a share for people; one below 1 never says 100 %."""
    return "almost 100%" if 0.9995 <= share < 1 else f"{share:.1%}"


def _outlying(
    place: int, name: str, column: Column, fence: tuple[float, float, float] | None
) -> Suspect | None:
    if fence is None:
        return None
    low, median, high = fence
    number = f"TRY_CAST(v{place} AS DOUBLE)"
    typed = fits(column.type, f"v{place}")
    condition = f"({number} < {low!r} OR {number} > {high!r}) AND {typed}"
    reach = max(high - median, median - low)
    confidence = f"least(1 - 0.5 * {reach!r} / greatest(abs({number} - {median!r}), 1e-300), 0.99)"
    why = f"half of the values are near {median:g}, and few outside {low:g} to {high:g}"
    return Suspect(name, place, "outlier", condition, confidence, why)


def _fences(session: Session, schema: Schema) -> dict[str, tuple[float, float, float]]:
    """Return for numeric columns that have outliers the lower fence, the median and the upper."""
    names = [
        name
        for name, column in schema.columns.items()
        if column.type in NUMERIC
        and (name,) != schema.key
        and column.distinct > 2
        and column.minimum is not None
    ]
    if not names:
        return {}
    step = max(1, -(-schema.rows // SAMPLED_ROWS))
    found: dict[str, tuple[float, float, float]] = {}
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        quantiles = ", ".join(
            f"quantile_cont(TRY_CAST({identifier(name)} AS DOUBLE), "
            f"[{TAIL}, 0.25, 0.5, 0.75, {1 - TAIL}])"
            for name in batch
        )
        row = session.row(f"SELECT {quantiles} FROM kept WHERE hash(_row) % {step} = 0")
        for name, five in zip(batch, row, strict=True):
            fence = _fence(five, schema.columns[name])
            if fence is not None:
                found[name] = fence
    return found


def _fence(five: Sequence[float] | None, column: Column) -> tuple[float, float, float] | None:
    if five is None or column.minimum is None or column.maximum is None:
        return None
    tail_low, first, median, third, tail_high = five
    reach = OUTLIER_RANGE * (third - first)
    smallest, greatest = float(column.minimum), float(column.maximum)
    low, high = median - reach, median + reach
    if tail_low < low:
        low = smallest
    if tail_high > high:
        high = greatest
    return (low, median, high) if reach > 0 and (smallest < low or greatest > high) else None


def _apply(session: Session, schema: Schema, suspects: Sequence[tuple[int, Suspect]]) -> None:
    cells = ", ".join(
        f"{identifier(name)} AS o{place}, {meaning(name, schema)} AS v{place}"
        for place, name in sorted({(each.place, each.column) for _, each in suspects})
    )
    found = ", ".join(
        f"CASE WHEN {each.condition} THEN {{'suspect': {number}, 'value': o{each.place}, "
        f"'confidence': CAST({each.confidence} AS DOUBLE)}} END"
        for number, each in suspects
    )
    any_of = " OR ".join(f"({each.condition})" for _, each in suspects)
    session.rows(
        f"""
        INSERT INTO suspicious
        SELECT _row, found.suspect, found.value, found.confidence FROM (
            SELECT _row, unnest([{found}]) AS found
            FROM (SELECT _row, {cells} FROM kept) WHERE {any_of}
        ) WHERE found IS NOT NULL
        """
    )


def _repeated(session: Session, schema: Schema, number: int, each: Suspect) -> None:
    value = meaning(each.column, schema)
    session.rows(
        f"""
        INSERT INTO suspicious
        SELECT _row, {number}, o, {each.confidence}
        FROM (SELECT _row, {identifier(each.column)} AS o, {value} AS v FROM kept)
        WHERE v IN (
            SELECT v FROM (SELECT {value} AS v FROM kept)
            WHERE v IS NOT NULL GROUP BY v HAVING count(*) > 1
        )
        """
    )


def _write(session: Session, suspects: Sequence[Suspect], path: Path) -> None:
    session.rows(
        "CREATE OR REPLACE TEMP TABLE suspects AS SELECT unnest(?::INT[]) AS suspect, "
        "unnest(?::VARCHAR[]) AS name, unnest(?::VARCHAR[]) AS kind, unnest(?::VARCHAR[]) AS why",
        [
            list(range(len(suspects))),
            [each.column for each in suspects],
            [each.kind for each in suspects],
            [each.explanation for each in suspects],
        ],
    )
    session.write(
        'SELECT _row, name AS "column", kind, value, confidence, why AS explanation '
        "FROM suspicious JOIN suspects USING (suspect) ORDER BY _row, suspect",
        path,
    )


def _told(
    session: Session, place: Workplace, staging: Staging, suspects: Sequence[Suspect]
) -> tuple[Suspicion, ...]:
    """Return what was found, most confident first, with its first cells as examples."""
    counted = session.rows(
        f"SELECT suspect, count(*), min(_row, {EXAMPLES}), avg(confidence) FROM suspicious "
        "GROUP BY suspect ORDER BY 4 DESC, suspect"
    )
    wanted = [row for _, _, first, _ in counted for row in first]
    lines = locate(session, place, staging, wanted)
    values = {
        (int(row), int(number)): value
        for row, number, value in session.rows(
            f"SELECT _row, suspect, left(value, {SHOWN}) FROM suspicious "
            "WHERE _row IN (SELECT unnest(?::BIGINT[]))",
            [sorted(set(wanted))],
        )
    }
    return tuple(
        Suspicion(
            column=suspects[int(number)].column,
            kind=suspects[int(number)].kind,
            cells=int(cells),
            explanation=suspects[int(number)].explanation,
            examples=tuple((*lines[row], values[row, number]) for row in first),
        )
        for number, cells, first, _ in counted
    )
