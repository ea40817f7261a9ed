"""The axes of a plot: its scale at the left, and the times below it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import ceil, floor, isfinite, log10

from dataagents.console.view.cells import Cell
from dataagents.console.view.glyphs import Glyphs
from dataagents.console.view.words import measured

_WIDEST_LABEL = 12
_LEAST_ROWS = 6
"""Lines of a scale from which on it has more labels than its ends."""
_DAY = 86_400.0
_NOTHING = 1e-300
"""Half of a difference that is as good as none, so that one can divide by what is more."""


def is_level(low: float, high: float) -> bool:
    """Return whether two values are the same, or as good as that."""
    return high / 2 - low / 2 < _NOTHING


def share_of(value: float, low: float, high: float) -> float:
    """Return where a value lies between two others, in [0, 1]; halves, as a range may overflow."""
    share = (value / 2 - low / 2) / (high / 2 - low / 2)
    return min(1.0, max(0.0, share))


def bounds(values: Sequence[float]) -> tuple[float, float]:
    """Return the least and greatest value, apart even where all are the same."""
    low, high = min(values), max(values)
    if not is_level(low, high):
        return low, high
    room = abs(low) * 0.1
    if room / 2 < _NOTHING:
        return low - 1.0, high + 1.0
    # The greatest numbers have no room beyond them.
    ends = (low - room, high + room)
    return ends if all(map(isfinite, ends)) else (min(low, low * 0.9), max(high, high * 0.9))


def labels(low: float, high: float, rows: int, unit: str) -> dict[int, str]:
    """Return line, from the top → label: of the bounds, and of round values in between."""
    found = {rows - 1: _label(low, unit)}
    if rows > 1:
        found[0] = _label(high, unit)
    span = high - low
    if rows < _LEAST_ROWS or not isfinite(span) or span <= 0:
        return found
    step = _round(span / (rows / 4))
    for number in range(ceil(low / step), floor(high / step) + 1):
        place = rows - 1 - round(share_of(number * step, low, high) * (rows - 1))
        if all(abs(place - other) > 1 for other in found):
            found[place] = _label(number * step, unit)
    return found


def _round(least: float) -> float:
    scale = 10.0 ** floor(log10(least))
    return next(each * scale for each in (1, 2, 5, 10) if each * scale >= least * 0.999)


def _label(value: float, unit: str) -> str:
    if unit in ("s", "ratio", "B", "1/s") and value >= 0:
        return measured(value, unit)[:_WIDEST_LABEL]
    return f"{value:.4g}"


def framed(
    lines: Iterable[tuple[Cell, ...]], scale: Mapping[int, str], gutter: int, glyphs: Glyphs
) -> list[tuple[Cell, ...]]:
    """Return lines with their labels and the axis at the left."""
    if not gutter:
        return list(lines)
    return [
        (Cell(f"{scale.get(number, ''):>{gutter}}{glyphs.rule}", "dim"), *pieces)
        for number, pieces in enumerate(lines)
    ]


def time_axis(
    begin: datetime, end: datetime, width: int, gutter: int, glyphs: Glyphs
) -> list[tuple[Cell, ...]]:
    """Return the line below a plot, and the times at its ends and, where it has room, between."""
    room = width - (gutter + 1 if gutter else 0)
    before = " " * (width - room)
    form = _time_format((end - begin).total_seconds())
    first, last = f"{begin:{form}}", f"{end:{form}}"
    middle = f"{begin + (end - begin) / 2:{form}}"
    if begin == end or room < len(first) + len(last) + 1:
        text = last.rjust(room)[-room:]
    else:
        spare = room - len(first) - len(last)
        text = first + (middle.center(spare) if spare > len(middle) + 1 else " " * spare) + last
    return [(Cell(before + glyphs.line * room, "dim"),), (Cell(before + text, "dim"),)]


def _time_format(seconds: float) -> str:
    if seconds >= _DAY:
        return "%m-%d %H:%M"
    return "%H:%M" if seconds >= _DAY / 24 else "%H:%M:%S"
