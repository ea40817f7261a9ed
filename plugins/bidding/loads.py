"""The shortest makespan: share lots out so that the longest load is as short as possible.

Longest processing time first gives the longest lot to the agent that would be done with it first.
Where every agent takes the same time for a lot, that is at most 4/3 - 1/(3m) times the optimum with
m agents (Graham, "Bounds on Multiprocessing Timing Anomalies", SIAM J. Appl. Math. 17, 1969); no
such bound holds where the times differ. Branch and bound starts from there and tries the rest,
cutting off what can't be shorter than the best so far, and agents that stand where another one
does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite

from dataagents.plugins.bidding.capacity import NOBODY, Costs

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Shared:
    """Who gets which lot, how long that takes, and what is known of the optimum."""

    placed: list[int]
    makespan: float
    bound: float
    exact: bool


def longest_first(times: Costs, agents: int) -> Shared:
    """Give the longest lots away first, each to the agent that is done with it soonest."""
    placed, loads = [NOBODY] * len(times), [0.0] * agents
    for lot in _longest_first(times):
        done = [load + time for load, time in zip(loads, times[lot], strict=True)]
        agent = done.index(min(done))
        placed[lot], loads[agent] = agent, done[agent]
    makespan, bound = max(loads, default=0.0), _bound(times, agents)
    return Shared(placed, makespan, min(bound, makespan), makespan <= bound * (1 + _ROUNDING))


def branch_and_bound(times: Costs, agents: int, nodes: int) -> Shared:
    """Look for the optimum, at most so many nodes far; what was found is exact if they sufficed."""
    start = longest_first(times, agents)
    if start.exact:
        return start
    search = _Search(times, agents, start, nodes)
    finished = search.run()
    exact = finished or search.best <= start.bound * (1 + _ROUNDING)
    bound = search.best if exact else start.bound
    return Shared(search.placed, search.best, bound, exact)


class _Search:
    """Depth first, without recursion: a stack of the agents that are still to be tried."""

    def __init__(self, times: Costs, agents: int, start: Shared, nodes: int) -> None:
        self.order = _longest_first(times)
        self.times = [times[lot] for lot in self.order]
        self.agents, self.nodes = agents, nodes
        self.best, self.placed, self.target = start.makespan, start.placed, start.bound
        self.left = [0.0] * (len(self.order) + 1)
        """The least work that is left from each depth on."""
        for depth in reversed(range(len(self.order))):
            self.left[depth] = self.left[depth + 1] + min(self.times[depth])
        columns = list(zip(*self.times, strict=True))
        self.kinds = [columns.index(column) for column in columns]
        """Agents with the same times are of the same kind."""

    def run(self) -> bool:
        """Return whether everything was tried, or the optimum found."""
        loads = [0.0] * self.agents
        chosen: list[int] = []
        stack = [self._choices(0, loads)]
        while stack:
            if self.best <= self.target * (1 + _ROUNDING):
                return True
            if len(chosen) == len(stack):
                self._undo(chosen, loads)
            if not stack[-1]:
                stack.pop()
                continue
            self.nodes -= 1
            if self.nodes < 0:
                return False
            depth, agent = len(chosen), stack[-1].pop()
            if loads[agent] + self.times[depth][agent] >= self.best:
                continue
            loads[agent] += self.times[depth][agent]
            chosen.append(agent)
            if len(chosen) == len(self.order):
                self.best = max(loads)
                self._keep(chosen)
                continue
            stack.append(self._choices(len(chosen), loads))
        return True

    def _choices(self, depth: int, loads: Sequence[float]) -> list[int]:
        """Return the agents worth trying for a lot, the most promising last."""
        if (sum(loads) + self.left[depth]) / self.agents >= self.best:
            return []
        times, seen, choices = self.times[depth], set[tuple[float, int]](), list[int]()
        for agent, load in enumerate(loads):
            stand = (load, self.kinds[agent])
            if isfinite(times[agent]) and load + times[agent] < self.best and stand not in seen:
                seen.add(stand)
                choices.append(agent)
        return sorted(choices, key=lambda agent: (-(loads[agent] + times[agent]), -agent))

    def _undo(self, chosen: list[int], loads: list[float]) -> None:
        agent = chosen.pop()
        # Added up anew: taking away what was added would leave a rounding error behind.
        loads[agent] = sum(
            times[agent] for times, other in zip(self.times, chosen, strict=False) if other == agent
        )

    def _keep(self, chosen: Sequence[int]) -> None:
        placed = [NOBODY] * len(self.order)
        for lot, agent in zip(self.order, chosen, strict=True):
            placed[lot] = agent
        self.placed = placed


def _longest_first(times: Costs) -> list[int]:
    return sorted(range(len(times)), key=lambda lot: (-min(times[lot]), lot))


def _bound(times: Costs, agents: int) -> float:
    shortest = [min(row) for row in times]
    return max(max(shortest, default=0.0), sum(shortest) / agents if agents else inf)
