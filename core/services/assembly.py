"""Assembly: builds the strategies that were chosen, and the services around them."""

import os
from dataclasses import dataclass
from pathlib import Path
from random import Random

from dataagents.core.boundary import Boundary
from dataagents.core.clock import Clock, SystemClock
from dataagents.core.config import KernelConfig
from dataagents.core.detection.answers import reviewed
from dataagents.core.detection.panel import Panel
from dataagents.core.ids import IdSource
from dataagents.core.journal import Store
from dataagents.core.planning import PlannedTask
from dataagents.core.redaction import Redactor
from dataagents.core.registry import Registry
from dataagents.core.services.agent_reception import AgentReception
from dataagents.core.services.bidding.allocating import AllocationService
from dataagents.core.services.bidding.auctioneer import Auctioneer
from dataagents.core.services.bidding.contracting import ContractingService
from dataagents.core.services.commands.acting import Acting
from dataagents.core.services.commands.service import CommandService
from dataagents.core.services.durability.effects import Effects
from dataagents.core.services.durability.past import Past
from dataagents.core.services.durability.runs import RunService
from dataagents.core.services.durability.steps import StepService
from dataagents.core.services.foundry import Foundry, check_options, modules_of
from dataagents.core.services.goal_runner import GoalRunner
from dataagents.core.services.hierarchy.delegation import DelegationService
from dataagents.core.services.hierarchy.leadership import Leadership
from dataagents.core.services.hierarchy.service import HierarchyService
from dataagents.core.services.messaging.hub import Hub
from dataagents.core.services.operation.deployment import DeploymentService
from dataagents.core.services.operation.figures import Sources
from dataagents.core.services.operation.monitor import Monitor
from dataagents.core.services.operation.restarts import Supervisor
from dataagents.core.services.planning.service import PlanningService
from dataagents.core.services.reasoning.models import ModelService, open_models
from dataagents.core.services.reasoning.service import ReasoningService
from dataagents.core.services.recorder import Recorder
from dataagents.core.services.reflection.judging import detector_weights, voter_weights
from dataagents.core.services.reflection.service import ReflectionService
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime
from dataagents.core.services.stream import EventStream
from dataagents.core.services.voting.election import ElectionService
from dataagents.core.services.watchdog import INTERVAL, Watchdog
from dataagents.core.services.workplaces import Workplaces

_VOTE = PlannedTask("vote", "vote")
"""What lessons about voters are recalled for."""


def _detection(dataset: str) -> PlannedTask:
    """Return what lessons about detectors are recalled for."""
    return PlannedTask("detect", "validate_data", {"dataset": dataset})


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that a running kernel consists of."""

    boundary: Boundary
    stream: EventStream
    watchdog: Watchdog
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
    runs: RunService
    steps: StepService
    commands: CommandService


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
    check_options(options, registry)
    redactor = Redactor.of(os.environ, options, *(agent.options for agent in config.agents))
    boundary = Boundary(
        clock, quarantine_after=config.quarantine_after, grace=config.grace, redact=redactor.text
    )
    stream = EventStream(boundary, limit=config.strategy_timeout)
    recorder = Recorder(store, stream, clock, new_id, redactor)
    # A clock that a test moves says nothing about the loop.
    beating = INTERVAL if isinstance(clock, SystemClock) else 0.0
    watchdog = Watchdog(recorder, modules_of(registry), interval=beating)
    runtime = Runtime(config, clock, new_id, boundary, recorder, redactor)
    roster = Roster()

    foundry = Foundry(config, boundary)
    build = foundry.build
    hub = Hub(
        runtime,
        roster,
        build(registry.transports, chosen.transport),
        build(registry.routers, chosen.router),
        [build(registry.interceptors, name) for name in chosen.interceptors],
    )
    panel = Panel(
        boundary,
        foundry.build_chosen(registry.detectors, chosen.detectors),
        foundry.build_chosen(registry.correctors, chosen.correctors),
        foundry.build_cell_rule(registry.voting_rules),
        lambda dataset: detector_weights(reflection.lessons(_detection(dataset))),
        lambda dataset: reviewed(reflection.learned, dataset),
    )
    workplaces = Workplaces(
        runtime, workspace, panel, lambda election: elections.history.append(election)
    )
    tools = {tool.name: tool for tool in foundry.build_all(registry.tools)}
    models = open_models(runtime, registry.models)
    effects = Effects(runtime)
    reasoning = ReasoningService(
        runtime,
        build(registry.reasoners, chosen.reasoner),
        build(registry.analysts, chosen.analyst),
        models,
        tools,
        effects,
    )
    reflector = build(registry.reflectors, chosen.reflector)
    reflection = ReflectionService(runtime, reflector, models)
    past = Past(recorder)
    elections = ElectionService(
        runtime,
        hub,
        roster,
        build(registry.voting_rules, chosen.voting_rule),
        lambda name: build(registry.voting_rules, name),
        lambda: voter_weights(reflection.lessons(_VOTE)),
        past,
    )
    auction = build(registry.auctions, chosen.auction)
    auctioneer = Auctioneer(
        runtime,
        hub,
        roster,
        auction,
        lambda name: build(registry.auctions, name),
        reflection.lessons,
        past,
    )
    allocator = build(registry.allocators, chosen.allocator)
    allocation = AllocationService(runtime, hub, roster, allocator, reflection.lessons, past)
    planner = build(registry.planners, chosen.planner)
    domain = build(registry.domains, chosen.domain)
    planning = PlanningService(runtime, planner, domain, reflection.lessons)
    delegation = DelegationService(runtime, hub, workplaces)
    contracting = ContractingService(auctioneer, delegation)
    leadership = Leadership(runtime, planning, delegation)
    organizer = build(registry.organizers, chosen.organizer)
    hierarchies = HierarchyService(runtime, hub, roster, planning, leadership, organizer)
    sources = Sources(store, workspace, lambda: models.health, lambda: watchdog.health)
    monitor = Monitor(runtime, hub, roster, sources)

    reception = AgentReception(
        hub, elections, planning, delegation, leadership, workplaces, reasoning, reflection, clock,
        lambda message: deployment.refuse_new_work(message),
    )  # fmt: skip
    deployment = DeploymentService(runtime, hub, roster, monitor, reception.handler)
    monitor.caretaker = Supervisor(runtime, roster, monitor, deployment, Random(config.seed))
    goals = GoalRunner(runtime, hub, roster, planning, contracting, elections, reflection)
    outputs = foundry.build_all(registry.outputs)
    runs = RunService(runtime, store, workplaces, goals, outputs, effects)
    steps = StepService(runtime, store, hub.release)
    acting = Acting(planning.executions, runs, steps, elections, hub, roster, deployment, monitor)
    for observer in foundry.build_all(registry.observers):
        stream.add(observer)
    # Each has a type of its own, so a type checker sees to the order.
    return Services(
        boundary, stream, watchdog, recorder, roster, hub, workplaces, models, reasoning, elections,
        auctioneer, allocation, contracting, planning, delegation, reflection, monitor, deployment,
        goals, hierarchies, runs, steps, CommandService(runtime, store, acting),
    )  # fmt: skip
