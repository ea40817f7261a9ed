"""The header line: how the store is, whose kernel writes it, and what stands out."""

from dataclasses import dataclass

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from dataagents.console.source import SourceState


@dataclass(frozen=True, slots=True)
class Status:
    """What the header says."""

    state: SourceState = SourceState.LOADING
    sentence: str = ""
    store: str = ""
    pid: int | None = None
    agents: int = 0
    unwell: int = 0
    runs: int = 0
    alerts: int = 0
    lag: float | None = None
    """Seconds between the newest event and its being read."""
    reading: int | None = None
    """Events read so far, while there are more."""


class StatusLine(Horizontal):
    """One line; a bad state shows its sentence in place of the figures."""

    def compose(self) -> ComposeResult:
        """Lay out the state, the facts and the alerts."""
        yield Static(id="state", markup=False)
        yield Static(id="facts", markup=False)
        yield Static(id="alerts", markup=False)

    def show(self, status: Status) -> None:
        """Show a status; nothing before there is anything to show it in."""
        if not self.children:
            return
        state = self.query_one("#state", Static)
        state.update(Text(f" {status.state.value.upper()} "))
        state.set_classes(f"-{status.state.name.lower()}")
        self.query_one("#facts", Static).update(
            Text(_facts(status), no_wrap=True, overflow="ellipsis")
        )
        alerts = self.query_one("#alerts", Static)
        alerts.display = status.alerts > 0
        plural = "" if status.alerts == 1 else "s"
        alerts.update(Text(f" ! {status.alerts} alert{plural} "))


def _facts(status: Status) -> str:
    if status.state not in (SourceState.LIVE, SourceState.ENDED):
        return f" {status.sentence}"
    parts = [status.store]
    if status.pid is not None:
        parts.append(f"kernel {status.pid}")
    parts.append(f"{status.agents} agent{'' if status.agents == 1 else 's'}")
    if status.unwell:
        parts.append(f"{status.unwell} not well")
    parts.append(f"{status.runs} run{'' if status.runs == 1 else 's'}")
    if status.reading is not None:
        parts.append(f"reading, {status.reading:,} events so far")
    elif status.lag is not None:
        parts.append(f"lag {status.lag:.1f}s")
    return " " + "  ".join(parts)
