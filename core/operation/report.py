"""The report: everything that the monitor knows, as one value and as text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dataagents.core.health import (
    Alert,
    Health,
    HealthReport,
    LoopHealth,
    ModelHealth,
    StoreHealth,
)


@dataclass(frozen=True, slots=True)
class AgentFigures:
    """One agent in figures."""

    report: HealthReport
    """Its latest health check."""
    handled: int = 0
    """Messages that it handled, health checks apart, since it was built."""
    errors: int = 0
    """Those that its code failed to handle."""


@dataclass(frozen=True, slots=True)
class Throughput:
    """What got done in a second, over the window."""

    messages: float = 0.0
    """Messages that agents handled, health checks apart."""
    records: float = 0.0
    """Rows that finished tasks took in."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from sending a message to its having been handled, over the window."""

    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    mean: float = 0.0
    messages: int = 0
    """How many that is about."""


@dataclass(frozen=True, slots=True)
class MonitorReport:
    """How the kernel and its agents do."""

    at: datetime
    agents: tuple[AgentFigures, ...] = ()
    throughput: Throughput = field(default_factory=Throughput)
    latency: Latency = field(default_factory=Latency)
    quality: float | None = None
    """Mean data quality of the tasks that measured it within the window; None when none did."""
    records: int = 0
    """Rows that finished tasks took in since the kernel opened."""
    errors: Mapping[str, int] = field(default_factory=dict)
    """Agent (`agent x`) or plugin → failures of its code; only those that failed."""
    disk_free: int | None = None
    """Bytes free where the store, or the workspace, is."""
    store: StoreHealth | None = None
    loop: LoopHealth = field(default_factory=LoopHealth)
    models: tuple[ModelHealth, ...] = ()
    alerts: tuple[Alert, ...] = ()

    @property
    def total(self) -> int:
        """Number of agents."""
        return len(self.agents)

    @property
    def healthy(self) -> int:
        """Number of agents that are healthy."""
        return sum(each.report.health is Health.HEALTHY for each in self.agents)

    @property
    def system_health(self) -> float:
        """Healthy agents / agents; 0 without agents."""
        return self.healthy / self.total if self.agents else 0.0

    @property
    def response_mean(self) -> float | None:
        """Mean seconds that agents took to answer their latest check; None without agents."""
        if not self.agents:
            return None
        return sum(each.report.seconds for each in self.agents) / self.total

    @property
    def queued(self) -> int:
        """Messages that wait for agents."""
        return sum(each.report.queue for each in self.agents)

    @property
    def text(self) -> str:
        """The report for people, a fact on each line."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"at: {self.at:%Y-%m-%d %H:%M:%S} UTC"
        share = f"{self.system_health:.0%}"
        yield f"agents: {self.total}, {self.healthy} healthy, system health {share}"
        if self.response_mean is not None:
            yield f"mean response: {_seconds(self.response_mean)}"
        yield (
            f"throughput: {self.throughput.messages:.3g} messages/s, "
            f"{self.throughput.records:.3g} records/s"
        )
        if self.latency.messages:
            yield (
                f"latency of {self.latency.messages} messages: p50 {_seconds(self.latency.p50)}, "
                f"p95 {_seconds(self.latency.p95)}, p99 {_seconds(self.latency.p99)}"
            )
        yield f"data quality: {'not measured' if self.quality is None else f'{self.quality:.1%}'}"
        yield f"errors: {sum(self.errors.values())}"
        yield f"queued: {self.queued} messages"
        if self.store is not None:
            damage = f", damaged: {self.store.damaged}" if self.store.damaged else ""
            yield (
                f"store: {self.store.queued} events queued, "
                f"last commit {_seconds(self.store.last_seconds)}{damage}"
            )
        yield from self._agent_lines()
        for model in self.models:
            yield f"model {model.name}: {model.calls} calls, {model.failures} failures"
        for alert in self.alerts:
            seen = f", acknowledged by {alert.acknowledged.by}" if alert.acknowledged else ""
            yield f"alert {alert.rule} {alert.subject}: {alert.severity}, {alert.detail}{seen}"

    def _agent_lines(self) -> Iterator[str]:
        for each in self.agents:
            report = each.report
            why = f", {report.detail}" if report.detail else ""
            yield (
                f"agent {report.agent}: {report.health}, answered in {_seconds(report.seconds)}, "
                f"{report.queue} queued, {each.handled} handled, {each.errors} failed{why}"
            )


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"
