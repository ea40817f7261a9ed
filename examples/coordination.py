"""Agents of your own: they bid for a task, the winner does it, and all vote on the result.

Run it with `python examples/coordination.py`.
"""

import asyncio

from dataagents.core import (
    Agent,
    AgentCard,
    Desk,
    Kernel,
    KernelConfig,
    Lot,
    Motion,
    Offer,
    PlannedTask,
    TaskResult,
    Vote,
)

PRICES = (12.5, 13.0, 990.0, 12.9)
"""In which one value has slipped by two digits."""


class Counter(Agent):
    """Counts outliers by comparing with a multiple of the median."""

    def __init__(self, id: str, factor: float, cost: float) -> None:
        super().__init__(AgentCard(id, "counter", {"count": 0.9}, cost))
        self.factor = factor

    async def bid(self, lot: Lot, desk: Desk) -> Offer:
        """Offer at its own cost."""
        return Offer(cost=self.card.cost, quality=0.9, reason=f"more than {self.factor:g} medians")

    async def execute(self, task: PlannedTask, desk: Desk) -> TaskResult:
        """Count, and have the others judge what was found."""
        found = self._outliers()
        election = await desk.vote(
            f"Are {found} to be quarantined?", ("yes", "no"), context={"found": list(found)}
        )
        effects = {"quarantined": list(found) if election.decision == "yes" else []}
        return TaskResult(task.id, success=True, effects=effects, summary=election.tally.reason)

    async def vote(self, motion: Motion, desk: Desk) -> Vote:
        """Agree when this agent would have found the same."""
        same = motion.context.get("found") == list(self._outliers())
        return Vote("yes" if same else "no", 0.9, f"at {self.factor:g} medians")

    def _outliers(self) -> tuple[float, ...]:
        median = sorted(PRICES)[len(PRICES) // 2]
        return tuple(price for price in PRICES if price > self.factor * median)


async def main() -> None:
    """Auction the task, delegate it to the winner, print what the team decided."""
    async with Kernel(KernelConfig(agents=())) as kernel:
        for name, factor, cost in (("strict", 2, 2.0), ("mild", 10, 1.0), ("lax", 50, 1.5)):
            await kernel.deploy(Counter(name, factor, cost))
        task = PlannedTask("count outliers", "count", requires={"count": 0.5})
        award = await kernel.auction(task)
        print(f"{award.winner} gets the task: {award.reason}; runner-up {award.runner_up}")
        result = await kernel.delegate(task, award.winner or "")
        print(f"decision: {result.summary}")
        print(f"quarantined: {result.effects['quarantined']}")
        for ballot in kernel.votes[-1].ballots:
            print(f"  {ballot.voter}: {ballot.choice}, {ballot.reason}")


if __name__ == "__main__":
    asyncio.run(main())
