"""How many lots an agent may get, and how one more is fitted in.

Which lots can be placed together is a matching in a bipartite graph, with agents that take several;
a lot finds room along an augmenting path (Berge 1957; Kuhn, "The Hungarian Method", 1955).
"""

from collections import deque
from collections.abc import Sequence
from math import isfinite
from typing import TypeAlias

Costs: TypeAlias = Sequence[Sequence[float]]
"""For each lot what it costs with each agent; infinity where the agent made no bid for it."""
NOBODY = -1
"""Stands for the agent of a lot that is not placed."""


def even_capacity(costs: Costs, agents: int) -> int:
    """Return the smallest number of lots an agent, with which every lot that has a bid is placed.

    One pass does: the sets of lots that can be placed together are a matroid, so a lot that finds
    no room beside those placed already needs a greater number.
    """
    biddable = [lot for lot, row in enumerate(costs) if any(map(isfinite, row))]
    least = -(-len(biddable) // agents) if agents else 0
    capacity, placed = [least] * agents, [NOBODY] * len(costs)
    held: list[set[int]] = [set() for _ in range(agents)]
    for lot in biddable:
        while not fit_in(lot, costs, capacity, placed, held):
            capacity = [each + 1 for each in capacity]
    return max(capacity, default=0)


def fit_in(
    lot: int,
    costs: Costs,
    capacity: Sequence[int],
    placed: list[int],
    held: Sequence[set[int]],
) -> bool:
    """Place a lot, moving others on where that makes room; change nothing if there is none."""
    came: dict[int, int] = {}  # agent → the lot that would go to it
    queue = deque([lot])
    while queue:
        moving = queue.popleft()
        for agent, cost in enumerate(costs[moving]):
            if agent in came or not isfinite(cost):
                continue
            came[agent] = moving
            if len(held[agent]) < capacity[agent]:
                _move_along(agent, came, placed, held)
                return True
            queue.extend(sorted(held[agent]))
    return False


def _move_along(
    agent: int, came: dict[int, int], placed: list[int], held: Sequence[set[int]]
) -> None:
    while agent != NOBODY:
        lot = came[agent]
        before = placed[lot]
        placed[lot] = agent
        held[agent].add(lot)
        if before != NOBODY:
            held[before].remove(lot)
        agent = before
