"""The moment: what cells depend on beside their row."""

from dataclasses import dataclass, field
from datetime import datetime

from dataagents.console.view.glyphs import UNICODE, Glyphs
from dataagents.console.view.marks import Mark


@dataclass(frozen=True, slots=True)
class Moment:
    """When, and how, something is looked at."""

    now: datetime
    live: bool = True
    """Whether a kernel lives; without one nothing is at work."""
    glyphs: Glyphs = field(default=UNICODE)

    def glyph(self, mark: Mark) -> str:
        """Return the glyph of a mark, one cell wide."""
        return self.glyphs.marks[mark]
