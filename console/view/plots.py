"""Plots of figures in text: curves of one line, and lines over time with their axes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite

from dataagents.console.view.canvas import PLAIN_SIGNS, Canvas
from dataagents.console.view.cells import Cell
from dataagents.console.view.glyphs import Glyphs
from dataagents.console.view.plot_axes import (
    bounds,
    framed,
    is_level,
    labels,
    share_of,
    time_axis,
)
from dataagents.console.view.row import line
from dataagents.console.view.words import measured

_SERIES_TONES = ("busy", "ok", "warn", "note")
"""Tones of series that ask for none; a number tells them apart without colour."""
_LEAST_GUTTER_WIDTH = 24
"""Cells of a plot from which on its figures have room beside it."""
_AXIS_LINES = 2


@dataclass(frozen=True, slots=True)
class Series:
    """A figure over time."""

    name: str
    points: Sequence[tuple[datetime, float | None]]
    """Oldest first; where a value is None, or no finite number, the line has a gap."""
    tone: str = ""
    """One of `cells.TONES`; one that no other series has when empty."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A value that a figure should keep to."""

    name: str
    value: float
    tone: str = "fail"


@dataclass(frozen=True, slots=True)
class Plot:
    """Lines over time, as text."""

    lines: tuple[tuple[Cell, ...], ...]
    """From the top; each as wide as was asked for, in pieces."""
    legend: tuple[Cell, ...]
    """A line for each series, with its newest value, and for each threshold."""
    note: str = ""
    """What there is to say of it in words, such as that there is nothing to draw."""


def sparkline(
    values: Sequence[float | None],
    glyphs: Glyphs,
    width: int,
    *,
    low: float | None = None,
    high: float | None = None,
) -> str:
    """Return figures as a curve of one line, the newest one at the right.

    Args:
        values: Oldest first; None, or what is no finite number, is a gap. Where there are more
            than cells, each cell is the mean of those it stands for.
        glyphs: The set of characters.
        width: Cells; the curve always fills them.
        low: What the lowest character stands for; the least value when None.
        high: What the highest one stands for; the greatest value when None.
    """
    width = max(0, width)
    means = _thinned([_finite(value) for value in values], width)
    known = [value for value in means if value is not None]
    bottom = min(known, default=0.0) if low is None else low
    top = max(known, default=0.0) if high is None else high
    signs = [_height(value, bottom, top, glyphs.spark) for value in means]
    return "".join(signs).rjust(width)


def _height(value: float | None, low: float, high: float, spark: str) -> str:
    if value is None:
        return " "
    if is_level(low, high):
        # A figure that never changes is neither low nor high, unless it stands at a given end.
        return spark[0] if value == 0 else spark[len(spark) // 2]
    share = share_of(value, low, high)
    return spark[min(len(spark) - 1, int(share * len(spark)))]


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and isfinite(value) else None


def _thinned(values: Sequence[float | None], width: int) -> list[float | None]:
    """Return no more values than cells: the mean of each of as many parts, which lie in order."""
    if len(values) <= width or width <= 0:
        return list(values) if width > 0 else []
    means: list[float | None] = []
    for cell in range(width):
        part = values[cell * len(values) // width : (cell + 1) * len(values) // width]
        known = [value for value in part if value is not None]
        means.append(sum(value / len(known) for value in known) if known else None)
    return means


def line_plot(
    series: Sequence[Series],
    width: int,
    height: int,
    glyphs: Glyphs,
    *,
    unit: str = "",
    thresholds: Sequence[Threshold] = (),
    since: datetime | None = None,
    until: datetime | None = None,
) -> Plot:
    """Return figures as lines over time, with the scale at the left and times below.

    Args:
        series: What to draw.
        width: Cells of every line.
        height: Lines in all, those of the time axis included.
        glyphs: The set of characters; braille where they are not ASCII.
        unit: Unit of all series, for the labels.
        thresholds: Values to draw across.
        since: Where the time axis begins; with the oldest point when None.
        until: Where it ends; with the newest point when None.
    """
    found = [_points(each, since, until) for each in series]
    times = [at for points in found for at, value in points if value is not None]
    values = [value for points in found for _, value in points if value is not None]
    tones = tuple(
        each.tone or _SERIES_TONES[number % len(_SERIES_TONES)]
        for number, each in enumerate(series)
    )
    legend = _legend(series, found, thresholds, tones, glyphs, unit)
    if not values:
        empty = tuple((Cell(" " * width),) for _ in range(height))
        return Plot(empty, legend, "no value is on record here")
    begin, end = since or min(times), until or max(times)
    limits = [each.value for each in thresholds if isfinite(each.value)]
    low, high = bounds([*values, *limits])
    body = max(1, height - _AXIS_LINES)
    scale = labels(low, high, body, unit)
    gutter = max(map(len, scale.values()), default=0) if width >= _LEAST_GUTTER_WIDTH else 0
    canvas = Canvas(width - (gutter + 1 if gutter else 0), body, glyphs)
    for number, points in enumerate(found):
        _draw(canvas, points, number, (begin, end), (low, high))
    if len(series) > 1 and not glyphs.bar.isascii():
        _number(canvas, found, tones, (begin, end), (low, high))
    for each in thresholds:
        if isfinite(each.value):
            y = round(share_of(each.value, low, high) * (canvas.rows - 1))
            canvas.under(y, Cell(glyphs.gap, each.tone))
    lines = framed(canvas.lines(tones or ("",)), scale, gutter, glyphs)
    lines += time_axis(begin, end, width, gutter, glyphs)[: max(0, height - body)]
    return Plot(tuple(lines), legend, "one value is on record here" if len(values) == 1 else "")


_Points = list[tuple[datetime, float | None]]
_Range = tuple[float, float]
_Times = tuple[datetime, datetime]


def _points(series: Series, since: datetime | None, until: datetime | None) -> _Points:
    return [
        (at, _finite(value))
        for at, value in series.points
        if not (since and at < since) and not (until and at > until)
    ]


def _place(
    canvas: Canvas, at: datetime, value: float, times: _Times, values: _Range
) -> tuple[int, int]:
    length = (times[1] - times[0]).total_seconds()
    # A single moment stands at the right, where what is newest stands.
    share = (at - times[0]).total_seconds() / length if length > 0 else 1.0
    y = round(share_of(value, *values) * (canvas.rows - 1))
    return round(min(1.0, max(0.0, share)) * (canvas.columns - 1)), y


def _draw(canvas: Canvas, points: _Points, number: int, times: _Times, values: _Range) -> None:
    last: tuple[int, int] | None = None
    for at, value in points:
        if value is None:
            last = None
            continue
        place = _place(canvas, at, value, times, values)
        canvas.line(*(last or place), *place, number)
        last = place


def _number(
    canvas: Canvas, found: Sequence[_Points], tones: tuple[str, ...], times: _Times, values: _Range
) -> None:
    """Write the number of each series where its newest value is."""
    for number, points in enumerate(found):
        known = [(at, value) for at, value in points if value is not None]
        if known:
            x, y = _place(canvas, *known[-1], times, values)
            canvas.write(x, y, Cell(str((number + 1) % 10), tones[number]))


def _legend(
    series: Sequence[Series],
    found: Sequence[_Points],
    thresholds: Sequence[Threshold],
    tones: tuple[str, ...],
    glyphs: Glyphs,
    unit: str,
) -> tuple[Cell, ...]:
    rows: list[Cell] = []
    for number, each in enumerate(series):
        newest = next((value for _, value in reversed(found[number]) if value is not None), None)
        plain = glyphs.bar.isascii()
        sign = PLAIN_SIGNS[number % len(PLAIN_SIGNS)] if plain else str((number + 1) % 10)
        told = "no value" if newest is None else measured(newest, unit, each.name)
        rows.append(Cell(line(f"{sign} {each.name}  {told}"), tones[number]))
    for limit in thresholds:
        told = f"{glyphs.gap} {limit.name}  {measured(limit.value, unit, limit.name)}"
        rows.append(Cell(line(told), limit.tone))
    return tuple(rows)
