"""A plugin for DataAgents: hooks that say what it provides, and nothing else."""

from typing import Any

from dataagents.core import Strategy, hookimpl
from dataagents.core.reasoning import Tool
from dataagents.core.voting import VotingRule

from dataagents_example.plurality import Plurality, PluralityOptions
from dataagents_example.row_counter import RowCounter, RowCounterOptions


@hookimpl
def register_voting_rules() -> tuple[Strategy[VotingRule], ...]:
    """Provide the plurality rule."""
    return (
        Strategy(
            "plurality",
            Plurality,
            PluralityOptions,
            "the option with the most votes wins, however few they are",
        ),
    )


@hookimpl
def register_tools() -> tuple[Strategy[Tool[Any]], ...]:
    """Provide the row counter."""
    return (
        Strategy(
            "count_rows",
            RowCounter,
            RowCounterOptions,
            "counts the data rows of a CSV file",
        ),
    )
