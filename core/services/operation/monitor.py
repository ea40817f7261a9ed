"""The monitor: checks agents for real, keeps figures, and raises alerts."""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from dataagents.core.cards import SAMPLE, AgentState, Sample
from dataagents.core.errors import DataAgentsError
from dataagents.core.events import Event, EventKind
from dataagents.core.goals import RunStatus
from dataagents.core.health import Alert, Health, HealthReport, Metric, StoreHealth
from dataagents.core.operation.report import MonitorReport
from dataagents.core.services.messaging.hub import Hub
from dataagents.core.services.operation.alerts import Alerts, labelled
from dataagents.core.services.operation.checks import Checker
from dataagents.core.services.operation.figures import Figures, Sources, metrics_of
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime

_TOLD = (
    EventKind.RUN_STARTED,
    EventKind.RUN_ENDED,
    EventKind.TASK_ENDED,
    EventKind.EXPERIENCE_KEPT,
)
"""Kinds of events that the monitor counts."""
_ENDINGS: Mapping[str, float] = {
    RunStatus.FAILED: 1.0,
    RunStatus.DONE: 0.0,
    RunStatus.WITHHELD: 0.0,
}
"""Status of a run that ended → whether it failed; of others neither is said."""

_log = logging.getLogger(__name__)


class Caretaker(Protocol):
    """Brings back agents that failed."""

    def failed(self, report: HealthReport) -> None:
        """Take care of an agent, unless that is being done already; returns at once."""
        ...

    async def close(self) -> None:
        """Take care of nobody any more."""
        ...


class Monitor:
    """Watches the team, at deployment and then on an interval."""

    def __init__(
        self, runtime: Runtime, hub: Hub, roster: Roster, sources: Sources | None = None
    ) -> None:
        self._runtime = runtime
        self._roster = roster
        self._checker = Checker(runtime, hub, roster)
        sources = sources or Sources()
        self._figures = Figures(runtime, hub, roster, self._checker, sources)
        self._alerts = Alerts(runtime)
        self._store = sources.store
        self._goals: dict[str, str] = {}
        """Run → what its goal is called."""
        self._loaded = False
        self._loading = asyncio.Lock()
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.caretaker: Caretaker | None = None
        """Takes care of agents that were found to be failed."""
        self.history: deque[Metric] = deque(maxlen=runtime.config.history)
        runtime.recorder.tap(_TOLD, self._take)

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """The alerts that stand."""
        return self._alerts.standing

    @property
    def store_health(self) -> StoreHealth | None:
        """How the store keeps up; None without one."""
        return self._figures.store_health()

    def start(self) -> None:
        """Begin the periodic checks, unless monitoring is off."""
        if self._runtime.config.monitoring:
            self._tasks = [
                asyncio.create_task(self._watch(), name="monitor"),
                asyncio.create_task(self._listen(), name="monitor of runs"),
            ]

    async def close(self) -> None:
        """End the periodic checks; what happened since the last one is sampled and judged."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.caretaker is not None:
            await self.caretaker.close()
        if self._tasks:
            self._tasks = []
            if len(self._roster):
                try:
                    await self._record_figures([])
                except DataAgentsError as error:
                    _log.error("figures: %s", error)
            if self._news.is_set():
                await self._judge_news()

    async def check(self, agent: str, sample: Sample = SAMPLE) -> HealthReport:
        """Ask one agent for its health and measure how long it takes to answer.

        An agent that raises, that answers nothing, or that doesn't answer in time is not well.
        """
        return await self._checker.check(agent, sample)

    async def collect(self) -> tuple[Metric, ...]:
        """Check every agent once, note the results, judge the alerts, and return the figures."""
        await self._load()
        agents = tuple(self._roster.cards)
        reports = await asyncio.gather(*(self.check(agent) for agent in agents))
        metrics = await self._record_figures(self._noted(reports))
        await self._alerts.evaluate()
        self._tell_of_failures(reports)
        return metrics

    def report(self) -> MonitorReport:
        """Return everything that is known now; nobody is asked for it."""
        return replace(self._figures.report(), alerts=self.alerts)

    async def note(self, report: HealthReport) -> None:
        """Keep a report and put it on record."""
        events = self._noted((report,))
        if events:
            await self._runtime.recorder.commit(events)

    async def acknowledge(self, alert: str, note: str, by: str) -> Alert:
        """Note that somebody has seen an alert; it stands until the condition is gone.

        Args:
            alert: Its id, the beginning or end of it, or its rule and subject: `rule subject`.
            note: What is done about it.
            by: Who says so.

        Raises:
            InputError: No such alert stands, or several are meant; or there is no note.
        """
        return await self._alerts.acknowledge(alert, note, by)

    async def resolve(self, alert: str, note: str, by: str) -> Alert:
        """End an alert by a person's word; it comes back only after the condition was gone once.

        Args:
            alert: As for `acknowledge`.
            note: Why it is over.
            by: Who says so.

        Raises:
            InputError: No such alert stands, or several are meant; or there is no note.
        """
        return await self._alerts.resolve(alert, note, by)

    async def given_up(self, agent: str, why: str) -> None:
        """Have the alert raised that an agent is not restarted any more."""
        self._alerts.sample("agent_given_up", agent, 1.0, self._runtime.clock.now(), why)
        await self._alerts.evaluate()

    async def forget(self, agent: str) -> None:
        """Forget an agent that is gone, and end its alerts."""
        self.renew(agent)
        await self._alerts.forget(agent)

    def renew(self, agent: str) -> None:
        """Begin anew with an agent that is built anew; its alerts stand until it is well."""
        self._figures.forget(agent)
        self._checker.forget(agent)

    async def _record_figures(self, events: list[Event]) -> tuple[Metric, ...]:
        """Take a sample of all figures, and put it on record beside other events."""
        report = self._figures.report()
        metrics = metrics_of(report)
        self.history.extend(metrics)
        event = self._runtime.recorder.event
        events += [event(EventKind.METRIC_SAMPLED, each.name, each) for each in metrics]
        self._sample(report, metrics)
        await self._runtime.recorder.commit(events)
        return metrics

    def _noted(self, reports: Sequence[HealthReport]) -> list[Event]:
        """Keep reports of agents that are still there, and return what is to be recorded."""
        events: list[Event] = []
        for report in reports:
            if report.agent not in self._roster:
                continue  # it left while it was asked
            state = AgentState.READY if report.ready else AgentState.UNHEALTHY
            if self._roster.state(report.agent) is AgentState.DRAINING:
                state = AgentState.DRAINING
            self._roster.note(report, state)
            self._sample_agent(report)
            event = self._runtime.recorder.event(EventKind.AGENT_HEALTH, report.agent, report)
            events.append(event)
        return events

    def _sample_agent(self, report: HealthReport) -> None:
        sample, agent, at = self._alerts.sample, report.agent, report.at
        failed = report.health is Health.FAILED
        why = report.detail if failed else ""
        sample("agent_failed", agent, float(failed), at, why)
        if not failed:
            sample("agent_given_up", agent, 0.0, at)
        if report.alive:
            sample("agent_beat", agent, 1.0, at)
            sample("agent_response", agent, report.seconds, at)
        sample("agent_queue", agent, report.queue, at)
        if report.error_rate is not None:
            sample("agent_error_rate", agent, report.error_rate, at)

    def _sample(self, report: MonitorReport, metrics: Sequence[Metric]) -> None:
        blocked = report.loop.blocked
        notes = {
            "store_damaged": report.store.damaged if report.store is not None else "",
            "loop_blocked": f"{blocked.plugin or 'no plugin'}, {blocked.what}" if blocked else "",
        }
        for each in metrics:
            note = notes.get(each.name, "")
            # Without agents none of them is ill.
            well = each.name == "system_health" and not report.agents
            value = 1.0 if well else each.value
            self._alerts.sample(each.name, "kernel", value, each.at, note)
        for model in report.models:
            failures, note = float(model.failures_in_a_row), model.last_error
            self._alerts.sample("model_failures", model.name, failures, report.at, note)
            if model.last_seconds is not None:
                self._alerts.sample("model_seconds", model.name, model.last_seconds, report.at)

    def _tell_of_failures(self, reports: Sequence[HealthReport]) -> None:
        if self.caretaker is None:
            return
        for report in reports:
            if report.health is Health.FAILED and report.agent in self._roster:
                self.caretaker.failed(report)

    def _take(self, event: Event) -> None:
        """Count what has just happened; whatever takes longer is done by the monitor's own task."""
        match event.kind:
            case EventKind.TASK_ENDED:
                self._figures.take(event)
            case EventKind.RUN_STARTED:
                inputs = event.body.get("inputs")
                names = inputs if isinstance(inputs, dict) else ()
                goal = labelled(str(event.body.get("task", "")), names)
                self._goals[event.subject] = goal
            case EventKind.RUN_ENDED:
                goal = self._goals.pop(event.subject, "")
                value = _ENDINGS.get(str(event.body.get("status", "")))
                if value is not None and goal:
                    why = f"run {event.subject}: {event.body.get('reason', '')}" if value else ""
                    self._alerts.sample("run_failed", goal, value, event.at, why)
                    self._news.set()
            case _:
                self._alerts.remember(event)
                self._news.set()

    async def _load(self) -> None:
        async with self._loading:
            if not self._loaded:
                await self._alerts.load(self._store)
                self._loaded = True

    async def _judge_news(self) -> None:
        self._news.clear()
        try:
            await self._load()
            await self._alerts.evaluate()
        except DataAgentsError as error:
            _log.error("alerts: %s", error)

    async def _listen(self) -> None:
        while True:
            await self._news.wait()
            await self._judge_news()

    async def _watch(self) -> None:
        while True:
            await self._runtime.clock.sleep(self._runtime.config.health_check_interval)
            try:
                await self.collect()
            except DataAgentsError as error:
                _log.error("health check: %s", error)  # the next round may go better
