"""The plan runner: does what a plan says, and changes the plan when reality disagrees."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from dataagents.core.errors import DataAgentsError, NoPlanError, StoreError
from dataagents.core.planning import (
    Execution,
    Failure,
    FailureKind,
    Operator,
    Plan,
    PlannedTask,
    Replan,
    State,
    Task,
    TaskResult,
    failed,
)
from dataagents.core.services.planning import PlanningService
from dataagents.core.tracing import TraceContext
from dataagents.core.values import Json

Perform = Callable[[PlannedTask, TraceContext], Awaitable[TaskResult]]
"""Gets a task done by somebody."""

_FINAL = (FailureKind.FATAL, FailureKind.INPUT, FailureKind.UNDECIDED)
"""Failures that no other plan gets around."""


class PlanRunner:
    """Executes one plan; neither the caller's plan nor the caller's state is changed."""

    def __init__(
        self,
        planning: PlanningService,
        perform: Perform,
        *,
        streams: int,
        max_replans: int,
        context: TraceContext,
    ) -> None:
        self._planning = planning
        self._perform = perform
        self._streams = streams
        self._max_replans = max_replans
        self._context = context
        self._operators = {each.name: each for each in planning.domain.operators}
        self._state: dict[str, Json] = {}
        self._completed: dict[str, TaskResult] = {}
        self._replans: list[Replan] = []
        self._achieved: set[str] = set()
        self._futile = 0
        """Replans since a task was completed that had never been completed before."""

    async def execute(self, plan: Plan, state: State) -> Execution:
        """Execute a plan to its end, or to where nothing helps any more.

        Ready tasks run in parallel. A task whose condition does not hold is not started; like one
        that fails, it makes the planner replan from the state as it is now.
        """
        self._state = dict(state)
        self._completed = {}
        while True:
            failure = await self._run_until_failure(plan)
            if failure is None:
                return self._end(plan)
            if failure.kind in _FINAL:
                return self._end(plan, failure.reason, failure)
            if self._futile >= self._max_replans:
                reason = f"{failure.reason} (after {self._futile} replans)"
                return self._end(plan, reason, failure)
            try:
                change = await self._planning.replan(plan, self._state, failure, self._context)
            except NoPlanError as error:
                return self._end(plan, f"{failure.reason}; {error}", failure)
            self._futile += 1
            self._replans.append(change)
            plan = change.plan
            # What the new plan asks for again has to be done again, whatever was done before.
            for task in plan.tasks:
                self._completed.pop(task.id, None)

    async def _run_until_failure(self, plan: Plan) -> Failure | None:
        running: dict[asyncio.Task[TaskResult], PlannedTask] = {}
        failure: Failure | None = None
        try:
            while True:
                if failure is None:
                    failure = self._start_ready(plan, running)
                if not running:
                    return failure or self._stuck(plan)
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for ended in done:
                    failure = self._observe(running.pop(ended), ended.result()) or failure
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _stuck(self, plan: Plan) -> Failure | None:
        """Return what is left when nothing can run: tasks that wait for what never comes."""
        left = [task for task in plan.tasks if task.id not in self._completed]
        if not left:
            return None
        missing = ", ".join(each for each in left[0].depends_on if each not in self._completed)
        reason = f"{left[0].id}: waits for {missing}, which never comes"
        return Failure(left[0].id, FailureKind.FATAL, reason)

    def _start_ready(
        self, plan: Plan, running: "dict[asyncio.Task[TaskResult], PlannedTask]"
    ) -> Failure | None:
        started = {task.id for task in running.values()}
        open_ids = {task.id for task in plan.tasks if task.id not in self._completed}
        for task in sorted(plan.tasks, key=lambda each: -each.priority):
            if len(running) >= self._streams:
                break
            if task.id not in open_ids or task.id in started or open_ids & set(task.depends_on):
                continue
            blocked = self._blocked(task)
            if blocked is not None:
                return Failure(task.id, FailureKind.RECOVERABLE, f"{task.id}: {blocked}")
            work = asyncio.create_task(self._do(task), name=f"task {task.id}")
            running[work] = task
        return None

    def _blocked(self, task: PlannedTask) -> str | None:
        operator: Operator | None = self._operators.get(task.name)
        if operator is None:
            return f"the domain has no operator {task.name!r}"
        return self._planning.blocked(operator, self._state, Task(task.name, task.args))

    async def _do(self, task: PlannedTask) -> TaskResult:
        facts = {fact: self._state[fact] for fact in task.reads if fact in self._state}
        try:
            return await self._perform(replace(task, facts=facts), self._context.within(task.id))
        except StoreError:
            raise
        except DataAgentsError as error:
            return failed(task, str(error))

    def _observe(self, task: PlannedTask, result: TaskResult) -> Failure | None:
        # What was observed counts even when the task failed: the next plan starts from it.
        self._state.update(result.effects)
        if result.success:
            self._completed[task.id] = result
            if task.id not in self._achieved:
                self._achieved.add(task.id)
                self._futile = 0
            return None
        reason = f"{task.id}: {result.error or 'failed'}"
        return Failure(task.id, result.failure or FailureKind.RECOVERABLE, reason)

    def _end(self, plan: Plan, reason: str = "", failure: Failure | None = None) -> Execution:
        remaining = tuple(task.id for task in plan.tasks if task.id not in self._completed)
        return Execution(
            plan=plan.id,
            success=not remaining and not reason,
            completed=tuple(self._completed.values()),
            remaining=remaining,
            state=dict(self._state),
            replans=tuple(self._replans),
            reason=reason,
            failure=failure,
        )
