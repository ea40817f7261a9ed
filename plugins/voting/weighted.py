"""Rules that weigh votes: by how sure the voter is, by how well it did before, or by both."""

from collections.abc import Callable
from fractions import Fraction

from dataagents.core.voting import Ballot
from dataagents.plugins.voting.options import MAJORITY, LeadOptions, threshold_of
from dataagents.plugins.voting.poll import UNIT, Poll, choice_of, units
from dataagents.plugins.voting.standing import Lead, Standing


def confidence_weighted(poll: Poll, options: LeadOptions) -> Standing:
    """Each vote weighs its confidence; more than half of the weight cast wins.

    Nitzan and Paroush, "Optimal Decision Rules in Uncertain Dichotomous Choice Situations",
    International Economic Review 23 (1982): better informed votes get more weight. The weight is
    the stated confidence itself, not its log-odds, so that a certain voter decides nothing alone.
    """
    return _heaviest(poll, options, lambda ballot: units(ballot.confidence))


def reputation_weighted(poll: Poll, options: LeadOptions) -> Standing:
    """Each vote weighs what reflection learned about its voter, 1 when nothing was.

    Littlestone and Warmuth, "The Weighted Majority Algorithm", Information and Computation 108
    (1994). The weights are the motion's: fixed when it opens, and on record.
    """
    weights = poll.motion.weights
    return _heaviest(poll, options, lambda ballot: units(weights.get(ballot.voter, 1.0)))


def weighted(poll: Poll, options: LeadOptions) -> Standing:
    """Each vote weighs its confidence times its voter's reputation; see the two others."""
    weights = poll.motion.weights
    return _heaviest(
        poll,
        options,
        lambda ballot: units(ballot.confidence) * units(weights.get(ballot.voter, 1.0)),
        UNIT * UNIT,
    )


def _heaviest(
    poll: Poll, options: LeadOptions, weight_of: Callable[[Ballot], int], unit: int = UNIT
) -> Standing:
    counts, weights = dict.fromkeys(poll.options, 0), dict.fromkeys(poll.options, 0)
    for ballot in poll.ballots:
        option = choice_of(ballot)
        if option is not None:
            counts[option] += 1
            weights[option] += weight_of(ballot)
    cast, total = sum(counts.values()), sum(weights.values())
    heaviest = max(weights.values(), default=0)
    part = Fraction(heaviest, total) if total else Fraction(0)
    says = f"{heaviest / unit:.4g} of a weight of {total / unit:.4g} ({float(part):.1%})"
    leads = {
        option: Lead(part, says) for option, each in weights.items() if cast and each == heaviest
    }
    figures = {option: each / unit for option, each in weights.items()}
    threshold = threshold_of(options, MAJORITY)
    return Standing(leads, counts, cast, "most weight", threshold, figures)
