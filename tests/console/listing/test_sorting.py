"""Orders: what the keys make of them, how they are written, and what they do."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.console.view.listing import Field, Sort
from dataagents.console.view.listing.sorting import (
    cycled,
    describe_sorts,
    ordered,
    parse_sorts,
    with_added,
)
from dataagents.console.view.moment import Moment
from dataagents.core.errors import InputError

STATE, BEAT = Sort("state"), Sort("beat")
BEAT_DOWN = Sort("beat", descending=True)
VALUE = (Field("value", "Value", lambda row, moment: row, ""),)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_the_sort_key_sorts_then_turns_then_lets_go():
    first = cycled((), "beat")
    second = cycled(first, "beat")

    assert (first, second, cycled(second, "beat")) == ((BEAT,), (BEAT_DOWN,), ())


def test_the_sort_key_on_another_field_begins_anew():
    assert cycled((STATE, BEAT), "beat") == (BEAT,)


def test_turning_the_first_field_keeps_those_behind_it():
    turned = cycled((BEAT, STATE), "beat")

    assert turned == (BEAT_DOWN, STATE)
    assert cycled(turned, "beat") == (STATE,)


def test_the_second_key_adds_then_turns_then_takes_out():
    added = with_added((STATE,), "beat")
    turned = with_added(added, "beat")

    assert (added, turned) == ((STATE, BEAT), (STATE, BEAT_DOWN))
    assert with_added(turned, "beat") == (STATE,)
    assert with_added((), "beat") == (BEAT,)


@pytest.mark.parametrize("text", ["state, beat-", "state beat-", " STATE ,beat-"])
def test_orders_are_written_with_commas_and_hyphens(text, fields):
    sorts = parse_sorts(text, fields)

    assert sorts == (STATE, BEAT_DOWN)
    assert describe_sorts(sorts) == "state, beat-"
    assert parse_sorts(describe_sorts(sorts), fields) == sorts


def test_nothing_is_no_order(fields):
    assert parse_sorts(" ", fields) == ()
    assert describe_sorts(()) == ""


@pytest.mark.parametrize(
    ("text", "told"), [("stat-", "'state'"), ("beat, beat-", "names beat twice"), ("-", "none")]
)
def test_an_order_that_is_none_is_told(text, told, fields):
    with pytest.raises(InputError, match=told):
        parse_sorts(text, fields)


def test_several_fields_count_one_after_another(worker, ago, fields, moment):
    rows = [
        worker("a", "ok", beat=ago(1)),
        worker("b", "late", beat=ago(9)),
        worker("c", "late", beat=ago(2)),
        worker("d", "ok", beat=ago(5)),
    ]

    assert [row.name for row in ordered(rows, (STATE, BEAT_DOWN), fields, moment)] == [*"cbad"]


@pytest.mark.parametrize("descending", [False, True])
def test_equal_rows_stay_as_they_came_and_those_without_a_value_come_last(
    descending, worker, fields, moment
):
    rows = [
        worker(name, took=took) for name, took in [("a", None), ("b", 1), ("c", 1), ("d", None)]
    ]

    sorts = (Sort("took", descending),)

    assert [row.name for row in ordered(rows, sorts, fields, moment)] == [*"bcad"]


def test_numbers_in_names_count_as_numbers(worker, fields, moment):
    rows = [worker(name) for name in ("etl-10", "ETL-9", "etl", "etl-9b2", "9", "etl-9b10")]

    names = [row.name for row in ordered(rows, (Sort("name"),), fields, moment)]

    assert names == ["9", "etl", "ETL-9", "etl-9b2", "etl-9b10", "etl-10"]


def test_all_kinds_of_values_can_stand_in_one_field():
    mixed = ["b", 2, None, NOON, True, float("nan"), "a", 0.5, float("-inf")]
    random.Random(7).shuffle(mixed)

    up = ordered(mixed, (Sort("value"),), VALUE, Moment(NOON))

    assert up[:-2] == [float("-inf"), 0.5, True, 2, NOON, "a", "b"]
    assert {str(value) for value in up[-2:]} == {"None", "nan"}


def test_a_number_longer_than_any_machine_reads_is_sorted_all_the_same():
    long = ["9" * 100_000, "1" * 100_000, "5"]

    assert ordered(long, (Sort("value"),), VALUE, Moment(NOON)) == [long[2], long[1], long[0]]


values = st.none() | st.integers(-9, 9) | st.floats() | st.text("ab01²", max_size=4) | st.booleans()


@given(st.lists(values))
def test_both_ways_hold_the_same_rows_and_the_empty_ones_last(rows):
    def key(value):
        return repr(value)

    up = ordered(rows, (Sort("value"),), VALUE, Moment(NOON))
    down = ordered(rows, (Sort("value", descending=True),), VALUE, Moment(NOON))
    missing = sum(1 for value in rows if value is None or value != value)

    assert sorted(map(key, up)) == sorted(map(key, down)) == sorted(map(key, rows))
    for found in (up, down):
        assert all(each is None or each != each for each in found[len(rows) - missing :])
