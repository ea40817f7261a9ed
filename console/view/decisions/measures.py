"""Measures: what a ballot adds to an option, where a rule adds anything up.

A rule may be anybody's, so what it measures is not taken from its name alone: a measure is proven
when all ballots together come to the very figures that the tally has on record.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from math import isclose

from dataagents.console.view.decisions.ballots import CastBallot, Names

UNIT = 10**12
"""Figures are added as whole trillionths, as the rules do, so 0.1 and 0.2 make 0.3."""


class Measure(StrEnum):
    """What is added up for each option."""

    VOTES = "votes"
    """One for the choice."""
    APPROVALS = "approvals"
    """One for each option that will do."""
    CONFIDENCE = "confidence"
    """The confidence of those who choose it."""
    REPUTATION = "reputation"
    """The weight of those who choose it."""
    BOTH = "confidence times reputation"
    SCORE = "mean score"
    FIRSTS = "first places"
    """How many put it first: what is known where the rule compares something else."""


_BY_RULE: Mapping[str, Measure] = {
    "majority": Measure.VOTES,
    "supermajority": Measure.VOTES,
    "unanimity": Measure.VOTES,
    "plurality": Measure.VOTES,
    "approval": Measure.APPROVALS,
    "score": Measure.SCORE,
    "confidence-weighted": Measure.CONFIDENCE,
    "reputation-weighted": Measure.REPUTATION,
    "weighted": Measure.BOTH,
}
"""Bundled rule → its measure, to go by while a vote is open."""
_COUNTED = (Measure.VOTES, Measure.APPROVALS, Measure.FIRSTS)
_FIGURED = (Measure.CONFIDENCE, Measure.REPUTATION, Measure.BOTH, Measure.SCORE)


def added(measure: Measure, cast: CastBallot, weight: float) -> dict[str, int]:
    """Return what a ballot adds to each option, in units; nothing where it abstains.

    Args:
        measure: What is added up.
        cast: The ballot.
        weight: Its voter's reputation.
    """
    ballot = cast.ballot
    favourites = cast.favourites
    match measure:
        case Measure.APPROVALS:
            return dict.fromkeys(ballot.approvals or favourites, UNIT)
        case Measure.SCORE:
            given = ballot.scores or dict.fromkeys(ballot.approvals or favourites, 1.0)
            return {option: _units(score) for option, score in given.items()}
        case Measure.FIRSTS:
            return dict.fromkeys(favourites, UNIT)
        case _:
            pass
    if len(favourites) != 1:
        return {}
    worth = {
        Measure.VOTES: UNIT,
        Measure.CONFIDENCE: _units(ballot.confidence),
        Measure.REPUTATION: _units(weight),
        Measure.BOTH: _units(ballot.confidence) * _units(weight) // UNIT,
    }
    return {favourites[0]: worth[measure]}


def whole(measure: Measure, *, given: int, cast: int, enrolled: int, total: int, of: str) -> int:
    """Return what an option's figure is a share of, in units; 0 where it is no share.

    Args:
        measure: What was added up.
        given: Ballots, abstentions included.
        cast: Ballots that add anything.
        enrolled: Who may vote.
        total: What all options have, in units.
        of: The rule's option `share_of`, where it has one.
    """
    if measure is Measure.VOTES:
        return UNIT * {"ballots": given, "enrolled": enrolled}.get(of, cast)
    if measure in (Measure.APPROVALS, Measure.SCORE):
        return UNIT * cast
    return 0 if measure is Measure.FIRSTS else total


def measure_of(
    ballots: Sequence[CastBallot],
    names: Names,
    rule: str,
    counts: Mapping[str, float] | None,
    figures: Mapping[str, float],
) -> tuple[Measure, bool]:
    """Return what a vote is measured by, and whether the record proves it.

    Args:
        ballots: All of them.
        names: The motion's.
        rule: Name of the rule.
        counts: Option → ballots, of the tally; None while the vote is open.
        figures: Option → what the rule compares, of the tally; empty where those are the counts.
    """
    likely = _BY_RULE.get(rule)
    if counts is None:
        return (Measure.FIRSTS if likely is None else likely), False
    recorded = figures or counts
    candidates = _FIGURED if figures else _COUNTED
    for each in sorted(candidates, key=lambda measure: measure is not likely):
        if _agrees(_sums(each, ballots, names), recorded, names.options):
            return each, True
    return Measure.FIRSTS, False


def _sums(measure: Measure, ballots: Iterable[CastBallot], names: Names) -> dict[str, float]:
    sums: dict[str, int] = {}
    cast = 0
    for ballot in ballots:
        parts = added(measure, ballot, names.weight(ballot.ballot.voter))
        cast += bool(parts)
        for option, part in parts.items():
            sums[option] = sums.get(option, 0) + part
    over = UNIT * (cast if measure is Measure.SCORE and cast else 1)
    return {option: each / over for option, each in sums.items()}


def _agrees(
    sums: Mapping[str, float], recorded: Mapping[str, float], options: Iterable[str]
) -> bool:
    return all(
        isclose(sums.get(option, 0.0), recorded.get(option, 0.0), rel_tol=1e-9, abs_tol=1e-9)
        for option in options
    )


def _units(figure: float) -> int:
    return round(figure * UNIT)
