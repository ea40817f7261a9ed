"""The keys that work now, in one line; a click on one presses it.

One widget draws all of them: a widget for each, as textual's own footer has it, is the dearest part
of opening a screen.
"""

from typing import Any, ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.screen import Screen
from textual.signal import Signal
from textual.strip import Strip
from textual.widget import Widget

from dataagents.console.apps import app_of
from dataagents.console.view.key_line import Key, PlacedKey, place_keys


class KeyBar(Widget):
    """Shows what is bound on its screen."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"keys--key", "keys--word"}
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self.keys: tuple[Key, ...] = ()
        """What is shown, as far as there is room."""

    def on_mount(self) -> None:
        """Follow what is bound."""
        self._changes.subscribe(self, self._bound)

    def on_unmount(self) -> None:
        """Follow no longer."""
        self._changes.unsubscribe(self)

    @property
    def _changes(self) -> Signal[Screen[Any]]:
        # textual leaves out the type argument of Screen there
        changes: Signal[Screen[Any]] = self.screen.bindings_updated_signal  # pyright: ignore[reportUnknownMemberType]
        return changes

    def _bound(self, screen: Screen[Any]) -> None:
        app = app_of(self)
        # While nobody looks at the terminal nothing has the focus, and fewer keys are bound.
        if not app.app_focus or not self.is_attached or screen is not self.screen:
            return
        found: dict[str, Key] = {}
        for _, binding, enabled, _ in screen.active_bindings.values():
            if binding.show and binding.action not in found:
                label = app.get_key_display(binding)
                found[binding.action] = Key(binding.key, label, binding.description, enabled)
        keys = tuple(found.values())
        if keys != self.keys:
            self.keys = keys
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Render the line."""
        width, base = self.content_size.width, self.rich_style
        segments: list[Segment] = []
        for placed in self._placed():
            key, dim = placed.key, Style(dim=not placed.key.enabled or None)
            label = f" {key.label} "
            word = set_cell_size(key.word, placed.width - cell_len(label))
            segments += (
                Segment(label, base + self._style("key") + dim),
                Segment(word, base + self._style("word") + dim),
            )
        return Strip(segments).adjust_cell_length(width, base)

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked."""
        at = event.get_content_offset_capture(self).x
        for placed in self._placed():
            if placed.begin <= at < placed.begin + placed.width:
                if placed.key.enabled:
                    app_of(self).simulate_key(placed.key.key)
                else:
                    app_of(self).bell()

    def _placed(self) -> tuple[PlacedKey, ...]:
        return place_keys(self.keys, self.content_size.width)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"keys--{part}", partial=True)
