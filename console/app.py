"""The console: composes the screens, folds what the source yields, and paints at most 4 Hz."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import ClassVar

from textual import on
from textual.app import App
from textual.binding import Binding, BindingType

from dataagents.console.screens.agents import AgentsScreen
from dataagents.console.screens.base import Look, ViewScreen
from dataagents.console.screens.help import HelpScreen
from dataagents.console.screens.trace import TraceScreen
from dataagents.console.source import Batch, SourceState
from dataagents.console.view import Mark, ViewState, fold
from dataagents.console.view.run_fold import OUTSIDE
from dataagents.console.view.words import health_word
from dataagents.console.widgets.status_line import Status
from dataagents.console.widgets.virtual_table import VirtualTable
from dataagents.core.clock import Clock

FRAME = 0.25
"""Seconds between two paints, however fast events come."""
TICK = 1.0
"""Seconds between two paints without events, so that ages go on."""


class ConsoleApp(App[None]):
    """Watches one store; changes nothing."""

    TITLE = "DataAgents"
    CSS_PATH = "console.tcss"
    BINDING_GROUP_TITLE = "Everywhere"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012  # as App has it
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "switch_mode('agents')", "Agents", id="app.agents", tooltip="The agents"),
        Binding("2", "switch_mode('trace')", "Trace", id="app.trace", tooltip="Runs and traces"),
        Binding("question_mark", "help", "Help", id="app.help", tooltip="This help"),
        Binding("q", "quit", "Quit", id="app.quit", tooltip="Leave; the kernel goes on"),
    ]

    def __init__(
        self,
        batches: Callable[[], AsyncGenerator[Batch, None]],
        store: str,
        clock: Clock,
        has_terminal: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__()
        self.view = ViewState()
        """Everything that was read, folded."""
        self._batches = batches
        self._store = store
        self._clock = clock
        self._has_terminal = has_terminal
        self._batch = Batch(SourceState.LOADING, f"opening {store}", clock.now())
        self._lag: float | None = None
        self._painted = float("-inf")
        self._due = False

    async def on_mount(self) -> None:
        """Show the agents, and begin to read."""
        # textual leaves out the type argument of Screen there
        self.add_mode("agents", lambda: AgentsScreen(self.look))  # pyright: ignore[reportUnknownMemberType]
        self.add_mode("trace", lambda: TraceScreen(self.look))  # pyright: ignore[reportUnknownMemberType]
        await self.switch_mode("agents")
        self.set_interval(TICK, self._tick)
        self.run_worker(self._read(), name="read the store")

    def look(self) -> Look:
        """Return what there is to see now."""
        live = self._batch.state is SourceState.LIVE
        return Look(self.view, self._status(live), self._clock.now(), live)

    def paint(self) -> None:
        """Bring the screen up to date."""
        self._painted, self._due = self._clock.monotonic(), False
        for screen in self.screen_stack:
            if isinstance(screen, ViewScreen):
                screen.paint()

    def _tick(self) -> None:
        # Without a terminal textual's reader finds an end of file over and over, at full speed.
        if not self._has_terminal():
            self.exit()
        self.paint()

    def take(self, batch: Batch) -> None:
        """Fold a batch, and see that it is painted in time."""
        if batch.fresh:
            self.view = ViewState()
        fold(self.view, batch.events)
        if batch.state is SourceState.ENDED and batch.drained:
            self.view.kernel_gone()
        caught_up = self._batch.drained and batch.drained
        if batch.events and caught_up and batch.state is SourceState.LIVE:
            self._lag = max(0.0, (batch.at - batch.events[-1].at).total_seconds())
        self._batch = batch
        if self._due:
            return
        wait = self._painted + FRAME - self._clock.monotonic()
        if wait <= 0:
            self.paint()
        else:
            self._due = True
            self.set_timer(wait, self.paint)

    def action_help(self) -> None:
        """Show the keys."""
        tables = ("Tables", VirtualTable.BINDINGS)
        trace = (TraceScreen.BINDING_GROUP_TITLE or "", TraceScreen.BINDINGS)
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen((("Everywhere", self.BINDINGS), tables, trace)))

    @on(AgentsScreen.TraceWanted)
    async def _open_trace(self, wanted: AgentsScreen.TraceWanted) -> None:
        await self.switch_mode("trace")
        if isinstance(self.screen, TraceScreen):
            self.screen.open_run(wanted.run, wanted.agent)

    @on(TraceScreen.Left)
    async def _leave_trace(self) -> None:
        await self.switch_mode("agents")

    async def _read(self) -> None:
        async with aclosing(self._batches()) as batches:
            async for batch in batches:
                self.take(batch)

    def _status(self, live: bool) -> Status:
        now = self._clock.now()
        marks = [health_word(agent, now, live=live)[1] for agent in self.view.agents.values()]
        return Status(
            state=self._batch.state,
            sentence=self._batch.sentence,
            store=self._store,
            pid=self._batch.pid or (None if live else self.view.pid),
            agents=len(marks),
            unwell=sum(mark in (Mark.WARN, Mark.FAIL) for mark in marks),
            runs=sum(run != OUTSIDE for run in self.view.runs),
            alerts=len(self.view.alerts),
            lag=self._lag if live else None,
            reading=None if self._batch.drained else self.view.events,
        )
