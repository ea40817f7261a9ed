"""What detectors are worth: learned from answers, from agreement, and from how much they claim."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.core.detection.reliability import (
    Answer,
    Pattern,
    combined,
    weight_of,
    weights_from_agreement,
    weights_from_answers,
    weights_from_shares,
)

NAMES = ("dates", "rare", "typos")

flags = st.dictionaries(st.sampled_from(NAMES), st.floats(0.01, 1.0), min_size=1).map(
    lambda drawn: tuple(drawn.items())
)
tables = st.lists(st.builds(Pattern, st.sampled_from("ab"), flags, st.integers(1, 50)), max_size=8)


def answers(detector: str, right: int, wrong: int, *, column: str = "a", stated: float = 0.5):
    return [
        *(Answer(detector, column, stated, True) for _ in range(right)),
        *(Answer(detector, column, stated, False) for _ in range(wrong)),
    ]


def test_who_is_right_as_often_as_it_says_keeps_its_weight():
    weights = weights_from_answers(answers("rare", 5, 5))
    assert weights == {("rare", None): pytest.approx(1.0), ("rare", "a"): pytest.approx(1.0)}


def test_answers_move_a_weight_towards_what_they_say_the_more_of_them_there_are():
    few = weights_from_answers(answers("rare", 0, 2))
    many = weights_from_answers(answers("rare", 0, 50))
    assert 0.0 < many["rare", None] < 0.1 < few["rare", None] < 1.0
    assert weights_from_answers(answers("rare", 2, 0))["rare", None] == pytest.approx(6 / 4)


def test_no_number_of_right_answers_promises_more_than_certainty():
    weights = weights_from_answers(answers("rare", 500, 0, stated=0.4))
    assert weights["rare", None] * 0.4 <= 1.0
    assert weights["rare", "a"] * 0.4 <= 1.0


def test_what_is_learned_in_one_column_counts_less_in_another():
    given_ = [*answers("rare", 0, 10), *answers("rare", 6, 0, column="b")]
    weights = weights_from_answers(given_)
    assert weights["rare", "a"] < weights["rare", None] < 1.0 < weights["rare", "b"]
    assert weight_of(weights, "rare", "c") == weights["rare", None]
    assert weight_of(weights, "dates", "a") == 1.0


def test_a_detector_that_said_it_is_never_right_stays_worth_nothing():
    assert weights_from_answers(answers("rare", 1, 0, stated=0.0))["rare", None] == 0.0


def test_who_is_backed_up_weighs_more_than_who_is_not():
    table = [
        Pattern("a", (("rare", 0.5), ("typos", 0.5)), 20),
        Pattern("a", (("dates", 0.5),), 20),
    ]
    weights = weights_from_agreement(table)
    assert weights["dates", None] < 1.0 < weights["rare", None] == weights["typos", None]


def test_agreement_tells_who_is_better_and_not_how_good_all_are():
    table = [Pattern("a", (("rare", 0.3), ("typos", 0.3)), 100)]
    assert weights_from_agreement(table) == {
        ("rare", None): pytest.approx(1.0),
        ("typos", None): pytest.approx(1.0),
    }


def test_a_detector_alone_is_taken_at_its_word():
    table = [Pattern("a", (("rare", 0.5),), 3)]
    assert weights_from_agreement(table) == {("rare", None): pytest.approx(1.0)}
    assert weights_from_shares(table, 1_000)["rare", "a"] == pytest.approx(1.0, abs=0.01)


@given(table=tables)
def test_what_is_claimed_in_all_stays_as_much_whoever_is_backed_up(table):
    weights = weights_from_agreement(table)
    claimed = [(name, sure * each.cells) for each in table for name, sure in each.flags]
    before = sum(mass for _, mass in claimed)
    after = sum(mass * weights[name, None] for name, mass in claimed)
    assert after == pytest.approx(before)


@given(table=tables, rows=st.integers(1, 1_000))
def test_a_share_never_makes_a_detector_weigh_more(table, rows):
    assert all(0.0 < each <= 1.0 for each in weights_from_shares(table, rows).values())


def test_a_few_flags_weigh_what_they_say_and_most_of_a_column_takes_certainty():
    def supported(share: float, confidence: float) -> float:
        table = [Pattern("a", (("rare", confidence),), round(share * 1_000))]
        return confidence * weights_from_shares(table, 1_000)["rare", "a"]

    assert supported(0.02, 0.55) > 0.5
    assert supported(0.1, 0.55) > 0.5
    assert supported(0.9, 0.6) < 0.5, "a guess about nearly all cells is no reason to act"
    assert supported(1.0, 0.9) > 0.5, "a column can be wrong as a whole, as in its unit"


def test_what_others_flag_too_is_no_sign_of_a_misfire():
    both = [Pattern("a", (("rare", 0.6), ("typos", 0.6)), 900)]
    assert weights_from_shares(both, 1_000) == {}


def test_a_misfire_in_one_column_costs_nothing_in_another():
    table = [Pattern("a", (("rare", 0.6),), 900), Pattern("b", (("rare", 0.6),), 9)]
    weights = weights_from_shares(table, 1_000)
    assert weights["rare", "a"] < 0.8 < 0.99 < weights["rare", "b"]


def test_an_empty_table_teaches_nothing():
    assert weights_from_agreement(()) == weights_from_shares((), 0) == {}
    assert weights_from_answers(()) == {}


def test_weights_of_different_evidence_are_multiplied_column_by_column():
    answered = {("rare", None): 0.5, ("rare", "a"): 0.2}
    agreed = {("rare", None): 2.0, ("typos", "b"): 0.1}
    both = combined(answered, agreed)
    assert weight_of(both, "rare", "a") == pytest.approx(0.4)
    assert weight_of(both, "rare", "z") == pytest.approx(1.0)
    assert weight_of(both, "typos", "b") == pytest.approx(0.1)
    assert weight_of(both, "typos", "a") == 1.0
