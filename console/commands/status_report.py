"""The status for people on a terminal, and for programs."""

from collections.abc import Iterator

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from dataagents.console.commands.output import Screen, put, shown
from dataagents.console.view.marks import GLYPHS, Mark
from dataagents.console.view.status import (
    AgentLine,
    KernelState,
    StatusView,
    alert_facts,
    counted,
)
from dataagents.console.view.words import duration, percent
from dataagents.core.values import JsonObject, to_json

_STYLES = {
    Mark.OK: "green",
    Mark.BUSY: "cyan",
    Mark.WARN: "yellow",
    Mark.FAIL: "red",
    Mark.IDLE: "dim",
    Mark.NOTE: "dim",
}
_FIGURES = {
    "system_health": "system health", "response_mean": "response",
    "messages_per_second": "messages", "records_per_second": "records", "latency_p50": "p50",
    "latency_p95": "p95", "latency_p99": "p99", "quality_mean": "quality", "errors": "errors",
    "queued": "queued", "store_seconds": "commit", "loop_lag": "loop lag", "disk_free": "free",
}  # fmt: skip
"""Figures that are shown, in order, and what they are called."""


def show_status(view: StatusView) -> None:
    """Write the status to stdout; on a terminal in the place of the one before."""
    screen = Screen()
    if screen.live:
        screen.clear()
    put(screen, Group(*_parts(view)))


def status_json(view: StatusView) -> JsonObject:
    """Return the status as JSON."""
    return to_json(view)


def _parts(view: StatusView) -> Iterator[RenderableType]:
    kernel = view.kernel
    yield Text.assemble(
        _glyph(kernel.mark), shown(kernel.sentence, "bold"), shown(f"   {view.store}", "dim")
    )
    if kernel.state is KernelState.NEVER:
        yield Text("  dataagents run FILE makes a store, and runs a kernel on it", "dim")
        return
    figures = {each.name: each.text for each in view.figures}
    told = [f"{label} {figures[each]}" for each, label in _FIGURES.items() if each in figures]
    if told:
        yield shown(" · ".join(told), "dim")
    yield Text(f"\nagents {len(view.agents)}{counted(view.counts)}", "bold")
    if view.agents:
        yield _agents(view.agents)
    yield Text(f"\nalerts {len(view.alerts)}, {view.unacknowledged} not acknowledged", "bold")
    for alert in view.alerts:
        yield Text.assemble("  ", _glyph(alert.mark), shown(", ".join(alert_facts(alert))))
        yield shown(f"    {alert.address}", "dim")
    if view.runs:
        yield Text("\nlatest runs", "bold")
    for run in view.runs:
        took = f" {duration(run.seconds)}" if run.seconds is not None else ""
        yield shown(f"  {run.status:12} {run.goal}{took}  run:{run.id}")


def _agents(agents: tuple[AgentLine, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading, justify in (
        ("agent", "left"), ("state", "left"), ("beat", "right"), ("took", "right"),
        ("queue", "right"), ("errors", "right"), ("done", "right"), ("failed", "right"),
    ):  # fmt: skip
        table.add_column(heading, justify="right" if justify == "right" else "left", no_wrap=True)
    table.add_column("doing", overflow="ellipsis", no_wrap=True)
    for agent in agents:
        table.add_row(
            shown(agent.id),
            Text.assemble(_glyph(agent.mark), shown(agent.health, _STYLES[agent.mark])),
            duration(agent.beat),
            duration(agent.response),
            str(agent.queue),
            "-" if agent.error_rate is None else percent(agent.error_rate),
            str(agent.done),
            str(agent.failed),
            shown(agent.detail or agent.doing),
        )
    return table


def _glyph(mark: Mark) -> Text:
    return Text(f"{GLYPHS[mark]} ", _STYLES[mark])
