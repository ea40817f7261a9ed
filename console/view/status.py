"""The status: the kernel of a store, its agents, runs, figures and alerts, at one moment."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dataagents.console.view.agents import AgentView
from dataagents.console.view.alerts import AlertView
from dataagents.console.view.fields import Fields, name
from dataagents.console.view.marks import Mark
from dataagents.console.view.standing import Standing
from dataagents.console.view.words import age, duration, health_word, measured, percent, plural
from dataagents.core.events import Event


class KernelState(StrEnum):
    """Whether a kernel lives."""

    LIVE = "live"
    STOPPED = "stopped"
    """It ended in good order."""
    DEAD = "dead"
    """It ended without saying so: it was killed, or crashed."""
    NEVER = "never"
    """No kernel has left anything."""


class Holding(Protocol):
    """The process that has, or had, a store open for writing."""

    @property
    def pid(self) -> int:
        """Its process."""
        ...

    @property
    def epoch(self) -> int:
        """How often the store had been opened by then."""
        ...

    @property
    def host(self) -> str:
        """Its machine."""
        ...

    @property
    def started(self) -> datetime:
        """Since when."""
        ...


@dataclass(frozen=True, slots=True)
class KernelLine:
    """The kernel that lives, or lived last."""

    state: KernelState
    pid: int | None = None
    host: str = ""
    epoch: int | None = None
    since: datetime | None = None
    """When it opened the store."""
    id: str = ""
    version: str = ""
    last: datetime | None = None
    """Time of the newest event that was looked at."""

    @property
    def mark(self) -> Mark:
        """How it is marked."""
        return {
            KernelState.LIVE: Mark.OK,
            KernelState.DEAD: Mark.FAIL,
        }.get(self.state, Mark.IDLE)

    @property
    def sentence(self) -> str:
        """How it is, in words."""
        who = f"process {self.pid} on {self.host}" if self.pid is not None else "a process"
        since = f" since {self.since:%Y-%m-%d %H:%M:%S} UTC" if self.since else ""
        epoch = f", epoch {self.epoch}" if self.epoch is not None else ""
        match self.state:
            case KernelState.LIVE:
                return f"live: {who}{since}{epoch}"
            case KernelState.STOPPED:
                return f"stopped: {who} ended in good order; it ran{since}{epoch}"
            case KernelState.DEAD:
                return f"dead: {who} ended without saying so; it ran{since}{epoch}"
            case _:
                return "never: no kernel has left anything here"


@dataclass(frozen=True, slots=True)
class AgentLine:
    """An agent in one line."""

    id: str
    role: str
    health: str
    """A word of `health.Health`, or `busy`, `refused`, `removed`, or `ended` with its kernel."""
    mark: Mark
    beat: float | None
    """Seconds since its last health check; None before the first."""
    response: float | None
    """Seconds that it took to answer."""
    queue: int
    failures: int
    """Health checks failed in a row."""
    error_rate: float | None
    done: int
    failed: int
    """Tasks, among the latest."""
    doing: str
    detail: str


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A figure of the monitor, as last sampled."""

    name: str
    value: float
    unit: str
    at: datetime

    @property
    def text(self) -> str:
        """The value with its unit, as people read it."""
        return measured(self.value, self.unit, self.name)


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run in one line."""

    id: str
    status: str
    goal: str
    started: datetime
    seconds: float | None


@dataclass(frozen=True, slots=True)
class StatusView:
    """Everything that `dataagents status` shows; its texts are safe to show."""

    store: str
    at: datetime
    kernel: KernelLine
    agents: tuple[AgentLine, ...] = ()
    figures: tuple[FigureLine, ...] = ()
    alerts: tuple[AlertView, ...] = ()
    runs: tuple[RunLine, ...] = ()
    """The latest, newest first."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Word of health → agents."""

    @property
    def unacknowledged(self) -> int:
        """Alerts that nobody has said to look after."""
        return sum(not alert.acknowledged_by for alert in self.alerts)


def kernel_line(
    holder: Holding | None, last: Holding | None, started: Event | None, stopped: Event | None
) -> KernelLine:
    """Return how the kernel of a store is.

    Args:
        holder: The process that has the store open now.
        last: The process that had it open last, as the lock file says.
        started: The newest event of a kernel that started.
        stopped: The newest event of a kernel that stopped.
    """
    body = Fields(started.body if started is not None else {})
    who = holder or last
    if holder is not None:
        state = KernelState.LIVE
    elif started is None:
        state = KernelState.NEVER
    elif stopped is not None and stopped.subject == started.subject:
        state = KernelState.STOPPED
    else:
        state = KernelState.DEAD
    return KernelLine(
        state=state,
        pid=who.pid if who is not None else body.count("pid") or None,
        host=name(who.host) if who is not None else body.name("host"),
        epoch=who.epoch if who is not None else None,
        since=who.started if who is not None else (started.at if started is not None else None),
        id=name(started.subject) if started is not None else "",
        version=body.name("version"),
        last=stopped.at if state is KernelState.STOPPED and stopped is not None else None,
    )


def status_view(
    store: str,
    kernel: KernelLine,
    events: Iterable[Event],
    runs: Sequence[RunLine],
    now: datetime,
) -> StatusView:
    """Return the status.

    Args:
        store: The store, as it is named.
        kernel: Its kernel.
        events: The latest of those that say how it is, in order.
        runs: The latest runs, newest first.
        now: The time to judge ages by.
    """
    state = Standing()
    state.take(events)
    figures = (
        FigureLine(each.name, each.samples[-1][1], each.unit, each.samples[-1][0])
        for each in state.figures.values()
    )
    live = kernel.state is KernelState.LIVE
    agents = tuple(_agent_line(each, now, live) for each in state.agents.values())
    counts: dict[str, int] = {}
    for agent in agents:
        counts[agent.health] = counts.get(agent.health, 0) + 1
    return StatusView(
        store=name(store),
        at=now,
        kernel=kernel,
        agents=agents,
        figures=tuple(figures),
        alerts=tuple(state.alerts.values()),
        runs=tuple(runs),
        counts=counts,
    )


def plain_lines(status: StatusView) -> Iterator[str]:
    """Yield the status as labelled lines: no columns, no marks, every state a word."""
    yield f"store: {status.store}"
    yield f"kernel: {status.kernel.sentence}"
    if status.kernel.state is KernelState.NEVER:
        return
    yield f"time: {status.at:%Y-%m-%d %H:%M:%S} UTC"
    yield f"agents: {len(status.agents)}{counted(status.counts)}"
    for figure in status.figures:
        yield f"figure {figure.name}: {figure.text}"
    for agent in status.agents:
        yield f"agent {agent.id}: {', '.join(agent_facts(agent))}"
    yield f"alerts: {len(status.alerts)}, {status.unacknowledged} not acknowledged"
    for alert in status.alerts:
        yield f"alert {alert.id}: {', '.join(alert_facts(alert))}"
    for run in status.runs:
        took = f", {duration(run.seconds)}" if run.seconds is not None else ""
        yield f"run {run.id}: {run.status}, {run.goal}{took}"


def agent_facts(agent: AgentLine) -> Iterator[str]:
    """Yield what there is to say of an agent, in words."""
    yield agent.health
    if agent.role and agent.role != agent.id:
        yield f"role {agent.role}"
    if agent.beat is not None:
        yield f"checked {duration(agent.beat)} ago"
    if agent.response is not None:
        yield f"answered in {duration(agent.response)}"
    if agent.queue:
        yield f"{agent.queue} queued"
    if agent.failures:
        yield f"{plural(agent.failures, 'check')} failed in a row"
    if agent.error_rate is not None:
        yield f"error rate {percent(agent.error_rate)}"
    if agent.done or agent.failed:
        yield f"{plural(agent.done, 'task')} done, {agent.failed} failed"
    if agent.doing:
        yield f"doing {agent.doing}"
    if agent.detail:
        yield agent.detail


def alert_facts(alert: AlertView) -> Iterator[str]:
    """Yield what there is to say of an alert, in words."""
    yield alert.severity
    yield f"{alert.rule} of {alert.subject}"
    if alert.impact:
        yield f"impact {alert.impact.replace('_', ' ')}"
    if alert.at is not None:
        yield f"since {alert.at:%Y-%m-%d %H:%M:%S} UTC"
    if alert.detail:
        yield alert.detail.replace("\n", " ")
    if alert.acknowledged_by:
        yield f"acknowledged by {alert.acknowledged_by}: {alert.note}"
    else:
        yield "not acknowledged"


def counted(counts: Mapping[str, int]) -> str:
    """Return how many agents are how, to follow their number."""
    words = ", ".join(f"{count} {word}" for word, count in counts.items())
    return f", {words}" if words else ""


def _agent_line(agent: AgentView, now: datetime, live: bool) -> AgentLine:
    word, mark = health_word(agent, now, live=live)
    return AgentLine(
        id=agent.id,
        role=agent.role,
        health=word,
        mark=mark,
        beat=age(agent.beat, now),
        response=agent.seconds,
        queue=agent.queue,
        failures=agent.failures,
        error_rate=agent.error_rate,
        done=agent.done,
        failed=agent.failed,
        doing=agent.doing,
        detail=agent.detail.replace("\n", " "),
    )
