"""Supermajority: the leading option wins when its share reaches a threshold.

The share is taken of the ballots that name an option; abstentions count for the quorum only, as in
Robert's Rules of Order (12th ed., 44:1).
"""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from pydantic import Field

from dataagents.core import StrategyOptions
from dataagents.core.voting import Ballot, Motion, Tally, Verdict


class SupermajorityOptions(StrategyOptions):
    """Options of the supermajority rule."""

    threshold: float = Field(default=0.67, gt=0, le=1, allow_inf_nan=False)
    """Share of the ballots cast that wins; reached at equality, compared as an exact fraction."""


class Supermajority:
    """One ballot, one vote; a tie at the top decides nothing."""

    def __init__(self, options: SupermajorityOptions) -> None:
        # str() first: 0.67 is to mean 67/100, not the binary fraction next to it.
        self._threshold = Fraction(str(options.threshold))

    def tally(self, motion: Motion, ballots: Sequence[Ballot]) -> Tally:
        """Count the ballots and compare the leading share with the threshold."""
        counted = Counter(ballot.choice for ballot in ballots if ballot.choice is not None)
        counts = {option: counted[option] for option in motion.options}
        cast = sum(counts.values())
        most = max(counts.values(), default=0)
        leaders = tuple(option for option, count in counts.items() if count == most and cast)
        verdict, reason = self._judge(motion, len(ballots), cast, most, leaders)
        return Tally(
            verdict=verdict,
            decision=leaders[0] if verdict is Verdict.DECIDED else None,
            leaders=leaders,
            counts=counts,
            cast=cast,
            abstained=len(ballots) - cast,
            confidence=most / cast if cast else 0.0,
            threshold=str(self._threshold),
            reason=reason,
        )

    def _judge(
        self, motion: Motion, given: int, cast: int, most: int, leaders: tuple[str, ...]
    ) -> tuple[Verdict, str]:
        if given < motion.quorum:
            return (
                Verdict.NO_QUORUM,
                f"{given} of {motion.quorum} ballots that are needed were cast",
            )
        if not cast:
            return Verdict.UNDECIDED, f"all {given} voters abstained"
        share = f"{most} of {cast} votes ({most / cast:.1%})"
        needed = f"{float(self._threshold):.1%} needed"
        if len(leaders) != 1:
            return Verdict.UNDECIDED, f"{' and '.join(leaders)} tie with {share} each"
        if Fraction(most, cast) < self._threshold:
            return Verdict.UNDECIDED, f"{leaders[0]!r} leads with {share}, {needed}"
        return Verdict.DECIDED, f"{leaders[0]!r} won with {share}, {needed}"
