"""The view state: everything the console shows, folded from events and nothing else."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from dataagents.console.view.agents import AgentsFold, AgentView
from dataagents.console.view.alerts import AlertsFold, AlertView
from dataagents.console.view.fields import Fields, name
from dataagents.console.view.run_fold import RunsFold
from dataagents.console.view.runs import RunView
from dataagents.core.events import Event, EventKind

__all__ = ["AgentView", "AlertView", "ViewState", "fold"]


class ViewState:
    """What is known after the events so far; holds no terminal, clock or store."""

    def __init__(self) -> None:
        self.kernel = ""
        """Id of the kernel that started last."""
        self.pid: int | None = None
        self.version = ""
        self.stopped = False
        """Whether that kernel said that it stopped."""
        self.events = 0
        self.latest: datetime | None = None
        """Time of the newest event."""
        self._agents = AgentsFold()
        self._alerts = AlertsFold()
        self._runs = RunsFold()
        self._handlers: Mapping[str, Callable[[Event, Fields], None]] = {
            EventKind.KERNEL_STARTED: self._kernel_started,
            EventKind.KERNEL_STOPPED: self._kernel_stopped,
        }

    @property
    def agents(self) -> Mapping[str, AgentView]:
        """Agent id → agent, in the order they came."""
        return self._agents.agents

    @property
    def alerts(self) -> Mapping[str, AlertView]:
        """Alert id → alert that stands."""
        return self._alerts.standing

    @property
    def runs(self) -> Mapping[str, RunView]:
        """Run id → run, oldest first."""
        return self._runs.runs

    def apply(self, event: Event) -> None:
        """Take one event; the order is the journal's."""
        self.events += 1
        self.latest = event.at
        handler = self._handlers.get(event.kind)
        if handler is not None:
            handler(event, Fields(event.body))
        self._agents.apply(event)
        self._alerts.apply(event)
        self._runs.apply(event)

    def kernel_gone(self) -> None:
        """Note that no kernel lives: what it was doing was interrupted, without an event of it."""
        self._runs.interrupt()

    def _kernel_started(self, event: Event, body: Fields) -> None:
        self.kernel, self.version = name(event.subject), body.name("version")
        self.pid, self.stopped = body.count("pid") or None, False

    def _kernel_stopped(self, event: Event, body: Fields) -> None:
        self.stopped = True


def fold(state: ViewState, events: Iterable[Event]) -> ViewState:
    """Apply events to a state and return it."""
    for event in events:
        state.apply(event)
    return state
