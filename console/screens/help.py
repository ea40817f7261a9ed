"""The help: every key that works here, with what it does."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from dataagents.console.apps import app_of
from dataagents.console.view.glyphs import Glyphs
from dataagents.console.view.listing.grammar import HELP
from dataagents.console.view.marks import Mark
from dataagents.console.widgets.detail_pane import DetailPane

_MEANINGS = (
    (Mark.OK, "well, or done"),
    (Mark.BUSY, "at work"),
    (Mark.WARN, "late, or needs a look"),
    (Mark.FAIL, "failed"),
    (Mark.IDLE, "not begun, or over"),
    (Mark.NOTE, "a fact"),
)
_WIDTH = 18


class HelpScreen(ModalScreen[None]):
    """Keys by group; made of the bindings that are in force, so it can't be out of date."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "dismiss", "Close", id="help.close", tooltip="Close"),
    ]

    def __init__(
        self, bindings: Iterable[ActiveBinding], fields: Sequence[tuple[str, str]], glyphs: Glyphs
    ) -> None:
        super().__init__()
        self._active = tuple(bindings)
        self._fields = fields
        self._glyphs = glyphs

    def compose(self) -> ComposeResult:
        """Lay out the one text."""
        with Vertical(id="help"):
            yield Static("Keys that work here; esc closes", id="title", markup=False)
            yield DetailPane(id="text")

    def on_mount(self) -> None:
        """Show the keys."""
        pane = self.query_one(DetailPane)
        pane.show("help", self.sections())
        pane.focus()

    def sections(self) -> Sequence[tuple[str, str]]:
        """Return the groups of keys, what can be filtered, and what the marks mean."""
        groups: dict[str, dict[str, str]] = {}
        for active in self._active:
            about = active.binding.tooltip  # Textual's own keys have none
            title = getattr(active.node, "BINDING_GROUP_TITLE", None) or "Everywhere"
            if about:
                keys = groups.setdefault(title, {})
                shown = app_of(self).get_key_display(active.binding)
                keys[about] = f"{keys[about]} {shown}" if about in keys else shown
        keys_ = [
            (title, "\n".join(_line(key, about) for about, key in keys.items()))
            for title, keys in groups.items()
        ]
        filters = "\n".join(_line(example, found) for example, found in HELP)
        fields = "\n".join(_line(field, about) for field, about in self._fields)
        marks = "\n".join(_line(self._glyphs.marks[mark], meant) for mark, meant in _MEANINGS)
        rest = [("Filters", filters), ("Fields of this list", fields), ("Marks", marks)]
        return [pair for pair in (*keys_, *rest) if pair[1]]


def _line(left: str, right: str) -> str:
    return f"  {left:<{_WIDTH}} {right}"
