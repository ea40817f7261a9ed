from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.plugins.detection.order import Order, longest_sequence


def numbers(values):
    return [[f"{value}"] for value in values]


def test_a_sorted_column_is_fine_with_gaps_and_ties(look):
    assert look(Order(), ("n",), numbers([1, 2, 2, 3, 5, 9, 10, 11, 20, 21, 22, 30] * 1)) == {}


def test_a_value_out_of_turn_is_flagged_with_its_neighbours(look):
    values = list(range(100, 160))
    values[20] = 900
    found = look(Order(), ("n",), numbers(values))
    assert list(found) == [(20, "n")]
    assert found[20, "n"].confidence == pytest.approx(0.9)
    assert found[20, "n"].reason == "out of turn between '119' and '121'"


def test_days_are_in_turn_as_numbers_are_and_backwards_too(look):
    rows = [[f"2020-03-{day:02}"] for day in range(31, 0, -1)]
    rows[10] = ["2019-01-01"]
    assert list(look(Order(), ("day",), rows)) == [(10, "day")]


def test_columns_without_order_are_left_alone(look):
    random = Random(8)
    assert look(Order(), ("n",), numbers(random.sample(range(1000), 200))) == {}


def test_two_sorted_lists_one_after_the_other_are_fine(look):
    assert look(Order(), ("n",), numbers([*range(1000, 1300), *range(500, 600)])) == {}


def test_noise_of_a_measure_that_grows_is_half_as_suspect(look):
    values = list(range(0, 600, 10))
    values[30] = values[30] + 12
    found = look(Order(), ("n",), numbers(values))
    assert [flag.confidence for flag in found.values()] == [pytest.approx(0.45)]


@given(st.lists(st.integers(0, 9)), st.booleans())
def test_the_longest_sequence_is_one_and_as_long_as_any(values, strict):
    places = longest_sequence(values, strict)
    chosen = [values[place] for place in places]
    assert places == sorted(set(places))
    assert all(a < b if strict else a <= b for a, b in pairwise(chosen))
    best: list[int] = []
    for at, value in enumerate(values):
        fits = [best[j] for j in range(at) if (values[j] < value if strict else values[j] <= value)]
        best.append(1 + max(fits, default=0))
    assert len(places) == max(best, default=0)
