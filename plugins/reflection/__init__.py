"""Bundled reflector."""

from dataagents.core import Strategy, hookimpl
from dataagents.core.reflection import Reflector
from dataagents.plugins.reflection.experience import ExperienceOptions, ExperienceReflector


@hookimpl
def register_reflectors() -> tuple[Strategy[Reflector], ...]:
    """Provide the reflector that learns from experiences by counting."""
    return (
        Strategy(
            "experience",
            ExperienceReflector,
            ExperienceOptions,
            "recurring failures, the trend of quality, and each agent's reputation",
        ),
    )
