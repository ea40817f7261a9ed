"""The help: every key that works, with what it does."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

LEGEND = (
    "● well or done   ◐ at work   ▲ late or needs a look\n"
    "✖ failed   ○ not begun, or over   · a fact"
)


class HelpScreen(ModalScreen[None]):
    """Keys by group; made of the bindings themselves, so it can't be out of date."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "dismiss", "Close", id="help.close", tooltip="Close"),
    ]

    def __init__(self, groups: Sequence[tuple[str, Sequence[BindingType]]]) -> None:
        super().__init__()
        self._groups = groups

    def compose(self) -> ComposeResult:
        """Lay out the one text."""
        with VerticalScroll(id="help"):
            yield Static(self._text(), markup=False)

    def _text(self) -> Text:
        text = Text.assemble(("DataAgents console: read-only\n", "bold"))
        for title, bindings in self._groups:
            text.append(f"\n{title}\n", style="bold")
            for binding in bindings:
                if isinstance(binding, Binding):
                    keys = " ".join(_NAMES.get(key, key) for key in binding.key.split(","))
                    text.append(f"  {keys:<16}{binding.tooltip or binding.description}\n")
        text.append("\nMarks\n", style="bold")
        text.append("".join(f"  {line}\n" for line in LEGEND.splitlines()))
        return text


_NAMES = {"question_mark": "?", "escape": "esc", "pagedown": "pgdn", "pageup": "pgup"}
