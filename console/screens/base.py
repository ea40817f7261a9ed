"""What the screens have in common: they look at one session and are told when to paint."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from textual.app import ComposeResult
from textual.screen import Screen

from dataagents.console.apps import app_of
from dataagents.console.session import Session
from dataagents.console.steering import Subject
from dataagents.console.widgets.ask_bar import AskBar
from dataagents.console.widgets.crumbs import Crumbs
from dataagents.console.widgets.key_bar import KeyBar
from dataagents.console.widgets.status_line import StatusLine
from dataagents.console.widgets.tail_strip import TailStrip

Work: TypeAlias = Callable[[], Awaitable[None]]
"""What a worker is given; it makes the coroutine itself, since one that never runs warns."""


class ViewScreen(Screen[None]):
    """A screen that shows what was read; painting is asked for, never done by the store."""

    def __init__(self, session: Session, crumb: str) -> None:
        super().__init__()
        self.session = session
        self.crumb = crumb
        """What the way to here calls it."""
        self._ready = False

    def compose(self) -> ComposeResult:
        """Lay out the header, the way to here, the body, the strip and the keys."""
        yield StatusLine(self.session.glyphs)
        yield Crumbs()
        yield from self.body()
        yield TailStrip()
        yield AskBar()
        yield KeyBar()

    def body(self) -> ComposeResult:
        """Lay out what is this screen's own."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Show what there is."""
        self._ready = True
        self.paint()

    def on_screen_resume(self, event: Any) -> None:
        """Catch up with what happened while another screen was shown."""
        self.paint()

    def paint(self) -> None:
        """Show what is known now; does nothing while the widgets are not all there."""
        if not self._ready or not self.query(StatusLine):
            return
        self.query_one(StatusLine).show(self.session.status())
        strip = self.query_one(TailStrip)
        if strip.styles.display != "none":
            strip.show(self.session.tail, self.session.rate, self.session.moment())
        self.show()
        self.query_one(Crumbs).show(self.way(), self.notes())

    def way(self) -> tuple[str, ...]:
        """Return the way to here."""
        return tuple(
            each.crumb for each in app_of(self).screen_stack if isinstance(each, ViewScreen)
        )

    def notes(self) -> tuple[str, ...]:
        """Return what is to be known about what is shown, the most important first."""
        return ()

    def show(self) -> None:
        """Show the part that is this screen's."""
        raise NotImplementedError

    def unkept(self) -> str:
        """Return what would be lost if this screen were left now; empty when nothing."""
        return ""

    def targets(self) -> tuple[str, ...]:
        """Return the addresses that an action would be about."""
        return ()

    def withdrawable(self) -> frozenset[str]:
        """Return the ids of the commands that are meant and that no kernel has got to."""
        return frozenset()

    def subjects(self) -> tuple[Subject, ...]:
        """Return the same, with what is known of how each is."""
        return tuple(Subject(address) for address in self.targets())
