"""The choice among alternatives: what it learns, what it forgets, and who may mislead it."""

from random import Random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.plugins.reflection.bandit import (
    BORROWED,
    SHARE,
    Evidence,
    Learner,
    Trial,
    borrowed,
    choose,
    learn,
    pooled,
    scores,
)

ARMS = ("cast", "drop", "impute")
TRIALS = st.lists(
    st.builds(Trial, st.sampled_from(ARMS), st.booleans(), st.sampled_from(("a", "b", ""))),
    max_size=60,
)


def trials(arm, outcomes, source=""):
    return [Trial(arm, bool(outcome), source) for outcome in outcomes]


def share_chosen(evidence, arm, draws=500):
    return fmean(choose(ARMS, evidence, Random(seed)) == arm for seed in range(draws))


def test_without_experience_every_alternative_has_its_chance():
    for arm in ARMS:
        assert share_chosen({}, arm) == pytest.approx(1 / 3, abs=0.08)
    assert Evidence().expected == 0.5


def test_what_works_is_chosen_and_what_is_unknown_is_still_tried():
    evidence = pooled(learn(trials("cast", [1] * 9 + [0]) + trials("drop", [0] * 4)), ("",))
    assert evidence["cast"].expected == pytest.approx(10 / 12)
    assert evidence["drop"].expected == pytest.approx(1 / 6)
    assert share_chosen(evidence, "cast") > 0.8
    assert share_chosen(evidence, "impute") > 0.02
    assert share_chosen(evidence, "drop") < 0.02


def test_the_same_experiences_and_seed_give_the_same_choice():
    history = trials("cast", [1, 0, 1], "a") + trials("drop", [1, 1], "b")
    first, second = (scores(ARMS, pooled(learn(history), ("a",)), Random(7)) for _ in range(2))
    assert first == second


def test_a_repair_that_stops_working_is_forgotten_with_all_that_was_known_beside_it():
    history = trials("drop", [0, 0, 0]) + trials("cast", [1] * 30 + [0] * 5)
    evidence = learn(history)[""]
    assert set(evidence) == {"cast"}
    assert evidence["cast"].successes == 0
    assert evidence["cast"].failures <= 5
    assert share_chosen(evidence, "cast") < 0.15


def test_the_change_is_told():
    learner = Learner()
    for outcome in [True] * 30 + [False] * 5:
        learner.observe("cast", outcome)
    assert learner.changes == 1


def test_a_few_failures_of_a_good_repair_change_nothing():
    evidence = learn(trials("cast", [1, 1, 1, 1, 0, 1, 1, 1, 0, 1] * 5))[""]
    assert evidence["cast"] == Evidence(40, 10)


def test_a_change_on_one_source_is_none_on_another():
    history = trials("cast", [1] * 30 + [0] * 5, "a") + trials("cast", [1] * 10, "b")
    evidence = learn(history)
    assert evidence["a"]["cast"].successes == 0
    assert evidence["b"]["cast"] == Evidence(10, 0)


class TestPoison:
    """One source reports falsely, as often as it likes."""

    def test_it_counts_for_no_more_than_its_share(self):
        lies = borrowed([Evidence(0, 10_000)])
        assert lies.samples == pytest.approx(SHARE * BORROWED)

    def test_all_other_sources_together_are_bounded_too(self):
        crowd = borrowed([Evidence(0, 50)] * 1_000)
        assert crowd.samples == pytest.approx(BORROWED)

    def test_what_a_source_saw_itself_is_not_outvoted(self):
        history = [
            *trials("cast", [1] * 14 + [0], "orders"),
            *trials("drop", [0] * 4 + [1], "orders"),
            *trials("impute", [0] * 4, "orders"),
            *trials("cast", [0] * 400, "poisoned"),
            *trials("drop", [1] * 400, "poisoned"),
        ]
        evidence = pooled(learn(history), ("orders",))
        assert evidence["cast"].expected > 0.7 > 0.6 > evidence["drop"].expected
        assert share_chosen(evidence, "cast") > 0.75

    def test_a_new_source_believes_the_honest_majority(self):
        honest = [
            trial
            for source in ("a", "b", "c", "d")
            for trial in trials("cast", [1] * 9 + [0], source) + trials("drop", [0] * 5, source)
        ]
        lies = trials("cast", [0] * 400, "poisoned") + trials("drop", [1] * 400, "poisoned")
        evidence = pooled(learn([*honest, *lies]), ("new",))
        assert evidence["cast"].expected > 0.65 > 0.35 > evidence["drop"].expected

    def test_a_source_that_contradicts_itself_ends_up_knowing_little(self):
        evidence = learn(trials("cast", [1, 0] * 100))[""]
        assert 0.3 < evidence["cast"].expected < 0.7

    @given(TRIALS, st.integers(0, 200), st.booleans())
    def test_no_number_of_reports_moves_another_source_further_than_its_bound(
        self, history, times, outcome
    ):
        told = [*history, *trials("cast", [outcome] * times, "poisoned")]
        before = pooled(learn(history), ("a",)).get("cast", Evidence())
        after = pooled(learn(told), ("a",)).get("cast", Evidence())
        moved = after.successes - before.successes, after.failures - before.failures
        assert max(map(abs, moved)) <= BORROWED + 1e-9
        own = learn(history).get("a", {}).get("cast", Evidence())
        assert after.samples <= own.samples + BORROWED + 1e-9


@given(TRIALS)
def test_evidence_is_never_more_than_what_was_tried(history):
    learned = learn(history)
    for source, arms in learned.items():
        for arm, evidence in arms.items():
            tried = [each for each in history if (each.source, each.arm) == (source, arm)]
            assert evidence.samples <= len(tried)
            assert evidence.successes <= sum(each.success for each in tried)


def test_it_finds_the_new_best_after_a_change():
    """Against a choice that never learns, most of the loss is gone; seeds of its own."""
    payoffs = {"cast": (0.9, 0.3), "drop": (0.4, 0.9), "impute": (0.3, 0.4)}
    late = []
    for seed in range(40):
        rng, learner = Random(seed), Learner()
        for turn in range(120):
            arm = choose(ARMS, learner.evidence(), rng)
            rate = payoffs[arm][turn >= 60]
            learner.observe(arm, rng.random() < rate)
            if turn >= 80:
                late.append(rate)
    assert fmean(late) > 0.75
