"""What the bars of an election measure, found from its tally alone: the rule may be anybody's."""

from collections.abc import Callable, Mapping, Sequence
from math import isclose, isfinite
from typing import Final

from dataagents.core.voting import Ballot, Election, favourites

MOST_BLOCKS: Final = 120
"""With more ballots than that, a block each would be too thin to be seen."""


def part_of(part: float, whole: float) -> float:
    """Return a part as a share of its whole that can be drawn: from 0 to 1, whatever it was."""
    if whole <= 0 or not isfinite(whole) or not isfinite(part):
        return 0.0
    return min(max(part / whole, 0.0), 1.0)


def measure(election: Election) -> tuple[Mapping[str, float], float, bool]:
    """Return what the rule compares, what it is taken of, and whether that makes it a share.

    A share is what a threshold can be compared with. A tally has its leader's share as the
    confidence, so what the figures are shares of is the whole that leads to the same.
    """
    tally, motion = election.tally, election.motion
    if not tally.figures:
        wholes = {"ballots": len(election.ballots), "enrolled": len(motion.voters)}
        return tally.counts, wholes.get(str(motion.rule_options.get("share_of")), tally.cast), True
    figures = {option: tally.figures.get(option, 0.0) for option in motion.options}
    lead = max((figures.get(option, 0.0) for option in tally.leaders), default=0.0)
    for whole in (sum(figures.values()), 1.0, float(tally.cast * (len(figures) - 1))):
        if isclose(part_of(lead, whole), tally.confidence, abs_tol=1e-6):
            return figures, whole, True
    return figures, max(figures.values(), default=0.0), False


def parts_of(election: Election, figures: Mapping[str, float]) -> tuple[Mapping[str, float], ...]:
    """Return what each ballot adds to each option; nothing where no way adds up to the figures.

    The rule may be anybody's, so it is not asked: the ways that voting knows are tried.
    """
    if len(election.ballots) > MOST_BLOCKS:
        return ()
    for way in _WAYS:
        parts = tuple(way(ballot, election) for ballot in election.ballots)
        sums = {option: sum(each.get(option, 0.0) for each in parts) for option in figures}
        if any(sums.values()) and all(
            isclose(sums[option], figure, abs_tol=1e-6) for option, figure in figures.items()
        ):
            return parts
    return ()


def _choice(ballot: Ballot, election: Election) -> Mapping[str, float]:
    return {} if ballot.choice is None else {ballot.choice: 1.0}


def _first(ballot: Ballot, election: Election) -> Mapping[str, float]:
    return dict.fromkeys(favourites(ballot), 1.0)


def _approved(ballot: Ballot, election: Election) -> Mapping[str, float]:
    return dict.fromkeys(ballot.approvals or favourites(ballot), 1.0)


def _confidence(ballot: Ballot, election: Election) -> Mapping[str, float]:
    return dict.fromkeys(_choice(ballot, election), ballot.confidence)


def _reputation(ballot: Ballot, election: Election) -> Mapping[str, float]:
    weight = election.motion.weights.get(ballot.voter, 1.0)
    return dict.fromkeys(_choice(ballot, election), weight)


def _both(ballot: Ballot, election: Election) -> Mapping[str, float]:
    weights = _reputation(ballot, election)
    return {option: weight * ballot.confidence for option, weight in weights.items()}


def _score(ballot: Ballot, election: Election) -> Mapping[str, float]:
    scores = ballot.scores or _approved(ballot, election)
    return {option: score / max(election.tally.cast, 1) for option, score in scores.items()}


_WAYS: Final[Sequence[Callable[[Ballot, Election], Mapping[str, float]]]] = (
    *(_choice, _first, _approved),
    *(_confidence, _reputation, _both, _score),
)
