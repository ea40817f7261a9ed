"""The planning service: from a goal to a plan, and from a failure to another plan."""

from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace

from dataagents.core.errors import DataAgentsError, InputError, StoreError, StrategyError
from dataagents.core.events import EventKind
from dataagents.core.planning import (
    Allowance,
    Domain,
    Failure,
    Goal,
    Objective,
    Operator,
    Plan,
    PlannedTask,
    Planner,
    Problem,
    Replan,
    State,
    Task,
    Watch,
)
from dataagents.core.planning.asking import check_goal, root_tasks
from dataagents.core.planning.diff import compare
from dataagents.core.reflection import Lessons
from dataagents.core.registry import Built
from dataagents.core.services.planning.briefing import Briefing, brief, differing, subject_of
from dataagents.core.services.planning.executions import Executions
from dataagents.core.services.recorder import NOWHERE
from dataagents.core.services.runtime import Runtime
from dataagents.core.tracing import TraceContext

_ALLOWANCE = Allowance()


def _nothing(task: PlannedTask) -> Lessons:
    return Lessons()


class PlanningService:
    """Asks the configured planner, with the configured domain and what earlier runs taught.

    Args:
        runtime: Settings, time, boundary and journal.
        planner: Finds plans.
        domain: What is known of tasks.
        recall: Returns the lessons about a goal: its name, the data sets in `args["datasets"]`.
    """

    def __init__(
        self,
        runtime: Runtime,
        planner: Built[Planner],
        domain: Built[Domain],
        recall: Callable[[PlannedTask], Lessons] = _nothing,
    ) -> None:
        self._runtime = runtime
        self._planner = planner
        self._domain = domain
        self._recall = recall
        self._briefings: OrderedDict[str, Briefing] = OrderedDict()
        """Plan → what it was made with."""
        self.executions = Executions()
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
        check_goal(goal, self._domain.value)

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

    def alarm(self, watch: Watch, state: State) -> str | None:
        """Return why a plan has to change; a watch that fails sees nothing, and is in health."""
        domain = self._domain
        try:
            return self._runtime.boundary.call_now(
                domain.plugin,
                f"domain {domain.name} watch {watch.name}",
                lambda: watch.alarm(state),
                returns=(str, type(None)),
            )
        except DataAgentsError:
            return None

    def briefing(self, plan: str) -> Briefing:
        """Return what a plan was made with; nothing when it was not made here."""
        return self._briefings.get(plan, Briefing())

    def recalled(self, run: str) -> tuple[str, ...]:
        """Return the ids of the lessons that the plans of a run were made with."""
        found = (each.applied for each in self._briefings.values() if each.run == run)
        return tuple(dict.fromkeys(lesson for applied in found for lesson in applied))

    async def plan(
        self, goal: Goal, state: State | None = None, context: TraceContext = NOWHERE
    ) -> Plan:
        """Return a plan for a goal.

        Where something is foreseen, it is also planned without that, to know which data sets the
        plan treats in another way because of it.

        Args:
            goal: What is to be achieved.
            state: The facts that are known beside the goal's `settings`.
            context: The run that it belongs to.

        Raises:
            InputError: The domain has no such goal; names the nearest one.
            NoPlanError: There is no way to the goal.
        """
        self._check(goal)
        briefing = brief(goal, self._recall(subject_of(goal)), context.run or "")
        known = {"settings": dict(goal.settings), **(state or {})}
        plan = await self._planned(goal, {**known, **briefing.facts}, briefing)
        if briefing.facts:
            provided = await self._provided(goal, known, briefing, plan)
            briefing = replace(briefing, provided=provided)
        self._keep(plan, briefing)
        await self._runtime.record(EventKind.PLAN_MADE, plan.id, plan, context)
        return plan

    async def restore(
        self, plans: Sequence[Plan], replans: Sequence[Replan], state: State, context: TraceContext
    ) -> None:
        """Take the plans of a run that was cut off for made here, the one in force last.

        What earlier runs taught is looked up anew: the record has only what was planned with it.

        Args:
            plans: The first one, then what it was changed into.
            replans: The changes.
            state: The facts that are known before anything is done.
            context: The run.
        """
        goal = plans[0].goal
        briefing = brief(goal, self._recall(subject_of(goal)), context.run or "")
        if briefing.facts:
            provided = await self._provided(goal, state, briefing, plans[0])
            briefing = replace(briefing, provided=provided)
        for plan in plans:
            self._keep(plan, briefing)
        self.replans.extend(replans)

    async def replan(
        self,
        plan: Plan,
        state: State,
        failure: Failure,
        context: TraceContext = NOWHERE,
        *,
        done: Collection[str] = (),
    ) -> Replan:
        """Return a change of plan, from the state as it is now.

        Args:
            plan: The one in force.
            state: The facts as they were observed.
            failure: Why it has to change.
            context: The run that it belongs to.
            done: Ids of the tasks that were completed.

        Raises:
            NoPlanError: There is no other way to the goal.
        """
        change = await self._changed(plan, state, failure, done, self._objective)
        await self._put_in_force(change, context)
        return change

    async def improve(
        self,
        plan: Plan,
        state: State,
        failure: Failure,
        context: TraceContext = NOWHERE,
        *,
        done: Collection[str] = (),
        objective: Objective | None = None,
    ) -> Replan | None:
        """Return a change of plan, or None when what is left to do would stay the same.

        Args:
            plan: The one in force, which would do as well.
            state: The facts as they were observed.
            failure: Why another would be better.
            context: The run that it belongs to.
            done: Ids of the tasks that were completed.
            objective: What makes it better; the configured objective when None.

        Raises:
            NoPlanError: There is no other way to the goal.
        """
        change = await self._changed(plan, state, failure, done, objective or self._objective)
        if not (change.diff.added or change.diff.removed or change.diff.moved):
            return None
        await self._put_in_force(change, context)
        return change

    @property
    def _objective(self) -> Objective:
        return self._runtime.config.planning.objective

    async def _changed(
        self,
        plan: Plan,
        state: State,
        failure: Failure,
        done: Collection[str],
        objective: Objective,
    ) -> Replan:
        briefing = self.briefing(plan.id)
        problem = self._problem(plan.goal, {**briefing.facts, **state}, briefing, objective)
        allowance = self._allowance(objective)
        changed = await self._made(
            lambda: self._planner.value.replan(problem, plan, failure, allowance)
        )
        return Replan(
            plan=changed,
            replaces=plan.id,
            failure=failure,
            diff=compare(plan.tasks, changed.tasks, done=done, why=failure.reason),
            at=self._runtime.clock.now(),
        )

    async def _put_in_force(self, change: Replan, context: TraceContext) -> None:
        self._keep(change.plan, self.briefing(change.replaces))
        self.replans.append(change)
        await self._runtime.record(EventKind.PLAN_REPLACED, change.plan.id, change, context)

    def _keep(self, plan: Plan, briefing: Briefing) -> None:
        self.history.append(plan)
        self._briefings[plan.id] = briefing
        while len(self._briefings) > self._runtime.config.history:
            self._briefings.popitem(last=False)

    async def _planned(self, goal: Goal, state: State, briefing: Briefing) -> Plan:
        problem = self._problem(goal, state, briefing, self._objective)
        allowance = self._allowance(self._objective)
        return await self._made(lambda: self._planner.value.plan(problem, allowance))

    async def _provided(
        self, goal: Goal, state: State, briefing: Briefing, plan: Plan
    ) -> frozenset[str]:
        """Return the data sets that a plan treats in another way because of what is foreseen."""
        try:
            return differing(goal, plan, await self._planned(goal, state, briefing))
        except StoreError:
            raise
        except DataAgentsError:
            return frozenset(goal.inputs)  # without it there is no plan at all

    async def _made(self, start: Callable[[], Awaitable[Plan]]) -> Plan:
        """Have the planner make a plan, and give it an id."""
        name, limit = f"planner {self._planner.name}", _ALLOWANCE.seconds * 2
        plan = await self._runtime.boundary.call(
            self._planner.plugin, name, start, limit=limit, returns=Plan
        )
        return replace(plan, id=self._runtime.new_id())

    def _allowance(self, objective: Objective) -> Allowance:
        if objective is Objective.FIRST:
            return _ALLOWANCE
        return replace(_ALLOWANCE, improving=self._runtime.config.planning.improving)

    def _check(self, goal: Goal) -> None:
        self.check(goal)
        if not goal.inputs:
            hint = "Name at least one file."
            raise InputError(f"goal {goal.task!r}", "it has no input", hint=hint)

    def _problem(
        self, goal: Goal, state: State, briefing: Briefing, objective: Objective
    ) -> Problem:
        self._check(goal)
        config = self._runtime.config
        return Problem(
            goal=goal,
            domain=self._domain.value,
            state=state,
            tasks=root_tasks(goal),
            workers=config.max_parallel_streams,
            objective=objective,
            preferences=briefing.preferences,
            seed=config.seed or 0,
        )
