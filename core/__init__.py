"""The kernel: agents that reason, message, vote, bid, plan and reflect over data."""

from typing import TYPE_CHECKING

from dataagents.core.late import late_names

if TYPE_CHECKING:
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

# Whoever needs an event or an error should not wait for the kernel and all its services.
__getattr__ = late_names(
    __name__,
    {
        "agents": "Agent Coordinator",
        "bidding": "Award Lot Offer",
        "cards": "AgentCard HealthAnswer",
        "config": "AgentConfig KernelConfig",
        "deployment": "Deployed Refused",
        "desk": "Desk",
        "errors": "ConfigError DataAgentsError InputError StrategyError",
        "events": "Event EventKind",
        "goals": "RunResult RunStatus",
        "hookspecs": "hookimpl",
        "kernel": "Kernel",
        "messaging": "Message MessageType",
        "planning": "Goal Plan PlannedTask TaskResult",
        "reasoning": "Observation ReasoningTask Step",
        "registry": "Strategy StrategyOptions",
        "version": "__version__",
        "voting": "Ballot Election Motion Vote",
    },
)
