"""Drift: how a validator judges, by its dimension, what is to become of files that changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dataagents.core.values import Json

CHOICES = ("evolve", "freeze", "discard_row", "discard_value")
FALLBACK = "freeze"
"""What is done when a vote decides nothing: it changes no contract and releases nothing."""
_STRUCTURAL = ("added", "removed", "renamed", "retyped")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one dimension says about drift."""

    choice: str
    confidence: float
    reason: str


def structural(schema: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    """Return the changes that somebody has to decide on."""
    drift = schema.get("drift")
    changes = drift if isinstance(drift, list) else []
    return [
        change
        for change in changes
        if isinstance(change, dict) and change.get("kind") in _STRUCTURAL
    ]


def explained(changes: Sequence[Mapping[str, Json]]) -> str:
    """Return the changes in one sentence."""
    return "; ".join(str(change.get("explanation")) for change in changes)


def judge_drift(view: str, schema: Mapping[str, Json]) -> Judgement | None:
    """Return what a dimension says; None when it is not concerned.

    Completeness looks at columns that came or went, validity at types, uniqueness at the key.
    """
    changes = structural(schema)
    if view == "completeness":
        return _completeness(schema, changes)
    if view == "validity":
        return _validity(schema, changes)
    return _uniqueness(schema, changes)


def _completeness(
    schema: Mapping[str, Json], changes: Sequence[Mapping[str, Json]]
) -> Judgement | None:
    lost = [change for change in changes if change.get("kind") == "removed"]
    if lost:
        rows = _rows_of(schema, lost)
        named = _named(lost)
        if rows is not None and rows < 0.5:
            why = f"completeness: {named} is missing in files with {rows:.1%} of the rows"
            return Judgement("discard_row", 1 - rows, why)
        return Judgement("freeze", 0.8, f"completeness: {named} is missing in most rows")
    new = [change for change in changes if change.get("kind") in ("added", "renamed")]
    if not new:
        return None
    why = f"completeness: {_named(new)} may be empty where it is not, so no cell is lost"
    return Judgement("evolve", 0.9, why)


def _validity(
    schema: Mapping[str, Json], changes: Sequence[Mapping[str, Json]]
) -> Judgement | None:
    retyped = [change for change in changes if change.get("kind") == "retyped"]
    if not retyped:
        if not changes:
            return None
        return Judgement("evolve", 0.8, "validity: no column that was there changed its type")
    rows = _rows_of(schema, retyped) or 0.0
    if rows < 0.5:
        why = f"validity: {_named(retyped)} has another type in {rows:.1%} of the rows"
        return Judgement("discard_row", 1 - rows, why)
    why = f"validity: {_named(retyped)} has another type in {rows:.1%} of the rows, so it is new"
    return Judgement("evolve", rows, why)


def _uniqueness(
    schema: Mapping[str, Json], changes: Sequence[Mapping[str, Json]]
) -> Judgement | None:
    key = schema.get("key")
    names = [str(name) for name in key] if isinstance(key, list) else []
    touched = [change for change in changes if change.get("column") in names]
    broken = [change for change in touched if change.get("kind") in ("removed", "retyped")]
    if broken:
        return Judgement("freeze", 0.95, f"uniqueness: {_named(broken)} is part of the key")
    if not names:
        return None
    return Judgement("evolve", 0.7, f"uniqueness: the key {', '.join(names)} is not touched")


def _rows_of(schema: Mapping[str, Json], changes: Sequence[Mapping[str, Json]]) -> float | None:
    """Return the share of the rows that are in files from the first changed one on."""
    parts = schema.get("parts")
    counts = [
        rows
        for part in (parts if isinstance(parts, list) else [])
        if isinstance(part, dict) and isinstance(rows := part.get("rows"), int)
    ]
    firsts = [first for change in changes if isinstance(first := change.get("part"), int)]
    total = sum(counts)
    if not total or not firsts:
        return None
    return sum(counts[min(firsts) :]) / total


def _named(changes: Sequence[Mapping[str, Json]]) -> str:
    names = [f"`{change.get('column')}`" for change in changes]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
