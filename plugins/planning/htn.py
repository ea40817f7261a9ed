"""The HTN planner: plans by a search, and plans again with as little change as possible."""

import time
from functools import partial

from dataagents.core.errors import NoPlanError
from dataagents.core.planning import (
    Allowance,
    Failure,
    FailureKind,
    Plan,
    Problem,
    Trigger,
)
from dataagents.plugins.planning.anytime import Budget, find
from dataagents.plugins.planning.assembly import assembled, makespan
from dataagents.plugins.planning.found import Found
from dataagents.plugins.planning.guidance import Guidance, Keeping, ancestors


class HtnPlanner:
    """Finds plans by methods, in the order of the domain or as lessons prefer them."""

    async def plan(self, problem: Problem, allowance: Allowance) -> Plan:
        """Return a plan for a problem: the first one, or the best by the problem's objective.

        Raises:
            NoPlanError: There is none within the allowance; names the deepest task that blocked.
        """
        began = time.monotonic()
        guidance = Guidance(problem.domain, problem.preferences, problem.seed)
        ready = time.monotonic()
        found = await find(problem, guidance, Budget(allowance), partial(makespan, problem))
        searching = time.monotonic() - ready
        return await assembled(problem, found, preparing=ready - began, searching=searching)

    async def replan(
        self, problem: Problem, plan: Plan, failure: Failure, allowance: Allowance
    ) -> Plan:
        """Plan again from the state as it is now, by the methods of the plan in force.

        After a failure that another plan may help, the method that the failed task comes from is
        tried last; where that has no alternative that works, the one above it, and so on. When
        nothing goes round the failed task, it is planned again.

        Raises:
            NoPlanError: There is none within the allowance.
        """
        began = time.monotonic()
        budget = Budget(allowance)
        fallback: Found | None = None
        for avoid in (*_suspects(problem, plan, failure), None):
            if avoid is None and fallback is not None:
                break
            guidance = Keeping(problem.domain, problem.preferences, plan, avoid, problem.seed)
            try:
                found = await find(problem, guidance, budget, partial(makespan, problem))
            except NoPlanError:
                if fallback is None:
                    raise
                break
            if avoid is None or not _repeats(found, plan, avoid):
                return await assembled(problem, found, searching=time.monotonic() - began)
            fallback = fallback or found
        assert fallback is not None
        return await assembled(problem, fallback, searching=time.monotonic() - began)


def _suspects(problem: Problem, plan: Plan, failure: Failure) -> tuple[str, ...]:
    """Return what may be done in another way to get round a failure, the nearest first."""
    hopeless = failure.kind in (FailureKind.FATAL, FailureKind.INPUT, FailureKind.UNDECIDED)
    if hopeless or failure.trigger is Trigger.PRECONDITION:  # the state itself says what is amiss
        return ()
    return ancestors(plan, failure.task, problem.domain)


def _repeats(found: Found, plan: Plan, suspect: str) -> bool:
    """Whether what failed would be done in the same way again."""
    used = {each.method for each in plan.decompositions if each.task == suspect}
    return any(each.task == suspect and each.method in used for each in found.choices)
