"""The monitor: checks agents for real, keeps figures, and raises alerts."""

import asyncio
import logging
from collections import deque

from dataagents.core.cards import SAMPLE, AgentState, HealthAnswer, Sample
from dataagents.core.errors import DataAgentsError, InputError
from dataagents.core.events import EventKind
from dataagents.core.health import Alert, Health, HealthReport, Metric, Severity
from dataagents.core.messaging import Message, MessageType
from dataagents.core.services.messaging.hub import Hub
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime
from dataagents.core.tracing import TraceContext
from dataagents.core.values import from_json

SENDER = "monitor"

_log = logging.getLogger(__name__)


class Monitor:
    """Watches the team, at deployment and then on an interval."""

    def __init__(self, runtime: Runtime, hub: Hub, roster: Roster) -> None:
        self._runtime = runtime
        self._hub = hub
        self._roster = roster
        self._failures: dict[str, int] = {}
        self._alerts: dict[str, Alert] = {}
        self._task: asyncio.Task[None] | None = None
        self.history: deque[Metric] = deque(maxlen=runtime.config.history)

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """The alerts that stand."""
        return tuple(self._alerts.values())

    def start(self) -> None:
        """Begin the periodic checks, unless monitoring is off."""
        if self._runtime.config.monitoring:
            self._task = asyncio.create_task(self._watch(), name="monitor")

    async def close(self) -> None:
        """End the periodic checks."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def check(self, agent: str, sample: Sample = SAMPLE) -> HealthReport:
        """Ask one agent for its health and measure how long it takes to answer.

        An agent that raises, that answers nothing, or that doesn't answer in time is unhealthy.
        """
        began = self._runtime.clock.monotonic()
        message = self._hub.compose(
            SENDER,
            agent,
            MessageType.HEALTH_CHECK,
            {"sample": [dict(row) for row in sample]},
            context=TraceContext(),
            within=self._runtime.config.health_check_timeout,
        )
        reply = await self._hub.request(message)
        seconds = self._runtime.clock.monotonic() - began
        answer = _answer(reply)
        failures = 0 if answer.healthy else self._failures.get(agent, 0) + 1
        if failures:
            self._failures[agent] = failures
        else:
            self._failures.pop(agent, None)
        return HealthReport(
            agent=agent,
            health=Health.HEALTHY if answer.healthy else Health.UNHEALTHY,
            seconds=seconds,
            at=self._runtime.clock.now(),
            processing=answer.healthy and answer.processing,
            detail=answer.detail,
            queue=self._hub.waiting(agent),
            failures=failures,
        )

    async def collect(self) -> tuple[Metric, ...]:
        """Check every agent once, note the results, and return the figures."""
        agents = tuple(self._roster.cards)
        reports = await asyncio.gather(*(self.check(agent) for agent in agents))
        for report in reports:
            await self.note(report)
        healthy = sum(report.health is Health.HEALTHY for report in reports)
        at = self._runtime.clock.now()
        metrics = [
            Metric("agents", float(len(reports)), "agents", at),
            Metric("agents_healthy", float(healthy), "agents", at),
            Metric("system_health", healthy / len(reports) if reports else 0.0, "ratio", at),
        ]
        if reports:
            mean = sum(report.seconds for report in reports) / len(reports)
            metrics.append(Metric("response_mean", mean, "s", at))
        self.history.extend(metrics)
        event = self._runtime.recorder.event
        sampled = [event(EventKind.METRIC_SAMPLED, each.name, each) for each in metrics]
        await self._runtime.recorder.commit(sampled)
        return tuple(metrics)

    async def forget(self, agent: str) -> None:
        """Forget an agent that is gone, and end its alert."""
        self._failures.pop(agent, None)
        standing = self._alerts.pop(agent, None)
        if standing is not None:
            await self._runtime.record(EventKind.ALERT_ENDED, standing.id, standing)

    async def _watch(self) -> None:
        while True:
            await self._runtime.clock.sleep(self._runtime.config.health_check_interval)
            try:
                await self.collect()
            except DataAgentsError as error:
                _log.error("health check: %s", error)  # the next round may go better

    async def note(self, report: HealthReport) -> None:
        """Keep a report, put it on record, and raise or end the alert that it calls for."""
        if report.agent not in self._roster:
            return  # it left while it was asked
        well = report.health is Health.HEALTHY
        self._roster.note(report, AgentState.READY if well else AgentState.UNHEALTHY)
        await self._runtime.record(EventKind.AGENT_HEALTH, report.agent, report)
        standing = self._alerts.get(report.agent)
        if not well and standing is None:
            alert = Alert(
                self._runtime.new_id(), "agent_unhealthy", report.agent, Severity.CRITICAL,
                report.detail, report.at,
            )  # fmt: skip
            self._alerts[report.agent] = alert
            await self._runtime.record(EventKind.ALERT_RAISED, alert.id, alert)
        elif well and standing is not None:
            del self._alerts[report.agent]
            await self._runtime.record(EventKind.ALERT_ENDED, standing.id, standing)


def _answer(reply: object) -> HealthAnswer:
    if not isinstance(reply, Message):
        reason = getattr(reply, "reason", "") or "no answer"
        return HealthAnswer(healthy=False, detail=reason)
    try:
        return from_json(HealthAnswer, reply.payload, what="health answer")
    except InputError as error:
        return HealthAnswer(healthy=False, detail=str(error))
