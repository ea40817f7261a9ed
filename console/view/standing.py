"""Standing: how the kernel, its agents, alerts and figures are, folded from events; bounded.

It holds what an overview shows and nothing that grows with the store: runs, messages and decisions
are read by the page.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dataagents.console.view.agents import AgentsFold, AgentView
from dataagents.console.view.alerts import AlertsFold, AlertView
from dataagents.console.view.fields import Fields, name
from dataagents.console.view.questions import QuestionsFold
from dataagents.core.events import Event, EventKind

KINDS: tuple[str, ...] = (
    EventKind.KERNEL_STARTED,
    EventKind.KERNEL_STOPPED,
    EventKind.AGENT_DEPLOYED,
    EventKind.AGENT_REFUSED,
    EventKind.AGENT_REMOVED,
    EventKind.AGENT_DRAINING,
    EventKind.AGENT_HEALTH,
    EventKind.TASK_STARTED,
    EventKind.TASK_ENDED,
    EventKind.TASK_PROGRESS,
    EventKind.STEP_TAKEN,
    EventKind.METRIC_SAMPLED,
    EventKind.ALERT_RAISED,
    EventKind.ALERT_ACKNOWLEDGED,
    EventKind.ALERT_ENDED,
    EventKind.ELECTION_OPENED,
    EventKind.ELECTION_CLOSED,
)
"""Kinds of events that are folded; others need not be read."""

_SAMPLES = 120
"""Values of a figure that are kept for its curve."""
_UNKNOWN_INTERVAL = 30.0
_STALE_AFTER = 3.0
"""Silent health checks after which what is shown is called stale."""


@dataclass(slots=True)
class FigureView:
    """A figure of the monitor, and its latest values."""

    name: str
    unit: str
    samples: deque[tuple[datetime, float]] = field(
        default_factory=lambda: deque[tuple[datetime, float]](maxlen=_SAMPLES)
    )


class Standing:
    """What is known after the events so far; holds no terminal, clock or store."""

    def __init__(self) -> None:
        self.kernel = ""
        """Id of the kernel that started last."""
        self.pid: int | None = None
        self.version = ""
        self.stopped = False
        """Whether that kernel said that it stopped."""
        self.latest: datetime | None = None
        """Time of the newest event."""
        self.figures: dict[str, FigureView] = {}
        self._agents = AgentsFold()
        self._alerts = AlertsFold()
        self._questions = QuestionsFold()

    @property
    def agents(self) -> Mapping[str, AgentView]:
        """Agent id → agent, in the order they came."""
        return self._agents.agents

    @property
    def alerts(self) -> Mapping[str, AlertView]:
        """Alert id → alert that stands."""
        return self._alerts.standing

    @property
    def questions(self) -> Mapping[str, str]:
        """Election id → what is asked, of votes that wait for a person."""
        return self._questions.open

    @property
    def unacknowledged(self) -> int:
        """Alerts that nobody has said to look after."""
        return sum(not alert.acknowledged_by for alert in self.alerts.values())

    def take(self, events: Iterable[Event]) -> None:
        """Take events; the order is the journal's."""
        for event in events:
            self._take(event)

    def count(self, tasks: Mapping[str, tuple[int, int]]) -> None:
        """Take how many tasks each agent has done and failed, all in all."""
        for agent, (done, failed) in tasks.items():
            self._agents.count(name(agent), done, failed)

    def is_stale(self, now: datetime, heard: datetime | None = None) -> bool:
        """Return whether a kernel that should be heard from has been silent for too long.

        Args:
            now: The time to judge by.
            heard: When anything was written last, whatever it was; None where that is not known.
        """
        intervals = [each.interval for each in self.agents.values() if each.interval]
        latest = max(filter(None, (self.latest, heard)), default=None)
        if latest is None or not self.agents:
            return False
        limit = _STALE_AFTER * max(intervals, default=_UNKNOWN_INTERVAL)
        return now - latest > timedelta(seconds=limit)

    def _take(self, event: Event) -> None:
        self.latest = event.at
        match event.kind:
            case EventKind.KERNEL_STARTED:
                body = Fields(event.body)
                self.kernel, self.version = name(event.subject), body.name("version")
                self.pid, self.stopped = body.count("pid") or None, False
            case EventKind.KERNEL_STOPPED:
                self.stopped = True
            case EventKind.METRIC_SAMPLED:
                self._sample(event)
                return
            case _:
                pass
        self._agents.apply(event)
        self._alerts.apply(event)
        self._questions.apply(event)

    def _sample(self, event: Event) -> None:
        body = Fields(event.body)
        value = body.number("value")
        if value is None:
            return
        sampled = name(event.subject)
        figure = self.figures.get(sampled)
        if figure is None:
            figure = self.figures[sampled] = FigureView(sampled, body.name("unit"))
        figure.samples.append((event.at, value))
