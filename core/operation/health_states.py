"""Health states: from what the checks found to one word, without flapping.

Liveness is that an agent answered in time; readiness that it said it can work. A failed check takes
the agent's readiness at once, so that nothing new is given to it; the word is slower: it takes
several failures in a row to be failed, and several good checks in a row to be healthy again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dataagents.core.health import Health
from dataagents.core.operation.thresholds import HealthSettings


@dataclass(frozen=True, slots=True)
class Check:
    """What one health check found."""

    alive: bool
    """It answered in time."""
    well: bool
    """It answered that it can work."""
    seconds: float = 0.0
    """How long it took to answer."""
    error_rate: float | None = None
    """Share of what it handled lately that failed; None where that is too little to tell."""
    queue: int = 0
    """Messages waiting for it."""


def next_health(
    before: Health | None, history: Sequence[Check], settings: HealthSettings | None = None
) -> Health:
    """Return how an agent is after its latest check.

    Args:
        before: How it was; None before its first check, which decides alone.
        history: Its checks, oldest first, the one that was just made included.
        settings: The thresholds.

    Returns:
        `failed` after several failed checks in a row; before that `late` if it did not answer, or
        `degraded` if it said that it can't work. Of an agent that passes its checks, `degraded`
        while it is slow, fails much or has much to do, and until it passed several in a row.
    """
    settings = settings or HealthSettings()
    latest = history[-1]
    if before is None:
        return Health.HEALTHY if latest.alive and latest.well else Health.FAILED
    if not (latest.alive and latest.well):
        if _in_a_row(history, good=False) >= settings.failed_after:
            return Health.FAILED
        if before is Health.FAILED:  # it had recovered for a moment, and not long enough
            return Health.FAILED
        return Health.DEGRADED if latest.alive else Health.LATE
    if _is_strained(latest, settings, eased=before is Health.DEGRADED):
        return Health.DEGRADED
    if before is Health.HEALTHY or _in_a_row(history, good=True) >= settings.healthy_after:
        return Health.HEALTHY
    return Health.DEGRADED


def _in_a_row(history: Sequence[Check], *, good: bool) -> int:
    count = 0
    for check in reversed(history):
        if (check.alive and check.well) is not good:
            break
        count += 1
    return count


def _is_strained(check: Check, settings: HealthSettings, *, eased: bool) -> bool:
    """Return whether an agent that works does so badly; once it does, it has to ease well off."""
    share = settings.easing if eased else 1.0
    return (
        check.seconds >= settings.slow * share
        or (check.error_rate is not None and check.error_rate >= settings.error_rate * share)
        or check.queue >= settings.queue * share
    )
