"""A list of a few choices, one of which is taken by the arrows, a digit or a click."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from dataagents.console.safe_text import safe_text


class ChoiceList(Widget, can_focus=True):
    """Choices on a line each; none is taken until somebody takes one. Enter is left to others.

    Args:
        choices: What there is to choose from.
        given: The choice that is taken from the start, if it is one of them.
    """

    BINDING_GROUP_TITLE = "Choices"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Down", id="choice.down", tooltip="Next choice", show=False),
        Binding("up", "move(-1)", "Up", id="choice.up", tooltip="Choice before", show=False),
    ]
    DEFAULT_CSS = """
    ChoiceList { height: auto; width: 1fr; background: $panel; }
    ChoiceList:focus { text-style: bold; }
    """

    taken: reactive[int | None] = reactive[int | None](None)
    """Index of the choice that was taken."""

    class Changed(Message):
        """Another choice was taken."""

        def __init__(self, list: "ChoiceList") -> None:
            self.list = list
            super().__init__()

        @property
        def control(self) -> "ChoiceList":
            """The list."""
            return self.list

    def __init__(self, choices: Sequence[str], given: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._choices = tuple(choices)
        if given in self._choices:
            self.taken = self._choices.index(given)

    @property
    def value(self) -> str:
        """The choice that was taken; empty when none was."""
        return "" if self.taken is None else self._choices[self.taken]

    def render(self) -> Content:
        """Show the choices."""
        lines = [self._line(number, choice) for number, choice in enumerate(self._choices)]
        return Content("\n").join(lines)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the lines that it takes."""
        return len(self._choices)

    def on_key(self, event: events.Key) -> None:
        """Take a choice by its number."""
        character = event.character or ""
        if (
            character.isascii()
            and character.isdigit()
            and 1 <= int(character) <= len(self._choices)
        ):
            self.taken = int(character) - 1
            event.stop()

    def on_click(self, event: events.Click) -> None:
        """Take the choice under the pointer."""
        line = event.get_content_offset_capture(self).y
        if 0 <= line < len(self._choices):
            self.taken = line

    def action_move(self, by: int) -> None:
        """Take the next choice, or the one before."""
        last = len(self._choices) - 1
        if self.taken is None:
            self.taken = 0 if by > 0 else last
        else:
            self.taken = max(0, min(last, self.taken + by))

    def watch_taken(self) -> None:
        """Tell of it."""
        if self.is_mounted:
            self.post_message(self.Changed(self))

    def _line(self, number: int, choice: str) -> Content:
        chosen = number == self.taken
        text = f"{'(x)' if chosen else '( )'} {number + 1} {safe_text(choice, limit=200)}"
        return Content.styled(text, "bold" if chosen else "")
