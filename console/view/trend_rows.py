"""Trends as a list: where the figures of the runs are heading, as reflections said."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dataagents.console.view.cells import Cell
from dataagents.console.view.fields import Fields, name
from dataagents.console.view.listing import Field, Listing, Preset, Sections
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment
from dataagents.console.view.plots import sparkline
from dataagents.console.view.row import figure, sections
from dataagents.console.view.words import ago, measured, plural
from dataagents.core.events import Event

_WORDS: Mapping[str, str] = {"up": "rising", "down": "falling", "steady": "steady"}
_BETTER: Mapping[str, str] = {
    "quality": "up", "throughput": "up", "latency": "down", "error rate": "down",
}  # fmt: skip
"""Figure → the direction that is good; others may go either way."""
_UNITS: Mapping[str, str] = {
    "quality": "ratio", "error rate": "ratio", "latency": "s", "throughput": "1/s",
}  # fmt: skip
_MEANS: Mapping[Mark, str] = {Mark.OK: "better", Mark.WARN: "worse"}
_CURVE = 16
_MOST_VALUES = 200
"""Values of a trend that are kept, the newest."""


@dataclass(frozen=True, slots=True)
class TrendLine:
    """A figure, and where it is heading; its texts are safe to show."""

    metric: str
    source: str
    """Name of the data set; empty when it is about all."""
    direction: str
    """`rising`, `falling` or `steady`, as the newest reflection said; any other word as it is."""
    values: tuple[float | None, ...]
    """What each reflection measured, oldest first."""
    at: datetime
    """When the newest reflection was."""
    before: float | None = None
    samples: int = 0
    p: float | None = None
    changed_at: int | None = None
    """Sample, from 0, at which it changed its level; None when none was found."""
    reflection: str = ""
    place: int = 0

    @property
    def address(self) -> str:
        """The address of the reflection that said it last, with the figure below it."""
        return f"reflection:{self.reflection}"

    @property
    def key(self) -> str:
        """What tells it from other trends."""
        return f"trend:{self.metric}@{self.source}"

    @property
    def now(self) -> float | None:
        """What was measured last."""
        return self.values[-1] if self.values else None

    @property
    def mark(self) -> Mark:
        """Whether it gets better or worse, where that is known of its figure."""
        good = _WORDS.get(_BETTER.get(self.metric, ""), "")
        if self.direction == "steady" or not good:
            return Mark.NOTE
        return Mark.OK if self.direction == good else Mark.WARN


def trend_lines(events: Iterable[tuple[int, Event]]) -> tuple[TrendLine, ...]:
    """Return the trends that reflections told of, the one told of last first.

    Args:
        events: Those of kind `reflection.made` with their places, oldest first.
    """
    found: dict[tuple[str, str], TrendLine] = {}
    for place, event in events:
        for body in Fields(event.body).parts("trends"):
            metric, source = body.name("metric"), body.name("source")
            known = found.pop((metric, source), None)
            values = (*(known.values if known is not None else ()), body.number("now"))
            said = body.name("direction")
            changed = body.number("changed_at")
            found[metric, source] = TrendLine(
                metric, source, _WORDS.get(said, said), values[-_MOST_VALUES:], event.at,
                body.number("before"), body.count("samples"), body.number("p"),
                None if changed is None else int(changed), name(event.subject), place,
            )  # fmt: skip
    return tuple(reversed(found.values()))


def _figure(trend: TrendLine, value: float | None) -> str:
    if value is None:
        return ""
    unit = _UNITS.get(trend.metric, "")
    return measured(value, unit) if unit else figure(value)


def _direction(trend: TrendLine, moment: Moment) -> Cell:
    signs = {"rising": moment.glyphs.up, "falling": moment.glyphs.down}
    sign = signs.get(trend.direction, moment.glyphs.line)
    return Cell(f"{sign} {trend.direction}", trend.mark.value)


def _curve(trend: TrendLine, moment: Moment) -> Cell:
    return Cell(sparkline(trend.values, moment.glyphs, _CURVE), trend.mark.value)


_FIELDS: tuple[Field[TrendLine], ...] = (
    Field("metric", "FIGURE", lambda t, m: t.metric, "quality, latency, throughput or error rate",
          lambda t, m: Cell(t.metric, "strong"), 10),
    Field("source", "DATA", lambda t, m: t.source, "the data set that it is about"),
    Field("direction", "HEADING", lambda t, m: t.direction, "rising, falling or steady",
          _direction, 9),
    Field("means", "", lambda t, m: _MEANS.get(t.mark), "better or worse, where that is known"),
    Field("before", "BEFORE", lambda t, m: t.before, "mean of earlier runs",
          lambda t, m: Cell(_figure(t, t.before)), 8, True),
    Field("now", "NOW", lambda t, m: t.now, "what was measured last",
          lambda t, m: Cell(_figure(t, t.now)), 8, True),
    Field("curve", "COURSE", lambda t, m: t.now, "what each reflection measured", _curve, _CURVE,
          needs=70),
    Field("samples", "RUNS", lambda t, m: t.samples, "runs that it was seen over", None, 4, True,
          needs=84),
    Field("p", "P", lambda t, m: t.p, "chance of such a trend among figures without one",
          lambda t, m: Cell("" if t.p is None else f"{t.p:.2g}"), 6, True, needs=100),
    Field("at", "AGO", lambda t, m: t.at, "when it was told last",
          lambda t, m: Cell(ago(t.at, m), "dim"), 6, True),
)  # fmt: skip


def _sections(trend: TrendLine, moment: Moment) -> Sections:
    of = f" of {trend.source}" if trend.source else ""
    change = f"{_figure(trend, trend.before)} before, {_figure(trend, trend.now)} now"
    level = "" if trend.changed_at is None else f"from sample {trend.changed_at} on"
    chance = "" if trend.p is None else f"{trend.p:.3g} is the chance of it without a trend"
    return (
        (f"{trend.metric}{of}", ""),
        *sections(
            ("heading", f"{trend.direction}: {change}, over {plural(trend.samples, 'run')}"),
            ("chance", chance),
            ("another level", level),
            ("told by", trend.address),
        ),
    )


TRENDS: Listing[TrendLine] = Listing(
    name="trends",
    noun="trend",
    fields=_FIELDS,
    key=lambda trend: trend.key,
    mark=lambda trend, _: trend.mark,
    sections=_sections,
    empty="No trend was found yet; reflections look for them from the second run on.",
    at=lambda trend: trend.at,
    place=lambda trend: trend.place,
    presets=(Preset("all", ""), Preset("getting worse", "means=worse")),
)
"""The list of trends."""
