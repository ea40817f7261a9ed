"""Bundled reflector."""

from dataagents.core import Strategy, hookimpl
from dataagents.core.reflection import Reflector
from dataagents.plugins.reflection.experience import ExperienceOptions, ExperienceReflector


@hookimpl
def register_reflectors() -> tuple[Strategy[Reflector], ...]:
    """Provide the reflector that learns from experiences."""
    return (
        Strategy(
            "experience",
            ExperienceReflector,
            ExperienceOptions,
            "what recurs, where figures are heading, and lessons on trial",
        ),
    )
