"""The word for an agent's health: slow to change, and the same for the same checks."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.core.health import Health
from dataagents.core.operation import Check, HealthSettings, next_health

GOOD = Check(alive=True, well=True, seconds=0.01)
SICK = Check(alive=True, well=False)
SILENT = Check(alive=False, well=False)
SLOW = Check(alive=True, well=True, seconds=1.5)
STILL_SLOW = Check(alive=True, well=True, seconds=0.9)


def states(*checks, settings=None):
    """The word after each check."""
    found, health = [], None
    for place in range(len(checks)):
        health = next_health(health, checks[: place + 1], settings)
        found.append(str(health))
    return found


@pytest.mark.parametrize(
    ("checks", "words"),
    [
        ([GOOD], "healthy"),
        ([SICK], "failed"),
        ([GOOD, SICK, SICK], "healthy degraded failed"),
        ([GOOD, SILENT, SILENT], "healthy late failed"),
        ([GOOD, SILENT, GOOD, GOOD], "healthy late degraded healthy"),
        ([GOOD, SICK, SICK, GOOD, GOOD], "healthy degraded failed degraded healthy"),
        ([GOOD, SICK, GOOD, SICK, GOOD], "healthy degraded degraded degraded degraded"),
        ([GOOD, SLOW, STILL_SLOW, GOOD, GOOD], "healthy degraded degraded healthy healthy"),
        ([GOOD, STILL_SLOW], "healthy healthy"),
    ],
)
def test_checks_give_a_word(checks, words):
    assert states(*checks) == words.split()


@pytest.mark.parametrize(
    "strain",
    [{"seconds": 1.0}, {"error_rate": 0.25}, {"queue": 500}],
    ids=lambda each: next(iter(each)),
)
def test_an_agent_that_works_badly_is_degraded_until_it_has_eased_well_off(strain):
    (name, limit), *_ = strain.items()
    strained = Check(alive=True, well=True, **strain)
    eased = Check(alive=True, well=True, **{name: type(limit)(limit * 0.85)})
    well = Check(alive=True, well=True, **{name: type(limit)(limit * 0.5)})
    assert states(GOOD, strained, eased, well, well)[1:] == [
        "degraded", "degraded", "healthy", "healthy"
    ]  # fmt: skip


def test_thresholds_can_be_set():
    settings = HealthSettings(failed_after=1, healthy_after=3)
    assert states(GOOD, SICK, GOOD, GOOD, GOOD, settings=settings) == [
        "healthy", "failed", "degraded", "degraded", "healthy"
    ]  # fmt: skip


CHECKS = st.builds(
    Check,
    alive=st.booleans(),
    well=st.booleans(),
    seconds=st.floats(0, 5),
    error_rate=st.none() | st.floats(0, 1),
    queue=st.integers(0, 1000),
)


@given(st.lists(CHECKS, min_size=1, max_size=30))
def test_an_agent_is_never_healthy_after_a_failed_check_nor_failed_after_a_good_one(checks):
    for check, word in zip(checks, states(*checks), strict=True):
        if check.alive and check.well:
            assert word != Health.FAILED
        else:
            assert word != Health.HEALTHY


@given(st.lists(CHECKS, min_size=2, max_size=30))
def test_nobody_goes_from_failed_to_healthy_at_once(checks):
    assert ("failed", "healthy") not in pairwise(states(*checks))
