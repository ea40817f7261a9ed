"""The allocator by cost, held against scipy and against each other."""

import math
import random
from itertools import permutations, product

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from dataagents.core.bidding import AwardOutcome
from dataagents.core.testing import AllocatorContract
from dataagents.core.testing.bidding import bid, bids_of, lots
from dataagents.plugins.bidding import lapjv
from dataagents.plugins.bidding.assignment import Assignment, AssignmentOptions
from dataagents.plugins.bidding.capacity import even_capacity

METHODS = ["lapx", "exact", "regret", "one-by-one"]


def assignment(**options):
    if options.get("method") == "lapx":
        pytest.importorskip("lap", reason="NOT TESTED: lapx is not installed")
    return Assignment(AssignmentOptions(**options))


def shared_out(costs, **options):
    agents = [f"a{column}" for column in range(len(costs[0]))]
    return assignment(**options).allocate(lots(len(costs), *agents), bids_of(costs))


def table(rng, n, m, missing=0.0, top=100):
    return [
        [None if rng.random() < missing else float(rng.randint(1, top)) for _ in range(m)]
        for _ in range(n)
    ]


def oracle(costs, capacity):
    """Return how many lots can be placed at most, and the least cost of that, by scipy."""
    columns = [agent for agent, room in enumerate(capacity) for _ in range(room)]
    none = sum(cost for row in costs for cost in row if cost is not None) + 1.0
    matrix = numpy.array([[row[agent] or none for agent in columns] for row in costs])
    matrix = numpy.hstack([matrix, numpy.full((len(costs), len(costs)), none)])
    rows, chosen = linear_sum_assignment(matrix)
    taken = [float(cost) for cost in matrix[rows, chosen] if cost < none]
    return len(taken), sum(taken)


class AnyMethod(AllocatorContract):
    method = "auto"

    def allocator(self):
        return assignment(method=self.method)


class TestAuto(AnyMethod):
    pass


class TestLapx(AnyMethod):
    method = "lapx"


class TestExact(AnyMethod):
    method = "exact"


class TestRegret(AnyMethod):
    method = "regret"


class TestOneByOne(AnyMethod):
    method = "one-by-one"


@pytest.mark.parametrize("method", ["lapx", "exact"])
def test_case_a01_the_optimum_and_what_one_by_one_comes_to(auction_case, method):
    case = auction_case("A01")
    costs, expected = case["input"]["cost"], case["expected"]
    best = shared_out(costs, method=method)
    assert (best.value, best.bound, best.exact, best.gap) == (expected["optimum"],) * 2 + (True, 0)
    greedy = shared_out(costs, method="one-by-one")
    assert (greedy.value, greedy.exact) == (expected["sequential_greedy"], False)
    assert greedy.bound <= expected["optimum"]
    assert sum(award.price for award in greedy.awards) == greedy.value
    regret = shared_out(costs, method="regret")
    assert expected["optimum"] <= regret.value <= expected["sequential_greedy"]


@pytest.mark.parametrize("method", ["lapx", "exact"])
@pytest.mark.parametrize("seed", range(40))
def test_an_exact_method_places_as_many_as_scipy_at_the_same_cost(method, seed):
    rng = random.Random(seed)
    n, m = rng.randint(1, 14), rng.randint(1, 6)
    costs = table(rng, n, m, missing=rng.choice([0.0, 0.3, 0.7]), top=rng.choice([3, 100]))
    capacities = {f"a{agent}": rng.randint(0, 4) for agent in range(m)}
    outcome = shared_out(costs, method=method, capacity=9, capacities=capacities)
    placed, value = oracle(costs, list(capacities.values()))
    assert sum(award.winner is not None for award in outcome.awards) == placed
    assert outcome.value == pytest.approx(value)
    assert all(outcome.loads.get(agent, 0) <= room for agent, room in capacities.items())


@given(st.lists(st.lists(st.integers(1, 9), min_size=3, max_size=3), min_size=1, max_size=4))
def test_the_exact_method_agrees_with_trying_everything(costs):
    room = -(-len(costs) // 3)
    best = min(
        sum(row[agent] for row, agent in zip(costs, chosen, strict=True))
        for chosen in product(range(3), repeat=len(costs))
        if all(chosen.count(agent) <= room for agent in range(3))
    )
    assert shared_out(costs, method="exact").value == best


@pytest.mark.parametrize("method", ["regret", "one-by-one"])
@pytest.mark.parametrize("seed", range(20))
def test_what_is_not_exact_says_how_far_off_it_can_be(method, seed):
    rng = random.Random(seed)
    costs = table(rng, rng.randint(2, 30), rng.randint(2, 6), missing=rng.choice([0.0, 0.4]))
    outcome, best = shared_out(costs, method=method), shared_out(costs, method="exact")
    assert sum(outcome.loads.values()) == sum(best.loads.values())
    assert outcome.bound <= best.value <= outcome.value
    assert outcome.gap >= outcome.value / best.value - 1 - 1e-9


def test_regret_looks_ahead_where_one_by_one_does_not():
    costs = [[1.0, 2.0], [1.0, 50.0]]
    assert shared_out(costs, method="one-by-one").value == 51
    assert shared_out(costs, method="regret").value == 3


def test_loads_are_as_even_as_the_bids_allow():
    costs = [[1.0, 9.0, 9.0] for _ in range(9)]
    assert set(shared_out(costs).loads.values()) == {3}
    alone = [[1.0, None, None] for _ in range(4)] + [[1.0, 1.0, 1.0] for _ in range(2)]
    outcome = shared_out(alone)
    assert outcome.loads["a0"] == 4
    assert sum(outcome.loads.values()) == 6


@pytest.mark.parametrize("seed", range(20))
def test_the_even_share_is_the_smallest_that_places_every_lot(seed):
    rng = random.Random(seed)
    costs = table(rng, rng.randint(1, 12), rng.randint(1, 5), missing=0.6)
    biddable = sum(any(cost is not None for cost in row) for row in costs)
    figures = [[math.inf if cost is None else cost for cost in row] for row in costs]
    share = even_capacity(figures, len(costs[0]))
    assert oracle(costs, [share] * len(costs[0]))[0] == biddable
    assert share == 0 or oracle(costs, [share - 1] * len(costs[0]))[0] < biddable


@pytest.mark.parametrize("method", METHODS)
def test_what_finds_no_room_is_told_so(method):
    outcome = shared_out([[1.0], [2.0], [3.0]], method=method, capacity=2)
    assert [award.outcome for award in outcome.awards].count(AwardOutcome.NO_CAPACITY) == 1
    (left,) = (award for award in outcome.awards if award.winner is None)
    assert left.reason == "all 1 bidders have as many lots as they may"


@pytest.mark.parametrize("method", METHODS)
def test_as_many_lots_as_possible_are_placed_before_cost_counts(method):
    outcome = shared_out([[1.0, 100.0], [1.0, None]], method=method, capacity=1)
    assert [award.winner for award in outcome.awards] == ["a1", "a0"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_great_and_small_figures_do_not_overflow(method, scale):
    costs = [[3 * scale, 2 * scale], [1 * scale, 4 * scale], [None, 1 * scale]]
    outcome = shared_out(costs, method=method, capacity=2)
    assert [award.winner for award in outcome.awards] == ["a1", "a0", "a1"]


def test_effective_cost_counts_what_quality_is_to_be_expected():
    bids = {"lot-0": [bid("a0", 2.0, 0.5), bid("a1", 3.0, 1.0), bid("a2", 2.9, 1.0, 0.5)]}
    asked = lots(1, "a0", "a1", "a2")
    assert assignment().allocate(asked, bids).awards[0].winner == "a0"
    outcome = assignment(objective="effective-cost").allocate(asked, bids)
    assert (outcome.awards[0].winner, outcome.value, outcome.awards[0].price) == ("a1", 3.0, 3.0)


def test_ties_go_to_the_lowest_id_in_any_order():
    bids = [bid(name, 1.0) for name in ("a0", "a1", "a2")]
    for order in permutations(bids):
        (award,) = assignment().allocate(lots(1, "a0", "a1", "a2"), {"lot-0": order}).awards
        assert (award.winner, award.runner_up) == ("a0", "a1")


def test_auto_takes_lapx_where_it_is_there(monkeypatch):
    costs = [[1.0, 2.0], [2.0, 1.0]]
    monkeypatch.setattr(lapjv, "is_installed", lambda: False)
    assert shared_out(costs).method == "shortest augmenting paths"
    beyond = shared_out(costs, exact_pairs=3)
    assert (beyond.method, beyond.terms) == ("regret insertion", {"method": "regret"})
    monkeypatch.undo()
    pytest.importorskip("lap", reason="NOT TESTED: lapx is not installed")
    assert shared_out(costs).method == "Jonker-Volgenant (lapx)"


def test_asking_for_lapx_where_it_is_missing_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "lap", None)
    with pytest.raises(Exception, match=r"dataagents\[assign\]"):
        Assignment(AssignmentOptions(method="lapx")).allocate(lots(1, "a0"), bids_of([[1.0]]))
