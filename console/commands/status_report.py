"""The status for people on a terminal, and for programs."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from dataagents.console.commands.narrow import Column, fitting
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


_COLUMNS = (
    Column("agent"), Column("state"), Column("beat", "right", 5), Column("took", "right", 4),
    Column("queue", "right", 2), Column("errors", "right", 6), Column("done", "right", 3),
    Column("failed", "right", 1), Column("doing", least=14),
)  # fmt: skip
_KEPT = 1
"""Lines of a terminal that stay free for its cursor."""


def show_status(view: StatusView) -> None:
    """Write the status to stdout; on a terminal in the place of the one before."""
    screen = Screen()
    if screen.live:
        screen.clear()
    put(screen, Group(*_parts(view, screen.width)))


def watch_status(view: StatusView) -> None:
    """Write the status to stdout, no more of it than a terminal has lines."""
    screen = Screen()
    if not screen.live:
        show_status(view)
        return
    screen.clear()
    put(screen, status_within(view, screen))


def status_within(view: StatusView, screen: Screen) -> RenderableType:
    """Return the status in at most as many lines as a terminal has.

    Agents that are well and have nothing to do give way first, then the figures; what is
    still too long is cut off, and says so.
    """
    room = screen.height - _KEPT
    lines: list[list[Segment]] = []
    for brief, figures in ((False, True), (True, True), (True, False)):
        whole = Group(*_parts(view, screen.width, brief=brief, figures=figures))
        lines = screen.render_lines(whole, pad=False)
        if len(lines) <= room:
            return whole
    cut = lines[: max(1, room - 1)]
    told = Text(f"… {len(lines) - len(cut)} lines more: dataagents status", "dim")
    segments = [each for line in cut for each in (*line, Segment.line())]
    return Group(Segments(segments), told)


def status_json(view: StatusView) -> JsonObject:
    """Return the status as JSON."""
    return to_json(view)


def _parts(
    view: StatusView, width: int, *, brief: bool = False, figures: bool = True
) -> Iterator[RenderableType]:
    kernel = view.kernel
    yield Text.assemble(
        _glyph(kernel.mark), shown(kernel.sentence, "bold"), shown(f"   {view.store}", "dim")
    )
    if kernel.state is KernelState.NEVER:
        yield Text("  dataagents run FILE makes a store, and runs a kernel on it", "dim")
        return
    texts = {each.name: each.text for each in view.figures}
    told = [f"{label} {texts[each]}" for each, label in _FIGURES.items() if each in texts]
    if told and figures:
        yield shown(" · ".join(told), "dim")
    yield Text(f"\nagents {len(view.agents)}{counted(view.counts)}", "bold")
    worth = tuple(each for each in view.agents if not (brief and _has_nothing_to_tell(each)))
    if worth:
        yield _agents(worth, width)
    if len(worth) < len(view.agents):
        yield Text(f"  {len(view.agents) - len(worth)} have nothing to do", "dim")
    yield Text(f"\nalerts {len(view.alerts)}, {view.unacknowledged} not acknowledged", "bold")
    for alert in view.alerts:
        yield Text.assemble("  ", _glyph(alert.mark), shown(", ".join(alert_facts(alert))))
        yield shown(f"    {alert.address}", "dim")
    if view.runs:
        yield Text("\nlatest runs", "bold")
    for run in view.runs:
        took = f" {duration(run.seconds)}" if run.seconds is not None else ""
        yield shown(f"  {run.status:12} {run.goal}{took}  run:{run.id}")


def _has_nothing_to_tell(agent: AgentLine) -> bool:
    return agent.mark in (Mark.OK, Mark.IDLE) and not (agent.doing or agent.detail)


def _agents(agents: tuple[AgentLine, ...], width: int) -> Table:
    rows = [
        (
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
        for agent in agents
    ]
    return fitting(_COLUMNS, rows, width)


def _glyph(mark: Mark) -> Text:
    return Text(f"{GLYPHS[mark]} ", _STYLES[mark])
