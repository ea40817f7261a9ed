"""The console: composes the views, takes the pulse of the store, and paints some times a second."""

import os
from collections.abc import Callable
from contextlib import aclosing, suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.command import Provider
from textual.filter import LineFilter

from dataagents.console.ascii_filter import AsciiFilter
from dataagents.console.feeds.events import events
from dataagents.console.keys import APP_KEYS
from dataagents.console.operated import Operated
from dataagents.console.screens.base import ViewScreen, Work
from dataagents.console.screens.messages import Left, Said, Wanted, WhyWanted
from dataagents.console.screens.palette import KeysProvider
from dataagents.console.screens.routes import VIEWS, view_screen
from dataagents.console.session import Session
from dataagents.console.source import POLL, RESTING_POLL, StoreSource
from dataagents.console.style_sheet import SteadySheet
from dataagents.console.terminal import ignore_needless_continues
from dataagents.console.themes import install, native_colours
from dataagents.console.view.event_rows import is_routine
from dataagents.console.widgets.tail_strip import LINES, TailStrip
from dataagents.core.errors import DataAgentsError
from dataagents.storage.browsing import Page

if TYPE_CHECKING:
    from dataagents.console.hosting.host import Host

FIRST = "agents"
"""The view that a console opens with, and goes back to."""
_LOOKED = 40
"""Newest events that the strip chooses from."""
FRAME = 0.3
"""Seconds between two paints, however fast events come."""
TICK = 1.0
"""Seconds between two paints without events, so that ages go on."""
_TAIL_READ = 0.02
"""Seconds that a paint waits for the newest events, so that they are not a frame of their own."""


class ConsoleApp(Operated):
    """Watches one store, and lets an operator who is armed act on its kernel."""

    TITLE = "DataAgents"
    CSS_PATH = "console.tcss"
    BINDING_GROUP_TITLE = "Everywhere"
    HORIZONTAL_BREAKPOINTS = [(0, "-thin"), (60, "-slim"), (66, "-narrow"), (110, "-wide")]  # noqa: RUF012  # as App has it
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (15, "-short"), (20, "-tall"), (30, "-high")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [*APP_KEYS]
    COMMANDS: ClassVar[set[type[Provider]]] = {KeysProvider}  # type: ignore[assignment]  # textual's also takes functions

    def __init__(
        self,
        session: Session,
        source: StoreSource,
        host: "Host | None" = None,
        has_terminal: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(ansi_color=native_colours(os.environ))
        self.stylesheet = SteadySheet(variables=self.get_css_variables())
        self.session = session
        self.first_words: tuple[str, ...] = ()
        """What is told when the console opens."""
        self.source = source
        self.host = host
        self._has_terminal = has_terminal
        self._painted = float("-inf")
        self._due = False
        self._told = ""
        """The problem of the host that was told last."""
        install(self, session.options.theme or session.preferences.theme or None)

    def get_line_filters(self) -> list[LineFilter]:
        """Return what every line goes through on its way to the terminal."""
        filters = list(super().get_line_filters())
        return [*filters, AsciiFilter()] if self.session.options.ascii else filters

    async def on_mount(self) -> None:
        """Show the agents, and begin to read."""
        for name in VIEWS:
            # textual leaves out the type argument of Screen there
            self.add_mode(name, partial(view_screen, name, self.session))  # pyright: ignore[reportUnknownMemberType]
        await self.switch_mode(FIRST)
        if self.session.options.at:
            self.open(self.session.options.at)
        for words in self.first_words:
            self.tell(words, bad=True)
        if self.host is not None:
            self.host.start()
        ignore_needless_continues(self._driver)
        self.set_interval(TICK, self._tick)
        self.run_worker(self._follow(), name="follow the store")

    async def _follow(self) -> None:
        async with self.session.library, aclosing(self.source.pulses()) as pulses:
            async for pulse in pulses:
                if pulse.fresh:
                    await self.session.library.close()
                self.session.take(pulse)
                if pulse.begin is None:
                    self.paint_soon()
                else:
                    self.paint()  # there was nothing to see before

    async def _bring_tail(self) -> None:
        """Read the newest events, where the screen has room to show them."""
        version = self.session.version
        with suppress(DataAgentsError):
            page = Page(limit=_LOOKED)
            found = await self.session.library.ask(lambda reader: events(reader, page))
            telling = [line for line in found.rows if not is_routine(line)]
            self.session.tail = tuple(reversed((telling or found.rows)[:LINES]))
            self.session.tail_version = version
        if self._due:
            return  # they are painted with everything else
        for strip in self.screen.query(TailStrip):
            strip.show(self.session.tail, self.session.rate, self.session.moment())

    def _has_strip(self) -> bool:
        return any(strip.size.height for strip in self.screen.query(TailStrip))

    def paint_soon(self) -> None:
        """See that what is known is painted in time."""
        if self._due:
            return
        wait = self._painted + FRAME - self.session.clock.monotonic()
        if self._has_strip():
            wait = max(wait, _TAIL_READ)
            self._read_tail()
        if wait <= 0:
            self.paint()
        else:
            self._due = True
            self.set_timer(wait, self.paint)

    def _read_tail(self) -> None:
        work: Work = self._bring_tail
        self.run_worker(work, group="tail", exclusive=True)

    def paint(self) -> None:
        """Bring the screen up to date."""
        self._painted, self._due = self.session.clock.monotonic(), False
        if not self.screen_stack:
            return  # a timer came in while the console was left
        if self.session.tail_version != self.session.version and self._has_strip():
            self._read_tail()
        for screen in self.screen_stack[::-1]:
            if isinstance(screen, ViewScreen):
                screen.paint()
                return

    def _tick(self) -> None:
        # Without a terminal textual's reader finds an end of file over and over, at full speed.
        if not self._has_terminal():
            self.exit()
        problem = self.host.problem() if self.host is not None else ""
        if problem and problem != self._told:
            self._told = problem
            self.tell(problem, bad=True)
        if self.session.clock.monotonic() - self._painted >= TICK / 2:
            self.paint()

    def on_app_blur(self) -> None:
        """Look less often while nobody looks."""
        self.source.poll = RESTING_POLL

    def on_app_focus(self) -> None:
        """Look often again."""
        self.source.poll = POLL

    @on(Wanted)
    def _wanted(self, wanted: Wanted) -> None:
        self.show_address(wanted.address)

    @on(WhyWanted)
    def _why_wanted(self, wanted: WhyWanted) -> None:
        from dataagents.console.screens.why import WhyScreen

        self.push_screen(WhyScreen(self.session, wanted.address))

    @on(Left)
    async def _left(self) -> None:
        if len(self.screen_stack) > 1:
            await self.unless_lost(self._go_back, [self.screen])
        elif self.current_mode != FIRST:
            await self.switch_mode(FIRST)

    async def _go_back(self) -> None:
        await self.pop_screen()

    @on(Said)
    def _said(self, said: Said) -> None:
        self.tell(said.text, bad=said.bad)
