"""The header line: one line of pieces, each in the style of what it means."""

from typing import ClassVar

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from dataagents.console.view.glyphs import UNICODE, Glyphs
from dataagents.console.view.status_line import Count, Status, status_parts

__all__ = ["Count", "Status", "StatusLine"]


class StatusLine(Widget):
    """Shows a status on one line, as far as it is wide."""

    ALLOW_SELECT: ClassVar[bool] = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"status--{tone}"
        for tone in (
            "ok", "busy", "warn", "fail", "idle", "note", "dim", "strong",
            "badge-ok", "badge-busy", "badge-warn", "badge-fail", "badge-note",
        )
    }  # fmt: skip

    def __init__(self, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._glyphs = glyphs
        self._status = Status()

    def show(self, status: Status) -> None:
        """Show another status."""
        if status != self._status:
            self._status = status
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Render the line."""
        width = self.content_size.width
        if y:
            return Strip.blank(width, self.rich_style)
        parts = status_parts(self._status, width, self._glyphs)
        segments = [
            Segment(
                part.text,
                self.get_component_rich_style(f"status--{part.tone}")
                if part.tone
                else self.rich_style,
            )
            for part in parts
        ]
        return Strip(segments, width)
