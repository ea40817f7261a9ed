"""Figures: what got done, how fast, and how well; counted where it happens, nothing estimated."""

import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from dataagents.core.errors import InputError
from dataagents.core.events import Event, EventKind
from dataagents.core.health import LoopHealth, Metric, ModelHealth, StoreHealth
from dataagents.core.journal import Store
from dataagents.core.messaging import MessageType, ReceiptStatus
from dataagents.core.operation.quantiles import quantile
from dataagents.core.operation.report import AgentFigures, Latency, MonitorReport, Throughput
from dataagents.core.operation.rules import FIGURES
from dataagents.core.planning import TaskResult
from dataagents.core.services.messaging.hub import Hub
from dataagents.core.services.operation.checks import Checker
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime
from dataagents.core.values import JsonObject, from_json

_MOST = 4_096
"""Tasks, and readings of the counters, that a window keeps."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where figures come from that the services for operation don't have themselves."""

    store: Store | None = None
    workspace: Path | None = None
    models: Callable[[], tuple[ModelHealth, ...]] = tuple
    loop: Callable[[], LoopHealth] = LoopHealth


class Figures:
    """Measures one kernel."""

    def __init__(
        self, runtime: Runtime, hub: Hub, roster: Roster, checker: Checker, sources: Sources
    ) -> None:
        self._runtime = runtime
        self._hub = hub
        self._roster = roster
        self._checker = checker
        self._sources = sources
        self._window = runtime.config.health.window
        self._handled = 0
        self._records = 0
        self._last_work: dict[str, int] = {}
        now = runtime.clock.monotonic()
        self._counters: deque[tuple[float, int, int]] = deque([(now, 0, 0)], maxlen=_MOST)
        """When they were read, messages handled and rows taken in by then."""
        self._quality: deque[tuple[float, float]] = deque(maxlen=_MOST)

    def take(self, event: Event) -> None:
        """Count what a task did that has just ended."""
        if event.kind != EventKind.TASK_ENDED:
            return
        try:
            result = from_json(TaskResult, event.body)
        except InputError:
            return  # it says more than this version knows; the journal has it
        if result.success:
            self._records += rows_in(result.effects)
        if result.quality is not None:
            self._quality.append((self._runtime.clock.monotonic(), result.quality))

    def forget(self, agent: str) -> None:
        """Keep what an agent did, and forget the agent."""
        self._count((agent,))
        self._last_work.pop(agent, None)

    def report(self) -> MonitorReport:
        """Return everything that is known now."""
        records = self._runtime.boundary.records
        errors: dict[str, int] = {}
        for record in records:
            if record.failures:
                errors[record.plugin] = errors.get(record.plugin, 0) + record.failures
        figures = tuple(
            AgentFigures(
                replace(report, queue=self._hub.waiting(agent)), *self._checker.work(agent)
            )
            for agent, report in self._roster.reports.items()
        )
        return MonitorReport(
            at=self._runtime.clock.now(),
            agents=figures,
            throughput=self._throughput(),
            latency=self._latency(),
            quality=self._mean_quality(),
            records=self._records,
            errors=errors,
            disk_free=self._disk_free(),
            store=self.store_health(),
            loop=self._sources.loop(),
            models=self._sources.models(),
        )

    def store_health(self) -> StoreHealth | None:
        """Return how the store keeps up; None without one.

        A store may have `queued`, a number, and `health`, with a `problem` once it is damaged.
        """
        store, commits = self._sources.store, self._runtime.recorder.commits
        if store is None:
            return None
        queued = getattr(store, "queued", 0)
        problem = getattr(getattr(store, "health", None), "problem", "")
        return StoreHealth(
            queued=queued if isinstance(queued, int) else 0,
            commits=commits.made,
            failures=commits.failed,
            last_seconds=commits.last_seconds,
            slowest=commits.slowest,
            damaged=str(problem or commits.damaged),
        )

    def _throughput(self) -> Throughput:
        self._count(self._roster.cards)
        now = self._runtime.clock.monotonic()
        self._counters.append((now, self._handled, self._records))
        while len(self._counters) > 2 and self._counters[1][0] <= now - self._window:
            self._counters.popleft()
        began, handled, records = self._counters[0]
        if now <= began:
            return Throughput()
        return Throughput(
            messages=(self._handled - handled) / (now - began),
            records=(self._records - records) / (now - began),
        )

    def _count(self, agents: Iterable[str]) -> None:
        for agent in agents:
            handled, _ = self._checker.work(agent)
            before = self._last_work.get(agent, 0)
            self._handled += handled - before if handled >= before else handled
            self._last_work[agent] = handled

    def _latency(self) -> Latency:
        """Measure what the hub remembers of the window: exactly, not by a sketch."""
        start = self._runtime.clock.now() - timedelta(seconds=self._window)
        seconds = sorted(
            receipt.seconds
            for message, receipt in self._hub.exchanges
            if receipt is not None
            and receipt.status is ReceiptStatus.DELIVERED
            and receipt.at >= start
            and message.type is not MessageType.HEALTH_CHECK
        )
        if not seconds:
            return Latency()
        p50, p95, p99 = (quantile(seconds, share) for share in (0.5, 0.95, 0.99))
        return Latency(p50, p95, p99, sum(seconds) / len(seconds), len(seconds))

    def _mean_quality(self) -> float | None:
        oldest = self._runtime.clock.monotonic() - self._window
        measured = [quality for at, quality in self._quality if at >= oldest]
        return sum(measured) / len(measured) if measured else None

    def _disk_free(self) -> int | None:
        path = getattr(self._sources.store, "path", None)
        folder = path.parent if isinstance(path, Path) else self._sources.workspace
        try:
            return None if folder is None else shutil.disk_usage(folder).free
        except OSError:
            return None  # it isn't there yet, or no more


def metrics_of(report: MonitorReport) -> tuple[Metric, ...]:
    """Return the figures of a report that are about the kernel as a whole."""
    return tuple(
        Metric(name, float(value), FIGURES[name].unit, report.at)
        for name, value in _values(report)
        if value is not None
    )


def rows_in(effects: JsonObject) -> int:
    """Return how many rows a task took in, as far as facts say so in `rows_in`."""
    return sum(
        rows
        for value in effects.values()
        if isinstance(value, dict) and isinstance(rows := value.get("rows_in"), int)
    )


def _values(report: MonitorReport) -> Iterator[tuple[str, float | None]]:
    yield "agents", report.total
    yield "agents_healthy", report.healthy
    yield "system_health", report.system_health
    yield "response_mean", report.response_mean
    yield "messages_per_second", report.throughput.messages
    yield "records_per_second", report.throughput.records
    measured = report.latency.messages > 0
    yield "latency_p50", report.latency.p50 if measured else None
    yield "latency_p95", report.latency.p95 if measured else None
    yield "latency_p99", report.latency.p99 if measured else None
    yield "errors", sum(report.errors.values())
    yield "queued", report.queued
    yield "quality_mean", report.quality
    yield "disk_free", report.disk_free
    yield "loop_lag", report.loop.lag_max
    yield "loop_blocked", report.loop.blocked is not None
    if report.store is not None:
        yield "store_seconds", report.store.last_seconds
        yield "store_queued", report.store.queued
        yield "store_damaged", bool(report.store.damaged)
