"""Backoff: pauses that grow, are drawn from the kernel's seed, and have a limit."""

import pytest
from tenacity import AsyncRetrying, RetryCallState

from dataagents.core.services.backoff import Backoff


def pauses(seed: int | None, attempts: range, *, first: float, longest: float) -> list[float]:
    backoff = Backoff(seed, first=first, longest=longest)
    state = RetryCallState(AsyncRetrying(), None, (), {})
    drawn: list[float] = []
    for state.attempt_number in attempts:
        drawn.append(backoff(state))
    return drawn


@pytest.mark.parametrize("attempt", [1, 2, 5])
def test_a_pause_is_anything_up_to_twice_the_one_before(attempt: int):
    drawn = [
        pauses(seed, range(attempt, attempt + 1), first=0.5, longest=60.0)[0] for seed in range(500)
    ]
    most = 0.5 * 2 ** (attempt - 1)
    assert 0 <= min(drawn) < 0.02 * most, "full jitter begins at nothing"
    assert 0.98 * most < max(drawn) <= most


def test_no_pause_is_longer_than_the_longest_however_often_something_was_tried():
    drawn = pauses(1, range(1, 5_000), first=0.1, longest=20.0)
    assert 19.9 < max(drawn) <= 20.0


def test_one_seed_draws_the_same_pauses_and_none_draws_others_each_time():
    def drawn(seed: int | None) -> list[float]:
        return pauses(seed, range(1, 10), first=1.0, longest=20.0)

    assert drawn(3) == drawn(3) != drawn(4)
    assert drawn(None) != drawn(None)
