"""Bundled reasoner."""

from dataagents.core import Strategy, hookimpl
from dataagents.core.reasoning import Reasoner
from dataagents.plugins.reasoning.react import React
from dataagents.plugins.reasoning.rules import RulePolicy


@hookimpl
def register_reasoners() -> tuple[Strategy[Reasoner], ...]:
    """Provide ReAct with the rule-based policy."""
    return (
        Strategy(
            "react",
            lambda options: React(RulePolicy()),
            summary="thought, action, observation; decides by rules, without a model",
        ),
    )
