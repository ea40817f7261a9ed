"""The goal runner: composes the concerns into a run, from the goal to what was learned."""

from dataclasses import dataclass, field
from pathlib import Path

from dataagents.core.bidding import Award
from dataagents.core.errors import DataAgentsError, InputError, StoreError, StrategyError
from dataagents.core.goals import RunOutcome, RunResult, RunStatus
from dataagents.core.hierarchy import COORDINATE
from dataagents.core.messaging import Message, MessageType
from dataagents.core.planning import (
    Execution,
    Failure,
    FailureKind,
    Goal,
    Plan,
    PlannedTask,
    TaskResult,
)
from dataagents.core.reflection import Delivery, Experience, Reflection
from dataagents.core.services.bidding.contracting import ContractingService
from dataagents.core.services.hierarchy.delegation import SENDER
from dataagents.core.services.messaging.hub import Hub
from dataagents.core.services.plan_runner import PlanRunner
from dataagents.core.services.planning import PlanningService
from dataagents.core.services.reflection import ReflectionService
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime
from dataagents.core.services.voting.election import ElectionService
from dataagents.core.tracing import TraceContext
from dataagents.core.values import JsonObject, from_json, to_json


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

    async def run(self, goal: Goal, workspace: Path, context: TraceContext) -> RunResult:
        """Plan, auction, delegate, vote and aggregate; then reflect on how it went."""
        started, began = self.runtime.clock.now(), self.runtime.clock.monotonic()
        run = context.run or self.runtime.new_id()
        ledger = Ledger()
        plan: Plan | None = None
        execution: Execution | None = None
        summary: JsonObject = {}
        try:
            async with self.runtime.clock.limit(goal.limits.seconds):
                self.planning.check(goal)
                plan = await self._plan(goal, context)
                execution = await self.execute(plan, context, ledger)
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
        outcome = RunOutcome(run, status, self.runtime.clock.monotonic() - began, summary, reason)
        reflection = None
        if execution is not None:
            reflection = await self._reflect(goal, outcome, execution, ledger, context)
        return RunResult(
            outcome=outcome,
            goal=goal,
            started=started,
            ended=self.runtime.clock.now(),
            workspace=workspace,
            plan=plan,
            execution=execution,
            elections=tuple(each for each in self.elections.history if each.motion.run == run),
            awards=tuple(ledger.awards),
            reflection=reflection,
        )

    async def execute(
        self, plan: Plan, context: TraceContext, ledger: Ledger | None = None
    ) -> Execution:
        """Execute a plan: each task is auctioned, then delegated to the winner."""
        noted = ledger if ledger is not None else Ledger()

        async def perform(task: PlannedTask, place: TraceContext) -> TaskResult:
            contract = await self.contracting.perform(task, context=place)
            noted.awards.extend(contract.awards)
            noted.deliveries.extend(
                _delivery(task, each.award, each.result) for each in contract.attempts
            )
            return contract.result

        runner = PlanRunner(
            self.planning,
            perform,
            streams=self.runtime.config.max_parallel_streams,
            max_replans=self.runtime.config.max_replans,
            context=context,
        )
        return await runner.execute(plan, {"settings": dict(plan.goal.settings)})

    def _coordinator(self) -> str | None:
        ready = [
            (card.capabilities[COORDINATE], card.id)
            for card in self.roster.cards.values()
            if COORDINATE in card.capabilities and card.id in self.roster.ready
        ]
        return max(ready)[1] if ready else None

    async def _plan(self, goal: Goal, context: TraceContext) -> Plan:
        coordinator = self._coordinator()
        if coordinator is None:
            return await self.planning.plan(goal, {"settings": dict(goal.settings)}, context)
        payload: JsonObject = {"goal": to_json(goal), "state": {"settings": dict(goal.settings)}}
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
        self,
        goal: Goal,
        outcome: RunOutcome,
        execution: Execution,
        ledger: Ledger,
        context: TraceContext,
    ) -> Reflection | None:
        experience = Experience(
            id=self.runtime.new_id(),
            at=self.runtime.clock.now(),
            goal=goal.task,
            sources=tuple(goal.inputs),
            success=outcome.status in (RunStatus.DONE, RunStatus.WITHHELD),
            seconds=outcome.seconds,
            quality=_quality(execution),
            deliveries=tuple(ledger.deliveries),
            failures=_failures(execution),
            replans=len(execution.replans),
            run=context.run,
        )
        try:
            return await self.reflection.reflect(experience, context)
        except StoreError:
            raise
        except DataAgentsError:
            return None  # the run is over; what its reflection cost is in the plugin's health


def _delivery(task: PlannedTask, award: Award, result: TaskResult) -> Delivery:
    return Delivery(
        task=task.name,
        agent=result.agent or award.winner or "",
        success=result.success,
        promised_quality=award.expected_quality,
        score=result.score,
        seconds=result.seconds,
        promised_seconds=award.expected_seconds,
    )


def _quality(execution: Execution) -> float | None:
    """Return the quality measured last."""
    measured = [each.quality for each in execution.completed if each.quality is not None]
    return measured[-1] if measured else None


def _failures(execution: Execution) -> tuple[Failure, ...]:
    failures = [replan.failure for replan in execution.replans]
    if execution.failure is not None:
        failures.append(execution.failure)
    return tuple(failures)


_ENDS = {FailureKind.INPUT: RunStatus.REJECTED, FailureKind.UNDECIDED: RunStatus.UNDECIDED}
"""Failure that ended a plan → how the run ended, where it did not simply fail."""


def _status(execution: Execution, summary: JsonObject) -> tuple[RunStatus, str]:
    if not execution.success:
        status = _ENDS.get(execution.failure.kind) if execution.failure is not None else None
        return status or RunStatus.FAILED, execution.reason
    withheld = summary.get("withheld")
    if withheld:
        return RunStatus.WITHHELD, str(withheld)
    return RunStatus.DONE, ""
