"""The team: builds and deploys the agents that are configured."""

from functools import partial

from dataagents.core.agents import Agent, AgentFactory
from dataagents.core.config import AgentConfig, KernelConfig
from dataagents.core.errors import ConfigError, DataAgentsError, UnknownStrategyError
from dataagents.core.events import EventKind
from dataagents.core.registry import Catalog
from dataagents.core.services.assembly import Services


async def deploy_team(
    config: KernelConfig, kinds: Catalog[AgentFactory], services: Services
) -> None:
    """Deploy the configured agents; the default team only as far as its kinds are there.

    Raises:
        ConfigError: An option of an agent is wrong.
        UnknownStrategyError: A kind that was asked for is not installed.
    """
    chosen_by_user = "agents" in config.model_fields_set
    for member in config.agents:
        if member.kind not in kinds and not chosen_by_user:
            continue
        rebuild = partial(_build, member, kinds, services)
        if member.standby:
            services.deployment.keep_in_reserve(member.card(), rebuild)
            continue
        try:
            agent = rebuild()
        except (ConfigError, UnknownStrategyError):
            raise
        except DataAgentsError as error:
            refused = {"role": member.role or member.kind, "reason": str(error)}
            await services.recorder.record(EventKind.AGENT_REFUSED, member.id, refused)
            continue
        await services.deployment.deploy(agent, rebuild=rebuild)


def _build(member: AgentConfig, kinds: Catalog[AgentFactory], services: Services) -> Agent:
    factory = kinds.build(member.kind, member.options, services.boundary)
    what, make = f"agent {member.id} build", partial(factory.value, member.card())
    return services.boundary.call_now(factory.plugin, what, make, returns=Agent)
