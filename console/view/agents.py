"""The fold of events into agents: how each one is and what it is doing."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dataagents.console.view.fields import Fields, name
from dataagents.core.events import Event, EventKind
from dataagents.core.health import Health

_SLOT = 7.5
"""Seconds of one bar of an agent's curve."""
SLOTS = 8
"""Bars of the curve: a minute."""
_JUDGED = 20
"""Tasks that an agent's mean quality is of."""


class Work:
    """How many steps and tasks something finished, by slots of time; the latest ones only."""

    __slots__ = ("_slots",)

    def __init__(self) -> None:
        self._slots: dict[int, int] = {}

    def add(self, at: datetime) -> None:
        """Note that something was finished."""
        slot = int(at.timestamp() // _SLOT)
        self._slots[slot] = self._slots.get(slot, 0) + 1
        if len(self._slots) > SLOTS:
            del self._slots[min(self._slots)]

    def until(self, now: datetime) -> tuple[int, ...]:
        """Return the counts of the latest slots, oldest first."""
        last = int(now.timestamp() // _SLOT)
        return tuple(self._slots.get(slot, 0) for slot in range(last - SLOTS + 1, last + 1))


@dataclass(slots=True)
class AgentView:
    """An agent as its events show it."""

    id: str
    role: str = ""
    summary: str = ""
    capabilities: str = ""
    health: str = "unknown"
    """A word of `Health`, or `unknown`, `refused`, `removed`."""
    seconds: float | None = None
    """How long it took to answer the last health check."""
    beat: datetime | None = None
    """When it last answered one, well or not."""
    interval: float | None = None
    """Seconds between its last two health checks."""
    queue: int = 0
    failures: int = 0
    """Health checks failed in a row."""
    error_rate: float | None = None
    """Share of what it handled lately that failed; None when it was not measured."""
    detail: str = ""
    doing: str = ""
    """Task and action it is at; empty when it has none."""
    run: str = ""
    """The run that it last worked in."""
    task: str = ""
    done: int = 0
    """Tasks, all that are on record."""
    failed: int = 0
    quality: float | None = None
    """Mean data quality of its latest tasks, in [0, 1]; None when none was measured."""
    work: Work = field(default_factory=Work)
    """What it finished lately."""


class AgentsFold:
    """Agents of the kernel that started last."""

    def __init__(self) -> None:
        self.agents: dict[str, AgentView] = {}
        self._tasks: dict[str, tuple[int, int]] = {}
        """Tasks done and failed of agents that are not known, or not any more."""
        self._qualities: dict[str, deque[float]] = {}
        self._handlers: Mapping[str, Callable[[Event, Fields], None]] = {
            EventKind.KERNEL_STARTED: self._kernel_started,
            EventKind.KERNEL_STOPPED: self._kernel_stopped,
            EventKind.AGENT_DEPLOYED: self._deployed,
            EventKind.AGENT_REFUSED: self._refused,
            EventKind.AGENT_REMOVED: self._removed,
            EventKind.AGENT_HEALTH: self._health,
            EventKind.TASK_STARTED: self._task_started,
            EventKind.TASK_ENDED: self._task_ended,
            EventKind.TASK_PROGRESS: self._task_progress,
            EventKind.STEP_TAKEN: self._step_taken,
        }

    def apply(self, event: Event) -> None:
        """Take one event; kinds that say nothing about agents are passed over."""
        handler = self._handlers.get(event.kind)
        if handler is not None:
            handler(event, Fields(event.body))

    def count(self, id: str, done: int, failed: int) -> None:
        """Take how many tasks an agent has done and failed so far."""
        self._tasks[id] = done, failed
        if id in self.agents:
            self.agents[id].done, self.agents[id].failed = done, failed

    def _agent(self, id: str | None) -> AgentView:
        known = name(id)
        if known not in self.agents:
            done, failed = self._tasks.get(known, (0, 0))
            self.agents[known] = AgentView(known, done=done, failed=failed)
        return self.agents[known]

    def _kernel_started(self, event: Event, body: Fields) -> None:
        self._tasks |= {agent.id: (agent.done, agent.failed) for agent in self.agents.values()}
        self.agents.clear()

    def _kernel_stopped(self, event: Event, body: Fields) -> None:
        for agent in self.agents.values():
            agent.doing = agent.task = ""

    def _deployed(self, event: Event, body: Fields) -> None:
        agent = self._agent(event.subject)
        agent.role = body.name("role")
        agent.summary = body.text("summary")
        levels = body.part("capabilities")
        agent.capabilities = ", ".join(
            f"{each} {levels.number(each):g}"
            for each in body.pairs("capabilities")
            if levels.number(each) is not None
        )
        agent.health, agent.seconds = Health.HEALTHY, body.number("seconds")
        agent.beat, agent.interval = event.at, None
        agent.detail = ""

    def _refused(self, event: Event, body: Fields) -> None:
        agent = self._agent(event.subject)
        agent.health = "refused"
        agent.detail = ": ".join(filter(None, (body.text("reason"), body.text("detail"))))

    def _removed(self, event: Event, body: Fields) -> None:
        agent = self._agent(event.subject)
        agent.health, agent.detail = "removed", body.text("reason")
        agent.doing = agent.task = ""

    def _health(self, event: Event, body: Fields) -> None:
        agent = self._agent(event.subject)
        at = body.time("at") or event.at
        if agent.beat is not None and at > agent.beat:
            agent.interval = (at - agent.beat).total_seconds()
        agent.beat, agent.seconds = at, body.number("seconds")
        agent.health = body.name("health") or "unknown"
        agent.detail, agent.queue = body.text("detail"), body.count("queue")
        agent.failures, agent.error_rate = body.count("failures"), body.number("error_rate")

    def _task_started(self, event: Event, body: Fields) -> None:
        if event.agent:
            agent = self._agent(event.agent)
            agent.run, agent.task = name(event.run), name(event.subject)
            agent.doing = agent.task

    def _task_progress(self, event: Event, body: Fields) -> None:
        if event.agent:
            agent = self._agent(event.agent)
            if agent.task:
                agent.doing = f"{agent.task}, {body.name('stage')}"

    def _step_taken(self, event: Event, body: Fields) -> None:
        if event.agent:
            agent = self._agent(event.agent)
            agent.run = name(event.run)
            agent.work.add(event.at)
            if agent.task:
                agent.doing = f"{agent.task}, after {body.name('action')}"

    def _task_ended(self, event: Event, body: Fields) -> None:
        who = event.agent or body.name("agent")
        if not who:
            return
        agent = self._agent(who)
        agent.run, agent.doing, agent.task = name(event.run), "", ""
        agent.work.add(event.at)
        quality = body.number("quality")
        if quality is not None:
            judged = self._qualities.setdefault(agent.id, deque(maxlen=_JUDGED))
            judged.append(quality)
            agent.quality = sum(judged) / len(judged)
        if body.flag("success"):
            agent.done += 1
        else:
            agent.failed += 1
