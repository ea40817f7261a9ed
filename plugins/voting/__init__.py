"""Bundled voting rules."""

from dataagents.core import Strategy, hookimpl
from dataagents.core.voting import VotingRule
from dataagents.plugins.voting.supermajority import Supermajority, SupermajorityOptions


@hookimpl
def register_voting_rules() -> tuple[Strategy[VotingRule], ...]:
    """Provide the supermajority rule."""
    return (
        Strategy(
            "supermajority",
            Supermajority,
            SupermajorityOptions,
            "the leading option wins with at least 0.67 of the ballots cast",
        ),
    )
