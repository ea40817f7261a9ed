"""The trend test, held to pymannkendall's answers and to what a trend is."""

import json
from math import inf, nan
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reflection_streams import series

from dataagents.plugins.reflection.trend import mann_kendall, midranks, sens_slope

ANSWERS = json.loads((Path(__file__).parent / "fixtures/trends.json").read_text(encoding="utf-8"))
WORDS = {"up": "increasing", "down": "decreasing", "steady": "no trend"}
F02 = (
    "2.3382 -0.6129 0.4949 0.2965 1.0351 -1.1521 -0.1148 -0.4015 -0.6746 -0.3938 -0.0125 0.2632 "
    "-0.3067 1.072 0.1525 -2.4478 1.9907 0.4581 0.1566 1.2184 1.2299 1.1028 0.2455 1.3416 -0.3374 "
    "2.6935 0.0345 1.1434 1.4191 1.6689"
)


def test_the_case_of_a_rising_series():
    test = mann_kendall([float(value) for value in F02.split()])
    assert (test.s, test.samples) == (137, 30)
    assert test.z == pytest.approx(2.42638, abs=5e-6)
    assert test.p == pytest.approx(0.01525, abs=5e-6)
    assert test.direction() == "up"
    assert test.direction(alpha=0.01) == "steady"


@pytest.mark.parametrize("row", ANSWERS["series"], ids=lambda row: str(row["seed"]))
def test_it_agrees_with_pymannkendall(row):
    test = mann_kendall(series(row["seed"]))
    assert test.s == row["s"]
    assert test.variance == pytest.approx(row["variance"])
    assert test.z == pytest.approx(row["z"])
    assert test.p == pytest.approx(row["p"])
    assert test.slope == pytest.approx(row["slope"])
    assert WORDS[test.direction()] == row["trend"]


@pytest.mark.parametrize("row", ANSWERS["series"], ids=lambda row: str(row["seed"]))
def test_the_correction_agrees_too_where_it_widens(row):
    test = mann_kendall(series(row["seed"]), lags=3)
    expected = max(row["variance"], row["corrected_variance"])
    # What the slope leaves of equal samples may be equal but for rounding, which differs.
    assert test.variance == pytest.approx(expected, rel=0.01)


def test_the_correction_finds_fewer_trends_where_samples_resemble_the_one_before():
    plain = corrected = 0
    for seed in range(100):
        rng, level, values = Random(seed), 0.0, []
        for _ in range(60):
            level = 0.6 * level + rng.gauss(0, 1)
            values.append(level)
        plain += mann_kendall(values).p < 0.05
        corrected += mann_kendall(values, lags=3).p < 0.05
    assert plain > 20
    assert corrected < plain / 2


@pytest.mark.parametrize("values", [[], [1.0] * 7, [float(n) for n in range(7)], [nan] * 30])
def test_too_few_samples_say_nothing(values):
    assert mann_kendall(values) is None


def test_what_is_not_finite_is_left_out():
    values = [float(n) for n in range(8)]
    assert mann_kendall([nan, *values, inf]) == mann_kendall(values)


def test_a_series_that_never_changes_is_steady():
    test = mann_kendall([0.5] * 20, lags=3)
    assert (test.s, test.z, test.p, test.slope) == (0, 0.0, 1.0, 0.0)
    assert test.direction() == "steady"


@given(st.lists(st.integers(-5, 5), min_size=8, max_size=40))
def test_turned_around_it_says_the_opposite(values):
    there, back = mann_kendall(values), mann_kendall(values[::-1])
    assert (back.s, back.z) == (-there.s, -there.z)
    assert back.p == there.p
    assert back.slope == -there.slope


def test_slope_and_ranks_by_hand():
    assert sens_slope([1, 3, 5, 100]) == pytest.approx((2 + 99 / 3) / 2)
    assert sens_slope([1]) == 0.0
    assert midranks([3, 1, 3, 2]) == [3.5, 1.0, 3.5, 2.0]
