"""Health: what is measured about agents and the kernel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dataagents.core.values import JsonObject


class Health(StrEnum):
    """State of an agent."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    """It works, but slowly, with failures, with much to do, or only just again."""
    LATE = "late"
    """It did not answer its latest check."""
    FAILED = "failed"
    """Several checks in a row have failed."""
    DRAINING = "draining"
    """It finishes what it has, and is given nothing new."""
    STOPPED = "stopped"


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
    alive: bool = True
    """Liveness: it answered in time, whatever it said."""
    ready: bool = True
    """Readiness: it said that it can work, and may be given something to do."""
    beat: datetime | None = None
    """When it last answered a check; None when it never did."""
    error_rate: float | None = None
    """Share of what it handled lately that failed; None where that is too little to tell."""


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
class Blockage:
    """Something that kept the event loop from running anything else."""

    plugin: str
    """Whose code it was; empty where it was no plugin's."""
    what: str
    """Which of its strategies or behaviours; else the name of the task."""
    seconds: float
    """How long it took, so far as it isn't over."""
    stack: tuple[str, ...] = ()
    """Where it was when it was found, the innermost place last; the plugin's own part only."""


@dataclass(frozen=True, slots=True)
class LoopHealth:
    """How punctual the event loop was lately: what is due waits for whatever runs too long."""

    lag_p50: float = 0.0
    """Median of the seconds that something due had to wait, over the last minute."""
    lag_max: float = 0.0
    blocked: Blockage | None = None
    """What blocks it now."""
    blockages: int = 0
    """How often it was blocked since the kernel opened."""
    last: Blockage | None = None
    """The latest that is over."""


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """How the store keeps up."""

    queued: int = 0
    """Events that wait to be written."""
    commits: int = 0
    failures: int = 0
    """Commits that failed."""
    last_seconds: float = 0.0
    """How long the latest commit took, the wait for its turn included."""
    slowest: float = 0.0
    damaged: str = ""
    """Why it can't be trusted; empty as long as it can."""


@dataclass(frozen=True, slots=True)
class ModelHealth:
    """How a language model answers."""

    name: str
    calls: int = 0
    failures: int = 0
    failures_in_a_row: int = 0
    last_seconds: float | None = None
    """How long its latest answer took; None before the first."""
    last_error: str = ""


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
    loop: LoopHealth = field(default_factory=LoopHealth)
    """How punctual the event loop is, and what blocks it."""
    store: "StoreHealth | None" = None
    """How the store keeps up; None without one."""
    models: tuple["ModelHealth", ...] = ()
    """The language models that are asked, in their order."""
    alerts: tuple["Alert", ...] = ()
    """The alerts that stand."""

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
class Acknowledgement:
    """Somebody has seen an alert and says what is done about it."""

    by: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that an operator should know; one stands for each rule and subject."""

    id: str
    rule: str
    subject: str
    severity: Severity
    detail: str
    at: datetime
    """When it was raised."""
    impact: str = ""
    """What of the business it is about: an `operation.Impact`."""
    lasting: bool = False
    """Whether it is about something that outlives the kernel, such as a data set."""
    value: float | None = None
    """What the rule compared when it was raised."""
    count: int = 1
    """How often the rule was found fulfilled since it was raised."""
    latest: datetime | None = None
    """When that was so for the last time."""
    acknowledged: Acknowledgement | None = None
    ended: datetime | None = None
    """When it ended; None while it stands."""
    resolved: Acknowledgement | None = None
    """Who ended it, and why; None when it ended because the condition was gone."""
