"""Clear lead: the option with the most votes wins, when it is far enough ahead."""

from collections import Counter
from collections.abc import Sequence

from dataagents.core import StrategyOptions
from dataagents.core.voting import Ballot, Motion, Tally, Verdict
from pydantic import Field


class ClearLeadOptions(StrategyOptions):
    """Options of the rule of a clear lead."""

    lead: int = Field(default=1, ge=1)
    """How many votes the winner has to be ahead of the next option; fewer decide nothing."""


class ClearLead:
    """One ballot, one vote; a rule is pure, so it keeps nothing but its options."""

    def __init__(self, options: ClearLeadOptions) -> None:
        self._lead = options.lead

    def tally(self, motion: Motion, ballots: Sequence[Ballot]) -> Tally:
        """Count the ballots and compare the two options with the most votes."""
        counted = Counter(ballot.choice for ballot in ballots if ballot.choice is not None)
        counts = {option: counted[option] for option in motion.options}
        cast = sum(counts.values())
        most, second = sorted((*counts.values(), 0, 0), reverse=True)[:2]
        leaders = tuple(option for option, count in counts.items() if cast and count == most)
        if len(ballots) < motion.quorum:
            verdict, reason = Verdict.NO_QUORUM, f"{len(ballots)} of {motion.quorum} ballots needed"
        elif not leaders:
            verdict, reason = Verdict.UNDECIDED, "nobody named an option"
        elif most - second < self._lead:
            verdict = Verdict.UNDECIDED
            reason = f"{most} votes to {second}, a lead of {self._lead} needed"
        else:
            verdict = Verdict.DECIDED
            reason = f"{leaders[0]!r} won with {most} votes to {second}"
        return Tally(
            verdict=verdict,
            decision=leaders[0] if verdict is Verdict.DECIDED else None,
            leaders=leaders,
            counts=counts,
            cast=cast,
            abstained=len(ballots) - cast,
            confidence=most / cast if cast else 0.0,
            threshold=f"a lead of {self._lead}",
            reason=reason,
        )
