"""What the screens have in common: they look at one model and are told when to paint."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from textual.screen import Screen

from dataagents.console.source import SourceState
from dataagents.console.view import ViewState
from dataagents.console.widgets.status_line import Status, StatusLine


@dataclass(frozen=True, slots=True)
class Look:
    """What there is to see at one moment."""

    view: ViewState
    status: Status
    now: datetime
    live: bool

    def nothing(self, what: str) -> str:
        """Return what an empty table says: how to fill it, or what is wrong with the store."""
        if self.status.state not in (SourceState.LIVE, SourceState.ENDED):
            return self.status.sentence
        return (
            f"{what}\n\nMake one in another terminal:\n  dataagents run FILE.csv\n\n"
            "This screen follows the store and shows it as it happens."
        )


class ViewScreen(Screen[None]):
    """A screen that shows the model; painting is asked for, never done by an event of the store."""

    def __init__(self, look: Callable[[], Look]) -> None:
        super().__init__()
        self._look = look
        self.seen = look()
        """What was painted last."""
        self._ready = False

    def on_mount(self) -> None:
        """Show what there is."""
        self._ready = True
        self.paint()

    def on_screen_resume(self, event: Any) -> None:
        """Catch up with what happened while another screen was shown."""
        self.paint()

    def paint(self) -> None:
        """Show the model as it is now; does nothing while the widgets are not all there."""
        if not self._ready or not self.query(StatusLine):
            return
        self.seen = self._look()
        self.query_one(StatusLine).show(self.seen.status)
        self.show(self.seen)

    def show(self, look: Look) -> None:
        """Show the part of the model that is this screen's."""
        raise NotImplementedError
