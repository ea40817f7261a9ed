"""The strip: the latest events, below whatever is shown, where there is room for it."""

from collections.abc import Sequence

from rich.text import Text
from textual.widgets import Static

from dataagents.console.view.event_lines import EventLine
from dataagents.console.view.moment import Moment
from dataagents.console.view.widths import fill

_SUBJECT = 30
"""Cells of what an event is about."""
LINES = 4
"""Events that are shown."""


class TailStrip(Static):
    """A heading with the rate of events, and the newest ones below it."""

    def __init__(self) -> None:
        super().__init__(markup=False)

    def show(self, lines: Sequence[EventLine], rate: float | None, moment: Moment) -> None:
        """Show events, oldest first."""
        pace = "" if rate is None else f"  {rate:,.0f} events/s"
        text = Text(f" tail{pace}\n", style="bold", no_wrap=True, overflow="ellipsis")
        more = moment.glyphs.more
        for line in lines[-LINES:]:
            text.append(
                f" {line.at:%H:%M:%S}.{line.at.microsecond // 1000:03d} "
                f"{moment.glyph(line.mark)} {line.kind:<18} "
                f"{fill(line.subject, _SUBJECT, more)} {line.gist}\n",
                style="not bold",
            )
        text.rstrip()
        self.update(text, layout=False)
