"""Optimal assignment with capacities, in pure Python: successive shortest augmenting paths.

See Jonker and Volgenant, "A Shortest Augmenting Path Algorithm for Dense and Sparse Linear
Assignment Problems" (Computing 38, 1987), for agents that take several lots: the search walks over
agents alone. To move on from a full agent to another costs what the cheapest of its lots loses by
the change, a table kept up to date for the agents that a path touched. With n lots and m agents a
path takes O(m²) steps, all of them O(n · m²).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import frexp, inf, isfinite, ldexp

from dataagents.plugins.bidding.capacity import NOBODY, Costs


def assign(costs: Costs, capacity: Sequence[int]) -> list[int]:
    """Return the agent of each lot: as many lots placed as possible, at the least total cost."""
    greatest = max((cost for row in costs for cost in row if isfinite(cost)), default=0.0)
    # A power of two scales without rounding, and sums can't overflow.
    exponent = frexp(greatest)[1]
    not_placed = len(costs) + 2.0
    rows = [[*(ldexp(cost, -exponent) for cost in row), not_placed] for row in costs]
    search = _Search(rows, [*capacity, len(rows)])
    for lot in range(len(rows)):
        search.place(lot)
    dummy = len(capacity)
    return [agent if agent != dummy else NOBODY for agent in search.placed]


@dataclass(slots=True)
class _Search:
    costs: list[list[float]]
    capacity: list[int]
    placed: list[int] = field(init=False)
    held: list[list[int]] = field(init=False)
    prices: list[float] = field(init=False)
    """Dual variables; below 0 for agents that are full alone."""
    moves: list[list[tuple[float, int]]] = field(init=False)
    """For each full agent, for each other one: the least loss of moving a lot there, and which."""

    def __post_init__(self) -> None:
        self.placed = [NOBODY] * len(self.costs)
        self.held = [[] for _ in self.capacity]
        self.prices = [0.0] * len(self.capacity)
        self.moves = [[] for _ in self.capacity]

    def place(self, lot: int) -> None:
        prices = self.prices
        away = [cost - price for cost, price in zip(self.costs[lot], prices, strict=True)]
        came = [NOBODY] * len(away)
        done: list[tuple[int, float]] = []
        waiting = {agent for agent, room in enumerate(self.capacity) if room}
        while True:
            nearest = min(waiting, key=away.__getitem__)
            distance = away[nearest]
            if len(self.held[nearest]) < self.capacity[nearest]:
                break
            waiting.remove(nearest)
            done.append((nearest, distance))
            base, moves = distance + prices[nearest], self.moves[nearest]
            for other in waiting:
                further = base + moves[other][0] - prices[other]
                if further < away[other]:
                    away[other], came[other] = further, nearest
        for agent, reached in done:
            prices[agent] += reached - distance
        self._move_along(lot, nearest, came)

    def _move_along(self, lot: int, last: int, came: Sequence[int]) -> None:
        touched = [last]
        steps: list[tuple[int, int]] = []
        while came[last] != NOBODY:
            before = came[last]
            steps.append((self.moves[before][last][1], last))
            touched.append(before)
            last = before
        steps.append((lot, last))
        for moved, agent in steps:
            if self.placed[moved] != NOBODY:
                self.held[self.placed[moved]].remove(moved)
            self.placed[moved] = agent
            self.held[agent].append(moved)
        for agent in touched:
            if len(self.held[agent]) >= self.capacity[agent]:
                self._update_moves(agent)

    def _update_moves(self, agent: int) -> None:
        best = [(inf, NOBODY)] * len(self.capacity)
        for lot in self.held[agent]:
            row = self.costs[lot]
            own = row[agent]
            best = [
                known if known[0] <= cost - own else (cost - own, lot)
                for known, cost in zip(best, row, strict=True)
            ]
        self.moves[agent] = best
