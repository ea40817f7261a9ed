"""The plan runner: does what a plan says, and changes the plan when reality disagrees."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from dataagents.core.durability.unfinished import Unfinished
from dataagents.core.errors import DataAgentsError, StoreError
from dataagents.core.events import EventKind
from dataagents.core.planning import (
    Execution,
    ExecutionStep,
    Failure,
    FailureKind,
    Objective,
    Plan,
    PlannedTask,
    Replan,
    State,
    StepKind,
    TaskResult,
    Trigger,
    failed,
)
from dataagents.core.services.backoff import Backoff
from dataagents.core.services.planning.budget import ReplanBudget
from dataagents.core.services.planning.crew import Crew
from dataagents.core.services.planning.deadline import Deadline
from dataagents.core.services.planning.foresight import Foresight
from dataagents.core.services.planning.frontier import Frontier
from dataagents.core.services.planning.resources import Resources
from dataagents.core.services.planning.retrying import Retrying
from dataagents.core.services.planning.service import PlanningService
from dataagents.core.services.planning.triggers import (
    ADVISORY,
    Watches,
    explained,
    graver,
    is_final,
)
from dataagents.core.services.planning.validation import Validation
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime
from dataagents.core.tracing import TraceContext
from dataagents.core.values import Json

_LONGEST_PAUSE = 60.0
"""Seconds before a failed task is tried again, at most."""

Perform = Callable[[PlannedTask, TraceContext], Awaitable[TaskResult]]
"""Gets a task done by somebody."""


class PlanRunner:
    """Executes one plan, once; neither the caller's plan nor the caller's state is changed.

    Args:
        runtime: Settings, time and journal.
        planning: Makes other plans, and knows the domain.
        perform: Gets a task done.
        context: The run that it belongs to.
        roster: Who is there.
        deadline: When the plan has to be done, on the monotonic clock; None for no deadline.
    """

    def __init__(
        self,
        runtime: Runtime,
        planning: PlanningService,
        perform: Perform,
        *,
        context: TraceContext,
        roster: Roster,
        deadline: float | None = None,
    ) -> None:
        self._runtime = runtime
        self._planning = planning
        self._perform = perform
        self._context = context
        self._deadline_at = deadline
        config, domain = runtime.config, planning.domain
        self._streams = config.max_parallel_streams
        self._resources = Resources(domain)
        self._crew = Crew(roster)
        operators = {each.name: each for each in domain.operators}
        self._validation = Validation(planning, operators, self._resources, self._crew)
        self._watches = Watches(domain, planning.alarm)
        backoff = Backoff(config.seed, first=config.planning.backoff, longest=_LONGEST_PAUSE)
        self._retrying = Retrying(runtime.clock, backoff, attempts=config.planning.attempts)
        self._began = runtime.clock.monotonic()
        self._state: dict[str, Json] = {}
        self._completed: dict[str, TaskResult] = {}
        self._replans: list[Replan] = []
        self._trace: list[ExecutionStep] = []
        self._running: dict[asyncio.Task[TaskResult], tuple[PlannedTask, float]] = {}
        """What runs → its task, and when it was started."""
        self._inbox: asyncio.Queue[asyncio.Task[TaskResult] | None] = asyncio.Queue()
        """Tasks that ended; None when something else has to be looked at."""
        self._requests: deque[Failure] = deque()
        self._absences: set[str] = set()
        self._early: Failure | None = None
        """About a task to come, which may be valid again by then: until then it is an advice."""
        self._reckon_anew = self._paused = False
        self._stopped: str | None = None

    @property
    def busy(self) -> bool:
        """Whether a task of the plan runs now."""
        return bool(self._running)

    def pause(self, reason: str) -> bool:
        """Start no further task until `proceed`; return whether it was not paused before."""
        return self._hold(True, StepKind.PAUSED, reason)

    def proceed(self, reason: str) -> bool:
        """Go on after a pause; return whether there was one."""
        return self._hold(False, StepKind.CONTINUED, reason)

    def retry(self, task: str) -> None:
        """Try a task again now that waits for its next attempt; `InputError` if it does not."""
        self._retrying.hurry(task)

    def stop(self, reason: str) -> None:
        """End before the next task; those that run are finished, and none is tried again."""
        self._stopped = reason
        self._retrying.give_up()
        self._inbox.put_nowait(None)

    def replan(self, reason: str) -> None:
        """Change the plan, from the state as it is when the tasks that run have ended."""
        request = Failure("", FailureKind.RECOVERABLE, reason, Trigger.OPERATOR)
        self._requests.append(request)
        self._inbox.put_nowait(None)

    def resources_changed(self, capacity: Mapping[str, float]) -> None:
        """Reckon with other amounts of some resources; what no longer fits is planned anew.

        Raises:
            InputError: A figure makes no sense, or no task of the domain needs the resource.
        """
        self._resources.change(capacity)
        self._reckon_anew = True
        self._inbox.put_nowait(None)

    async def execute(self, plan: Plan, state: State, stood: Unfinished | None = None) -> Execution:
        """Execute a plan to its end, or to where nothing helps any more.

        Each task is validated before it starts, ready ones run in parallel. What makes another plan
        necessary lets no further task start; those that run are finished, then the planner goes on
        from the state as it is.

        Args:
            plan: What the run began with.
            state: The facts that are known before anything is done.
            stood: How far the run was when it was cut off: its plan in force is gone on with.

        Raises:
            StoreError: What happened could not be recorded.
        """
        briefing = self._planning.briefing(plan.id)
        self._state = {**state, **briefing.facts}
        self._foresight = Foresight(briefing.provided)
        self._budget = ReplanBudget(self._runtime.config.max_replans, len(plan.tasks))
        self._began = self._runtime.clock.monotonic()
        if stood is None or stood.plan is None:
            self._adopt(plan, (0.0, 0.0))
        else:
            self._go_on(stood, stood.plan)
        while True:
            if (ended := await self._judge(await self._run())) is not None:
                return ended

    @property
    def _waiting(self) -> tuple[PlannedTask, ...]:
        """The tasks that are still to be started."""
        running = {task.id for task, _ in self._running.values()}
        return tuple(task for task in self._frontier.remaining if task.id not in running)

    def _go_on(self, stood: Unfinished, plan: Plan) -> None:
        """Take over what was observed, done and replanned before the run was cut off."""
        self._state.update(stood.effects)
        self._completed.update(stood.results)
        self._replans.extend(stood.replans)
        self._trace.extend(stood.trace)
        self._began -= stood.seconds
        self._budget.relive(stood.history)
        self._go_by(plan, (0.0, 0.0))

    def _adopt(self, plan: Plan, pace: tuple[float, float]) -> None:
        """Go by a plan from now on."""
        # What the new plan asks for again has to be done again, whatever was done before.
        for task in plan.tasks:
            self._completed.pop(task.id, None)
        self._go_by(plan, pace)

    def _go_by(self, plan: Plan, pace: tuple[float, float]) -> None:
        self._plan = plan
        self._frontier = Frontier(plan, self._completed, self._streams)
        self._deadline = Deadline(self._frontier.remaining, self._streams, self._deadline_at, pace)

    async def _run(self) -> Failure | None:
        """Run tasks until none is left or something calls for another plan; return that."""
        halt: Failure | None = None
        try:
            while True:
                halt = graver(halt, self._losses())
                if halt is None and self._requests:
                    halt = self._requests.popleft()
                if halt is None and self._stopped is None and not self._paused:
                    halt = self._start_ready()
                waits = self._paused and halt is None and self._stopped is None and self._waiting
                if not self._running and not waits:
                    return halt if halt or self._stopped is not None else self._stuck()
                ended = await self._inbox.get()
                if ended is not None:
                    halt = graver(halt, self._observe(ended))
        finally:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    def _losses(self) -> Failure | None:
        """Return what agents or resources that are gone would make necessary later on."""
        if self._crew.changed():
            waiting = self._waiting
            absences = self._crew.absences(waiting)
            for fact in self._absences - absences.keys():
                self._state.pop(fact, None)  # somebody came back
            self._state.update(absences)
            self._absences = set(absences)
            if lost := self._validation.lost(waiting):
                self._early = lost
                return lost
        if self._reckon_anew:
            self._reckon_anew = False
            if lacking := self._validation.lacking(self._waiting):
                self._early = lacking
                return lacking
        return None

    def _start_ready(self) -> Failure | None:
        while len(self._running) < self._streams:
            task = self._frontier.first(self._resources.startable)
            if task is None:
                return None
            foreseen = self._foresight.prediction(task, self._state)
            if failure := foreseen or self._validation.objection(task, self._state):
                return failure
            self._frontier.take(task)
            self._resources.hold(task)
            self._note(StepKind.STARTED, task.id)
            work = asyncio.create_task(self._do(task), name=f"task {task.id}")
            self._running[work] = (task, self._runtime.clock.monotonic())
            work.add_done_callback(self._inbox.put_nowait)
        return None

    async def _do(self, task: PlannedTask) -> TaskResult:
        async def attempt(number: int) -> TaskResult:
            if number > 1 and (blocked := self._validation.blocked(task, self._state)):
                return failed(task, blocked)  # others went on while it paused
            facts = {fact: self._state[fact] for fact in task.reads if fact in self._state}
            handed_out = replace(task, facts=facts)
            try:
                return await self._perform(handed_out, self._context.within(task.id))
            except StoreError:
                raise
            except DataAgentsError as error:
                return failed(task, str(error))

        async def told(result: TaskResult, number: int, seconds: float) -> None:
            self._state.update(result.effects)
            detail = f"attempt {number} in {seconds:.3g} s: {result.error or 'failed'}"
            await self._record(StepKind.RETRIED, task.id, detail)

        return await self._retrying.run(task.id, attempt, told)

    def _observe(self, ended: "asyncio.Task[TaskResult]") -> Failure | None:
        """Take the result of a task; return what it makes necessary."""
        task, began = self._running.pop(ended)
        result = ended.result()
        self._resources.release(task)
        # What was observed counts even when the task failed: the next plan starts from it.
        self._state.update(result.effects)
        alarm = self._watches.alarm(self._state)
        if result.success:
            self._note(StepKind.COMPLETED, task.id, result.agent or "")
            self._completed[task.id] = result
            self._budget.achieve(task.id)
            self._frontier.finish(task.id)
            now = self._runtime.clock.monotonic()
            self._deadline.done(task, now - began)
            risk = self._deadline.risk(now) if len(self._frontier) else ""
            late = Failure("", FailureKind.RECOVERABLE, risk, Trigger.DEADLINE) if risk else None
            return graver(alarm, late)
        self._note(StepKind.FAILED, task.id, result.error or "failed")
        reason, trigger = f"{task.id}: {result.error or 'failed'}", Trigger.FAILED
        if lost := self._crew.lost(task):
            reason, trigger = f"{reason}; {lost}", Trigger.AGENT
        kind = result.failure or FailureKind.RECOVERABLE
        return explained(Failure(task.id, kind, reason, trigger), alarm)

    def _stuck(self) -> Failure | None:
        """Return what is left when nothing can run: tasks that wait for what never comes."""
        if not len(self._frontier):
            return None
        task, awaited = self._frontier.stuck()
        reason = f"{task}: waits for {', '.join(awaited)}, which never comes"
        return Failure(task, FailureKind.FATAL, reason)

    async def _judge(self, failure: Failure | None) -> Execution | None:
        """Go on by the same plan or another (None), or return how it ended."""
        if failure is not None and is_final(failure):
            return await self._give_up(failure, failure.reason)
        if self._stopped is not None and len(self._frontier):
            await self._record(StepKind.STOPPED, "", self._stopped)
            return self._end(f"stopped: {self._stopped}", failure)
        if failure is None:
            return self._end()
        if failure.trigger in ADVISORY or failure is self._early:
            await self._improve(failure)
            return None
        if exhausted := self._budget.spend(failure):
            return await self._give_up(failure, f"{failure.reason} ({exhausted})")
        try:
            change = await self._planning.replan(
                self._plan, self._state, failure, self._context, done=tuple(self._completed)
            )
        except StoreError:
            raise
        except DataAgentsError as error:
            return await self._give_up(failure, f"{failure.reason}; {error}")
        self._put_in_force(change)
        return None

    async def _improve(self, failure: Failure) -> None:
        """Follow an advice, if there is another plan; the one in force would do as well."""
        if (late := failure.trigger is Trigger.DEADLINE) and self._budget.spend(failure):
            return
        place = (self._plan, self._state, failure, self._context)
        done, planning = tuple(self._completed), self._planning
        try:
            if failure.trigger is Trigger.OPERATOR:  # who asks for it wants to see that it was done
                change: Replan | None = await planning.replan(*place, done=done)
            else:
                objective = Objective.SECONDS if late else None
                change = await planning.improve(*place, done=done, objective=objective)
        except StoreError:
            raise
        except DataAgentsError as error:
            self._note(StepKind.FAILED, "", f"{failure.reason}; {error} The plan stays in force.")
            return
        if change is not None:
            self._put_in_force(change)

    def _put_in_force(self, change: Replan) -> None:
        failure = change.failure
        detail = f"{failure.trigger}: {failure.reason}; stability {change.diff.stability:.2f}"
        self._note(StepKind.REPLANNED, failure.task, detail)
        self._replans.append(change)
        self._adopt(change.plan, self._deadline.pace)

    async def _give_up(self, failure: Failure, reason: str) -> Execution:
        if not len(self._frontier) and not is_final(failure):
            return self._end()  # nothing is left that the failure could be in the way of
        self._retrying.give_up()
        await self._record(StepKind.ABORTED, failure.task, reason)
        return self._end(reason, failure)

    def _hold(self, paused: bool, kind: StepKind, reason: str) -> bool:
        changes, self._paused = paused is not self._paused, paused
        if changes:
            self._note(kind, "", reason)
            self._inbox.put_nowait(None)
        return changes

    def _note(self, kind: StepKind, task: str, detail: str = "") -> ExecutionStep:
        seconds = self._runtime.clock.monotonic() - self._began
        self._trace.append(step := ExecutionStep(kind, task, seconds, detail))
        return step

    async def _record(self, kind: StepKind, task: str, detail: str) -> None:
        """Note a step that no other event shows, and make it durable."""
        step = self._note(kind, task, detail)
        place = self._context.within(task) if task else self._context
        await self._runtime.record(EventKind.PLAN_STEP, self._plan.id, step, place)

    def _end(self, reason: str = "", failure: Failure | None = None) -> Execution:
        remaining = tuple(task.id for task in self._frontier.remaining)
        return Execution(
            plan=self._plan.id,
            success=not remaining and not reason,
            completed=tuple(self._completed.values()),
            remaining=remaining,
            state=dict(self._state),
            replans=tuple(self._replans),
            reason=reason,
            failure=failure,
            trace=tuple(self._trace),
        )
