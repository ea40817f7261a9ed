"""Alerting: from samples to alerts that are raised, stand, and end."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from dataagents.core.operation.rules import FIGURES, AlertRule
from dataagents.core.operation.samples import Sample, since
from dataagents.core.operation.trend import trend_of

_STEADY = 0.6
"""Kendall's tau that a change needs to be called a trend: four pairs of five go its way."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a rule finds in the samples of one subject."""

    met: bool
    """It is as the rule says."""
    over: bool
    """It is well away from that; neither is true in between."""
    value: float | None
    """What was compared; None for an absence of which nothing is known."""
    detail: str
    """It in words."""


class Decision(StrEnum):
    """What becomes of an alert."""

    NONE = "none"
    RAISE = "raise"
    KEEP = "keep"
    END = "end"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a rule is with one subject."""

    raised: bool = False
    since: float | None = None
    """From when on it was met without a break; only until the alert is raised."""
    over_since: float | None = None
    """From when on it was over without a break; only while the alert stands."""
    muted: bool = False
    """A person has ended it: it is not raised again before it was over once."""


def judge(rule: AlertRule, samples: Sequence[Sample], now: float) -> Reading:
    """Return what a rule finds.

    Args:
        rule: The rule.
        samples: What is known of its figure and one subject, oldest first.
        now: The present, in seconds since the epoch.
    """
    unit = FIGURES[rule.figure].unit
    match rule.when:
        case "absence":
            silent = now - samples[-1].at if samples else None
            met = silent is not None and silent >= rule.within
            told = "never" if silent is None else f"not for {silent:.0f} s"
            return Reading(met, not met, silent, f"{rule.figure}: {told}")
        case "trend":
            trend = trend_of(since(samples, now - rule.within))
            if trend is None:
                return Reading(met=False, over=True, value=None, detail="too few samples")
            steady = trend.steadiness if rule.above is not None else -trend.steadiness
            met, over = _compared(rule, trend.change)
            told = f"changed by {_written(trend.change, unit)} within {rule.within:g} s"
            return Reading(met and steady >= _STEADY, over, trend.change, f"{rule.figure} {told}")
        case "rate":
            rate = _rate(since(samples, now - rule.within))
            met, over = _compared(rule, rate)
            return Reading(met, over, rate, f"{rule.figure} change by {rate:.3g} a second")
        case _:
            if not samples:
                return Reading(met=False, over=True, value=None, detail="never measured")
            value = samples[-1].value
            met, over = _compared(rule, value)
            return Reading(met, over, value, f"{rule.figure} is {_written(value, unit)}")


def decide(
    rule: AlertRule, standing: Standing, reading: Reading, now: float
) -> tuple[Standing, Decision]:
    """Return what becomes of an alert, and what to remember for the next time."""
    if standing.raised:
        if not reading.over:
            return Standing(raised=True), Decision.KEEP
        begun = now if standing.over_since is None else min(now, standing.over_since)
        if now - begun >= rule.clear_after:
            return Standing(), Decision.END
        return Standing(raised=True, over_since=begun), Decision.KEEP
    if standing.muted and not reading.over:
        return standing, Decision.NONE
    if not reading.met:
        return Standing(), Decision.NONE
    begun = now if standing.since is None else min(now, standing.since)
    if now - begun >= rule.hold:
        return Standing(raised=True), Decision.RAISE
    return Standing(since=begun), Decision.NONE


def _compared(rule: AlertRule, value: float) -> tuple[bool, bool]:
    """Return whether a value is beyond the limit, and whether it is back behind `clear`."""
    if rule.above is not None:
        return value > rule.above, value <= (rule.above if rule.clear is None else rule.clear)
    limit = rule.below if rule.below is not None else 0.0
    return value < limit, value >= (limit if rule.clear is None else rule.clear)


def _rate(samples: Sequence[Sample]) -> float:
    """Return what was added to a counter in a second; one that fell was begun anew."""
    if len(samples) < 2 or samples[-1].at <= samples[0].at:
        return 0.0
    added = 0.0
    for earlier, later in pairwise(samples):
        grown = later.value - earlier.value
        added += grown if grown >= 0 else later.value
    return added / (samples[-1].at - samples[0].at)


def _written(value: float, unit: str) -> str:
    if unit == "0/1":
        return "true" if value else "false"
    if unit == "B":
        return f"{value / 1e6:,.0f} MB"
    return f"{value:.3g}" if unit in ("ratio", "1") else f"{value:.3g} {unit}"
