"""Language models: those of pydantic-ai's providers by name, and recordings."""

from dataagents.core import Strategy, hookimpl
from dataagents.core.models import ModelProvider
from dataagents.plugins.models.replay import ReplayProvider


@hookimpl
def register_models() -> tuple[Strategy[ModelProvider], ...]:
    """Provide recordings."""
    return (
        Strategy(
            "replay",
            lambda options: ReplayProvider(),
            summary="what models said in an earlier run: replay:FILE",
        ),
    )
