"""Figures as lines: the newest value in its unit, and how it was lately."""

from datetime import UTC, datetime, timedelta

from dataagents.console.view.listing import Query
from dataagents.console.view.listing.grammar import parse
from dataagents.console.view.listing.matching import select
from dataagents.console.view.marks import Mark
from dataagents.console.view.metric_lines import METRICS, metric_line
from dataagents.console.view.moment import Moment

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
MOMENT = Moment(NOW)


def metric(name="latency_p95", value=0.25, unit="s", recent=(0.1, None, 0.5, 0.25), ago=3):
    at = NOW - timedelta(seconds=ago)
    return metric_line(name=name, value=value, unit=unit, at=at, recent=recent)


def cells(line):
    return [field.cell(line, MOMENT).text for field in METRICS.fields if field.title]


def read(line):
    return "\n".join(f"{head}\n{text}" for head, text in METRICS.sections(line, MOMENT))


def test_a_row_says_the_value_in_its_unit_its_age_and_its_range():
    name, now, ago, low, high, trend = cells(metric())
    assert (name, now, ago, low, high) == ("latency_p95", "250ms", "3.0s", "100ms", "500ms")
    assert trend.strip()
    assert METRICS.key(metric()) == "metric:latency_p95"


def test_a_rising_figure_looks_like_one():
    trend = cells(metric(recent=(1.0, 2.0, 3.0, 4.0)))[-1].strip()
    spark = MOMENT.glyphs.spark
    heights = [spark.index(character) for character in trend if character in spark]
    assert heights == sorted(heights)
    assert heights[0] < heights[-1]


def test_what_was_not_measured_is_not_invented():
    line = metric(value=None, recent=(None, None))
    assert cells(line)[1] == "-"
    assert cells(line)[3:5] == ["-", "-"]
    assert "values from" not in read(line)
    assert "100ms to 500ms, 3 values" in read(metric())


def test_only_a_figure_that_says_so_by_itself_is_marked():
    assert metric("store_damaged", 1.0, "0/1").mark is Mark.FAIL
    assert metric("store_damaged", 0.0, "0/1").mark is Mark.NOTE
    assert metric("errors", 9.0, "").mark is Mark.NOTE


def test_presets_leave_what_they_promise():
    rows = [metric(name) for name in ("latency_p95", "response_mean", "queued", "store_seconds")]
    left = {
        preset.name: [
            each.name
            for each in select(rows, Query(parse(preset.filter, METRICS.fields)), METRICS, MOMENT)
        ]
        for preset in METRICS.presets
    }
    assert left["latency"] == ["latency_p95", "response_mean"]
    assert left["throughput"] == ["queued"]
    assert left["store"] == ["store_seconds"]
    assert len(left["all"]) == 4


def test_hostile_names_are_made_safe():
    line = metric("\x1b]0;x\x07[red]", unit="\u202e")
    shown = "".join(cells(line)) + read(line) + line.address
    assert not set("\x1b\x07\u202e") & set(shown)
