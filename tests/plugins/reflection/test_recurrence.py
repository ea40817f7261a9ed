"""Recurring failures: what they recur by, and that chance is not taken for a cause."""

from math import isclose
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from dataagents.plugins.reflection.recurrence import (
    fisher,
    foresee,
    foreseen,
    holm,
    recurring,
)


def attempts(task, failed, tried, reason="bad cells", **marks):
    return [{"task": task, "failure": reason if n < failed else "", **marks} for n in range(tried)]


def by(found):
    return {(each.subject, each.by): each for each in found if each.by}


def test_a_failure_of_one_source_recurs_by_it_and_by_nothing_else():
    tried = [
        *attempts("validate", 6, 10, source="orders", agent="anna"),
        *attempts("validate", 2, 90, source="returns", agent="anna"),
    ]
    found = recurring(tried)
    assert [(each.subject, each.by, each.occurrences) for each in found] == [
        ("validate", "", 8),
        ("validate@orders", "source", 6),
    ]
    assert found[0].detail == "failed 8 times: bad cells"
    assert found[1].detail.startswith("failed 6 of 10 times by source 'orders', 2 of 90 elsewhere")


@pytest.mark.parametrize(
    ("dimension", "kind"), [("agent", "agent"), ("hour", "time"), ("weekday", "time")]
)
def test_other_dimensions_are_found_too(dimension, kind):
    tried = [
        *attempts("load", 8, 12, **{dimension: "x"}),
        *attempts("load", 3, 60, **{dimension: "y"}),
    ]
    assert ("load@x", kind) in by(recurring(tried))


def test_columns_and_rules_need_no_count_of_tries():
    tried = [
        *attempts("validate", 9, 9, source="orders", column="amount", rule="not null"),
        *attempts("validate", 1, 1, source="orders", column="city", rule="not null"),
        *attempts("validate", 0, 10, source="orders"),
    ]
    found = by(recurring(tried))
    assert found["validate@amount", "column"].occurrences == 9
    assert ("validate@city", "column") not in found
    assert ("validate@not null", "rule") in found


def test_failures_that_are_alike_everywhere_recur_but_by_nothing():
    tried = [
        *attempts("load", 5, 20, source="a", agent="x", hour="03"),
        *attempts("load", 5, 20, source="b", agent="y", hour="04"),
    ]
    assert [each.by for each in recurring(tried)] == [""]


def test_chance_alone_rarely_finds_a_cause():
    wrong = 0
    for seed in range(200):
        rng = Random(seed)
        tried = [
            {
                "task": "load",
                "source": rng.choice("abcde"),
                "agent": rng.choice("xyz"),
                "hour": f"{rng.randrange(24):02}",
                "failure": "timeout" if rng.random() < 0.2 else "",
            }
            for _ in range(100)
        ]
        wrong += bool(by(recurring(tried)))
    assert wrong <= 10  # 0.05 of 200


def test_a_failure_that_happened_once_does_not_recur():
    assert recurring(attempts("load", 1, 50, source="a")) == ()
    assert recurring([]) == ()


def test_values_from_data_are_quoted():
    tried = [
        *attempts("load", 9, 9, source="a\x1b[31m"),
        *attempts("load", 0, 50, source="b"),
    ]
    (found,) = by(recurring(tried)).values()
    assert "\x1b" not in found.detail


class TestForesight:
    @pytest.mark.parametrize(
        ("failures", "runs", "chance"), [(1, 1, 0.667), (6, 10, 0.583), (5, 10, 0.5), (0, 0, 0.5)]
    )
    def test_the_chance(self, failures, runs, chance):
        assert foresee(failures, runs) == pytest.approx(chance, abs=5e-4)

    def test_one_in_one_and_six_in_ten_are_foreseen(self):
        assert foreseen([True])
        assert foreseen([True] * 6 + [False] * 4)
        assert not foreseen([True] * 5 + [False] * 5)
        assert not foreseen([])

    def test_what_is_long_past_does_not_count(self):
        assert not foreseen([True] * 50 + [False] * 10)
        assert foreseen([False] * 50 + [True, False, True, True, False, True, True, True])


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))
def test_fisher_is_the_tail_of_the_hypergeometric_distribution(a, b, c, d):
    total, marked, drawn = a + b + c + d, a + c, a + b
    expected = hypergeom.sf(a - 1, total, marked, drawn) if total else 1.0
    assert isclose(fisher(a, drawn, marked, total), expected, rel_tol=1e-9)


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]
