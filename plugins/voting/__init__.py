"""Bundled voting rules: pure functions of the ballots, one module for each family."""

from collections.abc import Callable

from dataagents.core import Strategy, hookimpl
from dataagents.core.voting import VotingRule
from dataagents.plugins.voting.condorcet import condorcet, copeland, minimax, schulze
from dataagents.plugins.voting.counting import majority, plurality, supermajority, unanimity
from dataagents.plugins.voting.evidence import (
    EvidenceOptions,
    UnionOptions,
    noisy_or,
    union,
    weighted_noisy_or,
)
from dataagents.plugins.voting.options import LeadOptions, ShareOptions, SupermajorityOptions
from dataagents.plugins.voting.poll import Poll
from dataagents.plugins.voting.runoff import InstantRunoffOptions, instant_runoff
from dataagents.plugins.voting.scoring import approval, borda, score
from dataagents.plugins.voting.standing import OptionsT, Rule, Standing
from dataagents.plugins.voting.weighted import confidence_weighted, reputation_weighted, weighted


@hookimpl
def register_voting_rules() -> tuple[Strategy[VotingRule], ...]:
    """Provide the rules; `docs/voting.md` shows what each makes of the same ballots."""
    return (
        _rule(majority, ShareOptions, "more than half of the votes wins"),
        _rule(supermajority, SupermajorityOptions, "0.67 of the votes wins"),
        _rule(unanimity, ShareOptions, "all votes for one option, or nothing"),
        _rule(plurality, LeadOptions, "the most votes win, however few they are"),
        _rule(approval, LeadOptions, "everyone names all that will do; the most names win"),
        _rule(score, LeadOptions, "everyone scores from 0 to 1; the highest mean wins"),
        _rule(borda, LeadOptions, "points by rank; the most points win"),
        _rule(
            instant_runoff,
            InstantRunoffOptions,
            "the fewest first places go, till one has more than half",
        ),
        _rule(condorcet, LeadOptions, "who beats all others in pairs wins, or nobody"),
        _rule(copeland, LeadOptions, "the most pairwise victories win"),
        _rule(minimax, LeadOptions, "the least worst pairwise defeat wins"),
        _rule(schulze, LeadOptions, "no rival with a stronger chain of victories wins"),
        _rule(
            confidence_weighted, LeadOptions, "votes weigh their confidence; more than half wins"
        ),
        _rule(reputation_weighted, LeadOptions, "votes weigh their voter's reputation"),
        _rule(weighted, LeadOptions, "votes weigh confidence times reputation"),
        Strategy("union", union, UnionOptions, "one ballot is enough"),
        Strategy(
            "noisy-or",
            noisy_or,
            EvidenceOptions,
            "the chance that not all who are for it are mistaken; enough for what a miss costs",
        ),
        Strategy(
            "weighted-noisy-or",
            weighted_noisy_or,
            EvidenceOptions,
            "the same, with confidences times reputation",
        ),
    )


def _rule(
    stand: Callable[[Poll, OptionsT], Standing], options: type[OptionsT], summary: str
) -> Strategy[VotingRule]:
    """Return a rule under its function's name, with hyphens."""
    name = stand.__name__.replace("_", "-")

    def build(chosen: OptionsT) -> VotingRule:
        return Rule(stand, chosen)

    return Strategy(name, build, options, summary)
