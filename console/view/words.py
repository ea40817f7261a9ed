"""Words for figures: ages, durations and health, short enough for a narrow column."""

from collections.abc import Mapping
from datetime import datetime

from dataagents.console.view.agents import AgentView
from dataagents.console.view.fields import Fields
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment
from dataagents.core.health import Health

_LATE_AFTER = 3.0
"""Missed health checks after which an agent counts as late."""
_UNKNOWN_INTERVAL = 30.0
"""Seconds between health checks, as long as only one has been seen."""


HEALTH_MARKS: Mapping[str, Mark] = {
    Health.HEALTHY: Mark.OK,
    Health.DEGRADED: Mark.WARN,
    Health.LATE: Mark.WARN,
    Health.FAILED: Mark.FAIL,
    Health.DRAINING: Mark.BUSY,
    Health.STOPPED: Mark.IDLE,
}
"""How a word of health is marked."""

UNMEASURED = "not measured"
_NEARLY_ALL = 0.9995
_WHOLE = 100.0
"""A rate from which on nobody cares for its decimals."""
_THOUSAND = 1000.0


def percent(share: float | None) -> str:
    """Return a share in percent; what is not whole never looks whole."""
    if share is None:
        return UNMEASURED
    return "more than 99.9%" if _NEARLY_ALL <= share < 1 else f"{share:.1%}"


def progress(body: Fields) -> str:
    """Return how far a task is, from the body of a `task.progress`."""
    stage, done, total = body.name("stage"), body.number("done"), body.number("total")
    if done is None:
        return stage
    if not total:
        return f"{stage}, {done:,.0f}"
    return f"{stage}, {min(1.0, done / total):.0%} ({done:,.0f} of {total:,.0f})"


def byte_size(number: float) -> str:
    """Return a number of bytes in a unit that suits it."""
    for unit in ("B", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"


def measured(value: float, unit: str, of: str = "") -> str:
    """Return a figure with its unit, as people read it; one that its name `of` has is left out."""
    match unit:
        case "s":
            return duration(value)
        case "ratio":
            return percent(value)
        case "B":
            return byte_size(value)
        case "0/1":
            return "yes" if value else "no"
        case "1/s":
            return f"{value:,.0f}/s" if value >= _WHOLE else f"{value:.3g}/s"
        case _:
            return _number(value) + ("" if of.startswith(unit) else f" {unit}")


def _number(value: float) -> str:
    """Return a number: one that is whole, or large, without decimals, others with four digits."""
    whole = float(value).is_integer() or abs(value) >= _THOUSAND
    return f"{value:,.0f}" if whole else f"{value:.4g}"


def plural(number: int, noun: str) -> str:
    """Return a number of things in words."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def duration(seconds: float | None) -> str:
    """Return a duration in at most six characters; empty when it is unknown."""
    if seconds is None:
        return ""
    seconds = max(0.0, seconds)
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f}ms"
    if seconds < 9.95:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    hours = whole // 3600
    return f"{hours}h{whole % 3600 // 60:02d}m" if hours < 100 else f"{hours // 24}d"


def age(of: datetime | None, now: datetime) -> float | None:
    """Return the seconds since a time; None when there is none."""
    return None if of is None else max(0.0, (now - of).total_seconds())


def ago(at: datetime | None, moment: Moment) -> str:
    """Return how long ago a time was, in at most six characters; empty when there is none."""
    return duration(age(at, moment.now))


def health_word(agent: AgentView, now: datetime, *, live: bool) -> tuple[str, Mark]:
    """Return how an agent is: the word of its last check, unless nothing was heard since.

    Args:
        agent: The agent.
        now: The time to judge by.
        live: Whether a kernel lives; without one no agent does.
    """
    if agent.health in ("refused", "removed", "unknown"):
        return agent.health, Mark.FAIL if agent.health == "refused" else Mark.IDLE
    if not live:
        return "ended", Mark.IDLE
    if agent.health != Health.HEALTHY:
        return agent.health, HEALTH_MARKS.get(agent.health, Mark.FAIL)
    silent = age(agent.beat, now)
    if silent is not None and silent > _LATE_AFTER * (agent.interval or _UNKNOWN_INTERVAL):
        return "late", Mark.WARN
    return ("busy", Mark.BUSY) if agent.doing else ("healthy", Mark.OK)
