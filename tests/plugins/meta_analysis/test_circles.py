"""What goes round in circles, and what is work on one thing after the other."""

from datetime import UTC, datetime

import pytest

from dataagents.core.meta_analysis import CircleSeverity
from dataagents.core.reasoning import Step
from dataagents.plugins.meta_analysis.circles import find_circles
from dataagents.plugins.meta_analysis.turns import repeats_in, turns_of

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def history(*steps: tuple[str, object, float]) -> list[Step]:
    """Steps of an action, its input and its score."""
    return [
        Step(number, "12 rows", action, {"of": given}, "seen", score, NOON, 0.1)
        for number, (action, given, score) in enumerate(steps, start=1)
    ]


def circles_in(steps):
    turns = turns_of(steps)
    return find_circles(turns, repeats_in(turns))


def reasons(*steps: tuple[str, object, float]) -> list[str]:
    return [circle.reason for circle in circles_in(history(*steps))]


NARROW_ONE = "the last {} steps know one action only"
NARROW_TWO = "the last {} steps know 2 actions only"
CYCLE = "a cycle of {} actions shows"


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ([], []),
        ([("a", 1, 0.5)], []),
        # Fewer than three steps say nothing, unless one does again what the other did.
        ([("a", 1, 0.5), ("a", 2, 0.5)], []),
        ([("a", 1, 0.5), ("b", 1, 0.5)], []),
        # Among the latest four, three different actions are enough.
        ([("a", 1, 0.5), ("b", 2, 0.5), ("c", 3, 0.5)], []),
        ([("a", 1, 0.5), ("a", 2, 0.5), ("b", 3, 0.5), ("c", 4, 0.5)], []),
        ([("a", 1, 0.5), ("a", 2, 0.5), ("a", 3, 0.5)], [NARROW_ONE.format(3)]),
        ([("a", 1, 0.5), ("a", 2, 0.5), ("b", 3, 0.5)], [NARROW_TWO.format(3)]),
        ([("c", 1, 0.5), *[("a", n, 0.5) for n in range(4)]], [NARROW_ONE.format(4)]),
        ([("a", 1, 0.5), ("a", 2, 0.5), ("a", 3, 0.5), ("b", 4, 0.5), ("c", 5, 0.5)], []),
        # Every repeat with a new input and a better score is none.
        ([("a", 1, 0.5), ("a", 2, 0.6), ("a", 3, 0.7)], []),
        ([("a", 1, 0.5), ("a", 2, 0.6), ("b", 3, 0.1), ("b", 4, 0.2)], []),
        ([("a", 1, 0.5), ("a", 2, 0.6), ("b", 3, 0.1), ("b", 4, 0.1)], [NARROW_TWO.format(4)]),
        ([("a", 1, 0.5), ("a", 2, 0.6), ("a", 3, 0.6)], [NARROW_ONE.format(3)]),
        ([("a", 1, 0.5), ("a", 2, 0.6), ("a", 3, 0.4)], [NARROW_ONE.format(3)]),
        (
            [("a", 1, 0.5), ("a", 1, 0.6), ("a", 3, 0.7)],
            [NARROW_ONE.format(3), "step 2 does again what step 1 did"],
        ),
        # The same action with the same input, however far apart.
        ([("a", 1, 0.5), ("a", 1, 0.9)], ["step 2 does again what step 1 did"]),
        (
            [("a", 1, 0.1), ("b", 1, 0.2), ("c", 1, 0.3), ("d", 1, 0.4), ("a", 1, 0.5)],
            ["step 5 does again what step 1 did"],
        ),
        ([("a", {"x": 1, "y": 2}, 0.1), ("b", 1, 0.2), ("a", {"y": 2, "x": 1}, 0.3)], None),
        ([("a", 1, 0.1), ("b", 1, 0.2), ("c", 1, 0.3), ("a", True, 0.4)], []),
        ([("a", 1, 0.1), ("b", 1, 0.2), ("c", 1, 0.3), ("a", "1", 0.4)], []),
        # A cycle of two to four actions, whatever the inputs and scores are.
        (
            [("a", 1, 0.1), ("b", 2, 0.2), ("a", 3, 0.3), ("b", 4, 0.4)],
            [CYCLE.format(2)],
        ),
        ([(name, n, n / 10) for n, name in enumerate("abcabc")], [CYCLE.format(3)]),
        ([(name, n, n / 10) for n, name in enumerate("abcdabcd")], [CYCLE.format(4)]),
        ([(name, n, n / 20) for n, name in enumerate("abcdeabcde")], []),
        ([(name, n, n / 10) for n, name in enumerate("abcabd")], []),
        ([(name, n, n / 10) for n, name in enumerate("ababcde")], [CYCLE.format(2)]),
        ([("a", n, n / 10) for n in range(8)], []),
    ],
)
def test_circles_are_found_as_documented(steps, found):
    if found is None:
        assert "step 3 does again what step 1 did" in reasons(*steps)
    else:
        assert reasons(*steps) == found


@pytest.mark.parametrize(
    ("names", "actions", "steps"),
    [
        ("abcabc", ("a", "b", "c"), (1, 2, 3, 4, 5, 6)),
        ("xabab", ("a", "b"), (2, 3, 4, 5)),
        ("xyzaa", ("a", "a"), (4, 5)),
    ],
)
def test_a_circle_has_its_pattern_its_steps_and_is_severe(names, actions, steps):
    given = [(name, 1 if names == "xyzaa" else n, n / 10) for n, name in enumerate(names)]
    circles = circles_in(history(*given))
    assert [(circle.actions, circle.steps) for circle in circles][-1] == (actions, steps)
    assert {circle.severity for circle in circles} == {CircleSeverity.HIGH}
    assert CircleSeverity.HIGH == "high"


def test_the_latest_of_several_circles_is_reported():
    names = "ababcdcd"
    (circle,) = circles_in(history(*[(name, n, n / 10) for n, name in enumerate(names)]))[-1:]
    assert circle.steps == (5, 6, 7, 8)


def test_a_step_that_is_listed_twice_is_a_repeat():
    (step,) = history(("a", 1, 0.5))
    assert [circle.reason for circle in circles_in([step, step])] == [
        "step 1 does again what step 1 did"
    ]


@pytest.mark.parametrize(
    ("score", "counts"),
    [(0.3, 0.3), (float("nan"), 0.0), (float("inf"), 1.0), (-float("inf"), 0.0), (7, 1.0)],
)
def test_a_score_that_makes_no_sense_counts_as_the_nearest_that_does(score, counts):
    (turn,) = turns_of(history(("a", 1, score)))
    assert turn.score == counts


def test_an_input_that_is_no_json_is_like_no_other():
    deep: list[object] = []
    for _ in range(10_000):
        deep = [deep]
    mixed = {1: "x", "1": "y", None: "z"}
    for odd in (deep, mixed):
        steps = history(("a", odd, 0.1), ("b", 1, 0.2), ("c", 1, 0.3), ("a", odd, 0.4))
        assert circles_in(steps) == ()
