"""Reading: a text over everything else, to be read and left."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from dataagents.console.widgets.detail_pane import DetailPane


class ReadScreen(ModalScreen[None]):
    """A title, and sections of text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "Close", id="read.close", tooltip="Close"),
        Binding("down,j", "scroll(1)", "Down", id="read.down", tooltip="A line down", show=False),
        Binding("up,k", "scroll(-1)", "Up", id="read.up", tooltip="A line up", show=False),
    ]

    def __init__(self, title: str, sections: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._title = title
        self._sections = sections

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        with Vertical(id="read"):
            yield Static(self._title, id="title", markup=False)
            yield DetailPane(id="text")

    def on_mount(self) -> None:
        """Show the text."""
        pane = self.query_one(DetailPane)
        pane.show(self._title, self._sections)
        pane.focus()

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one(DetailPane).scroll_relative(y=by, animate=False)
