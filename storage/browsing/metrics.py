"""Figures over time, thinned so that they can be drawn."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from dataagents.storage.browsing.pages import Pages

Point: TypeAlias = tuple[int, float]
"""A place, and the value there."""

_NAMES = """
WITH RECURSIVE known (name) AS (
    SELECT min(name) FROM metrics
    UNION ALL
    SELECT (SELECT min(name) FROM metrics WHERE metrics.name > known.name) FROM known
    WHERE known.name IS NOT NULL
)
SELECT metrics.name, metrics.unit, metrics.value, journal.at, metrics.seq
FROM known
CROSS JOIN metrics ON metrics.seq = (SELECT max(seq) FROM metrics WHERE name = known.name)
CROSS JOIN journal ON journal.seq = metrics.seq
ORDER BY metrics.name
"""
_SAMPLES = """
SELECT seq, value FROM metrics
WHERE name = :name AND seq >= :since AND value IS NOT NULL ORDER BY seq DESC LIMIT :most
"""
_TIMES = """
SELECT seq, at FROM journal WHERE seq IN (SELECT value FROM json_each(:places))
"""
MOST_SAMPLES = 50_000
"""How many of the newest samples of a figure are looked at."""
_KEPT = 3
"""Points of a bucket: its least, its greatest and its last value."""


@dataclass(frozen=True, slots=True)
class MetricEntry:
    """A figure, as it was sampled last."""

    name: str
    unit: str
    value: float | None
    at: datetime
    place: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A figure at a time."""

    place: int
    at: datetime
    value: float


class MetricPages(Pages):
    """Reads figures."""

    async def metrics(self) -> tuple[MetricEntry, ...]:
        """Return all figures that were ever sampled, by name."""
        rows = await self._fetch(_NAMES, {})
        return tuple(
            MetricEntry(name, unit or "", value, datetime.fromisoformat(at), place)
            for name, unit, value, at, place in rows
        )

    async def samples(self, name: str, since: int = 0, most: int = 500) -> tuple[Sample, ...]:
        """Return the samples of a figure, oldest first.

        Where there are more than can be shown, the least, the greatest and the last of each few of
        them stand for these: a peak is never lost, nor what the figure came to.

        Args:
            name: The figure.
            since: Only those at this place or behind it.
            most: How many at most.
        """
        given = {"name": name, "since": since, "most": MOST_SAMPLES}
        rows = await self._fetch(_SAMPLES, given)
        points = thinned([(row[0], row[1]) for row in reversed(rows)], most)
        found = await self._fetch(_TIMES, {"places": json.dumps([place for place, _ in points])})
        times = {row[0]: datetime.fromisoformat(row[1]) for row in found}
        return tuple(
            Sample(place, times[place], value) for place, value in points if place in times
        )


def thinned(points: Sequence[Point], most: int) -> list[Point]:
    """Return at most so many of the points: of each few the least, the greatest and the last.

    Args:
        points: In their order.
        most: At least 3, or only the last ones are kept.
    """
    if len(points) <= most:
        return list(points)
    buckets = most // _KEPT
    if not buckets:
        return list(points[-most:]) if most > 0 else []
    chosen: list[Point] = []
    for number in range(buckets):
        begin, end = (len(points) * each // buckets for each in (number, number + 1))
        bucket = points[begin:end]
        kept = {min(bucket, key=_value), max(bucket, key=_value), bucket[-1]}
        chosen += sorted(kept)
    return chosen


def _value(point: Point) -> float:
    return point[1]
