"""The detail pane: everything there is to read about the row under the cursor."""

from collections.abc import Sequence
from textwrap import wrap
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.theme import Theme
from textual.widgets import Static

from dataagents.console.apps import app_of

_SMALL = 76
_SHORTEST = 10
"""Cells that a line has at least, however narrow the pane."""
_NAME = 14
"""Cells of the names of facts that have a line of their own."""
_LEAST = 40
"""Cells that a text beside its name needs, if it has to go over several lines."""
_MOST_LINES = 3
"""Lines that a text may go over there; a longer one stands below its name."""


class DetailPane(VerticalScroll):
    """Headings and texts; scrolls, and stays where it is while the same thing changes."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"detail--name", "detail--title"}

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._subject = ""
        self._sections: tuple[tuple[str, str], ...] = ()
        self.text = Text()
        """What is shown."""

    def compose(self) -> ComposeResult:
        """Lay out the one text."""
        yield Static(markup=False)

    def on_mount(self) -> None:
        """Draw the texts anew when the colours change."""
        app_of(self).theme_changed_signal.subscribe(self, self._recolour)

    def _recolour(self, theme: Theme) -> None:
        self._redraw()

    def _redraw(self) -> None:
        before, self.text = self.text, self._text(self._sections)
        # Lines are broken here, so the height is another one only when there are more or fewer.
        layout = _height(before) != _height(self.text)
        self.query_one(Static).update(self.text, layout=layout)

    def show(self, subject: str, sections: Sequence[tuple[str, str]]) -> None:
        """Show sections about a subject; `subject` is its address.

        A heading with a short text is a fact on one line, one with a longer text stands above it,
        and one without a text is a title.
        """
        shown = tuple(sections)
        if shown == self._sections and subject == self._subject:
            return
        self._sections = shown
        self._redraw()
        if subject != self._subject:
            self._subject = subject
            self.scroll_home(animate=False)

    def _text(self, sections: Sequence[tuple[str, str]]) -> Text:
        name = self.get_component_rich_style("detail--name", partial=True)
        title = self.get_component_rich_style("detail--title", partial=True)
        text, width = Text(tab_size=4), self._width
        for at, (heading, body) in enumerate(sections):
            if heading and not body:
                text.append(("\n" if at else "") + f"{heading}\n", style=title)
            elif heading and _is_fact(heading, body, width):
                text.append(f"{heading:<{_NAME}} ", style=name)
                text.append(_set_in(body, _NAME + 1, width).lstrip(" ") + "\n")
            else:
                text.append(f"{heading}\n" if heading else "", style=name)
                text.append(_set_in(body, 2, width) + "\n")
        text.rstrip()
        return text

    @property
    def _width(self) -> int:
        """Cells of a line; where the pane is not laid out yet, those of a small terminal."""
        return self.scrollable_content_region.width or _SMALL

    def on_resize(self) -> None:
        """Break the lines for the new width."""
        self._redraw()


def _height(text: Text) -> int:
    return text.plain.count("\n")


def _is_fact(heading: str, body: str, width: int) -> bool:
    """Return whether a text stands beside its name rather than below it."""
    room = width - _NAME - 1
    fits = cell_len(body) <= room or (room >= _LEAST and cell_len(body) <= _MOST_LINES * room)
    return "\n" not in body and cell_len(heading) <= _NAME and fits


def _set_in(body: str, by: int, width: int) -> str:
    """Return a text with all of its lines set in, those that are broken, too."""
    room = max(_SHORTEST, width - by)
    return "\n".join(
        f"{' ' * by}{part}"
        for line in body.splitlines()
        for part in wrap(line, room, break_on_hyphens=False, replace_whitespace=False) or [""]
    )
