"""A choice: one of a few things, or several of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the things to choose from."""

    name: str
    words: str
    chosen: bool = False


class Choose(ModalScreen[tuple[str, ...] | None]):
    """Asks for one of several things, or which of them; gives their names, or None.

    What is under the cursor, and what is chosen, is told by characters, not by colour alone.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", id="choose.cancel", tooltip="Change nothing"),
        Binding("enter", "take", "Take", id="choose.take", tooltip="Take it", priority=True),
        Binding("space", "choose", "Choose", id="choose.toggle", tooltip="Choose it, or not"),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], *, several: bool = False) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._several = several
        self._chosen = {choice.name for choice in choices if choice.chosen}

    def compose(self) -> ComposeResult:
        """Lay out the choices."""
        with Vertical(id="choose"):
            keys = "space chooses, enter takes what is chosen" if self._several else "enter takes"
            yield Static(f"{self._title}\n{keys}, esc changes nothing", markup=False)
            yield OptionList(*(Option(self._line(at, 0)) for at in range(len(self._choices))))

    def action_take(self) -> None:
        """Give what is chosen."""
        if self._several:
            names = (choice.name for choice in self._choices)
            self.dismiss(tuple(name for name in names if name in self._chosen))
            return
        at = self._options.highlighted
        self.dismiss(None if at is None else (self._choices[at].name,))

    def action_choose(self) -> None:
        """Choose what is under the cursor, or not any more."""
        at = self._options.highlighted
        if self._several and at is not None:
            self._chosen ^= {self._choices[at].name}
            self._mark()

    @on(OptionList.OptionHighlighted)
    def _mark(self) -> None:
        options = self._options
        for at in range(len(self._choices)):
            options.replace_option_prompt_at_index(at, self._line(at, options.highlighted))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        if self._several:
            self.action_choose()
        else:
            self.dismiss((self._choices[event.option_index].name,))

    @property
    def _options(self) -> OptionList:
        return self.query_one(OptionList)

    def _line(self, at: int, cursor: int | None) -> Content:
        choice = self._choices[at]
        box = f"[{'x' if choice.name in self._chosen else ' '}] " if self._several else ""
        return Content(f"{'>' if at == cursor else ' '} {box}{choice.words}")
