"""A choice: one of a few things, or several of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, SelectionList, Static
from textual.widgets.option_list import Option
from textual.widgets.selection_list import Selection


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the things to choose from."""

    name: str
    words: str
    chosen: bool = False


class Choose(ModalScreen[tuple[str, ...] | None]):
    """Asks for one of several things, or which of them; gives their names, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", id="choose.cancel", tooltip="Change nothing"),
        Binding("enter", "take", "Take", id="choose.take", tooltip="Take it", priority=True),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], *, several: bool = False) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._several = several

    def compose(self) -> ComposeResult:
        """Lay out the choices."""
        with Vertical(id="choose"):
            keys = "space chooses, enter takes them" if self._several else "enter takes it"
            yield Static(f"{self._title}: {keys}, esc leaves it", markup=False)
            if self._several:
                yield SelectionList[str](
                    *(Selection(Content(e.words), e.name, e.chosen) for e in self._choices)
                )
            else:
                yield OptionList(*(Option(Content(e.words), e.name) for e in self._choices))

    def action_take(self) -> None:
        """Give what is chosen."""
        if self._several:
            chosen = cast("SelectionList[str]", self.query_one(SelectionList)).selected
            self.dismiss(tuple(chosen))
            return
        at = self.query_one(OptionList).highlighted
        self.dismiss(None if at is None else (self._choices[at].name,))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        if not self._several:
            self.dismiss((self._choices[event.option_index].name,))
