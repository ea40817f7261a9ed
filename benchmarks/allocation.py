"""How well and how fast tasks get to agents: batches by each method, and the kernel's own auctions.

The methods share 1,000 tasks out to 100 agents on four kinds of costs: drawn evenly, in whole
numbers (many ties), by the size of the task and the rate of the agent (the hardest for the exact
methods), and the same with noise. Each total is set against the optimum, which the exact methods
have to agree on. Loads go by longest processing time first, against the bound that none can
undercut. The kernel's figures include every message: each agent is asked about all tasks, and
answers; there is no store.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from random import Random

from support.figures import Figure, arguments, show

from dataagents.core import Agent, AgentCard, Desk, Kernel, KernelConfig, Lot, Offer, PlannedTask
from dataagents.plugins.bidding import insertion, lapjv, loads, shortest_paths

Costs = list[list[float]]
Solver = Callable[[Costs, Sequence[int]], list[int]]

LIMIT = 1_000.0


def tables(lots: int, agents: int) -> dict[str, Costs]:
    """Costs of four kinds, the same in every run."""
    rng = Random(1)
    sizes = [rng.uniform(1, 10) for _ in range(lots)]
    rates = [rng.uniform(1, 10) for _ in range(agents)]
    return {
        "even": [[rng.uniform(1, 100) for _ in rates] for _ in sizes],
        "whole": [[float(rng.randint(1, 10)) for _ in rates] for _ in sizes],
        "size x rate": [[size * rate for rate in rates] for size in sizes],
        "noisy": [[size * rate * rng.uniform(0.7, 1.3) for rate in rates] for size in sizes],
    }


def timed(solve: Solver, costs: Costs, capacity: Sequence[int]) -> tuple[float, float]:
    """Return the total and the seconds of a method."""
    began = time.perf_counter()
    placed = solve(costs, capacity)
    seconds = time.perf_counter() - began
    return sum(row[agent] for row, agent in zip(costs, placed, strict=True)), seconds


def batches(lots: int, agents: int) -> Iterator[Figure]:
    """Compare the methods on costs of each kind."""
    capacity = [-(-lots // agents)] * agents
    for kind, costs in tables(lots, agents).items():
        best, seconds = timed(shortest_paths.assign, costs, capacity)
        yield Figure(f"{kind}: exact, pure Python", seconds, "s", 5.0)
        if lapjv.is_installed():
            lapjv.assign([[1.0]], [1])  # loads the module
            value, seconds = timed(lapjv.assign, costs, capacity)
            if abs(value - best) > 1e-6 * best:
                raise SystemExit(f"{kind}: {value} by lapx, {best} by our own method")
            yield Figure(f"{kind}: lapx", seconds, "s", 1.0)
        value, seconds = timed(insertion.by_regret, costs, capacity)
        yield Figure(f"{kind}: regret insertion", seconds, "s", 5.0)
        yield Figure(f"{kind}: regret insertion / optimum", value / best, "x", 1.1)
        bound = insertion.lower_bound(costs, capacity, value)
        yield Figure(f"{kind}: optimum / lower bound", best / bound, "x", 1.05)
        value, _ = timed(insertion.one_by_one, costs, capacity)
        yield Figure(f"{kind}: one by one / optimum", value / best, "x")


def makespans(lots: int, agents: int) -> Iterator[Figure]:
    """Share durations out, alike for all agents and not."""
    rng = Random(2)
    alike = [[rng.uniform(1, 100)] * agents for _ in range(lots)]
    own = [[rng.uniform(1, 100) for _ in range(agents)] for _ in range(lots)]
    for kind, times in (("alike", alike), ("of their own", own)):
        began = time.perf_counter()
        shared = loads.longest_first(times, agents)
        seconds = time.perf_counter() - began
        yield Figure(f"makespan, times {kind}", seconds, "s", 5.0)
        yield Figure(f"makespan / bound, times {kind}", shared.makespan / shared.bound, "x")
    small = [[rng.uniform(1, 100)] * 3 for _ in range(12)]
    best = loads.branch_and_bound(small, 3, 10_000_000)
    if best.exact:
        ratio = loads.longest_first(small, 3).makespan / best.makespan
        yield Figure("longest first / optimum, 12 tasks, 3 agents", ratio, "x", 4 / 3 - 1 / 9)


class Bidder(Agent):
    """Bids what it draws."""

    def __init__(self, number: int) -> None:
        super().__init__(AgentCard(f"agent-{number:03}", "bidder", {"work": 0.9}))
        self._rng = Random(number)

    async def bid(self, lot: Lot, desk: Desk) -> Offer | None:
        """Offer at a price between 1 and 100."""
        return Offer(self._rng.uniform(1, 100), 0.9, seconds=1.0)


async def by_kernel(lots: int, agents: int) -> tuple[Figure, ...]:
    """Auction tasks one by one, then a batch, with every message and without a store."""
    config = KernelConfig(
        agents=(), max_agents=agents, monitoring=False, bid_timeout=LIMIT, strategy_timeout=LIMIT
    )
    tasks = [PlannedTask(f"work({n})", "work", requires={"work": 0.5}) for n in range(lots)]
    alone = tasks[: max(1, lots // 20)]
    async with Kernel(config) as kernel:
        for number in range(agents):
            await kernel.deploy(Bidder(number))
        began = time.perf_counter()
        for task in alone:
            await kernel.auction(task)
        single = len(alone) * agents / (time.perf_counter() - began)
        began = time.perf_counter()
        allocation = await kernel.allocate(tasks)
        seconds = time.perf_counter() - began
    what = f"{lots:,} x {agents}"
    return (
        Figure("auctions one by one: bids", single, "/s"),
        Figure(f"batch {what}: bids", lots * agents / seconds, "/s"),
        Figure(f"batch {what}: asked and shared out", seconds, "s"),
        Figure(f"batch {what}: gap to the bound, {allocation.method}", allocation.gap, "x", 0.0),
    )


def kernels(lots: int, agents: int) -> Iterator[Figure]:
    """Measure the kernel when its turn comes."""
    yield from asyncio.run(by_kernel(lots, agents))


def main() -> None:
    """Measure and print, as a table or as one JSON object a line."""
    parser = arguments(__doc__)
    parser.add_argument("--lots", type=int, default=1_000, help="how many tasks")
    parser.add_argument("--agents", type=int, default=100, help="how many agents")
    options = parser.parse_args()
    lots, agents = options.lots, options.agents
    figures = chain(batches(lots, agents), makespans(lots, agents), kernels(lots, agents))
    show(f"{lots:,} tasks, {agents:,} agents", figures, as_json=options.json, digits=3)


if __name__ == "__main__":
    main()
