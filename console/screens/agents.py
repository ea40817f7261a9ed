"""The agents: how each one is, what it is doing, and what it has done."""

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.message import Message
from textual.widgets import Footer

from dataagents.console.screens.base import Look, ViewScreen
from dataagents.console.view import GLYPHS, AgentView
from dataagents.console.view.words import age, duration, health_word
from dataagents.console.widgets.detail_pane import DetailPane
from dataagents.console.widgets.status_line import StatusLine
from dataagents.console.widgets.virtual_table import Cell, Column, VirtualTable

_COLUMNS = (
    Column("AGENT", 19),
    Column("STATE", 11),
    Column("BEAT", 6, right=True),
    Column("ANSWER", 6, right=True, needs=70),
    Column("QUEUE", 5, right=True, needs=100),
    Column("DONE", 5, right=True),
    Column("ERR", 4, right=True),
    Column("ROLE", 16, needs=110),
    Column("DOING"),
)


class AgentsScreen(ViewScreen):
    """A table of agents; the pane below has the rest about the one under the cursor."""

    BINDING_GROUP_TITLE = "Agents"
    AUTO_FOCUS: ClassVar[str | None] = "#agents"

    class TraceWanted(Message):
        """Somebody wants to see what an agent did."""

        def __init__(self, run: str, agent: str) -> None:
            self.run = run
            self.agent = agent
            super().__init__()

    def compose(self) -> ComposeResult:
        """Lay out the header, the table, the pane and the keys."""
        yield StatusLine()
        yield VirtualTable[AgentView](_COLUMNS, self._cells, lambda agent: agent.id, id="agents")
        yield DetailPane(id="agent")
        yield Footer(show_command_palette=False)

    @property
    def table(self) -> VirtualTable[AgentView]:
        """The table of agents."""
        return self.query_one("#agents", VirtualTable)

    def show(self, look: Look) -> None:
        """Show the agents."""
        self.table.empty = look.nothing("No agent has been deployed in this store yet.")
        self.table.show(tuple(look.view.agents.values()))
        self._show_detail()

    @on(VirtualTable.Moved)
    def _moved(self) -> None:
        self._show_detail()

    @on(VirtualTable.Opened)
    def _opened(self) -> None:
        agent = self.table.current
        if agent is not None and agent.run:
            self.post_message(self.TraceWanted(agent.run, agent.id))
        elif agent is not None:
            self.notify(f"{agent.id} has not worked in a run yet.", markup=False)

    def _cells(self, agent: AgentView) -> Sequence[Cell]:
        look = self.seen
        word, mark = health_word(agent, look.now, live=look.live)
        return (
            Cell(agent.id, "strong"),
            Cell(f"{GLYPHS[mark]} {word}", mark.value),
            Cell(duration(age(agent.beat, look.now)), "warn" if word == "late" else ""),
            Cell(duration(agent.seconds)),
            Cell(str(agent.queue)),
            Cell(str(agent.done)),
            Cell(str(agent.failed), "fail" if agent.failed else "dim"),
            Cell(agent.role, "dim"),
            Cell(agent.doing or "-", "" if agent.doing else "dim"),
        )

    def _show_detail(self) -> None:
        pane, agent = self.query_one(DetailPane), self.table.current
        pane.display = agent is not None
        if agent is not None:
            pane.show(agent.id, _sections(agent, self.seen))


def _sections(agent: AgentView, look: Look) -> Sequence[tuple[str, str]]:
    word, _ = health_word(agent, look.now, live=look.live)
    heard = duration(age(agent.beat, look.now))
    figures: list[tuple[str, Any]] = [
        ("state", word),
        ("last check", f"{agent.health}, {heard} ago" if heard else ""),
        ("checked every", duration(agent.interval)),
        ("note", agent.detail),
        ("doing", agent.doing),
        ("last run", agent.run),
        ("capabilities", agent.capabilities),
        ("about", agent.summary),
    ]
    body = "\n".join(f"  {name:<14}{value}" for name, value in figures if value)
    return ((f"{agent.id}  {agent.role}".rstrip(), body),)
