"""Executions without agents: a planner that plans what it is told, and willing hands."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from random import Random

from dataagents.core import Goal, KernelConfig
from dataagents.core.boundary import Boundary
from dataagents.core.cards import AgentCard, AgentState
from dataagents.core.errors import NoPlanError
from dataagents.core.health import Health, HealthReport
from dataagents.core.ids import IdSource
from dataagents.core.planning import (
    Domain,
    Execution,
    Failure,
    FailureKind,
    Operator,
    Plan,
    PlannedTask,
    Problem,
    State,
    TaskResult,
)
from dataagents.core.redaction import Redactor
from dataagents.core.reflection import Lessons
from dataagents.core.registry import Built
from dataagents.core.services.planning.runner import PlanRunner
from dataagents.core.services.planning.service import PlanningService
from dataagents.core.services.recorder import Recorder
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime
from dataagents.core.services.stream import EventStream
from dataagents.core.testing import FakeClock, MemoryStore
from dataagents.core.tracing import TraceContext

GOAL = Goal("make", {"orders": "orders.csv"})
RUN = TraceContext(run="run")


def task(name: str, *after: str, **rest: object) -> PlannedTask:
    """A task that makes a fact of its own name about the orders."""
    made = PlannedTask(
        name, name, {"dataset": "orders"}, depends_on=tuple(after), writes=(f"made:{name}",)
    )
    return replace(made, **rest)


def chain(count: int) -> tuple[PlannedTask, ...]:
    """Tasks 1 to `count`, each waiting for the one before."""
    return tuple(task(str(n), *([str(n - 1)] if n > 1 else [])) for n in range(1, count + 1))


def plan_of(*tasks: PlannedTask, goal: Goal = GOAL, **rest: object) -> Plan:
    return Plan("plan", goal, tasks, **rest)


class Told:
    """A planner that plans what is left of its tasks, unless it is told something else."""

    def __init__(self, *tasks: PlannedTask) -> None:
        self.tasks = tasks
        self.asked: list[tuple[Problem, Failure]] = []
        self.problems: list[Problem] = []
        self.ways: list[Sequence[PlannedTask] | None] = []
        """What the next replans say; None for no plan at all."""

    async def plan(self, problem, allowance):
        self.problems.append(problem)
        return Plan("", problem.goal, self.left(problem.state))

    async def replan(self, problem, plan, failure, allowance):
        self.asked.append((problem, failure))
        way = self.ways.pop(0) if self.ways else self.left(problem.state)
        if way is None:
            raise NoPlanError(failure.task, "there is no other way")
        return Plan("", problem.goal, tuple(way))

    def left(self, state: State) -> tuple[PlannedTask, ...]:
        left = [each for each in self.tasks if not set(each.writes) <= state.keys()]
        ids = {each.id for each in left}
        return tuple(
            replace(each, depends_on=tuple(name for name in each.depends_on if name in ids))
            for each in left
        )

    @property
    def failures(self) -> list[Failure]:
        return [failure for _, failure in self.asked]


Outcome = TaskResult | FailureKind | str | Callable[[], None] | None


class Hands:
    """Does tasks; what becomes of each attempt can be said beforehand."""

    def __init__(self, **outcomes: Iterable[Outcome]) -> None:
        self.script = {name.strip("_"): list(each) for name, each in outcomes.items()}
        self.order: list[str] = []
        self.facts: list[State] = []
        self.now = self.most = 0
        self.gate: dict[str, asyncio.Event] = {}
        """Task → what it waits for before it ends."""
        self.seconds: dict[str, float] = {}
        self.clock: FakeClock | None = None

    @property
    def counts(self) -> Counter[str]:
        return Counter(self.order)

    async def __call__(self, planned: PlannedTask, place: TraceContext) -> TaskResult:
        self.order.append(planned.id)
        self.facts.append(planned.facts)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            if planned.id in self.gate:
                await self.gate[planned.id].wait()
            if planned.id in self.seconds and self.clock is not None:
                await self.clock.sleep(self.seconds[planned.id])
            await asyncio.sleep(0)
            return self._outcome(planned)
        finally:
            self.now -= 1

    def _outcome(self, planned: PlannedTask) -> TaskResult:
        left = self.script.get(planned.id)
        outcome = left.pop(0) if left else None
        if callable(outcome):
            outcome = outcome()
        if isinstance(outcome, TaskResult):
            return outcome
        if isinstance(outcome, FailureKind):
            return TaskResult(planned.id, False, error=f"{outcome} trouble", failure=outcome)
        if isinstance(outcome, str):
            return TaskResult(planned.id, False, error=outcome, failure=FailureKind.RECOVERABLE)
        return TaskResult(planned.id, True, dict.fromkeys(planned.writes, True))


def domain_of(*tasks: PlannedTask, **rest: object) -> Domain:
    operators = [Operator(each.name, resources=each.resources) for each in tasks]
    given = rest.pop("operators", ())
    named = {each.name: each for each in (*operators, *given)}
    return Domain("told", tuple(named.values()), (), ("make",), **rest)


class PlanBench:
    """Everything that an execution needs, and nothing more."""

    def __init__(
        self,
        planner: Told,
        domain: Domain | None = None,
        *,
        lessons: Lessons | None = None,
        config: KernelConfig | None = None,
        **settings: object,
    ) -> None:
        self.planner = planner
        self.clock = FakeClock()
        self.store = MemoryStore()
        self.roster = Roster()
        config = config or KernelConfig.parse({"seed": 1, "agents": [], **settings})
        boundary = Boundary(self.clock, quarantine_after=50, grace=1.0)
        new_id = IdSource(self.clock, Random(1))
        recorder = Recorder(
            self.store, EventStream(boundary, limit=1.0), self.clock, new_id, Redactor.of()
        )
        self.runtime = Runtime(config, self.clock, new_id, boundary, recorder, Redactor.of())
        self.recalled_for: list[PlannedTask] = []

        def recall(subject: PlannedTask) -> Lessons:
            self.recalled_for.append(subject)
            return lessons or Lessons()

        self.planning = PlanningService(
            self.runtime,
            Built("tests", "told", planner),
            Built("tests", "told", domain or domain_of(*planner.tasks)),
            recall,
        )

    def runner(self, hands: Hands, seconds: float | None = None) -> PlanRunner:
        hands.clock = self.clock
        deadline = None if seconds is None else self.clock.monotonic() + seconds
        return PlanRunner(
            self.runtime,
            self.planning,
            hands,
            context=RUN,
            roster=self.roster,
            deadline=deadline,
        )

    async def execute(
        self,
        hands: Hands,
        plan: Plan | None = None,
        state: State | None = None,
        *,
        seconds: float | None = None,
    ) -> Execution:
        plan = plan or plan_of(*self.planner.tasks)
        return await self.runner(hands, seconds).execute(plan, state or {})

    def add(self, agent: str, **levels: float) -> None:
        self.roster.add(AgentCard(agent, "worker", levels))
        self.well(agent)

    def well(self, agent: str, well: bool = True) -> None:
        health = Health.HEALTHY if well else Health.FAILED
        report = HealthReport(agent, health, 0.1, self.clock.now())
        self.roster.note(report, AgentState.READY if well else AgentState.UNHEALTHY)


async def ends(work: asyncio.Task[Execution], clock: FakeClock) -> Execution:
    """Let time pass until an execution has ended."""
    while not work.done():
        await clock.advance(1.0)
    return work.result()


def kinds(execution, *, of=None):
    """Return what happened in an execution, or to one task of it, in order."""
    return [step.kind for step in execution.trace if of in (None, step.task)]
