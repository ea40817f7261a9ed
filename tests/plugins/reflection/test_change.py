"""Change detectors, held to the case of the failures that become frequent, and to river."""

import json
from pathlib import Path
from random import Random
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reflection_streams import CHANGE, PAGE_HINKLEY, SEEDS, failures

from dataagents.plugins.reflection.change import (
    BernoulliCusum,
    PageHinkley,
    alarm_threshold,
    chance_of_alarm,
    change_point,
    likelihoods,
)

ANSWERS = json.loads((Path(__file__).parent / "fixtures/changes.json").read_text(encoding="utf-8"))
USUAL, TOLERANCE = 0.1, 0.1
FALSE_ALARMS = 0.03
"""What the thresholds are computed for; the case allows 0.05."""


def page_hinkley():
    steps = (1 - USUAL - TOLERANCE, -USUAL - TOLERANCE)
    threshold = alarm_threshold(steps, USUAL, CHANGE, FALSE_ALARMS)
    return lambda: PageHinkley(TOLERANCE, threshold)


def cusum():
    threshold = alarm_threshold(likelihoods(USUAL, 0.3), USUAL, CHANGE, FALSE_ALARMS)
    return lambda: BernoulliCusum(USUAL, 0.3, threshold)


@pytest.mark.parametrize("detector", [page_hinkley, cusum])
def test_a_change_is_found_soon_and_none_where_there_is_none(detector):
    build = detector()
    delays, false = [], 0
    for seed in range(SEEDS):
        watching = build()
        alarms = [place for place, failed in enumerate(failures(seed)) if watching.alarms(failed)]
        false += any(place < CHANGE for place in alarms)
        delays.append(next((place - CHANGE + 1 for place in alarms if place >= CHANGE), 10**6))
    adwin = [
        next((place - CHANGE + 1 for place in row["adwin"] if place >= CHANGE), 10**6)
        for row in ANSWERS["streams"]
    ]
    assert median(delays) <= 30 < median(adwin)
    assert false <= 0.05 * SEEDS


@pytest.mark.parametrize("row", ANSWERS["streams"][:50], ids=lambda row: str(row["seed"]))
def test_page_hinkley_alarms_where_rivers_does(row):
    for settings, expected in zip(PAGE_HINKLEY, row["page_hinkley"], strict=True):
        watching = PageHinkley(*settings)
        stream = failures(row["seed"])
        assert [n for n, failed in enumerate(stream) if watching.alarms(failed)] == expected


def test_after_an_alarm_it_knows_where_the_new_level_began():
    for watching in (PageHinkley(0.1, 3.0), BernoulliCusum(0.1, 0.4, 3.0)):
        stream = [n % 10 == 0 for n in range(101)] + [True] * 30
        at = next(n for n, failed in enumerate(stream) if watching.alarms(failed))
        assert 100 <= at < 110
        assert at - watching.since in (99, 100)


def test_after_an_alarm_it_starts_afresh():
    watching, fresh = PageHinkley(0.1, 3.0), PageHinkley(0.1, 3.0)
    assert any(watching.alarms(n > 40) for n in range(80))
    later = failures(7)
    assert [watching.alarms(each) for each in later] == [fresh.alarms(each) for each in later]


def test_the_chance_of_an_alarm_is_what_simulation_finds():
    steps = likelihoods(0.1, 0.3)
    computed = chance_of_alarm(steps, 0.1, 200, 4.0)
    found = 0
    for seed in range(2_000):
        rng, watching = Random(seed), BernoulliCusum(0.1, 0.3, 4.0)
        found += any(watching.alarms(rng.random() < 0.1) for _ in range(200))
    assert computed == pytest.approx(found / 2_000, abs=0.03)
    assert chance_of_alarm(steps, 0.1, 200, 100.0) < 1e-3


def test_a_threshold_is_the_lower_the_more_false_alarms_are_allowed():
    steps = (0.8, -0.2)
    heights = [alarm_threshold(steps, 0.1, 100, chance) for chance in (0.01, 0.05, 0.2)]
    assert heights == sorted(heights, reverse=True)
    assert chance_of_alarm(steps, 0.1, 100, heights[1]) <= 0.05


class TestChangePoint:
    def test_a_step_is_found_where_it_is(self):
        rng = Random(1)
        series = [rng.gauss(0.9, 0.02) for _ in range(30)] + [
            rng.gauss(0.8, 0.02) for _ in range(20)
        ]
        found = change_point(series, Random(0))
        assert found.at == 30
        assert found.p < 0.01
        assert found.before == pytest.approx(0.9, abs=0.02)
        assert found.after == pytest.approx(0.8, abs=0.02)

    def test_failures_that_become_frequent_are_found(self):
        rng = Random(3)
        series = [float(rng.random() < (0.1 if n < 40 else 0.6)) for n in range(80)]
        found = change_point(series, Random(0))
        assert abs(found.at - 40) <= 5
        assert found.p < 0.01

    def test_the_level_is_kept_where_nothing_changes(self):
        false = 0
        for seed in range(200):
            rng = Random(seed)
            series = [float(rng.random() < 0.2) for _ in range(40)]
            found = change_point(series, Random(seed))
            false += found is not None and found.p < 0.05
        assert false <= 18  # 10 are expected; more than 18 come in 1 of 200

    def test_the_same_seed_gives_the_same_answer(self):
        series = [float(n % 7) for n in range(40)]
        assert change_point(series, Random(5)) == change_point(series, Random(5))

    @pytest.mark.parametrize(
        "series", [[], [1.0] * 50, [0.0] * 3 + [1.0] * 4, [float("nan")] * 3 + [1.0] * 9]
    )
    def test_what_cannot_be_searched_has_none(self, series):
        assert change_point(series, Random(0)) is None

    @given(st.lists(st.integers(0, 3), min_size=8, max_size=30), st.integers(0, 9))
    def test_its_place_is_inside_and_its_p_is_a_chance(self, series, seed):
        found = change_point(series, Random(seed))
        if found is not None:
            assert 0 < found.at < len(series)
            assert 0 < found.p <= 1
