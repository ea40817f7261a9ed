"""The pipeline that `replanning.py` breaks, the faults it breaks it with, and one run of it."""

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from random import Random

from dataagents.core import Agent, AgentCard, Desk, Goal, KernelConfig, PlannedTask, TaskResult
from dataagents.core.cards import AgentState
from dataagents.core.config import StrategyChoices
from dataagents.core.health import Health
from dataagents.core.hookspecs import hookimpl
from dataagents.core.kernel import Kernel
from dataagents.core.planning import (
    Condition,
    Domain,
    Execution,
    FailureKind,
    Method,
    Operator,
    State,
    Subtasks,
    Task,
    Trigger,
    Watch,
)
from dataagents.core.registry import Strategy
from dataagents.core.testing import FakeClock, kernel_for
from dataagents.core.values import Json

STEPS = ("extract", "check", "shape", "validate", "load")
TABLES = 40
TASKS = len(STEPS) * TABLES
SPECIALISTS = 4
"""Agents for each step; each can be lost."""
KINDS = {"transient": 0.5, "drift": 0.3, "lost": 0.19, "fatal": 0.01}
"""What a fault is, and how often: most are passing, few are beyond help."""
POLICIES = ("run to failure", "retry only", "replanning")

Faults = dict[tuple[str, str], str]
"""Table and step → what goes wrong there."""


def faults(rate: float, seed: int) -> Faults:
    """Return what goes wrong in a run; the same for every policy."""
    rng = Random(f"{rate}:{seed}")
    places = [(f"t{number:02}", step) for number in range(TABLES) for step in STEPS]
    kinds, weights = list(KINDS), list(KINDS.values())
    return {
        place: kind
        for place in places
        for chance, kind in [(rng.random(), rng.choices(kinds, weights)[0])]
        if chance < rate
    }


def pipeline(watched: bool) -> Domain:
    """Return the domain: each step has a standard way, and a careful one that suits any columns."""
    operators: list[Operator] = []
    methods = [Method("step by step", "deliver", _all_steps)]
    for step, before in zip(STEPS, ("", *STEPS), strict=False):
        for name, capability in ((step, step), (f"{step}_carefully", "general")):
            operators.append(
                Operator(
                    name,
                    requires={capability: 0.5},
                    effect=lambda state, task, step=step: {f"{step}:{task.args['dataset']}": True},
                    reads=(f"{before}:{{dataset}}",) if before else (),
                    writes=(f"{step}:{{dataset}}",),
                    seconds=1.0,
                )
            )
        methods += [
            Method("nothing", f"do_{step}", lambda state, task: (), _made(step)),
            Method("standard", f"do_{step}", _one(step), _standard(step)),
            Method("careful", f"do_{step}", _one(f"{step}_carefully"), _missing(step), cost=1.0),
        ]
    watches = (Watch("columns", Trigger.DRIFT, _drifted),) if watched else ()
    return Domain("broken-pipeline", tuple(operators), tuple(methods), ("deliver",), watches)


def _all_steps(state: State, task: Task) -> tuple[Task, ...]:
    return tuple(Task(f"do_{step}", task.args) for step in STEPS)


def _one(name: str) -> Subtasks:
    return lambda state, task: (Task(name, task.args),)


def _made(step: str) -> Condition:
    return lambda state, task: None if f"{step}:{task.args['dataset']}" in state else "not done"


def _missing(step: str) -> Condition:
    return lambda state, task: "done" if f"{step}:{task.args['dataset']}" in state else None


def _standard(step: str) -> Condition:
    def fits(state: State, task: Task) -> str | None:
        dataset = task.args["dataset"]
        if f"{step}:{dataset}" in state:
            return "done"
        if f"nobody:{step}" in state:
            return "nobody is left"
        return "its columns are others now" if f"drifted:{dataset}" in state else None

    return fits


def _drifted(state: State) -> str | None:
    found = sorted(fact.partition(":")[2] for fact in state if fact.startswith("drifted:"))
    return f"the columns of {', '.join(found)} are others now" if found else None


class Site:
    """Where the agents work: knows the faults, and counts what is done."""

    def __init__(self, broken: Faults, *, stubborn: bool) -> None:
        self.broken = dict(broken)
        self.stubborn = stubborn
        """Whether everything that fails is declared worth another try."""
        self.executed: Counter[tuple[str, str]] = Counter()
        self.drifted: set[str] = set()
        self.kernel: Kernel | None = None

    def work(self, agent: str, task: PlannedTask) -> TaskResult:
        """Do a task, as far as the faults let it be done."""
        step, _, careful = task.name.partition("_")
        dataset = str(task.args["dataset"])
        place = (dataset, step)
        self.executed[place] += 1
        fault = None if careful else self.broken.pop(place, None)
        if fault == "transient":
            return self._failed(task, "the network was down", FailureKind.TRANSIENT)
        if fault == "lost":
            self._lose(agent)
            return self._failed(task, f"{agent} went down")
        if fault == "fatal":
            return TaskResult(task.id, False, error="the source is gone", failure=FailureKind.FATAL)
        if dataset in self.drifted and not careful:
            return self._failed(task, "the columns don't fit")
        effects: dict[str, Json] = {f"{step}:{dataset}": True}
        if fault == "drift":
            self.drifted.add(dataset)
            effects[f"drifted:{dataset}"] = True
        return TaskResult(task.id, True, effects)

    def _failed(
        self, task: PlannedTask, error: str, kind: FailureKind = FailureKind.RECOVERABLE
    ) -> TaskResult:
        kind = FailureKind.TRANSIENT if self.stubborn else kind
        return TaskResult(task.id, False, error=error, failure=kind)

    def _lose(self, agent: str) -> None:
        if self.kernel is not None:
            well = self.kernel.roster.reports[agent]
            report = replace(well, health=Health.FAILED)
            self.kernel.roster.note(report, AgentState.UNHEALTHY)


class Hand(Agent):
    """Does tasks at a site."""

    def __init__(self, id: str, site: Site, capability: str) -> None:
        super().__init__(AgentCard(id, "hand", {capability: 0.9}))
        self._site = site

    async def execute(self, task: PlannedTask, desk: Desk) -> TaskResult:
        """Do a task as the site lets it."""
        return self._site.work(self.card.id, task)


class _Plugin:
    def __init__(self, domain: Domain) -> None:
        self._domain = domain

    @hookimpl
    def register_domains(self) -> tuple[Strategy[Domain], ...]:
        return (Strategy("broken-pipeline", lambda options: self._domain),)


@dataclass(frozen=True, slots=True)
class Result:
    """How one run went."""

    tasks: float
    """Share of the steps of all tables that were done."""
    whole: bool
    replans: int
    stability: float | None
    """Mean over the replans; None without any."""
    wasted: float
    """Of what was executed, the share that failed or was done again."""
    curable: bool
    """Whether none of its faults was beyond help."""
    reason: str = ""


async def run(policy: str, rate: float, seed: int) -> Result:
    """Run the pipeline once under a policy."""
    replanning = policy == "replanning"
    broken = faults(rate, seed)
    site = Site(broken, stubborn=policy == "retry only")
    config = KernelConfig.parse(
        {
            "seed": seed,
            "agents": (),
            "monitoring": False,
            "disabled_plugins": ("observing",),
            "max_agents": 100,
            "max_message_rate": 1_000_000,
            "quarantine_after": 1_000,
            "max_replans": 3 if replanning else 0,
            "planning": {"attempts": 1 if policy == "run to failure" else 3},
            "strategies": StrategyChoices(domain="broken-pipeline").model_dump(),
        }
    )
    clock = FakeClock()
    goal = Goal("deliver", {f"t{number:02}": "x" for number in range(TABLES)})
    plugin = _Plugin(pipeline(watched=replanning))
    async with kernel_for(plugin, config=config, clock=clock) as kernel:
        site.kernel = kernel
        for step in STEPS:
            for number in range(SPECIALISTS):
                await kernel.deploy(Hand(f"{step}-{number}", site, step))
        for number in range(2):
            await kernel.deploy(Hand(f"general-{number}", site, "general"))
        plan = await kernel.plan(goal)
        if len(plan.tasks) != TASKS:
            raise SystemExit(f"the plan has {len(plan.tasks)} tasks, not {TASKS}")
        work = asyncio.create_task(kernel.execute(plan))
        while not work.done():
            await clock.advance(0.25)
        return _result(work.result(), site, "fatal" not in broken.values())


def _result(execution: Execution, site: Site, curable: bool) -> Result:
    made = sum(fact.partition(":")[0] in STEPS for fact in execution.state)
    executed = sum(site.executed.values())
    stable = [replan.diff.stability for replan in execution.replans]
    return Result(
        tasks=made / TASKS,
        whole=execution.success,
        replans=len(stable),
        stability=sum(stable) / len(stable) if stable else None,
        wasted=1 - made / executed if executed else 0.0,
        curable=curable,
        reason=execution.reason,
    )
