"""The kernel: agents that reason, message, vote, bid, plan and reflect over data."""

from dataagents.core.agents import Agent, Coordinator
from dataagents.core.bidding import Award, Lot, Offer
from dataagents.core.cards import AgentCard, HealthAnswer
from dataagents.core.config import AgentConfig, KernelConfig
from dataagents.core.deployment import Deployed, Refused
from dataagents.core.desk import Desk
from dataagents.core.errors import ConfigError, DataAgentsError, InputError, StrategyError
from dataagents.core.events import Event, EventKind
from dataagents.core.goals import RunResult, RunStatus
from dataagents.core.hookspecs import hookimpl
from dataagents.core.kernel import Kernel
from dataagents.core.messaging import Message, MessageType
from dataagents.core.planning import Goal, Plan, PlannedTask, TaskResult
from dataagents.core.reasoning import Observation, ReasoningTask, Step
from dataagents.core.registry import Strategy, StrategyOptions
from dataagents.core.version import __version__
from dataagents.core.voting import Ballot, Election, Motion, Vote

__all__ = [
    "Agent",
    "AgentCard",
    "AgentConfig",
    "Award",
    "Ballot",
    "ConfigError",
    "Coordinator",
    "DataAgentsError",
    "Deployed",
    "Desk",
    "Election",
    "Event",
    "EventKind",
    "Goal",
    "HealthAnswer",
    "InputError",
    "Kernel",
    "KernelConfig",
    "Lot",
    "Message",
    "MessageType",
    "Motion",
    "Observation",
    "Offer",
    "Plan",
    "PlannedTask",
    "ReasoningTask",
    "Refused",
    "RunResult",
    "RunStatus",
    "Step",
    "Strategy",
    "StrategyError",
    "StrategyOptions",
    "TaskResult",
    "Vote",
    "__version__",
    "hookimpl",
]
