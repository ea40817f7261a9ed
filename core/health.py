"""Health: what is measured about agents and the kernel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dataagents.core.values import JsonObject


class Health(StrEnum):
    """State of an agent, worst last."""

    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True, slots=True)
class HealthReport:
    """One health check of one agent, with what was measured."""

    agent: str
    health: Health
    seconds: float
    """How long the agent took to answer."""
    at: datetime
    processing: bool = False
    detail: str = ""
    queue: int = 0
    """Messages waiting in its mailbox."""
    failures: int = 0
    """Checks failed in a row, this one included."""


@dataclass(frozen=True, slots=True)
class PluginHealth:
    """A plugin as it is now."""

    name: str
    loaded: bool
    error: str = ""
    calls: int = 0
    failures: int = 0
    quarantined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ObserverHealth:
    """How an observer keeps up."""

    name: str
    seen: int
    lost: int
    failures: int


@dataclass(frozen=True, slots=True)
class KernelHealth:
    """Everything, rolled up."""

    agents: Mapping[str, HealthReport]
    plugins: tuple[PluginHealth, ...]
    observers: tuple[ObserverHealth, ...]
    strays: tuple[str, ...]
    """Tasks that refused to stop and were left behind."""
    failures: Mapping[str, int] = field(default_factory=dict)
    """Agent → messages that its code failed to handle; only those that failed one."""
    interceptors: Mapping[str, JsonObject] = field(default_factory=dict)
    """Interceptor → what it shows of itself, such as the states of circuit breakers."""
    dead_letters: int = 0
    """Messages that could not be delivered and can be sent again."""

    @property
    def score(self) -> float:
        """Healthy agents / agents; 0 without agents."""
        if not self.agents:
            return 0.0
        healthy = sum(report.health is Health.HEALTHY for report in self.agents.values())
        return healthy / len(self.agents)


@dataclass(frozen=True, slots=True)
class Metric:
    """One sample of one figure."""

    name: str
    value: float
    unit: str
    at: datetime
    labels: Mapping[str, str] = field(default_factory=dict)


class Severity(StrEnum):
    """How much an alert matters."""

    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that an operator should know."""

    id: str
    rule: str
    subject: str
    severity: Severity
    detail: str
    at: datetime
