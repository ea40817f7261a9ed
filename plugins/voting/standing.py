"""From how the options stand under a rule to the result: quorum, ties, threshold, vetoes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from typing import Generic, TypeVar

from dataagents.core.voting import Ballot, Motion, Tally, Verdict
from dataagents.plugins.voting.options import RuleOptions, Threshold
from dataagents.plugins.voting.poll import Poll
from dataagents.plugins.voting.tie_breaking import break_tie

OptionsT = TypeVar("OptionsT", bound=RuleOptions)


@dataclass(frozen=True, slots=True)
class Lead:
    """What an option that leads has."""

    confidence: Fraction
    """Leading votes / votes cast."""
    says: str
    """The same in words, for example `4 of 6 votes (66.7%)`."""
    share: Fraction | None = None
    """What the threshold is compared with; the confidence when None."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the options stand under a rule."""

    leads: Mapping[str, Lead]
    """Every option that shares the lead, in the motion's order; none when nothing was cast."""
    counts: Mapping[str, int]
    cast: int
    wins: str
    """What makes a winner where there is no threshold."""
    threshold: Threshold | None = None
    """What the share of the winner is compared with; None when to lead is enough."""
    figures: Mapping[str, float] = field(default_factory=dict)
    open: str = ""
    """Why nothing can be decided, whatever leads; empty when it can."""


class Rule(Generic[OptionsT]):
    """A voting rule: a pure function that says how the options stand, and its options."""

    def __init__(self, stand: Callable[[Poll, OptionsT], Standing], options: OptionsT) -> None:
        self._stand = stand
        self._options = options

    def tally(self, motion: Motion, ballots: Sequence[Ballot]) -> Tally:
        """Count the ballots, then decide.

        Raises:
            InputError: A ballot does not belong to the motion; names its field.
        """
        poll = Poll(motion, ballots)
        return conclude(poll, self._stand(poll, self._options), self._options)


def conclude(poll: Poll, standing: Standing, options: RuleOptions) -> Tally:
    """Return the result of a poll."""
    tied, given = tuple(standing.leads), len(poll.ballots)
    needed = max(poll.motion.quorum, ceil(Fraction(str(options.turnout)) * len(poll.motion.voters)))
    winner, how = (tied[0], "") if len(tied) == 1 else (None, "")
    if len(tied) > 1:
        winner, how = break_tie(options.tie_break, poll.motion.id, tied)
    counted = given if options.quorum_of == "ballots" else standing.cast
    if counted < needed:
        verdict, reason = Verdict.NO_QUORUM, _too_few(counted, needed, options)
    else:
        verdict, reason = _judge(poll, standing, options, winner, how)
    confidences = [standing.leads[winner]] if winner else standing.leads.values()
    return Tally(
        verdict=verdict,
        decision=winner if verdict is Verdict.DECIDED else None,
        leaders=tied,
        counts=standing.counts,
        cast=standing.cast,
        abstained=given - standing.cast,
        confidence=float(min((lead.confidence for lead in confidences), default=Fraction(0))),
        threshold=str(standing.threshold or standing.wins),
        reason=reason,
        quorum=needed,
        figures=standing.figures,
        tie_broken=how if verdict is not Verdict.NO_QUORUM else "",
    )


def _too_few(counted: int, needed: int, options: RuleOptions) -> str:
    votes = "ballots" if options.quorum_of == "ballots" else "votes"
    return f"{counted} of {needed} {votes} that are needed were cast"


def _judge(
    poll: Poll, standing: Standing, options: RuleOptions, winner: str | None, how: str
) -> tuple[Verdict, str]:
    """Return the verdict on a poll that has its quorum, and why."""
    if not standing.leads:
        return Verdict.UNDECIDED, f"all {len(poll.ballots)} voters abstained"
    if standing.open:
        return Verdict.UNDECIDED, standing.open
    if winner is None:
        return Verdict.UNDECIDED, _tied(standing.leads)
    lead = standing.leads[winner]
    broken = f", one of {len(standing.leads)} that tie, for {how}" if how else ""
    has = f"with {lead.says}{broken}"
    if standing.threshold is not None:
        share = lead.confidence if lead.share is None else lead.share
        has += f", {standing.threshold.words}"
        if not standing.threshold.reached(share):
            return Verdict.UNDECIDED, f"{winner!r} leads {has}"
    vetoes = _vetoes(poll, options, winner)
    if vetoes:
        return Verdict.VETOED, f"{winner!r} leads {has}, but {vetoes}"
    return Verdict.DECIDED, f"{winner!r} won {has}"


def _vetoes(poll: Poll, options: RuleOptions, winner: str) -> str:
    """Return who vetoed an option and why, in the order of the motion; empty when nobody did."""
    if not options.veto:
        return ""
    against = {each.voter: each.reason for each in poll.ballots if winner in each.vetoes}
    allowed = [
        voter
        for voter in poll.motion.voters
        if voter in against and (voter in options.veto or "*" in options.veto)
    ]
    said = [
        f"{voter} vetoed it" + f": {against[voter]}" * bool(against[voter]) for voter in allowed
    ]
    return "; ".join(said)


def _tied(leads: Mapping[str, Lead]) -> str:
    *others, last = leads
    said = {lead.says for lead in leads.values()}
    if len(said) == 1:
        return f"{', '.join(others)} and {last} tie with {said.pop()} each"
    figures = "; ".join(f"{option} has {lead.says}" for option, lead in leads.items())
    return f"{', '.join(others)} and {last} tie: {figures}"
