"""Frequent sequences, held to a search of everything and to mlxtend's frequent item sets."""

import json
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reflection_streams import baskets

from dataagents.plugins.reflection.sequences import (
    FrequentSequence,
    closed,
    frequent_sequences,
    is_within,
)

ANSWERS = json.loads((Path(__file__).parent / "fixtures/itemsets.json").read_text(encoding="utf-8"))
RUNS = st.lists(st.lists(st.sampled_from("abcd"), max_size=6), max_size=8)


def everything(runs, support, longest):
    found = Counter(
        items
        for run in runs
        for items in {c for n in range(1, longest + 1) for c in combinations(run, n)}
    )
    return {items: times for items, times in found.items() if times >= support}


def test_the_example_of_the_paper():
    """Pei et al., table 1, each element of several items written as single ones."""
    runs = ["aabcacdcf", "adcbcae", "efabdfcb", "egafcbc"]
    found = {each.items: each.support for each in frequent_sequences(runs, support=2, most=1_000)}
    assert found["a",] == found["b",] == found["c",] == 4
    assert found["a", "c"] == 4
    assert found["e", "f"] == 2
    assert found["e", "f", "c", "b"] == 2
    assert ("g",) not in found


@given(RUNS, st.integers(1, 4), st.integers(1, 4))
def test_it_finds_what_a_search_of_everything_finds(runs, support, longest):
    found = frequent_sequences(runs, support=support, longest=longest, most=10_000)
    assert {each.items: each.support for each in found} == everything(runs, support, longest)


@given(RUNS, st.integers(1, 20))
def test_a_limit_keeps_the_most_frequent(runs, most):
    everything_found = frequent_sequences(runs, support=1, most=10_000)
    assert frequent_sequences(runs, support=1, most=most) == everything_found[:most]
    supports = [each.support for each in everything_found]
    assert supports == sorted(supports, reverse=True)


@pytest.mark.parametrize("row", ANSWERS["baskets"], ids=lambda row: str(row["seed"]))
def test_sorted_baskets_have_the_item_sets_of_mlxtend(row):
    found = frequent_sequences(baskets(row["seed"]), support=row["support"], longest=8, most=10_000)
    assert sorted([list(each.items), each.support] for each in found) == row["sets"]


def test_failures_that_follow_each_other_are_found():
    runs = [["ingest", "drift", "validate failed", "replan"], ["ingest", "publish"]] * 5
    found = closed(frequent_sequences(runs, support=3))
    assert FrequentSequence(("ingest", "drift", "validate failed", "replan"), 5) in found
    assert FrequentSequence(("ingest",), 10) in found
    assert FrequentSequence(("drift",), 5) not in found


def test_a_long_run_ends_in_bounded_work():
    found = frequent_sequences(["ab" * 5_000] * 2_000, support=2, most=5)
    assert len(found) == 5
    assert {each.support for each in found} == {500}


def test_within():
    assert is_within("ac", "abc")
    assert not is_within("ca", "abc")
    assert not is_within("aa", "abc")


@pytest.mark.parametrize("bounds", [{"support": 0}, {"support": 1, "most": 0}])
def test_a_bound_below_one_is_refused(bounds):
    with pytest.raises(ValueError, match="at least 1"):
        frequent_sequences(["a"], **bounds)
