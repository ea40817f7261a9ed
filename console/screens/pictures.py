"""Pictures of the screen, that need nothing from elsewhere to be looked at."""

import re
from typing import Any

from textual.app import App

_FONT_FACE = re.compile(r"@font-face\s*{.*?}", re.DOTALL)
_FONTS = '"DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace'


def picture(app: App[Any], title: str = "DataAgents") -> str:
    """Return the screen as an SVG without the fonts of another host that Textual's own names."""
    drawn = _FONT_FACE.sub("", app.export_screenshot(title=title))
    return re.sub(r"font-family:\s*Fira Code[^;]*;", f"font-family: {_FONTS};", drawn)
