"""What plugin authors test with: fakes, a kernel for tests, and a contract for each concern.

A contract is a class of tests. Inherit from it under a name that pytest collects, and say how your
strategy is built; nothing here needs pytest itself.
"""

from dataagents.core.testing.agents import AgentContract
from dataagents.core.testing.bench import RecordingBench
from dataagents.core.testing.bidding import AllocatorContract, AuctionContract
from dataagents.core.testing.clock import FakeClock
from dataagents.core.testing.commands import CommandedStore, MemoryCommands
from dataagents.core.testing.hierarchy import OrganizerContract
from dataagents.core.testing.kernels import kernel_for
from dataagents.core.testing.messaging import (
    InterceptorContract,
    RouterContract,
    TransportContract,
)
from dataagents.core.testing.meta_analysis import AnalystContract
from dataagents.core.testing.model import ScriptedModel
from dataagents.core.testing.models import ModelContract
from dataagents.core.testing.observer import RecordingObserver
from dataagents.core.testing.operation import ObserverContract, OutputContract
from dataagents.core.testing.planning import DomainContract, PlannerContract
from dataagents.core.testing.reasoning import ReasonerContract, ToolContract
from dataagents.core.testing.reflection import ReflectorContract
from dataagents.core.testing.simulation import Simulation, SimulationStuck, simulate
from dataagents.core.testing.store import MemoryStore
from dataagents.core.testing.voting import VotingRuleContract

__all__ = [
    "AgentContract",
    "AllocatorContract",
    "AnalystContract",
    "AuctionContract",
    "CommandedStore",
    "DomainContract",
    "FakeClock",
    "InterceptorContract",
    "MemoryCommands",
    "MemoryStore",
    "ModelContract",
    "ObserverContract",
    "OrganizerContract",
    "OutputContract",
    "PlannerContract",
    "ReasonerContract",
    "RecordingBench",
    "RecordingObserver",
    "ReflectorContract",
    "RouterContract",
    "ScriptedModel",
    "Simulation",
    "SimulationStuck",
    "ToolContract",
    "TransportContract",
    "VotingRuleContract",
    "kernel_for",
    "simulate",
]
