"""Planner: the strategy that finds plans."""

from typing import Protocol

from dataagents.core.planning.domain import Allowance, Problem
from dataagents.core.planning.execution import Failure
from dataagents.core.planning.plan import Plan


class Planner(Protocol):
    """Finds a plan."""

    async def plan(self, problem: Problem, allowance: Allowance) -> Plan:
        """Return a plan for a problem.

        Raises:
            NoPlanError: There is none within the allowance.
        """
        ...

    async def replan(
        self, problem: Problem, plan: Plan, failure: Failure, allowance: Allowance
    ) -> Plan:
        """Return a plan from the state as it is now, keeping as much as possible.

        Args:
            problem: As it is now: the state is what was observed.
            plan: The one that was in force.
            failure: Why it has to change.
            allowance: How much may be spent.

        Raises:
            NoPlanError: There is none within the allowance.
        """
        ...
