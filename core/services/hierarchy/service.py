"""Hierarchical coordination: a coordinator plans, a hierarchy does it, the coordinator reviews."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dataagents.core.errors import DataAgentsError, NoPlanError, StoreError, StrategyError
from dataagents.core.events import EventKind
from dataagents.core.goals import RunOutcome, RunStatus
from dataagents.core.hierarchy import (
    COORDINATE,
    Hierarchy,
    HierarchyResult,
    Organizer,
    Review,
    complexity_of,
)
from dataagents.core.messaging import Message, MessageType
from dataagents.core.planning import Failure, FailureKind, Goal, Plan, State
from dataagents.core.registry import Built
from dataagents.core.services.hierarchy.delegation import SENDER
from dataagents.core.services.hierarchy.leadership import HOPELESS, Leadership, Place, Work
from dataagents.core.services.messaging.hub import Hub
from dataagents.core.services.planning.service import PlanningService
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime
from dataagents.core.tracing import TraceContext
from dataagents.core.values import JsonObject, from_json, to_json


@dataclass(frozen=True, slots=True)
class HierarchyService:
    """Coordinates goals by a hierarchy; the kernel acts in the coordinator's name."""

    runtime: Runtime
    hub: Hub
    roster: Roster
    planning: PlanningService
    leadership: Leadership
    organizer: Built[Organizer]

    async def coordinate(self, goal: Goal, context: TraceContext) -> HierarchyResult:
        """Achieve a goal; that it failed is an outcome too."""
        clock, run = self.runtime.clock, context.run or ""
        began, course = clock.monotonic(), _Course(self, goal, context)
        await self.runtime.record(EventKind.RUN_STARTED, run, goal, context)
        outcome = RunOutcome(run, RunStatus.CANCELLED, 0.0, reason="cancelled")
        try:
            reason = await course.run()
            result = course.result(reason, clock.monotonic() - began)
            status = RunStatus.DONE if result.success else RunStatus.FAILED
            outcome = RunOutcome(run, status, result.seconds, result.result, result.reason)
        finally:
            await self.runtime.record(EventKind.RUN_ENDED, run, outcome, context)
        return result


@dataclass(slots=True)
class _Course:
    """One goal on its way through the phases."""

    _service: HierarchyService
    _goal: Goal
    _context: TraceContext
    _plan: Plan | None = None
    _hierarchy: Hierarchy | None = None
    _work: Work | None = None
    _summary: JsonObject = field(default_factory=dict)
    _problems: tuple[str, ...] = ()

    async def run(self) -> str:
        """Go through the phases, as far as it goes; return why it is no success."""
        clock, seconds = self._service.runtime.clock, self._goal.limits.seconds
        steady = self._service.runtime.steady
        deadline = None if seconds is None else steady() + timedelta(seconds=seconds)
        state: State = {"settings": dict(self._goal.settings)}
        try:
            async with clock.limit(seconds):
                coordinator = self._coordinator()
                plan = await self._make_plan(coordinator, state)
                hierarchy = await self._organize(plan, coordinator)
                policy, run = hierarchy.policy, self._context.run or ""
                with self._service.leadership.work(run, policy, state) as work:
                    self._work = work
                    await self._carry_out(plan, hierarchy, work, deadline)
                if work.failure is not None:
                    return work.failure.reason
                await self._review(coordinator, work)
                return "; ".join(self._problems)
        except TimeoutError:
            return f"used up its {seconds:g} s"
        except StoreError:
            raise
        except DataAgentsError as error:
            return str(error)

    def result(self, reason: str, seconds: float) -> HierarchyResult:
        """Return how it ended."""
        results = {} if self._work is None else self._work.results
        done = frozenset[str]() if self._work is None else self._work.done
        tasks = () if self._plan is None else self._plan.tasks
        return HierarchyResult(
            task=self._goal.task,
            result=self._summary,
            success=not reason,
            reason=reason,
            run=self._context.run or "",
            plan=self._plan,
            hierarchy=self._hierarchy,
            results=tuple(results.values()),
            remaining=tuple(task.id for task in tasks if task.id not in done),
            problems=self._problems,
            attempts=() if self._work is None else tuple(self._work.attempts),
            seconds=seconds,
        )

    def _coordinator(self) -> str:
        """Return who has the capability at the highest level."""
        roster = self._service.roster
        cards = [roster.cards[who] for who in roster.ready]
        levels = [
            (card.capabilities[COORDINATE], card.id)
            for card in cards
            if COORDINATE in card.capabilities
        ]
        if not levels:
            raise StrategyError(SENDER, "coordination", f"no agent has {COORDINATE!r}")
        return max(levels)[1]

    async def _make_plan(self, coordinator: str, state: State) -> Plan:
        self._service.planning.check(self._goal)
        payload: JsonObject = {"goal": to_json(self._goal), "state": dict(state)}
        reply = await self._ask(coordinator, MessageType.PLAN_REQUEST, payload)
        self._plan = from_json(Plan, reply)
        return self._plan

    async def _organize(self, plan: Plan, coordinator: str) -> Hierarchy:
        """Have the organizer say who does what, and make sure that it can be worked with."""
        organizer, runtime = self._service.organizer, self._service.runtime
        roster, what = self._service.roster, f"organizer {self._service.organizer.name}"
        complexity = complexity_of(plan.tasks)
        agents = {who: roster.cards[who] for who in roster.ready if roster.present(who)}
        hierarchy = runtime.boundary.call_now(
            organizer.plugin,
            what,
            lambda: organizer.value.organize(plan, complexity, coordinator, agents),
            returns=Hierarchy,
        )
        flaw = hierarchy.flaw(plan.tasks, coordinator, agents)
        if flaw:
            raise StrategyError(organizer.plugin, what, flaw)
        self._hierarchy = hierarchy
        summary = hierarchy.summary()
        await runtime.record(EventKind.HIERARCHY_FORMED, plan.id, summary, self._context)
        return hierarchy

    async def _carry_out(
        self, plan: Plan, hierarchy: Hierarchy, work: Work, deadline: datetime | None
    ) -> None:
        """Have a hierarchy do its work; replan and reorganize when it comes to a halt."""
        futile, achieved = 0, frozenset[str]()
        while True:
            work.begin(hierarchy.root, hierarchy.unassigned)
            place = Place(self._context.of(hierarchy.coordinator), deadline=deadline)
            if work.failure is None:
                await self._service.leadership.lead(hierarchy.root, place)
            if work.failure is None or work.failure.kind in HOPELESS:
                return
            futile = 0 if work.done - achieved else futile
            achieved |= work.done
            if futile >= self._service.runtime.config.max_replans:
                return
            futile += 1
            changed = await self._replan(plan, work, work.failure)
            if changed is None:
                return
            self._plan = plan = changed
            hierarchy = await self._organize(plan, hierarchy.coordinator)

    async def _replan(self, plan: Plan, work: Work, failure: Failure) -> Plan | None:
        planning = self._service.planning
        try:
            return (await planning.replan(plan, work.state, failure, self._context)).plan
        except NoPlanError as error:
            reason = f"{failure.reason}; {error}"
            work.failure = Failure(failure.task, FailureKind.FATAL, reason)
            return None

    async def _review(self, coordinator: str, work: Work) -> None:
        """Have the coordinator put the results together, and say what is wrong with them."""
        tasks = () if self._plan is None else self._plan.tasks
        payload: JsonObject = {
            "goal": to_json(self._goal),
            "tasks": [to_json(task) for task in tasks],
            "results": [to_json(result) for result in work.results.values()],
        }
        reply = await self._ask(coordinator, MessageType.AGGREGATE_REQUEST, payload)
        review = from_json(Review, reply)
        self._summary, withheld = review.result, review.result.get("withheld")
        self._problems = (*review.problems, *([str(withheld)] if withheld else []))

    async def _ask(self, agent: str, type: MessageType, payload: JsonObject) -> JsonObject:
        message = self._service.hub.compose(
            SENDER,
            agent,
            type,
            payload,
            context=self._context,
            conversation=self._context.run,
            within=self._service.runtime.config.task_timeout,
        )
        reply = await self._service.hub.request(message)
        if isinstance(reply, Message):
            return reply.payload
        raise StrategyError(f"agent {agent}", type, reply.reason or str(reply.status))
