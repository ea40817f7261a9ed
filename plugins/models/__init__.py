"""Language models: those of pydantic-ai's providers by name, and recordings."""

from functools import partial

from dataagents.core import Strategy, hookimpl
from dataagents.core.models import ModelProvider
from dataagents.plugins.models.hosts import HOSTS
from dataagents.plugins.models.providers import HostedProvider, ModelOptions
from dataagents.plugins.models.replay import ReplayProvider


@hookimpl
def register_models() -> tuple[Strategy[ModelProvider], ...]:
    """Provide the models of every host, and recordings."""
    return (
        *(
            Strategy(
                host.name,
                partial(HostedProvider, host),
                ModelOptions,
                f"models of {host.title}: {host.name}:NAME",
            )
            for host in HOSTS
        ),
        Strategy(
            "replay",
            lambda options: ReplayProvider(),
            summary="what models said in an earlier run: replay:FILE",
        ),
    )
