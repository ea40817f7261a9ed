"""The line in which an operator types: filters, times, addresses."""

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label

Hear = Callable[[str, bool], str | None]
"""Takes what was typed, and whether it is meant (enter); returns what is wrong with it."""


class AskBar(Vertical):
    """Hidden until something is asked; tells what is wrong while it is typed."""

    BINDINGS = [  # noqa: RUF012  # as Textual has it
        Binding("escape", "cancel", "Cancel", id="ask.cancel", tooltip="Leave it as it was"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.display = False
        self._hear: Hear | None = None
        self._before = ""

    def compose(self) -> ComposeResult:
        """Lay out what is wrong, and below it what is asked and the input."""
        yield Label(id="wrong", markup=False)
        with Horizontal(id="entry"):
            yield Label(id="asked", markup=False)
            yield Input(compact=True)

    @property
    def text(self) -> str:
        """What is typed."""
        return self.query_one(Input).value

    def ask(self, question: str, hear: Hear, text: str = "", hint: str = "") -> None:
        """Ask for a text; `hear` gets it with every key, and once more when it is meant."""
        self._hear, self._before = None, text
        self.query_one("#asked", Label).update(f" {question} ")
        self._tell(None)
        entry = self.query_one(Input)
        entry.placeholder = hint
        entry.value = text
        self.display = True
        entry.focus()
        self._hear = hear

    def action_cancel(self) -> None:
        """Put back what was there before."""
        if self._hear is not None:
            self._hear(self._before, True)
        self._close()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._hear is not None:
            self._tell(self._hear(event.value, False))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._hear is None:
            return
        wrong = self._hear(event.value, True)
        if wrong:
            self._tell(wrong)
        else:
            self._close()

    def _tell(self, wrong: str | None) -> None:
        label = self.query_one("#wrong", Label)
        label.display = bool(wrong)
        label.update(wrong or "")

    def _close(self) -> None:
        self._hear = None
        self.display = False
        self.screen.focus_next("VirtualTable")
