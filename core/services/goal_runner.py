"""The goal runner: composes the concerns into a run, from the goal to what was learned."""

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path

from dataagents.core.bidding import Award
from dataagents.core.durability.unfinished import Unfinished
from dataagents.core.errors import DataAgentsError, InputError, StoreError, StrategyError
from dataagents.core.goals import RunOutcome, RunResult, RunStatus
from dataagents.core.hierarchy import COORDINATE
from dataagents.core.messaging import Message, MessageType
from dataagents.core.planning import (
    Execution,
    FailureKind,
    Goal,
    Plan,
    PlannedTask,
    StepKind,
    TaskResult,
)
from dataagents.core.reflection import Delivery, Reflection
from dataagents.core.services.bidding.contracting import ContractingService
from dataagents.core.services.hierarchy.delegation import SENDER
from dataagents.core.services.messaging.hub import Hub
from dataagents.core.services.planning.foresight import source_of
from dataagents.core.services.planning.givens import given
from dataagents.core.services.planning.runner import PlanRunner
from dataagents.core.services.planning.service import PlanningService
from dataagents.core.services.reflection.judging import judgements_of
from dataagents.core.services.reflection.lived import Lived, experience_of
from dataagents.core.services.reflection.service import ReflectionService
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime
from dataagents.core.services.voting.election import ElectionService
from dataagents.core.tracing import TraceContext
from dataagents.core.values import JsonObject, from_json, to_json
from dataagents.core.voting import Election


@dataclass(slots=True)
class Ledger:
    """What a run notes down for those who look at it afterwards."""

    awards: list[Award] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class GoalRunner:
    """Runs one goal with the services of a kernel."""

    runtime: Runtime
    hub: Hub
    roster: Roster
    planning: PlanningService
    contracting: ContractingService
    elections: ElectionService
    reflection: ReflectionService

    async def run(
        self,
        goal: Goal,
        workspace: Path,
        context: TraceContext,
        stood: Unfinished | None = None,
    ) -> RunResult:
        """Plan, auction, delegate, vote and aggregate; then reflect on how it went.

        Args:
            goal: What is to be achieved.
            workspace: The folder of the run.
            context: The run.
            stood: Where it stood, when it goes on after it was cut off.
        """
        started, began = self.runtime.clock.now(), self.runtime.clock.monotonic()
        run = context.run or self.runtime.new_id()
        ledger = Ledger()
        spent, elections = 0.0, tuple[Election, ...]()
        if stood is not None:
            started, spent, elections = stood.started, stood.seconds, stood.elections
            ledger = _ledger_of(stood)
            await self.hub.reopen(run)
        plan: Plan | None = None
        execution: Execution | None = None
        summary: JsonObject = {}
        try:
            async with self.runtime.clock.limit(goal.limits.seconds):
                self.planning.check(goal)
                earlier = stood if stood is not None and stood.plan is not None else None
                plan = await self._first_plan(goal, context, earlier)
                execution = await self.execute(plan, context, ledger, began, earlier)
                if execution.success:
                    summary = await self._aggregate(goal, execution, context)
                status, reason = _status(execution, summary)
        except TimeoutError:
            status, reason = RunStatus.FAILED, f"used up its {goal.limits.seconds:g} s"
        except StoreError:
            raise
        except InputError as error:
            status, reason = RunStatus.REJECTED, str(error)
        except DataAgentsError as error:
            status, reason = RunStatus.FAILED, str(error)
        spent += self.runtime.clock.monotonic() - began
        outcome = RunOutcome(run, status, spent, summary, reason)
        recalled = self.planning.recalled(run)
        applied = tuple(each for each in self.reflection.learned if each.id in recalled)
        reflection = None
        # That somebody stopped it says nothing about how well the agents did.
        told = status is not RunStatus.CANCELLED and not (stood is not None and stood.reflected)
        if plan is not None and execution is not None and told:
            lived = Lived(goal, outcome, plan, execution, ledger.deliveries, recalled)
            reflection = await self._reflect(lived, context, elections)
        return RunResult(
            outcome=outcome,
            goal=goal,
            started=started,
            ended=self.runtime.clock.now(),
            workspace=workspace,
            plan=plan,
            execution=execution,
            elections=self._held(run, elections),
            awards=tuple(ledger.awards),
            reflection=reflection,
            applied=applied,
        )

    async def execute(
        self,
        plan: Plan,
        context: TraceContext,
        ledger: Ledger | None = None,
        began: float | None = None,
        stood: Unfinished | None = None,
    ) -> Execution:
        """Execute a plan: each task is auctioned, then delegated to the winner.

        Args:
            plan: What is to be done.
            context: The run that it belongs to.
            ledger: Where awards and deliveries are noted down.
            began: When the goal's time limit began, on the monotonic clock; now when None.
            stood: How far the run was when it was cut off; its plan in force is gone on with.
        """
        noted = ledger if ledger is not None else Ledger()

        async def perform(task: PlannedTask, place: TraceContext) -> TaskResult:
            contract = await self.contracting.perform(task, context=place)
            noted.awards.extend(contract.awards)
            noted.deliveries.extend(
                _delivery(task, each.award, each.result) for each in contract.attempts
            )
            return contract.result

        seconds = plan.goal.limits.seconds
        start = self.runtime.clock.monotonic() if began is None else began
        runner = PlanRunner(
            self.runtime,
            self.planning,
            perform,
            context=context,
            roster=self.roster,
            deadline=None if seconds is None else start + seconds,
        )
        with self.planning.executions.open(context.run or plan.id, runner):
            return await runner.execute(plan, await self._given(plan.goal), stood)

    async def _given(self, goal: Goal) -> JsonObject:
        return await asyncio.to_thread(given, goal, self.runtime.config.memory_limit_mb)

    def _coordinator(self) -> str | None:
        ready = [
            (card.capabilities[COORDINATE], card.id)
            for card in self.roster.cards.values()
            if COORDINATE in card.capabilities and card.id in self.roster.ready
        ]
        return max(ready)[1] if ready else None

    async def _first_plan(
        self, goal: Goal, context: TraceContext, stood: Unfinished | None
    ) -> Plan:
        """Return the plan that the run began with: the one on record, if it goes on."""
        if stood is None or stood.plan is None:
            return await self._plan(goal, context)
        first = stood.first or stood.plan
        plans = (first, *(change.plan for change in stood.replans))
        await self.planning.restore(plans, stood.replans, await self._given(goal), context)
        return first

    def _held(self, run: str, earlier: tuple[Election, ...]) -> tuple[Election, ...]:
        """Return the elections of a run, those before it was cut off included."""
        held = {each.motion.id: each for each in earlier}
        held |= {each.motion.id: each for each in self.elections.history if each.motion.run == run}
        return tuple(held.values())

    async def _plan(self, goal: Goal, context: TraceContext) -> Plan:
        coordinator, state = self._coordinator(), await self._given(goal)
        if coordinator is None:
            return await self.planning.plan(goal, state, context)
        payload: JsonObject = {"goal": to_json(goal), "state": dict(state)}
        reply = await self._ask(coordinator, MessageType.PLAN_REQUEST, payload, context)
        return from_json(Plan, reply)

    async def _aggregate(
        self, goal: Goal, execution: Execution, context: TraceContext
    ) -> JsonObject:
        coordinator = self._coordinator()
        if coordinator is None:
            return execution.state
        payload: JsonObject = {
            "goal": to_json(goal),
            "results": [to_json(result) for result in execution.completed],
        }
        return await self._ask(coordinator, MessageType.AGGREGATE_REQUEST, payload, context)

    async def _ask(
        self, agent: str, type: MessageType, payload: JsonObject, context: TraceContext
    ) -> JsonObject:
        message = self.hub.compose(
            SENDER,
            agent,
            type,
            payload,
            context=context,
            conversation=context.run,
            within=self.runtime.config.task_timeout,
        )
        reply = await self.hub.request(message)
        if isinstance(reply, Message):
            return reply.payload
        raise StrategyError(f"agent {agent}", type, reply.reason or str(reply.status))

    async def _reflect(
        self, lived: Lived, context: TraceContext, earlier: tuple[Election, ...]
    ) -> Reflection | None:
        experience = experience_of(lived, self.runtime.new_id(), self.runtime.clock.now())
        held = self._held(context.run or "", earlier)
        experience = replace(experience, judgements=judgements_of(held, experience))
        try:
            return await self.reflection.reflect(experience, context)
        except StoreError:
            raise
        except DataAgentsError:
            return None  # the run is over; what its reflection cost is in the plugin's health


def _ledger_of(stood: Unfinished) -> Ledger:
    deliveries = [
        _delivery(each.task, each.award, each.result) for each in stood.achieved if each.award
    ]
    return Ledger(list(stood.awards), deliveries)


def _delivery(task: PlannedTask, award: Award, result: TaskResult) -> Delivery:
    return Delivery(
        task=task.name,
        agent=result.agent or award.winner or "",
        success=result.success,
        promised_quality=award.expected_quality,
        score=result.score,
        seconds=result.seconds,
        promised_seconds=award.expected_seconds,
        source=source_of(task),
    )


_ENDS = {FailureKind.INPUT: RunStatus.REJECTED, FailureKind.UNDECIDED: RunStatus.UNDECIDED}
"""Failure that ended a plan → how the run ended, where it did not simply fail."""


def _status(execution: Execution, summary: JsonObject) -> tuple[RunStatus, str]:
    if execution.trace and execution.trace[-1].kind is StepKind.STOPPED:
        return RunStatus.CANCELLED, execution.reason
    if not execution.success:
        status = _ENDS.get(execution.failure.kind) if execution.failure is not None else None
        return status or RunStatus.FAILED, execution.reason
    withheld = summary.get("withheld")
    if withheld:
        return RunStatus.WITHHELD, str(withheld)
    return RunStatus.DONE, ""
