"""A plugin for DataAgents: hooks that say what it provides, and nothing else."""

from typing import Any

from dataagents.core import Strategy, hookimpl
from dataagents.core.reasoning import Tool
from dataagents.core.voting import VotingRule

from dataagents_example.clear_lead import ClearLead, ClearLeadOptions
from dataagents_example.row_counter import RowCounter, RowCounterOptions


@hookimpl
def register_voting_rules() -> tuple[Strategy[VotingRule], ...]:
    """Provide the rule of a clear lead."""
    return (
        Strategy(
            "clear-lead",
            ClearLead,
            ClearLeadOptions,
            "the option with the most votes wins, when it is far enough ahead",
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
