"""Rules that add points up: approval, score and Borda."""

from collections.abc import Mapping
from fractions import Fraction

from dataagents.plugins.voting.options import LeadOptions, Threshold, threshold_of
from dataagents.plugins.voting.poll import UNIT, Poll
from dataagents.plugins.voting.standing import Lead, Standing

_SOMETHING = Threshold(Fraction(0), strict=True)
"""An option that everybody scores 0 does not win, even when there is no other."""


def approval(poll: Poll, options: LeadOptions) -> Standing:
    """Each voter approves as many options as it likes; the one with the most approvals wins.

    Brams and Fishburn, "Approval Voting", American Political Science Review 72 (1978), 831-847.
    """
    counts, cast = poll.approvals()
    leads = {
        option: Lead(share, f"{counts[option]} approvals on {cast} ballots ({float(share):.1%})")
        for option, share in _best(counts, cast).items()
    }
    return Standing(leads, counts, cast, "most approvals", threshold_of(options))


def score(poll: Poll, options: LeadOptions) -> Standing:
    """Each voter scores every option from 0 to 1; the highest mean wins, no score counts 0.

    Smith, "Range Voting" (2000), with the mean taken over all ballots that score anything.
    """
    sums, cast = poll.scores()
    leads = {
        option: Lead(mean, f"a mean score of {float(mean):.3g} on {cast} ballots")
        for option, mean in _best(sums, cast * UNIT).items()
    }
    figures = {option: total / UNIT / cast if cast else 0.0 for option, total in sums.items()}
    threshold = threshold_of(options, _SOMETHING)
    return Standing(leads, poll.firsts(), cast, "highest mean", threshold, figures)


def borda(poll: Poll, options: LeadOptions) -> Standing:
    """An option gets a point from each ballot for each option below it, and half for each equal.

    Borda, "Mémoire sur les élections au scrutin" (1781); ties on a ballot as in Black, *The Theory
    of Committees and Elections* (1958): each gets the mean of the places that they share.
    """
    size, orders = len(poll.options), poll.orders()
    halves = [0] * size
    for order, times in orders.items():
        below = size
        for group in order:
            below -= len(group)
            for place in group:
                halves[place] += times * (2 * below + len(group) - 1)
    points = dict(zip(poll.options, halves, strict=True))
    cast, most = orders.total(), max(1, size - 1)
    leads = {
        option: Lead(share, f"{points[option] / 2:g} of {cast * (size - 1)} points")
        for option, share in _best(points, 2 * cast * most).items()
    }
    figures = {option: each / 2 for option, each in points.items()}
    return Standing(leads, poll.firsts(), cast, "most points", threshold_of(options), figures)


def _best(points: Mapping[str, int], most: int) -> dict[str, Fraction]:
    """Return the options with the most points, each with its part of what could be had."""
    highest = max(points.values(), default=0)
    leading = (option for option, each in points.items() if most and each == highest)
    return {option: Fraction(highest, most) for option in leading}
