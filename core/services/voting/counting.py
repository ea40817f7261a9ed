"""Counting: adds ballots up by a rule, for the election and for a replay."""

from collections.abc import Sequence
from dataclasses import replace

from dataagents.core.boundary import Boundary
from dataagents.core.registry import Built
from dataagents.core.voting import Ballot, Motion, Tally, VotingRule, check_ballots


def count(
    rule: Built[VotingRule], boundary: Boundary, motion: Motion, ballots: Sequence[Ballot]
) -> Tally:
    """Add ballots up by a rule.

    Raises:
        InputError: A ballot does not belong to the motion; names its field.
        StrategyError: The rule raised, or decided for what is no option.
    """
    check_ballots(motion, ballots)

    def tallied() -> Tally:
        tally = rule.value.tally(motion, ballots)
        if tally.decision is not None and tally.decision not in motion.options:
            raise ValueError(f"decided for {tally.decision!r}, which is no option")
        return tally

    tally = boundary.call_now(rule.plugin, f"voting rule {rule.name}", tallied, returns=Tally)
    return tally if motion.options else replace(tally, reason="nobody proposed an option")
