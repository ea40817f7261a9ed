"""What the keys that work everywhere do."""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.screen import ModalScreen, Screen

from dataagents.console.safe_text import safe_text
from dataagents.console.screens.base import ViewScreen
from dataagents.console.screens.choosing import Choice, Choose
from dataagents.console.screens.routes import screen_for
from dataagents.console.session import Session
from dataagents.console.source import StoreSource
from dataagents.console.themes import choose
from dataagents.console.view.addresses import Address, parse_address
from dataagents.console.widgets.ask_bar import AskBar
from dataagents.core.errors import DataAgentsError, InputError
from dataagents.storage import StoreReader

if TYPE_CHECKING:
    from dataagents.console.hosting.host import Host

_LONGEST = 1_000
"""Characters of a notice."""
_UNKEPT = (
    Choice("stay", "stay: they can still be kept"),
    Choice("leave", "leave: they are lost"),
)
_LEAVING = (
    Choice("stay", "stay: it goes on"),
    Choice("leave", "leave: tasks under way get a while to end, the run can be resumed"),
)


class Operated(App[None]):
    """An app that an operator moves through and acts with."""

    session: Session
    source: StoreSource
    host: "Host | None"

    def paint(self) -> None:
        """Bring the screen up to date."""
        raise NotImplementedError

    def open(self, text: str) -> None:
        """Open what an address names."""
        try:
            self.show_address(parse_address(text))
        except InputError as error:
            self.tell(str(error), bad=True)

    def show_address(self, address: Address) -> None:
        """Show what an address names over what is shown."""
        self.push_screen(screen_for(address, self.session))

    def tell(self, text: str, *, bad: bool = False) -> None:
        """Tell the operator something."""
        words = safe_text(text, lines=True, limit=_LONGEST)
        self.notify(words, severity="error" if bad else "information", markup=False)

    async def action_view(self, name: str) -> None:
        """Show a view: where it was left, or from its beginning if it is shown already."""
        if isinstance(self.screen, ModalScreen):
            return
        if self.current_mode == name:
            await self.unless_lost(self._go_to_root, self.screen_stack)
        else:
            await self.switch_mode(name)

    async def _go_to_root(self) -> None:
        while len(self.screen_stack) > 1:
            await self.pop_screen()

    async def unless_lost(
        self, leave: Callable[[], Awaitable[None]], screens: Iterable[Screen[Any]]
    ) -> None:
        """Leave screens; where something would be lost by that, it has to be meant."""
        left = (each for each in screens if isinstance(each, ViewScreen))
        lost = next(filter(None, (each.unkept() for each in left)), "")

        async def decide(chosen: tuple[str, ...] | None) -> None:
            if chosen == ("leave",):
                await leave()

        if lost:
            self.push_screen(Choose(lost, _UNKEPT), decide)
        else:
            await leave()

    def action_goto(self) -> None:
        """Ask for an address and open it."""

        def hear(text: str, meant: bool) -> str | None:
            if meant and text.strip():
                self.call_later(self.open, text)
            return None

        for bar in self.screen.query(AskBar):
            bar.ask("go to", hear, hint="agent:NAME   run:ID/step:3   election:ID")

    def action_act(self, only: str = "") -> None:
        """Ask what is to be done with what is under the cursor, or marked."""
        if isinstance(self.screen, ViewScreen):
            self.run_worker(self._act(self.screen, only), group="act", exclusive=True)

    async def _act(self, screen: ViewScreen, only: str) -> None:
        from dataagents.console.screens.acting import act

        sentence, wrong = await act(self, self.session, screen.subjects(), only)
        if sentence:
            self.tell(sentence, bad=wrong)
        self.paint()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to take something back only where there is something."""
        if action == "take_back":
            return bool(self._taken_back())
        return super().check_action(action, parameters)

    def _taken_back(self) -> frozenset[str]:
        """Return the ids of the commands that would be taken back now."""
        screen = self.screen if self.screen_stack else None
        meant = screen.withdrawable() if isinstance(screen, ViewScreen) else frozenset[str]()
        return meant or self.session.issued

    def action_take_back(self) -> None:
        """Take back what was issued and no kernel has begun."""
        self.run_worker(self._take_back(self._taken_back()), group="take back")

    async def _take_back(self, meant: frozenset[str]) -> None:
        from dataagents.console.screens.acting import take_back

        sentence, wrong = await take_back(self.session, meant)
        self.tell(sentence, bad=wrong)
        self.paint()

    def action_help(self) -> None:
        """Show the keys."""
        if isinstance(self.screen, ModalScreen):
            return
        listing = getattr(self.screen, "listing", None)
        fields = [] if listing is None else [(e.name, e.about) for e in listing.fields]
        bindings = self.screen.active_bindings.values()
        from dataagents.console.screens.help import HelpScreen

        self.push_screen(HelpScreen(bindings, fields, self.session.glyphs))

    def action_attach(self) -> None:
        """Ask for another store, and watch that one."""

        def hear(text: str, meant: bool) -> str | None:
            path = Path(text.strip()).expanduser()
            if not text.strip() or not path.is_file():
                return "there is no such file" if text.strip() else None
            if meant:
                self.run_worker(self._attach_to(path), group="attach")
            return None

        for bar in self.screen.query(AskBar):
            bar.ask("store", hear, str(self.session.path), "the file of another store")

    async def _attach_to(self, path: Path) -> None:
        """Watch another store, if it is one."""
        try:
            async with StoreReader(path):
                pass
        except DataAgentsError as error:
            self.tell(f"{error} What is shown is still {self.session.path.name}.", bad=True)
            return
        self.session.library.path = self.source.path = path
        await self.action_reconnect()

    async def action_reconnect(self) -> None:
        """Open the store anew."""
        self.source.hurry()
        await self.session.library.close()
        self.paint()

    def action_next_theme(self) -> None:
        """Change the colours."""
        names = tuple(self.available_themes)
        chosen = names[(names.index(self.theme) + 1) % len(names)]
        choose(self, chosen)
        self.tell(chosen)
        if self.session.remembered is not None:
            self.run_worker(partial(self.session.remembered.save_look, theme=chosen), thread=True)

    async def action_leave(self) -> None:
        """Leave the console; a run that would be cut off has to be meant."""
        await self.unless_lost(self._leave_the_run, self.screen_stack)

    async def _leave_the_run(self) -> None:
        if self.host is None or not self.host.in_flight():
            self.exit()
            return
        self.push_screen(Choose("A run is under way here", _LEAVING), self._leave)

    def _leave(self, chosen: tuple[str, ...] | None) -> None:
        if chosen == ("leave",):
            self.exit()
