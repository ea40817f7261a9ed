"""Anytime search: a plan as soon as there is one, a better one as long as the allowance lasts."""

import asyncio
import time
from collections.abc import Callable

from dataagents.core.errors import NoPlanError
from dataagents.core.planning import Allowance, Objective, Problem
from dataagents.plugins.planning.found import Found, snapshot, told
from dataagents.plugins.planning.guidance import Guidance
from dataagents.plugins.planning.layout import label
from dataagents.plugins.planning.search import Search

_STEPS = 256
"""Steps between two looks at the clock, after which others get a turn on the event loop."""


class Budget:
    """What is left of an allowance; several searches may share one."""

    def __init__(self, allowance: Allowance) -> None:
        self.nodes = allowance.nodes
        self.megabytes = allowance.megabytes
        self.improving = allowance.improving
        self._end = time.monotonic() + allowance.seconds

    def spent(self, search: Search) -> str | None:
        """Return which part of it is used up."""
        if self.nodes <= 0:
            return "nodes"
        if time.monotonic() > self._end:
            return "time"
        return "memory" if search.megabytes > self.megabytes else None

    def improve_only(self) -> None:
        """Let what remains end after the time to look for better plans."""
        self._end = min(self._end, time.monotonic() + self.improving)


async def find(
    problem: Problem, guidance: Guidance, budget: Budget, seconds: Callable[[Found], float]
) -> Found:
    """Return the best plan that the allowance lasts for.

    Args:
        problem: What is asked for.
        guidance: Which method is tried first.
        budget: What may be spent; counted down.
        seconds: Returns how long a plan takes, for the objective of that name.

    Raises:
        NoPlanError: There is none, or none was found in time; names the deepest block.
    """
    search = Search(problem.domain, problem.tasks, problem.state, guidance)
    if not await _go_on(search, budget):
        task, reason = search.blocked
        name = label(task or problem.tasks[0]) if task or problem.tasks else ""
        if not search.exhausted:
            part = budget.spent(search) or "nodes"
            reason = f"the allowance is used up ({part}); deepest block: {reason}"
        raise NoPlanError(name, reason)
    found = snapshot(search)
    if problem.objective is Objective.FIRST or budget.improving <= 0:
        return found
    return await _improved(search, found, problem.objective, budget, seconds)


async def _improved(
    search: Search,
    first: Found,
    objective: Objective,
    budget: Budget,
    seconds: Callable[[Found], float],
) -> Found:
    """Look for better plans by branch and bound; for seconds, by trying them all."""
    best, value = first, _value(first, objective, seconds)
    start = value
    budget.improve_only()
    while True:
        if objective is Objective.COST:
            search.best = (best.cost, -1.0)
        elif objective is Objective.PROBABILITY:
            search.best = (float("inf"), best.confidence)
        search.improve()
        if not await _go_on(search, budget):
            break
        found = snapshot(search, "better")
        reached = _value(found, objective, seconds)
        if reached < value:
            best, value = snapshot(search, _gain(objective, start - reached)), reached
    proven = "no plan is better" if search.exhausted else "the allowance ended the search"
    summary = f"{told(search)}; {proven}"
    return Found(best.actions, best.choices, best.confidence, best.cost, summary)


def _gain(objective: Objective, gain: float) -> str:
    words = {
        Objective.COST: f"cheaper by {gain:g}",
        Objective.SECONDS: f"faster by {gain:g} s",
        Objective.PROBABILITY: f"likelier to succeed by {gain:.2f}",
    }
    return words[objective]


def _value(found: Found, objective: Objective, seconds: Callable[[Found], float]) -> float:
    """Return what is to be as small as possible."""
    if objective is Objective.COST:
        return found.cost
    return seconds(found) if objective is Objective.SECONDS else -found.confidence


async def _go_on(search: Search, budget: Budget) -> bool:
    """Go on until there is a plan, or none, or the budget is spent; return whether there is one."""
    before = search.statistics.nodes
    while budget.spent(search) is None:
        found = search.run(min(_STEPS, budget.nodes))
        budget.nodes -= search.statistics.nodes - before
        before = search.statistics.nodes
        if found or search.exhausted:
            return found
        await asyncio.sleep(0)
    return False
