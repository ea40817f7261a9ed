"""Deployment: outcomes of bringing an agent into the team. Never an exception."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dataagents.core.health import HealthReport


class Refusal(StrEnum):
    """Why an agent was not deployed."""

    LIMIT_REACHED = "limit_reached"
    DUPLICATE_ID = "duplicate_id"
    RESERVED_ID = "reserved_id"
    INVALID = "invalid"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True, slots=True)
class Deployed:
    """The agent is in the team."""

    agent: str
    at: datetime
    report: HealthReport
    """Its first health check, with the measured latency."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The agent is not in the team, and nothing of it was left behind."""

    agent: str
    refusal: Refusal
    reason: str


@dataclass(frozen=True, slots=True)
class Drained:
    """The agent was given nothing new, finished what it had, and is not in the team any more."""

    agent: str
    left: int = 0
    """Messages that it did not get to in time; they were handed back to their senders."""

    @property
    def finished(self) -> bool:
        """Whether it finished everything that it had."""
        return self.left == 0
