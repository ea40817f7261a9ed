"""Cards: what others may know of an agent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from dataagents.core.values import Json


class AgentState(StrEnum):
    """Where an agent is in its life."""

    CHECKING = "checking"
    """It is asked for its health for the first time, and given nothing else to do."""
    READY = "ready"
    UNHEALTHY = "unhealthy"
    """It failed its latest check, and is given nothing."""
    DRAINING = "draining"
    """It finishes what it has, and is given nothing new."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class AgentCard:
    """What others may know of an agent."""

    id: str
    role: str
    capabilities: Mapping[str, float] = field(default_factory=dict)
    """Name of a capability → level in [0, 1]."""
    cost: float = 1.0
    """What a unit of this agent's work costs, in the team's own currency; above 0."""
    summary: str = ""
    human: bool = False
    """Whether a person answers: eligible to vote only while armed."""


@dataclass(frozen=True, slots=True)
class HealthAnswer:
    """What an agent says about itself when it is asked for its health."""

    healthy: bool
    processing: bool = False
    """Whether it can process data now; false when unstated."""
    detail: str = ""


Sample: TypeAlias = Sequence[Mapping[str, Json]]
"""A few rows, as an agent gets them to show that it works."""

SAMPLE: Sample = ({"id": 1, "name": "first"}, {"id": 2, "name": None})
"""What deployment and health checks send when the application gives nothing better."""
