"""Widths: text cut and padded to cells, for lines that are laid out by hand."""

import re
from datetime import datetime, timedelta

from rich.cells import cell_len, set_cell_size

from dataagents.console.view.moment import Moment

_TODAY = timedelta(hours=24)
_FOLDERS = re.compile(r"(?<![\w.:/…])/(?:[^\s/'\",:;()]+/)+(?=[^\s/'\",:;()])")
"""The folders of an absolute path; the addresses of web pages are left alone."""


def cut(text: str, width: int, more: str = "…") -> str:
    """Return a text in at most so many cells; what was cut off leaves a sign.

    Args:
        text: One line.
        width: Cells; none are left when it is 0 or less.
        more: The sign, one cell wide.
    """
    if cell_len(text) <= width:
        return text
    if width < 1:
        return ""
    return set_cell_size(text, width - 1).rstrip() + more


def fill(text: str, width: int, more: str = "…", *, right: bool = False) -> str:
    """Return a text in exactly so many cells.

    Args:
        text: One line.
        width: Cells.
        more: Sign of what was cut off, one cell wide.
        right: Whether it stands at the right.
    """
    kept = cut(text, width, more)
    space = " " * max(0, width - cell_len(kept))
    return space + kept if right else kept + space


def brief(text: str) -> str:
    """Return a text with the folders of its paths left out, which hide the rest in a narrow column.

    The pane, which has room, shows them.
    """
    return _FOLDERS.sub("…/", text) if "/" in text else text


def when(at: datetime | None, moment: Moment) -> str:
    """Return a time of day, or a date where it is more than a day away; eleven cells at most."""
    if at is None:
        return ""
    near = abs(moment.now - at) < _TODAY
    return f"{at:%H:%M:%S}" if near else f"{at:%m-%d %H:%M}"


def exactly(at: datetime | None) -> str:
    """Return a time with its date, to the millisecond; empty when there is none."""
    return "" if at is None else f"{at:%Y-%m-%d %H:%M:%S.%f}"[:-3] + " UTC"
