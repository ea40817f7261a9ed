"""The bundled allocators: from bids to a table, through a method, to an award for each lot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import Literal, TypeAlias

from pydantic import Field

from dataagents.core.allocation import Allocation
from dataagents.core.bidding import Award, AwardOutcome, Bid, CallForBids, Lot
from dataagents.plugins.bidding import insertion, lapjv, loads, shortest_paths
from dataagents.plugins.bidding.capacity import NOBODY, Costs, even_capacity
from dataagents.plugins.bidding.scoring import AuctionOptions, admit, by_cost

Method: TypeAlias = Literal["auto", "lapx", "exact", "regret", "one-by-one"]
Solver: TypeAlias = Callable[[Costs, Sequence[int]], list[int]]

_SOLVERS: Mapping[str, tuple[Solver, str]] = {
    "lapx": (lapjv.assign, "Jonker-Volgenant (lapx)"),
    "exact": (shortest_paths.assign, "shortest augmenting paths"),
    "regret": (insertion.by_regret, "regret insertion"),
    "one-by-one": (insertion.one_by_one, "one by one"),
}
_EXACT = ("lapx", "exact")


class AssignmentOptions(AuctionOptions):
    """Options of the allocator `assignment`."""

    method: Method = "auto"
    """`auto` takes lapx where it is installed, else `exact` as far as that is quick."""
    objective: Literal["cost", "effective-cost"] = "cost"
    """What is made small: the sum of the costs, or of cost per expected quality."""
    capacity: int | None = Field(default=None, ge=1)
    """How many lots an agent may get; when None as few as will do, so loads are even."""
    capacities: dict[str, int] = Field(default={})
    """The same for single agents, by id."""
    exact_pairs: int = Field(default=100_000, ge=0)
    """Lots times agents up to which `auto` takes `exact`, and `regret` beyond."""


class MakespanOptions(AuctionOptions):
    """Options of the allocator `makespan`."""

    nodes: int = Field(default=100_000, ge=0)
    """How much is tried beyond giving the longest lots away first."""


class Assignment:
    """The least total cost within the agents' capacities."""

    def __init__(self, options: AssignmentOptions) -> None:
        self._options = options

    def allocate(self, lots: Sequence[Lot], bids: Mapping[str, Sequence[Bid]]) -> Allocation:
        """Share lots out; a lot without a bid, or without room, is left over."""
        table = Table.of(lots, bids, self._options)
        costs = table.figures(self._cost)
        method = self._method(costs)
        solve, words = _SOLVERS[method]
        capacity = self._capacity(table, costs)
        placed = solve(costs, capacity)
        value = _total(costs, placed)
        if method in _EXACT:
            bound = value
        else:
            taken = [costs[lot] for lot, agent in enumerate(placed) if agent != NOBODY]
            bound = insertion.lower_bound(taken, capacity, value)
        return Allocation(
            method=words,
            objective=self._options.objective,
            exact=method in _EXACT,
            value=value,
            bound=bound,
            awards=table.awards(placed, words),
            terms={"method": method},
        )

    def _cost(self, bid: Bid, lot: Lot) -> float:
        if self._options.objective == "cost":
            return bid.cost
        return bid.cost / bid.expected_quality if bid.expected_quality > 0 else inf

    def _method(self, costs: Costs) -> str:
        if self._options.method != "auto":
            return self._options.method
        if lapjv.is_installed():
            return "lapx"
        pairs = len(costs) * len(costs[0]) if costs else 0
        return "exact" if pairs <= self._options.exact_pairs else "regret"

    def _capacity(self, table: "Table", costs: Costs) -> list[int]:
        usual = self._options.capacity
        if usual is None:
            usual = even_capacity(costs, len(table.agents))
        return [self._options.capacities.get(agent, usual) for agent in table.agents]


class Makespan:
    """The shortest time until everybody is done."""

    def __init__(self, options: MakespanOptions) -> None:
        self._options = options

    def allocate(self, lots: Sequence[Lot], bids: Mapping[str, Sequence[Bid]]) -> Allocation:
        """Share lots out by the seconds that bids promise, else by the task's estimate, else 1."""
        table = Table.of(lots, bids, self._options)
        times = table.figures(_seconds)
        open_lots = [lot for lot, row in enumerate(times) if any(map(isfinite, row))]
        shared = loads.branch_and_bound(
            [times[lot] for lot in open_lots], len(table.agents), self._options.nodes
        )
        placed = [NOBODY] * len(lots)
        for lot, agent in zip(open_lots, shared.placed, strict=True):
            placed[lot] = agent
        words = "branch and bound" if shared.exact else "longest first, then branch and bound"
        return Allocation(
            method=words,
            objective="makespan",
            exact=shared.exact,
            value=shared.makespan,
            bound=shared.bound,
            awards=table.awards(placed, words),
        )


def _seconds(bid: Bid, lot: Lot) -> float:
    return bid.seconds if bid.seconds is not None else lot.task.seconds or 1.0


def _total(costs: Costs, placed: Sequence[int]) -> float:
    return sum(costs[lot][agent] for lot, agent in enumerate(placed) if agent != NOBODY)


@dataclass(frozen=True, slots=True)
class Table:
    """The valid bids as rows of lots and columns of agents."""

    lots: Sequence[Lot]
    agents: tuple[str, ...]
    """In the order of their ids, which settles ties."""
    valid: tuple[Mapping[str, Bid], ...]
    """For each lot: agent → its bid."""
    rejected: tuple[Mapping[str, str], ...]

    @classmethod
    def of(
        cls, lots: Sequence[Lot], bids: Mapping[str, Sequence[Bid]], options: AuctionOptions
    ) -> "Table":
        """Screen the bids for all lots."""
        screened = [admit(CallForBids(lot), bids.get(lot.id, ()), options) for lot in lots]
        valid = tuple({bid.bidder: bid for bid in each.valid} for each in screened)
        agents = tuple(sorted({bidder for each in valid for bidder in each}))
        return cls(lots, agents, valid, tuple(each.rejected for each in screened))

    def figures(self, figure: Callable[[Bid, Lot], float]) -> list[list[float]]:
        """Return a figure of each bid, and infinity where there is none."""
        return [
            [figure(row[agent], lot) if agent in row else inf for agent in self.agents]
            for lot, row in zip(self.lots, self.valid, strict=True)
        ]

    def awards(self, placed: Sequence[int], method: str) -> tuple[Award, ...]:
        """Return an award for each lot, with the bid that it was placed by."""
        return tuple(
            replace(self._award(lot, agent, method), rejected=self.rejected[lot])
            for lot, agent in enumerate(placed)
        )

    def _award(self, lot: int, agent: int, method: str) -> Award:
        name, bids = self.lots[lot].id, self.valid[lot]
        if agent == NOBODY:
            if not bids:
                return Award(name, AwardOutcome.NO_VALID_BID, "there is no valid bid for it")
            reason = f"all {len(bids)} bidders have as many lots as they may"
            return Award(name, AwardOutcome.NO_CAPACITY, reason)
        won = bids[self.agents[agent]]
        others = by_cost([bid for bid in bids.values() if bid.bidder != won.bidder])
        return Award(
            lot=name,
            outcome=AwardOutcome.AWARDED,
            reason=f"{won.bidder} at cost {won.cost:g}, of {len(bids)} bids, by {method}",
            winner=won.bidder,
            price=won.cost,
            expected_seconds=won.seconds,
            expected_quality=won.quality,
            runner_up=others[0].bidder if others else None,
        )
