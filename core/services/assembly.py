"""Assembly: builds the strategies that were chosen, and the services around them."""

import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MethodType
from typing import TypeVar

from dataagents.core.agents import Agent
from dataagents.core.boundary import Boundary, CallRecord
from dataagents.core.clock import Clock
from dataagents.core.config import KernelConfig
from dataagents.core.errors import ConfigError, DataAgentsError
from dataagents.core.goals import Output
from dataagents.core.health import KernelHealth, PluginHealth
from dataagents.core.ids import IdSource
from dataagents.core.journal import Store
from dataagents.core.messaging import Message, lane_of
from dataagents.core.planning import PlannedTask
from dataagents.core.plugin_manager import PluginRecord, PluginState
from dataagents.core.reasoning import Answer
from dataagents.core.redaction import Redactor
from dataagents.core.registry import Built, Catalog, Registry
from dataagents.core.services.bidding.allocating import AllocationService
from dataagents.core.services.bidding.auctioneer import Auctioneer
from dataagents.core.services.bidding.contracting import ContractingService
from dataagents.core.services.deployment import DeploymentService
from dataagents.core.services.desk import AgentDesk
from dataagents.core.services.dispatch import dispatch
from dataagents.core.services.goal_runner import GoalRunner
from dataagents.core.services.hierarchy.delegation import DelegationService
from dataagents.core.services.hierarchy.leadership import Leadership
from dataagents.core.services.hierarchy.service import HierarchyService
from dataagents.core.services.messaging.hub import Hub
from dataagents.core.services.messaging.reception import Handler
from dataagents.core.services.monitor import Monitor
from dataagents.core.services.planning.service import PlanningService
from dataagents.core.services.reasoning.models import ModelService, open_models
from dataagents.core.services.reasoning.service import ReasoningService
from dataagents.core.services.recorder import Recorder
from dataagents.core.services.reflection.judging import voter_weights
from dataagents.core.services.reflection.service import ReflectionService
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime
from dataagents.core.services.stream import EventStream
from dataagents.core.services.voting.election import ElectionService
from dataagents.core.services.workplaces import Workplaces
from dataagents.core.tracing import TraceContext
from dataagents.core.values import JsonObject

_log = logging.getLogger(__name__)
T = TypeVar("T")

_VOTE = PlannedTask("vote", "vote")
"""What lessons about voters are recalled for."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that a running kernel consists of."""

    boundary: Boundary
    stream: EventStream
    recorder: Recorder
    roster: Roster
    hub: Hub
    workplaces: Workplaces
    models: ModelService
    reasoning: ReasoningService
    elections: ElectionService
    auctioneer: Auctioneer
    allocation: AllocationService
    contracting: ContractingService
    planning: PlanningService
    delegation: DelegationService
    reflection: ReflectionService
    monitor: Monitor
    deployment: DeploymentService
    goals: GoalRunner
    hierarchies: HierarchyService
    outputs: tuple[Built[Output], ...]


def assemble(
    config: KernelConfig,
    registry: Registry,
    store: Store | None,
    clock: Clock,
    new_id: IdSource,
    workspace: Path,
) -> Services:
    """Build the chosen strategies and the services; nothing is started yet.

    Raises:
        ConfigError: An option of a strategy is wrong.
        UnknownStrategyError: A strategy that was chosen is not installed.
    """
    options, chosen = config.options, config.strategies
    _check_options(options, registry)
    redactor = Redactor.of(os.environ, options, *(agent.options for agent in config.agents))
    boundary = Boundary(
        clock, quarantine_after=config.quarantine_after, grace=config.grace, redact=redactor.text
    )
    stream = EventStream(boundary, limit=config.strategy_timeout)
    recorder = Recorder(store, stream, clock, new_id, redactor)
    runtime = Runtime(config, clock, new_id, boundary, recorder, redactor)
    roster = Roster()

    def build(catalog: Catalog[T], name: str) -> Built[T]:
        return catalog.build(name, options.get(name, {}), boundary)

    def build_all(catalog: Catalog[T]) -> tuple[Built[T], ...]:
        """Build whatever can be built: nobody asked for one of them in particular."""
        built: list[Built[T]] = []
        for name in catalog:
            try:
                built.append(build(catalog, name))
            except ConfigError:
                raise
            except DataAgentsError as error:
                _log.warning("%s", error)
        return tuple(built)

    hub = Hub(
        runtime,
        roster,
        build(registry.transports, chosen.transport),
        build(registry.routers, chosen.router),
        [build(registry.interceptors, name) for name in chosen.interceptors],
    )
    workplaces = Workplaces(runtime, workspace)
    tools = {tool.name: tool for tool in build_all(registry.tools)}
    models = open_models(runtime, registry.models)
    reasoning = ReasoningService(
        runtime,
        build(registry.reasoners, chosen.reasoner),
        build(registry.analysts, chosen.analyst),
        models,
        tools,
    )
    reflector = build(registry.reflectors, chosen.reflector)
    reflection = ReflectionService(runtime, reflector, models)
    elections = ElectionService(
        runtime,
        hub,
        roster,
        build(registry.voting_rules, chosen.voting_rule),
        lambda name: build(registry.voting_rules, name),
        lambda: voter_weights(reflection.lessons(_VOTE)),
    )
    auction = build(registry.auctions, chosen.auction)
    auctioneer = Auctioneer(
        runtime,
        hub,
        roster,
        auction,
        lambda name: build(registry.auctions, name),
        reflection.lessons,
    )
    allocator = build(registry.allocators, chosen.allocator)
    allocation = AllocationService(runtime, hub, roster, allocator, reflection.lessons)
    planner = build(registry.planners, chosen.planner)
    domain = build(registry.domains, chosen.domain)
    planning = PlanningService(runtime, planner, domain, reflection.lessons)
    delegation = DelegationService(runtime, hub)
    contracting = ContractingService(auctioneer, delegation)
    leadership = Leadership(runtime, planning, delegation)
    organizer = build(registry.organizers, chosen.organizer)
    hierarchies = HierarchyService(runtime, hub, roster, planning, leadership, organizer)
    monitor = Monitor(runtime, hub, roster)

    async def reason(task: PlannedTask, context: TraceContext) -> Answer:
        question = workplaces.question(task, context)
        question = replace(question, advice=reflection.advice(task, context.run))
        return await reasoning.reason(question, workplaces.bench(context), context)

    async def handle(agent: Agent, message: Message) -> JsonObject | None:
        here = f"{agent.card.id}/{lane_of(message.type)}"
        path = (*message.path[-7:], agent.card.id)
        context = TraceContext(
            message.run, message.task, agent.card.id, (*message.waiting, here), path
        )
        desk = AgentDesk(
            agent.card.id, context, message.hops, message.deadline, hub, elections, planning,
            delegation, leadership, reason, clock,
        )  # fmt: skip
        return await dispatch(agent, message, desk)

    def handler(agent: Agent) -> Handler:
        return MethodType(handle, agent)  # a sixth of what a function for each agent takes

    deployment = DeploymentService(runtime, hub, roster, monitor, handler)
    goals = GoalRunner(runtime, hub, roster, planning, contracting, elections, reflection)
    for observer in build_all(registry.observers):
        stream.add(observer)
    # Each has a type of its own, so a type checker sees to the order.
    return Services(
        boundary, stream, recorder, roster, hub, workplaces, models, reasoning, elections,
        auctioneer, allocation, contracting, planning, delegation, reflection, monitor, deployment,
        goals, hierarchies, build_all(registry.outputs),
    )  # fmt: skip


def _check_options(options: Iterable[str], registry: Registry) -> None:
    """Refuse options of a strategy that nobody provides: they would be passed over in silence."""
    known = {name for catalog in registry.catalogs.values() for name in catalog}
    for name in options:
        if name not in known:
            raise ConfigError(f"options.{name}", "no strategy has this name", known=known)


def kernel_health(services: Services, plugins: Sequence[PluginRecord]) -> KernelHealth:
    """Roll up what is known about agents, plugins and observers."""
    records = services.boundary.records
    failures: dict[str, int] = {}
    for record in records:
        owner, _, agent = record.plugin.partition(" ")
        if owner == "agent" and record.failures:
            failures[agent] = failures.get(agent, 0) + record.failures
    return KernelHealth(
        agents=dict(services.roster.reports),
        plugins=tuple(_plugin_health(plugin, records) for plugin in plugins),
        observers=services.stream.health,
        strays=services.boundary.strays,
        failures=failures,
        interceptors=services.hub.health(),
        dead_letters=len(services.hub.dead_letters),
    )


def _plugin_health(plugin: PluginRecord, records: Sequence[CallRecord]) -> PluginHealth:
    own = [record for record in records if record.plugin == plugin.name]
    return PluginHealth(
        name=plugin.name,
        loaded=plugin.state is PluginState.LOADED,
        error=plugin.error,
        calls=sum(record.calls for record in own),
        failures=sum(record.failures for record in own),
        quarantined=tuple(record.what for record in own if record.quarantined),
    )
