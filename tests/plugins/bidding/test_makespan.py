import math
import random
from itertools import product

import pytest

from dataagents.core.testing import AllocatorContract
from dataagents.core.testing.bidding import bids_of, lots
from dataagents.plugins.bidding.assignment import Makespan, MakespanOptions
from dataagents.plugins.bidding.loads import branch_and_bound, longest_first


def brute_force(times, agents):
    best = math.inf
    for chosen in product(range(agents), repeat=len(times)):
        loads = [0.0] * agents
        for row, agent in zip(times, chosen, strict=True):
            loads[agent] += row[agent]
        best = min(best, max(loads))
    return best


class TestMakespan(AllocatorContract):
    def allocator(self):
        return Makespan(MakespanOptions())


class TestLongestFirst(AllocatorContract):
    def allocator(self):
        return Makespan(MakespanOptions(nodes=0))


def test_case_a07_the_exact_mode_hits_the_optimum(auction_case):
    case = auction_case("A07")
    durations, agents = case["input"]["durations"], case["input"]["agents"]
    expected = case["expected"]
    times = [[float(duration)] * agents for duration in durations]
    quick = longest_first(times, agents)
    assert (quick.makespan, quick.exact) == (expected["lpt"], False)
    assert quick.makespan <= (4 / 3 - 1 / (3 * agents)) * expected["optimum"] + 1e-9
    outcome = Makespan(MakespanOptions()).allocate(
        lots(len(times), "a0", "a1", "a2"), bids_of(times, seconds=True)
    )
    assert (outcome.value, outcome.bound, outcome.exact) == (expected["optimum"],) * 2 + (True,)
    loads = dict.fromkeys(("a0", "a1", "a2"), 0.0)
    for award, duration in zip(outcome.awards, durations, strict=True):
        loads[award.winner] += duration
    assert max(loads.values()) == expected["optimum"]


@pytest.mark.parametrize("seed", range(30))
def test_it_agrees_with_trying_everything(seed):
    rng = random.Random(seed)
    n, m = rng.randint(1, 7), rng.randint(1, 3)
    alike = rng.random() < 0.5
    times = []
    for _ in range(n):
        duration = float(rng.randint(1, 9))
        row = [duration if alike else float(rng.randint(1, 9)) for _ in range(m)]
        if not alike and m > 1 and rng.random() < 0.3:
            row[rng.randrange(m)] = math.inf
        times.append(row)
    outcome = branch_and_bound(times, m, 100_000)
    assert outcome.exact
    assert outcome.makespan == brute_force(times, m)
    loads = [0.0] * m
    for row, agent in zip(times, outcome.placed, strict=True):
        loads[agent] += row[agent]
    assert max(loads) == outcome.makespan


@pytest.mark.parametrize("seed", range(20))
def test_longest_first_keeps_grahams_bound(seed):
    rng = random.Random(seed)
    m = rng.randint(2, 3)
    times = [[float(rng.randint(1, 9))] * m for _ in range(rng.randint(3, 7))]
    best = brute_force(times, m)
    assert best <= longest_first(times, m).makespan <= (4 / 3 - 1 / (3 * m)) * best + 1e-9


def test_a_search_that_runs_out_says_so():
    rng = random.Random(1)
    times = [[rng.random() for _ in range(5)] for _ in range(40)]
    outcome = branch_and_bound(times, 5, 50)
    assert not outcome.exact
    assert outcome.bound < outcome.makespan <= longest_first(times, 5).makespan


def test_who_states_no_time_takes_what_the_task_is_estimated_at():
    outcome = Makespan(MakespanOptions()).allocate(lots(4, "a0", "a1"), bids_of([[5.0, 5.0]] * 4))
    assert outcome.value == 2.0
    assert set(outcome.loads.values()) == {2}
