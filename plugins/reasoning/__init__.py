"""Bundled reasoner."""

from dataagents.core import Strategy, hookimpl
from dataagents.core.reasoning import Reasoner
from dataagents.plugins.reasoning.options import ReactOptions
from dataagents.plugins.reasoning.react import react


@hookimpl
def register_reasoners() -> tuple[Strategy[Reasoner], ...]:
    """Provide ReAct, which decides by a model where one is configured, and by rules otherwise."""
    return (
        Strategy(
            "react",
            react,
            ReactOptions,
            "thought, action, observation; decided by the configured model, or by rules",
        ),
    )
