"""A picture of lines over a common axis, as SVG that needs no font, script or network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

_COLOURS = ("#767676", "#b8860b", "#2f6f9f", "#8b3a8b", "#c0392b", "#2e8b57")
_WIDTH, _HEIGHT = 480, 300
_LEFT, _TOP, _RIGHT, _BOTTOM = 52, 34, 12, 44
_TICKS = 5
_LETTER, _GAP = 7, 22


@dataclass(frozen=True, slots=True)
class Panel:
    """One system of axes."""

    title: str
    lines: Mapping[str, Sequence[float]]
    """Name → its values at 0, 1, 2, …; all equally many, and the same names in each panel."""
    top: float
    """The highest value that there is room for; the lowest is 0."""
    across: str
    """What is counted from left to right."""
    mark: tuple[int, str] | None = None
    """A place to be pointed out, and what happened there."""


def drawn(panels: Sequence[Panel]) -> str:
    """Return the panels side by side above one legend, as SVG."""
    width, height = _WIDTH * len(panels), _HEIGHT + 28
    names = list(panels[0].lines)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#222">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for number, panel in enumerate(panels):
        parts += [f'<g transform="translate({number * _WIDTH} 0)">', *_panel(panel), "</g>"]
    left = _LEFT
    for number, name in enumerate(names):
        colour = _COLOURS[number % len(_COLOURS)]
        parts.append(
            f'<path d="M{left} {_HEIGHT + 8}h18" stroke="{colour}" stroke-width="3"/>'
            f'<text x="{left + 24}" y="{_HEIGHT + 12}">{escape(name)}</text>'
        )
        left += 24 + _LETTER * len(name) + _GAP
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel) -> list[str]:
    count = max(map(len, panel.lines.values()))
    wide, high = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def x(place: float) -> float:
        return _LEFT + wide * place / count

    def y(value: float) -> float:
        return _TOP + high * (1 - value / panel.top)

    parts = [f'<text x="{_LEFT}" y="20" font-weight="bold">{escape(panel.title)}</text>']
    for tick in range(_TICKS + 1):
        value, place = panel.top * tick / _TICKS, count * tick / _TICKS
        parts.append(
            f'<path d="M{_LEFT} {y(value):.1f}H{_LEFT + wide}" stroke="#ddd"/>'
            f'<text x="{_LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:g}</text>'
            f'<text x="{x(place):.1f}" y="{_TOP + high + 16}" text-anchor="middle">'
            f"{place:.0f}</text>"
        )
    parts.append(
        f'<text x="{_LEFT + wide / 2:.0f}" y="{_TOP + high + 34}" text-anchor="middle">'
        f"{escape(panel.across)}</text>"
    )
    if panel.mark is not None:
        at, said = panel.mark
        parts.append(
            f'<path d="M{x(at):.1f} {_TOP}V{_TOP + high}" stroke="#222" stroke-dasharray="4 4"/>'
            f'<text x="{x(at) + 5:.1f}" y="{_TOP + 12}">{escape(said)}</text>'
        )
    for number, values in enumerate(panel.lines.values()):
        points = " ".join(f"{x(place):.1f},{y(value):.1f}" for place, value in enumerate(values))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke-width="1.8" '
            f'stroke="{_COLOURS[number % len(_COLOURS)]}"/>'
        )
    return parts
