"""The data team: the kinds of agents that work on data when nothing else is configured."""

from functools import partial

from dataagents.core import Agent, Strategy, hookimpl
from dataagents.core.agents import AgentFactory
from dataagents.plugins.team.coordinator import DataCoordinator
from dataagents.plugins.team.validator import Validator, ValidatorOptions


@hookimpl
def register_agents() -> tuple[Strategy[AgentFactory], ...]:
    """Provide a coordinator, a validator, and three kinds that only work on tasks."""
    return (
        Strategy(
            "coordinator",
            lambda options: DataCoordinator,
            summary="plans for the team, puts decisions to the vote, aggregates results",
        ),
        Strategy(
            "validator",
            lambda options: partial(Validator, options),
            ValidatorOptions,
            "validates data, and votes by one dimension of data quality",
        ),
        Strategy("profiler", lambda options: Agent, summary="analyzes schemas"),
        Strategy("transformer", lambda options: Agent, summary="applies recorded format rules"),
        Strategy("router", lambda options: Agent, summary="separates clean rows from quarantine"),
    )
