"""Thresholds: from when on an agent counts as degraded, late or failed."""

from typing import Annotated

from pydantic import Field

from dataagents.core.settings import Level, Seconds, Settings


class HealthSettings(Settings):
    """What the checks of an agent are held against."""

    failed_after: Annotated[int, Field(ge=1, le=100)] = 2
    """Failed checks in a row after which an agent counts as failed."""
    healthy_after: Annotated[int, Field(ge=1, le=100)] = 2
    """Good checks in a row after which it counts as healthy again."""
    slow: Seconds = 1.0
    """Seconds to answer a check, from which on it counts as degraded."""
    error_rate: Level = 0.25
    """Share of what it handled that failed, from which on it counts as degraded."""
    fewest: Annotated[int, Field(ge=1)] = 5
    """Messages that it has to have handled in the window before there is an error rate."""
    queue: Annotated[int, Field(ge=1)] = 500
    """Messages waiting for it, from which on it counts as degraded."""
    easing: Level = 0.8
    """Share of a limit that a figure has to fall below before the agent is well again."""
    window: Seconds = 300.0
    """Seconds that rates and latencies are measured over."""
