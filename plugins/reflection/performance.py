"""Performance: where quality, latency, throughput and errors are heading, for each source. Pure.

Runs of the same goal over the same data sets are compared. With eight of them, a direction is one
that passes the Mann-Kendall test, corrected for runs that resemble the one before; with fewer, it
is how the newest one differs from the mean before.
"""

from collections.abc import Callable, Iterator, Sequence
from math import isfinite
from random import Random
from statistics import fmean

from dataagents.core.reflection import Experience, Trend
from dataagents.plugins.reflection.change import change_point
from dataagents.plugins.reflection.patterns import went_wrong
from dataagents.plugins.reflection.trend import mann_kendall

RUNS = 60
"""How many of the newest runs are looked at."""
_LAGS = 3
_CLEAR = 0.05
"""Chance of a change of level below which one is told."""


def trends_of(lived: Sequence[Experience], tolerance: float) -> tuple[Trend, ...]:
    """Return the trends up to the newest run, quality last.

    Args:
        lived: Oldest first.
        tolerance: Share of a figure that is no change, where there are too few runs for a test.
    """
    if not lived:
        return ()
    newest = lived[-1]
    same = [each for each in lived if each.goal == newest.goal and each.sources == newest.sources][
        -RUNS:
    ]
    source = newest.sources[0] if len(newest.sources) == 1 else ""
    found: list[Trend] = []
    if len(newest.sources) > 1:
        for name in newest.sources:
            found += _trends(same, tolerance, name, _of_a_source(name))
    found += _trends(same, tolerance, source, _OF_A_RUN)
    return tuple(found)


def describe(trend: Trend) -> str:
    """Return a trend as a sentence fragment."""
    figures = f"{trend.now:.3f} after {trend.before:.3f} on average"
    chance = "" if trend.p is None else f" (p {trend.p:.2g})"
    since = "" if trend.changed_at is None else f", at another level since run {trend.changed_at}"
    where = f" of {trend.source}" if trend.source else ""
    earlier = f"{trend.samples - 1} earlier runs"
    return f"{trend.metric}{where} is {trend.direction}: {figures} of {earlier}{chance}{since}"


Figure = Callable[[Experience], float | None]


def _error(experience: Experience) -> float:
    return float(bool(went_wrong(experience) or experience.failures or not experience.success))


def _throughput(experience: Experience) -> float | None:
    if experience.records is None or experience.seconds <= 0:
        return None
    return experience.records / experience.seconds


_OF_A_RUN: tuple[tuple[str, Figure], ...] = (
    ("latency", lambda each: each.seconds),
    ("throughput", _throughput),
    ("error rate", _error),
    ("quality", lambda each: each.quality),
)


def _of_a_source(name: str) -> tuple[tuple[str, Figure], ...]:
    def latency(experience: Experience) -> float | None:
        spent = [each.seconds for each in experience.deliveries if each.source == name]
        return sum(spent) if spent else None

    def errors(experience: Experience) -> float:
        return float(any(each.source == name for each in went_wrong(experience)))

    return ("latency", latency), ("error rate", errors)


def _trends(
    runs: Sequence[Experience],
    tolerance: float,
    source: str,
    figures: Sequence[tuple[str, Figure]],
) -> Iterator[Trend]:
    for metric, figure in figures:
        values = [figure(each) for each in runs]
        now = values[-1]
        series = [each for each in values if each is not None and isfinite(each)]
        if now is not None and isfinite(now) and len(series) > 1:
            yield _trend(metric, series, tolerance, source)


def _trend(metric: str, series: Sequence[float], tolerance: float, source: str) -> Trend:
    before, now = fmean(series[:-1]), series[-1]
    test = mann_kendall(series, _LAGS)
    if test is None:
        off = now - before
        steady = abs(off) <= tolerance * max(1.0, abs(before))
        direction = "steady" if steady else ("up" if off > 0 else "down")
        return Trend(metric, direction, before, now, len(series), source=source)
    change = change_point(series, Random(len(series)))
    clear = change is not None and change.p <= _CLEAR
    return Trend(
        metric=metric,
        direction=test.direction(),
        before=before,
        now=now,
        samples=len(series),
        p=test.p,
        changed_at=change.at if change is not None and clear else None,
        source=source,
    )
