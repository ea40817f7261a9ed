"""Renames: which column that is gone and which that is new are the same one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from dataagents.plugins.data.contracts.model import ColumnType, PartColumn

LEAST = 0.75
"""Confidence from which two columns are taken for one."""


@dataclass(frozen=True, slots=True)
class Known:
    """A column that is gone, as far as it is known."""

    type: ColumnType
    sample: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rename:
    """Two names for one column."""

    before: str
    after: str
    names: float
    """How alike the names are, in [0, 1]."""
    values: float | None
    """Jaccard similarity of sampled values; None where there is nothing to compare."""
    confidence: float


def renames(gone: Mapping[str, Known], new: Mapping[str, PartColumn]) -> tuple[Rename, ...]:
    """Pair columns that are gone with new ones, the surest pair first; none is in two pairs."""
    pairs = [
        _pair(old, known, name, column)
        for old, known in gone.items()
        for name, column in new.items()
    ]
    found: list[Rename] = []
    for pair in sorted(pairs, key=lambda pair: -pair.confidence):
        taken = any(pair.before == each.before or pair.after == each.after for each in found)
        if pair.confidence >= LEAST and not taken:
            found.append(pair)
    return tuple(found)


def _pair(old: str, known: Known, name: str, column: PartColumn) -> Rename:
    names = alike(old, name)
    values = _overlap(known.sample, column.sample)
    confidence = names
    if values is not None:
        confidence = max(names if names >= 0.9 else 0.0, 0.5 * names + 0.5 * values)
    if column.present and known.type != column.type:
        confidence *= 0.8
    return Rename(old, name, names, values, round(confidence, 3))


def alike(old: str, new: str) -> float:
    """Return how alike two names are, whatever their case and punctuation.

    One that begins the other, such as `Lat` and `Latitude`, is nearly the same.
    """
    one, other = (re.sub(r"[\W_]+", "", name.lower()) for name in (old, new))
    if one == other:
        return 1.0
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= 3 and longer.startswith(shorter):
        return 0.9
    return SequenceMatcher(None, one, other).ratio()


def _overlap(one: tuple[str, ...], other: tuple[str, ...]) -> float | None:
    if not one or not other:
        return None
    first, second = set(one), set(other)
    return len(first & second) / len(first | second)
