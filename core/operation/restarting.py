"""Restarting: how long to wait before an agent is built anew, and when to give it up.

The pause doubles with each restart and is shortened at random, so that agents which failed together
don't come back together: "Exponential Backoff And Jitter" (M. Brooker, AWS, 2015), with half of the
pause kept ("equal jitter").
"""

from collections.abc import Sequence
from random import Random
from typing import Annotated

from pydantic import Field

from dataagents.core.settings import Seconds, Settings

HOUR = 3600.0


class RestartSettings(Settings):
    """When an agent that failed is built anew by its factory."""

    enabled: bool = True
    backoff: Seconds = 5.0
    """Seconds of the longest pause before the first restart; twice that before the next."""
    longest: Seconds = 300.0
    """Seconds that no pause exceeds."""
    hourly: Annotated[int, Field(ge=0, le=1000)] = 5
    """Restarts of one agent in an hour; what fails after that is replaced or given up."""


def may_restart(restarts: Sequence[float], now: float, settings: RestartSettings) -> bool:
    """Return whether the budget of the last hour allows one more restart.

    Args:
        restarts: When there were restarts, in seconds.
        now: The present, on the same scale.
        settings: The budget.
    """
    return settings.enabled and _within(restarts, now) < settings.hourly


def delay_before(
    restarts: Sequence[float], now: float, settings: RestartSettings, rng: Random
) -> float:
    """Return how many seconds to wait before the next restart; more, the more there were lately."""
    longest = min(settings.longest, settings.backoff * 2.0 ** min(60, _within(restarts, now)))
    return longest * (0.5 + rng.random() / 2)


def _within(restarts: Sequence[float], now: float) -> int:
    return sum(now - at < HOUR for at in restarts)
