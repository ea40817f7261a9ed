"""Allocation lot by lot, and how far from the optimum that can be.

Regret insertion gives the next place to the lot that would lose most by waiting: the one whose
second-best agent with room costs most above its best (Potvin and Rousseau, "A Parallel Route
Building Algorithm", EJOR 66, 1993). One by one is what a contract net without a view of the whole
does: each lot in turn to the cheapest agent with room.

The bound is the Lagrangean one: agents may take any number of lots, at a price for each, and
subgradient steps raise the prices of those that take too many (Held and Karp, "The Traveling-
Salesman Problem and Minimum Spanning Trees", 1971; Fisher, Management Science 27, 1981).
"""

import heapq
from collections.abc import Iterator, Sequence
from math import inf, isfinite
from operator import add

from dataagents.plugins.bidding.capacity import NOBODY, Costs, fit_in

_ROUNDING = 1e-12
"""What the bound gives away, so that adding up in floats never lifts it above the optimum."""


def one_by_one(costs: Costs, capacity: Sequence[int]) -> list[int]:
    """Return the agent of each lot, the lots taken in the order that they come in."""
    placed, held = [NOBODY] * len(costs), [set[int]() for _ in capacity]
    for lot, row in enumerate(costs):
        cost, agent = min(_open_agents(row, capacity, held), default=(inf, NOBODY))
        if agent != NOBODY and isfinite(cost):
            placed[lot] = agent
            held[agent].add(lot)
    return _with_the_rest(costs, capacity, placed, held)


def by_regret(costs: Costs, capacity: Sequence[int]) -> list[int]:
    """Return the agent of each lot, the lot with the greatest regret first."""
    placed, held = [NOBODY] * len(costs), [set[int]() for _ in capacity]
    ranked = [
        sorted((cost, agent) for agent, cost in enumerate(row) if isfinite(cost)) for row in costs
    ]
    regrets = [0.0] * len(costs)
    heap: list[tuple[float, int]] = []

    def queue(lot: int) -> None:
        """Queue a lot with its regret now; agents that are full drop off its list for good."""
        choices = ranked[lot] = [
            each for each in ranked[lot] if len(held[each[1]]) < capacity[each[1]]
        ]
        regrets[lot] = NOBODY  # what is queued of it already is out of date
        if choices:
            second = choices[1][0] if len(choices) > 1 else inf
            regrets[lot] = second - choices[0][0]
            heapq.heappush(heap, (-regrets[lot], lot))

    for lot in range(len(costs)):
        queue(lot)
    while heap:
        regret, lot = heapq.heappop(heap)
        if placed[lot] != NOBODY or -regret != regrets[lot]:
            continue  # queued again since, with a greater regret
        agent = ranked[lot][0][1]
        placed[lot] = agent
        held[agent].add(lot)
        if len(held[agent]) == capacity[agent]:
            for other, choices in enumerate(ranked):
                if placed[other] == NOBODY and agent in {each for _, each in choices[:2]}:
                    queue(other)
    return _with_the_rest(costs, capacity, placed, held)


def lower_bound(costs: Costs, capacity: Sequence[int], value: float, rounds: int = 200) -> float:
    """Return what no assignment of these lots can undercut.

    Args:
        costs: The lots that are placed; each has a bid.
        capacity: How many lots each agent may get.
        value: What a known assignment comes to; the steps are aimed at it.
        rounds: How many steps.
    """
    if not costs or not isfinite(value):
        return 0.0
    prices = [0.0 if room else inf for room in capacity]
    best, pace, stale = 0.0, 1.0, 0
    for _ in range(rounds):
        counts, bound = [0] * len(capacity), 0.0
        for row in costs:
            priced = list(map(add, row, prices))
            least = min(priced)
            counts[priced.index(least)] += 1
            bound += least
        bound -= sum(price * room for price, room in zip(prices, capacity, strict=True) if room)
        best, stale = (bound, 0) if bound > best else (best, stale + 1)
        excess = [count - room for count, room in zip(counts, capacity, strict=True)]
        moving = [
            each if each > 0 or price > 0 else 0 for each, price in zip(excess, prices, strict=True)
        ]
        norm = sum(each * each for each in moving)
        if norm == 0 or best >= value:
            break
        if stale >= 10:
            pace, stale = pace / 2, 0
        step = pace * (value - bound) / norm
        prices = [max(0.0, price + step * each) for price, each in zip(prices, moving, strict=True)]
    return min(best * (1 - _ROUNDING), value)


def _open_agents(
    row: Sequence[float], capacity: Sequence[int], held: Sequence[set[int]]
) -> Iterator[tuple[float, int]]:
    return ((cost, agent) for agent, cost in enumerate(row) if len(held[agent]) < capacity[agent])


def _with_the_rest(
    costs: Costs, capacity: Sequence[int], placed: list[int], held: Sequence[set[int]]
) -> list[int]:
    """Fit in those that found all their agents full, by moving others."""
    for lot, agent in enumerate(placed):
        if agent == NOBODY:
            fit_in(lot, costs, capacity, placed, held)
    return placed
