"""Plots in text: curves of one line, lines over time, axes, gaps, and figures that are none."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from dataagents.console.view.glyphs import ASCII, UNICODE
from dataagents.console.view.plots import Series, Threshold, line_plot, sparkline

START = datetime(2026, 3, 2, 14, 0, 0, tzinfo=UTC)


def after(seconds):
    return START + timedelta(seconds=seconds)


def series(*values, name="rate", step=1.0, **more):
    points = [(after(number * step), value) for number, value in enumerate(values)]
    return Series(name, points, **more)


def texts(plot):
    return ["".join(cell.text for cell in pieces) for pieces in plot.lines]


def test_a_curve_goes_from_the_lowest_sign_to_the_highest():
    assert sparkline(range(8), UNICODE, 8) == "▁▂▃▄▅▆▇█"
    assert sparkline(range(8), ASCII, 8) == "_.-~=+*#"


def test_what_is_missing_is_a_gap_and_the_newest_stands_at_the_right():
    assert sparkline([0, None, math.nan, math.inf, 1], UNICODE, 8) == "   ▁   █"


def test_more_figures_than_cells_become_means():
    assert sparkline([0, 0, 4, 4, 8, 8], UNICODE, 3) == "▁▅█"
    assert sparkline([0, None, 8, 8], UNICODE, 2) == "▁█"


def test_a_figure_that_never_changes_is_level():
    assert sparkline([3, 3, 3], UNICODE, 3) == "▅▅▅"
    assert sparkline([0, 0, 0], UNICODE, 3) == "▁▁▁"


def test_a_scale_can_be_given():
    assert sparkline([1, 1], UNICODE, 2, low=0) == "██"
    assert sparkline([0.5, 5], UNICODE, 2, low=0, high=1) == "▅█"
    assert sparkline([-5, 1], UNICODE, 2, low=0, high=1) == "▁█"


@given(
    st.lists(st.none() | st.floats(), max_size=40),
    st.integers(0, 30),
    st.none() | st.floats(-10, 10),
)
def test_a_curve_always_fills_its_cells(values, width, low):
    for glyphs in (UNICODE, ASCII):
        assert len(sparkline(values, glyphs, width, low=low)) == width


def test_a_rising_line_is_drawn_in_braille_with_its_scale_and_times():
    plot = line_plot([series(*range(5))], 24, 6, UNICODE)

    assert texts(plot) == [
        "4│                 ⣀⡠⠔⠒⠉",
        " │          ⢀⣀⠤⠔⠒⠊⠉     ",
        " │     ⣀⡠⠤⠒⠉⠁           ",
        "0│⣀⠤⠔⠊⠉                 ",
        "  ──────────────────────",
        "  14:00:00      14:00:04",
    ]


def test_ascii_has_one_sign_for_each_series_and_no_other_character():
    plot = line_plot([series(0, 1), series(1, 0, name="b")], 30, 8, ASCII, unit="ratio")
    text = "\n".join(texts(plot)) + "".join(cell.text for cell in plot.legend)

    assert text.isascii()
    assert "*" in text
    assert "+" in text
    assert [cell.text for cell in plot.legend] == ["* rate  100.0%", "+ b  0.0%"]


def test_series_are_told_apart_without_colour():
    plot = line_plot([series(0, 1), series(1, 0, name="b")], 30, 8, UNICODE)

    assert texts(plot)[0].rstrip().endswith("1")
    assert texts(plot)[5].rstrip().endswith("2")
    assert [cell.text[0] for cell in plot.legend] == ["1", "2"]
    assert len({cell.tone for cell in plot.legend}) == 2


def test_a_line_has_a_gap_where_there_is_no_value():
    whole = texts(line_plot([series(1, 1, 1, 1, 1)], 12, 3, ASCII))
    broken = texts(line_plot([series(1, 1, None, 1, 1)], 12, 3, ASCII))

    assert whole[0] == "************"
    assert broken[0] == "****    ****"


def test_a_threshold_lies_across_and_is_in_the_legend():
    plot = line_plot([series(0.2, 0.4)], 40, 8, UNICODE, unit="ratio",
                     thresholds=[Threshold("at least", 0.9)])  # fmt: skip

    assert texts(plot)[0].count("╌") > 20
    assert plot.legend[-1].text == "╌ at least  90.0%"
    assert plot.legend[-1].tone == "fail"


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ((), "no value is on record here"),
        ((None, math.nan), "no value is on record here"),
        ((5.0,), "one value is on record here"),
        ((5.0, 5.0), ""),
        ((0.0, 0.0), ""),
        ((1e308, -1e308), ""),
        ((5e-324, 0.0), ""),
        ((-1.0, 1e308, None, 3.0), ""),
        ((-1.7e308, -1.7e308), ""),
        ((1.7e308,), "one value is on record here"),
        ((1e-310, 1e-310), ""),
    ],
)
def test_whatever_the_figures_are_a_plot_has_its_size(values, note):
    for glyphs in (UNICODE, ASCII):
        for width, height in ((60, 12), (24, 5), (10, 3), (3, 1), (1, 1)):
            plot = line_plot([series(*values)], width, height, glyphs, unit="s")

            assert [cell_len(line) for line in texts(plot)] == [width] * height
            assert plot.note == note


@given(
    st.lists(st.tuples(st.floats(0, 1e7), st.none() | st.floats()), max_size=20),
    st.integers(1, 90),
    st.integers(1, 20),
)
def test_no_figures_break_a_plot(points, width, height):
    given_points = sorted(((after(at), value) for at, value in points), key=lambda each: each[0])
    plot = line_plot([Series("x", given_points)], width, height, UNICODE,
                     thresholds=[Threshold("t", math.inf)])  # fmt: skip

    assert [cell_len(line) for line in texts(plot)] == [width] * height


def test_only_what_lies_in_the_range_is_drawn():
    found = series(1, 2, 3, 4, 5, 100)
    plot = line_plot([found], 40, 8, UNICODE, since=after(0), until=after(4))

    assert texts(plot)[0].startswith("5│")
    assert texts(plot)[-1].split()[-1] == "14:00:04"
    assert plot.legend[0].text.split() == ["1", "rate", "5"]


def test_times_are_as_exact_as_the_range_is_long():
    day = line_plot([series(1, 2, step=86_400.0)], 60, 6, UNICODE)
    hours = line_plot([series(1, 2, step=7_200.0)], 60, 6, UNICODE)

    assert texts(day)[-1].strip().startswith("03-02 14:00")
    assert texts(hours)[-1].split() == ["14:00", "15:00", "16:00"]


def test_what_a_series_is_called_can_not_act_on_a_terminal():
    plot = line_plot([series(1, name="\x1b]52;c;x\x07")], 40, 6, UNICODE)

    assert "\x1b" not in plot.legend[0].text
