"""The planning service: from a goal to a plan, and from a failure to another plan."""

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace

from dataagents.core.errors import InputError, StrategyError
from dataagents.core.events import EventKind
from dataagents.core.planning import (
    Allowance,
    Domain,
    Failure,
    Goal,
    Operator,
    Plan,
    Planner,
    Problem,
    Replan,
    State,
    Task,
)
from dataagents.core.registry import Built
from dataagents.core.services.recorder import NOWHERE
from dataagents.core.services.runtime import Runtime
from dataagents.core.suggestions import did_you_mean
from dataagents.core.tracing import TraceContext

_ALLOWANCE = Allowance()


class PlanningService:
    """Asks the configured planner, with the configured domain."""

    def __init__(self, runtime: Runtime, planner: Built[Planner], domain: Built[Domain]) -> None:
        self._runtime = runtime
        self._planner = planner
        self._domain = domain
        self.history: deque[Plan] = deque(maxlen=runtime.config.history)
        self.replans: deque[Replan] = deque(maxlen=runtime.config.history)

    @property
    def current(self) -> Plan | None:
        """The plan made last, changes included."""
        return self.history[-1] if self.history else None

    @property
    def domain(self) -> Domain:
        """The knowledge that is planned with."""
        return self._domain.value

    def check(self, goal: Goal) -> None:
        """Make sure that the domain knows a goal.

        Raises:
            InputError: It does not; names the nearest one.
        """
        domain = self._domain.value
        if goal.task not in domain.goals:
            hint = did_you_mean(goal.task, domain.goals).strip()
            raise InputError(f"goal {goal.task!r}", f"not in domain {domain.name!r}", hint=hint)

    def blocked(self, operator: Operator, state: State, task: Task) -> str | None:
        """Return why an operator can't be applied now; a condition that fails is such a reason."""
        domain = self._domain
        try:
            return self._runtime.boundary.call_now(
                domain.plugin,
                f"domain {domain.name}",
                lambda: operator.condition(state, task),
                returns=(str, type(None)),
            )
        except StrategyError as error:
            return str(error)

    async def plan(
        self, goal: Goal, state: State | None = None, context: TraceContext = NOWHERE
    ) -> Plan:
        """Return a plan for a goal.

        Args:
            goal: What is to be achieved.
            state: The facts that are known; none when None.
            context: The run that it belongs to.

        Raises:
            InputError: The domain has no such goal; names the nearest one.
            NoPlanError: There is no way to the goal.
        """
        problem = self._problem(goal, state or {})
        plan = await self._made(lambda: self._planner.value.plan(problem, _ALLOWANCE))
        self.history.append(plan)
        await self._runtime.record(EventKind.PLAN_MADE, plan.id, plan, context)
        return plan

    async def replan(
        self, plan: Plan, state: State, failure: Failure, context: TraceContext = NOWHERE
    ) -> Replan:
        """Return a change of plan, from the state as it is now.

        Raises:
            NoPlanError: There is no other way to the goal.
        """
        problem = self._problem(plan.goal, state)
        changed = await self._made(
            lambda: self._planner.value.replan(problem, plan, failure, _ALLOWANCE)
        )
        before = [task.id for task in plan.tasks]
        after = [task.id for task in changed.tasks]
        replan = Replan(
            plan=changed,
            replaces=plan.id,
            failure=failure,
            kept=tuple(task for task in after if task in before),
            added=tuple(task for task in after if task not in before),
            removed=tuple(task for task in before if task not in after),
            at=self._runtime.clock.now(),
        )
        self.history.append(changed)
        self.replans.append(replan)
        await self._runtime.record(EventKind.PLAN_REPLACED, changed.id, replan, context)
        return replan

    async def _made(self, start: Callable[[], Awaitable[Plan]]) -> Plan:
        """Have the planner make a plan, and give it an id."""
        name, limit = f"planner {self._planner.name}", _ALLOWANCE.seconds * 2
        plan = await self._runtime.boundary.call(
            self._planner.plugin, name, start, limit=limit, returns=Plan
        )
        return replace(plan, id=self._runtime.new_id())

    def _problem(self, goal: Goal, state: State) -> Problem:
        self.check(goal)
        if not goal.inputs:
            hint = "Name at least one file."
            raise InputError(f"goal {goal.task!r}", "it has no input", hint=hint)
        roots = tuple(Task(goal.task, {"dataset": name}) for name in goal.inputs)
        return Problem(goal, self._domain.value, state, roots)
