"""Figures as a list: what the monitor measures, as it is now and as it was lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dataagents.console.view.cells import Cell
from dataagents.console.view.fields import name as safe_name
from dataagents.console.view.listing import Field, Listing, Preset, Sections
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment
from dataagents.console.view.plots import sparkline
from dataagents.console.view.row import sections
from dataagents.console.view.words import age, ago, measured, plural

_TREND = 24
"""Cells of a trend."""
_ALARMS = ("store_damaged", "loop_blocked")
"""Figures that are 1 when something is wrong, and 0 otherwise."""


@dataclass(frozen=True, slots=True)
class MetricLine:
    """A figure; its texts are safe to show."""

    name: str
    value: float | None
    """The newest; None where what is on record is no number."""
    unit: str
    at: datetime | None
    recent: tuple[float | None, ...] = ()
    """Those before and the newest, oldest first; None where nothing was measured."""

    @property
    def address(self) -> str:
        """Its address."""
        return f"metric:{self.name}"

    @property
    def mark(self) -> Mark:
        """How it is marked; only those that say by themselves that something is wrong."""
        return Mark.FAIL if self.name in _ALARMS and self.value else Mark.NOTE

    @property
    def known(self) -> tuple[float, ...]:
        """The recent values that were measured."""
        return tuple(value for value in self.recent if value is not None)


def metric_line(
    *,
    name: str,
    value: float | None,
    unit: str | None,
    at: datetime | None,
    recent: Sequence[float | None] = (),
) -> MetricLine:
    """Return a figure as a line, from values that may be anything; None is not known."""
    return MetricLine(safe_name(name), value, safe_name(unit), at, tuple(recent))


def _said(metric: MetricLine, value: float | None) -> str:
    return "-" if value is None else measured(value, metric.unit, metric.name)


def _low(metric: MetricLine) -> float | None:
    return min(metric.known, default=None)


def _high(metric: MetricLine) -> float | None:
    return max(metric.known, default=None)


def _trend(metric: MetricLine, moment: Moment) -> Cell:
    return Cell(sparkline(metric.recent, moment.glyphs, _TREND), "busy")


_FIELDS: tuple[Field[MetricLine], ...] = (
    Field("name", "FIGURE", lambda f, _: f.name, "what is measured",
          lambda f, _: Cell(f.name, "strong"), 22),
    Field("value", "NOW", lambda f, _: f.value, "the newest value, in its unit",
          lambda f, _: Cell(_said(f, f.value), "fail" if f.mark is Mark.FAIL else ""), 14,
          right=True),
    Field("age", "AGO", lambda f, m: age(f.at, m.now), "seconds since it was measured",
          lambda f, m: Cell(ago(f.at, m), "dim"), 6, right=True),
    Field("low", "LOW", lambda f, _: _low(f), "the lowest of the recent values",
          lambda f, _: Cell(_said(f, _low(f)), "dim"), 14, right=True, needs=90),
    Field("high", "HIGH", lambda f, _: _high(f), "the highest of the recent values",
          lambda f, _: Cell(_said(f, _high(f)), "dim"), 14, right=True, needs=90),
    Field("trend", "LATELY", lambda f, _: None, "the recent values, oldest first", _trend),
    Field("unit", "", lambda f, _: f.unit, "its unit"),
    Field("at", "", lambda f, _: f.at, "when it was measured"),
)  # fmt: skip


def _sections(metric: MetricLine, moment: Moment) -> Sections:
    measured_at = ""
    if metric.at is not None:
        measured_at = f"{metric.at:%Y-%m-%d %H:%M:%S} UTC, {ago(metric.at, moment)} ago"
    known = metric.known
    low, high = _said(metric, _low(metric)), _said(metric, _high(metric))
    lately = f"{low} to {high}, {plural(len(known), 'value')}" if known else ""
    return (
        (metric.name, ""),
        *sections(
            ("now", _said(metric, metric.value)),
            ("lately", lately),
            ("measured", measured_at),
            ("unit", metric.unit),
        ),
    )


METRICS: Listing[MetricLine] = Listing(
    name="metrics",
    noun="figure",
    fields=_FIELDS,
    key=lambda metric: metric.address,
    mark=lambda metric, _: metric.mark,
    sections=_sections,
    empty="Nothing was measured yet: a kernel samples its figures every few seconds.",
    at=lambda metric: metric.at,
    presets=(
        Preset("all", ""),
        Preset("latency", "name:latency|response"),
        Preset("throughput", "name:per_second|queued"),
        Preset("agents", "name:agents|health"),
        Preset("store", "name:store|disk"),
    ),
)
"""The list of figures."""
