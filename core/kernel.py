"""The kernel: composes the services and owns their life."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self, Unpack

from dataagents.core.agents import Agent
from dataagents.core.allocation import Allocation
from dataagents.core.bidding import Award, Contract
from dataagents.core.cards import SAMPLE, Sample
from dataagents.core.clock import Clock, SystemClock
from dataagents.core.config import KernelConfig
from dataagents.core.deployment import Deployed, Refused
from dataagents.core.durability.unfinished import Unfinished
from dataagents.core.errors import ClosedError
from dataagents.core.events import EventKind
from dataagents.core.goals import RunResult
from dataagents.core.health import KernelHealth
from dataagents.core.hierarchy import HierarchyResult
from dataagents.core.ids import IdSource
from dataagents.core.journal import Store
from dataagents.core.planning import Execution, Goal, Plan, PlannedTask, Replan, State, TaskResult
from dataagents.core.plugin_manager import PluginManager, PluginRecord
from dataagents.core.reasoning import Answer, ReasoningTask
from dataagents.core.reflection import Experience, Reflection
from dataagents.core.services.assembly import Services, assemble
from dataagents.core.services.bidding.auctioneer import LotTerms
from dataagents.core.services.durability.runs import RunService
from dataagents.core.services.durability.steps import StepService
from dataagents.core.services.messaging.hub import Hub
from dataagents.core.services.operation.deployment import DeploymentService
from dataagents.core.services.operation.monitor import Monitor
from dataagents.core.services.reflection.service import ReflectionService
from dataagents.core.services.roster import Roster
from dataagents.core.services.standing import kernel_health, record_start
from dataagents.core.services.team import deploy_team
from dataagents.core.services.voting.election import ElectionService
from dataagents.core.tracing import TraceContext
from dataagents.core.values import JsonObject
from dataagents.core.voting import Election


class Kernel:
    """A team of agents over data, with everything they need, in one process.

    Use it as an async context manager: entering loads the plugins, opens the services and deploys
    the configured team; leaving stops them in turn. Two kernels share nothing.

    Args:
        config: What can be set; the defaults when None.
        store: Where events are kept; it has to be open, and stays open. In memory only when None.
        plugins: Modules or objects with hooks, beside the installed plugins.
        discover: Whether to load installed plugins.
        strict: Raise about the first broken plugin rather than going on without it.
        clock: Where all times come from.
    """

    def __init__(
        self,
        config: KernelConfig | None = None,
        *,
        store: Store | None = None,
        plugins: Sequence[object] = (),
        discover: bool = True,
        strict: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self.config = config or KernelConfig()
        self._store = store
        self._clock = clock or SystemClock()
        self._rng = Random(self.config.seed)
        self._new_id = IdSource(self._clock, self._rng)
        self._plugins = tuple(plugins)
        self._discover = discover
        self._strict = strict
        self._manager = self._new_manager()
        self._services: Services | None = None
        self._exit = AsyncExitStack()
        self.id = self._new_id()

    async def __aenter__(self) -> Self:
        """Load the plugins, open the services, deploy the team.

        Raises:
            ConfigError: A strategy or agent kind is unknown, or an option is wrong.
            PluginError: A plugin is broken, with `strict` only.
        """
        if self._services is not None:
            raise ClosedError("Kernel", "is open already")
        self._manager = self._new_manager()
        async with AsyncExitStack() as opening:
            services = assemble(
                self.config,
                self._manager.load(),
                self._store,
                self._clock,
                self._new_id,
                self._open_workspace(opening),
            )
            opening.callback(setattr, self, "_services", None)
            self._services = services
            services.stream.start()
            opening.push_async_callback(services.stream.close)
            await opening.enter_async_context(services.watchdog)
            opening.push_async_callback(services.models.close)
            await services.hub.open()
            opening.push_async_callback(services.hub.close)
            if self._store is not None:
                await services.reflection.load(self._store)
            await record_start(services.recorder, self.id, self.config, self.plugins)
            opening.push_async_callback(
                services.recorder.record, EventKind.KERNEL_STOPPED, self.id, {}
            )
            await deploy_team(self.config, self._manager.registry.agents, services)
            services.monitor.start()
            opening.push_async_callback(services.monitor.close)
            await opening.enter_async_context(services.runs.going_on())
            await opening.enter_async_context(services.commands)
            self._exit = opening.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the services, the newest first, and remove the temporary workspace."""
        await self._exit.aclose()

    @property
    def hub(self) -> Hub:
        """Where messages go through."""
        return self._open.hub

    @property
    def roster(self) -> Roster:
        """Who is in the team."""
        return self._open.roster

    @property
    def monitor(self) -> Monitor:
        """What is measured about the team."""
        return self._open.monitor

    @property
    def deployment(self) -> DeploymentService:
        """Deploys, drains, restarts and redeploys agents."""
        return self._open.deployment

    @property
    def plugins(self) -> tuple[PluginRecord, ...]:
        """Every plugin that was found, and what became of it."""
        return tuple(self._manager.records)

    @property
    def elections(self) -> ElectionService:
        """Holds votes, recalls decisions and votes on them again."""
        return self._open.elections

    @property
    def votes(self) -> tuple[Election, ...]:
        """The latest elections, oldest first."""
        return tuple(self._open.elections.history)

    @property
    def auctions(self) -> tuple[Award, ...]:
        """How the latest auctions ended, oldest first."""
        return tuple(self._open.auctioneer.history)

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The latest plans, oldest first."""
        return tuple(self._open.planning.history)

    @property
    def current_plan(self) -> Plan | None:
        """The plan made last, changes included."""
        return self._open.planning.current

    @property
    def replans(self) -> tuple[Replan, ...]:
        """The latest changes of plan, oldest first."""
        return tuple(self._open.planning.replans)

    @property
    def experiences(self) -> tuple[Experience, ...]:
        """What is remembered of earlier runs, oldest first."""
        return tuple(self._open.reflection.experiences)

    @property
    def reflection(self) -> ReflectionService:
        """Keeps experiences and lessons; pins, disables and forgets these."""
        return self._open.reflection

    @property
    def runs(self) -> RunService:
        """Begins runs, and goes on with those that did not end."""
        return self._open.runs

    @property
    def steps(self) -> StepService:
        """Programs of applications, whose steps are done once."""
        return self._open.steps

    def health(self) -> KernelHealth:
        """Return everything that is known about agents, plugins and observers."""
        return kernel_health(self._open, self._manager.records)

    async def deploy(self, agent: Agent, sample: Sample = SAMPLE) -> Deployed | Refused:
        """Bring an agent into the team, if its health check on the sample goes well."""
        return await self._open.deployment.deploy(agent, sample)

    async def remove(self, agent: str) -> bool:
        """Take an agent out of the team; False when it was not there."""
        return await self._open.deployment.remove(agent)

    async def vote(
        self,
        question: str,
        options: Sequence[str] = (),
        *,
        voters: Sequence[str] | None = None,
        evidence: JsonObject | None = None,
        about: str = "",
        quorum: int = 1,
        deadline: float | None = None,
        rule: str | None = None,
    ) -> Election:
        """Put a question to the agents and return the result.

        Args:
            question: What is to be decided.
            options: What can be chosen; when empty, the agents' own proposals are.
            voters: Who may vote; every agent that is ready when None.
            evidence: What voters judge by.
            about: What the decision is about.
            quorum: How many ballots must be cast, abstentions included.
            deadline: Seconds for each round; the configured consensus timeout when None.
            rule: An installed voting rule; the configured one when None.

        Raises:
            InputError: Options or voters are doubled, or a voter is unknown.
            UnknownStrategyError: Nobody provides the rule.
        """
        return await self._open.elections.vote(
            question,
            options,
            voters=voters,
            evidence=evidence,
            about=about,
            quorum=quorum,
            deadline=deadline,
            rule=rule,
        )

    async def auction(
        self, task: PlannedTask, *, auction: str | None = None, **terms: Unpack[LotTerms]
    ) -> Award:
        """Offer a task to those who can do it; that nobody takes it is an outcome too."""
        return await self._open.auctioneer.auction(task, auction=auction, **terms)

    async def allocate(self, tasks: Sequence[PlannedTask], **terms: Unpack[LotTerms]) -> Allocation:
        """Offer many tasks at once, and share them out as a whole."""
        return await self._open.allocation.allocate(tasks, **terms)

    async def contract(self, task: PlannedTask, **terms: Unpack[LotTerms]) -> Contract:
        """Get a task done by the winner of its auction, or by the next best if the award says."""
        return await self._open.contracting.perform(task, **terms)

    async def plan(self, goal: Goal, state: State | None = None) -> Plan:
        """Return a plan for a goal.

        Raises:
            InputError: The domain has no such goal.
            NoPlanError: There is no way to it.
        """
        return await self._open.planning.plan(goal, state)

    async def execute(self, plan: Plan) -> Execution:
        """Execute a plan: each task is auctioned, done by the winner, and replanned if it fails."""
        run = self._new_id()
        with self._open.workplaces.open(run, plan.goal):
            return await self._open.goals.execute(plan, TraceContext(run=run))

    def stop_plan(self, run: str, reason: str = "an operator asked for it") -> None:
        """End a run before its next task; `InputError` if no plan of it is being executed."""
        self._open.planning.executions.of(run).stop(reason)

    def replan(self, run: str, reason: str) -> None:
        """Have the plan of a run changed, from the state as it is when running tasks have ended."""
        self._open.planning.executions.of(run).replan(reason)

    def change_resources(self, run: str, capacity: Mapping[str, float]) -> None:
        """Have a run reckon with other amounts of resources; what doesn't fit is replanned."""
        self._open.planning.executions.of(run).resources_changed(capacity)

    async def reason(
        self, task: ReasoningTask, *, inputs: Mapping[str, str] | None = None
    ) -> Answer:
        """Reason about a task with the tools that it allows, outside of any plan.

        Args:
            task: The question, and the actions that may be taken.
            inputs: Name of a data set → its path.
        """
        services, context = self._open, TraceContext(run=self._new_id())
        goal = Goal(task.question, dict(inputs or {}))
        with services.workplaces.open(context.run or "", goal):
            bench = services.workplaces.bench(context)
            return await services.reasoning.reason(task, bench, context)

    async def delegate(self, task: PlannedTask, to: str) -> TaskResult:
        """Hand a task to one agent and return what came back; a failure is a result too."""
        return await self._open.delegation.delegate(task, to)

    async def coordinate(self, goal: Goal) -> HierarchyResult:
        """Achieve a goal by a hierarchy: a coordinator plans, others do it, it reviews the results.

        That it failed is an outcome too. It is on record as a run, without outputs.

        Raises:
            StoreError: What happened could not be recorded.
        """
        run = self._new_id()
        with self._open.workplaces.open(run, goal):
            return await self._open.hierarchies.coordinate(goal, TraceContext(run=run))

    async def reflect(self, experience: Experience | None = None) -> Reflection:
        """Reflect on what is remembered, the given experience being the newest."""
        return await self._open.reflection.reflect(experience)

    async def run(
        self, goal: Goal, *, out: Path | None = None, started: Callable[[str], None] | None = None
    ) -> RunResult:
        """Achieve a goal: plan, auction, reason, vote, aggregate, replan, reflect.

        Args:
            goal: What is wanted, and the inputs.
            out: A folder for the results; they take the place of those of the run before, files of
                others stay. Nothing is written when None.
            started: Called with the run's id before anything else happens.

        Returns:
            How it ended; that it failed is an outcome too.

        Raises:
            InputError: The folder for the results can't be used, and nothing was begun; or it could
                not take them, and is as it was.
            StoreError: What happened could not be recorded.
        """
        return await self._open.runs.run(goal, out, started)

    async def unfinished(self) -> tuple[Unfinished, ...]:
        """Return where the runs in the store stood that were cut off or wait for a decision."""
        return await self._open.runs.unfinished()

    async def resume(
        self, run: str, *, out: Path | None = None, started: Callable[[str], None] | None = None
    ) -> RunResult:
        """Go on with a run that was cut off, cancelled or suspended, behind its last durable step.

        What was done is not done again, unless its files are gone; what was under way is.

        Args:
            run: Its id.
            out: A folder for the results; the one that it began with when None.
            started: Called with the run's id before anything else happens.

        Raises:
            InputError: There is no such run, it came to its end, a step of it needs a decision, or
                the folder for the results can't be used.
            ClosedError: It is under way.
            StoreError: What happened could not be recorded.
        """
        return await self._open.runs.resume(run, out, started)

    @property
    def _open(self) -> Services:
        if self._services is None:
            raise ClosedError("Kernel")
        return self._services

    def _new_manager(self) -> PluginManager:
        return PluginManager.configured(
            self.config, self._plugins, discover=self._discover, strict=self._strict
        )

    def _open_workspace(self, opening: AsyncExitStack) -> Path:
        if self.config.workspace is not None:
            return self.config.workspace
        return Path(opening.enter_context(TemporaryDirectory(prefix="dataagents-")))
