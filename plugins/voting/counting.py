"""Rules that count choices: one ballot, one vote."""

from fractions import Fraction

from dataagents.plugins.voting.options import (
    MAJORITY,
    LeadOptions,
    ShareOptions,
    SupermajorityOptions,
    Threshold,
    threshold_of,
)
from dataagents.plugins.voting.poll import Poll
from dataagents.plugins.voting.standing import Lead, Standing

_UNANIMOUS = Threshold(Fraction(1))


def plurality(poll: Poll, options: LeadOptions) -> Standing:
    """The option with the most votes wins, however few they are.

    Felsenthal and Machover (eds.), *Electoral Systems*, Springer 2012, ch. 2: "plurality voting".
    """
    return _most(poll, "votes", threshold_of(options))


def majority(poll: Poll, options: ShareOptions) -> Standing:
    """An option wins with more than half of the votes; abstentions are no votes.

    Robert's Rules of Order Newly Revised, 12th ed., 44:1.
    """
    return _most(poll, options.share_of, MAJORITY)


def supermajority(poll: Poll, options: SupermajorityOptions) -> Standing:
    """The leading option wins when its share reaches the threshold, 0.67 unless configured.

    Robert's Rules of Order Newly Revised, 12th ed., 44:3 (there two thirds).
    """
    return _most(poll, options.share_of, Threshold.of(options.threshold))


def unanimity(poll: Poll, options: ShareOptions) -> Standing:
    """An option wins when every vote is for it; one other vote is enough to decide nothing.

    Robert's Rules of Order Newly Revised, 12th ed., 44:7 and 4:58 (unanimous consent).
    """
    return _most(poll, options.share_of, _UNANIMOUS)


def _most(poll: Poll, share_of: str, threshold: Threshold | None) -> Standing:
    chosen = poll.choices()
    counts = {option: chosen[option] for option in poll.options}
    cast = sum(counts.values())
    most = max(counts.values(), default=0)
    base = {"ballots": len(poll.ballots), "enrolled": len(poll.motion.voters)}.get(share_of, cast)
    leads: dict[str, Lead] = {}
    if cast:
        share = Fraction(most, base)
        lead = Lead(
            Fraction(most, cast), f"{most} of {base} {share_of} ({float(share):.1%})", share
        )
        leads = {option: lead for option, count in counts.items() if count == most}
    return Standing(leads, counts, cast, "most votes", threshold)
