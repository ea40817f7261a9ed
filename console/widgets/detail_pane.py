"""The detail pane: everything there is to read about the row under the cursor."""

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static


class DetailPane(VerticalScroll):
    """Headings and texts; scrolls, and stays where it is while the same thing changes."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._subject = ""
        self.text = Text()
        """What is shown."""

    def compose(self) -> ComposeResult:
        """Lay out the one text."""
        yield Static(markup=False)

    def show(self, subject: str, sections: Sequence[tuple[str, str]]) -> None:
        """Show sections about a subject; `subject` is its address."""
        text = Text(tab_size=4)
        for heading, body in sections:
            text.append(f"{heading}\n", style="bold")
            text.append(f"{body}\n")
        text.rstrip()
        if text == self.text and subject == self._subject:
            return
        self.text = text
        self.query_one(Static).update(text)
        if subject != self._subject:
            self._subject = subject
            self.scroll_home(animate=False)
