"""Palettes: the colours of the themes, as data.

The same colours have to do on terminals with 256 of them, where each becomes its nearest: rows are
therefore shades that stay apart there, and dark or light enough for every tone.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a theme; every one of them is a colour of CSS."""

    background: str
    surface: str
    panel: str
    foreground: str
    dim: str
    """Quiet text."""
    rule: str
    """Lines between panes."""
    primary: str
    """What has the focus, keys, and things at work."""
    ok: str
    warn: str
    fail: str
    match: str
    """Text that was searched for."""
    cursor: str
    """Background of the row under the cursor."""
    resting: str
    """The same in a table that is without focus."""
    marked: str
    """Background of rows that were marked."""
    on_badge: str
    """Text on a block of colour."""
    cursor_style: str = "bold"


DARK = Palette(
    background="#131416", surface="#1a1c1e", panel="#222427", foreground="#dadada",
    dim="#a3a9b0", rule="#43474d", primary="#87afff", ok="#87d787", warn="#ffc966",
    fail="#ff8787", match="#ffff87", cursor="#1f2f63", resting="#2b2f35", marked="#3d2b55",
    on_badge="#121212",
)  # fmt: skip

LIGHT = Palette(
    background="#fcfcfc", surface="#f3f4f4", panel="#e8e9ea", foreground="#1e2124",
    dim="#51575e", rule="#b2b6ba", primary="#0a53a8", ok="#17622f", warn="#6e4b00",
    fail="#ac1f18", match="#6a1fb0", cursor="#d3e2f7", resting="#e2e4e6", marked="#efe0f8",
    on_badge="#ffffff",
)  # fmt: skip

CONTRAST = Palette(
    background="#000000", surface="#000000", panel="#121212", foreground="#ffffff",
    dim="#d4d4d4", rule="#b2b2b2", primary="#87d7ff", ok="#87ff87", warn="#ffd75f",
    fail="#ffafaf", match="#ffff5f", cursor="#000000", resting="#303030", marked="#4a0060",
    on_badge="#000000", cursor_style="bold reverse",
)  # fmt: skip
