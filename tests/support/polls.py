"""Motions and ballots, and the bundled rules by name."""

from collections.abc import Sequence
from dataclasses import replace

from dataagents.core.boundary import Boundary
from dataagents.core.clock import SystemClock
from dataagents.core.plugin_manager import PluginManager
from dataagents.core.testing.clock import START
from dataagents.core.voting import Ballot, Motion, Ranking, Tally, VotingRule

_RULES = PluginManager().load().voting_rules

RULES = tuple(_RULES)
RANKED = ("borda", "instant-runoff", "condorcet", "copeland", "minimax", "schulze")
PAIRWISE = ("condorcet", "copeland", "minimax", "schulze")


def rule(name: str, **options: object) -> VotingRule:
    boundary = Boundary(SystemClock(), quarantine_after=100, grace=0.0)
    return _RULES.build(name, options, boundary).value


def ballot(voter: str, choice: str | None = None, **fields: object) -> Ballot:
    return replace(Ballot(voter, choice, 0.5, "", START), **fields)


def ranked(rankings: Sequence[Ranking]) -> tuple[Ballot, ...]:
    """One ballot for each ranking."""
    return tuple(ballot(f"v{n}", ranking=tuple(each)) for n, each in enumerate(rankings))


def motion(options: Sequence[str], ballots: Sequence[Ballot], **fields: object) -> Motion:
    """A motion that all who gave a ballot may vote on."""
    made = Motion("motion", "?", tuple(options), tuple(each.voter for each in ballots), START)
    return replace(made, **fields)


def tally(
    name: str, ballots: Sequence[Ballot], options: Sequence[str] = "abcd", **settings: object
) -> Tally:
    return rule(name, **settings).tally(motion(options, ballots), ballots)
