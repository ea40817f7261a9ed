"""Measures: what a text says as a figure or a time, and what a value says as a text."""

import math
import re
from datetime import UTC, datetime

from dataagents.console.view.listing.field import Value
from dataagents.console.view.listing.timing import parse_duration, parse_point
from dataagents.core.errors import InputError

_NUMBER = re.compile(r"([+-]?(?:[0-9][0-9,_]*(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]{1,3})?)(\w*|%)")
_SCALES = {
    "": 1.0,
    "%": 0.01,
    "b": 1.0,
    "k": 1e3,
    "kb": 1e3,
    "mb": 1e6,
    "gb": 1e9,
}
_TO_THE_SECOND = len("2026-03-02 14:00:00")
_LONGEST = 40
"""Characters of the longest figure that is read."""


def figure(text: str) -> float | None:
    """Return the figure that a text says; durations in seconds, shares as parts of one.

    Args:
        text: For example `5`, `-1.5`, `4k`, `20MB`, `90%`, `1h30m`.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    seconds = parse_duration(text)
    if seconds is not None:
        return seconds
    found = _NUMBER.fullmatch(text.casefold())
    scale = _SCALES.get(found[2]) if found else None
    if found is None or scale is None:
        return None
    number = float(found[1].replace(",", "").replace("_", "")) * scale
    return number if math.isfinite(number) else None


def measure(text: str, now: datetime) -> float | datetime | None:
    """Return the figure or the time that a text says; None when it says neither."""
    found = figure(text)
    if found is not None:
        return found
    try:
        return parse_point(text, now)
    except InputError:
        return None


def plain(value: Value) -> str:
    """Return a value as the text that filters look at."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, datetime):
        utc = value if value.tzinfo is UTC else value.astimezone(UTC)
        return utc.isoformat(" ", "seconds")[:_TO_THE_SECOND]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
