"""Resuming: finds the election that a run was in the middle of, or had held, when it was cut off.

Nothing here waits or sends.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dataagents.core.events import Event, EventKind
from dataagents.core.values import from_json
from dataagents.core.voting import Ballot, Election, Motion


@dataclass(frozen=True, slots=True)
class EarlierElection:
    """An election on record."""

    motion: Motion
    ballots: tuple[Ballot, ...]
    """Those that were cast, oldest first."""
    election: Election | None = None
    """Its result; None while it is open."""


def earlier_election(
    events: Sequence[Event], motion: Motion, *, anybody: bool
) -> EarlierElection | None:
    """Return the oldest election on record that puts the same question.

    Args:
        events: The decisions of one attempt at a task, oldest first.
        motion: The motion that would be opened otherwise.
        anybody: Whether its voters are whoever is there, rather than named.

    Returns:
        One with the same question, subject, options, rule and quorum, and with no other voters
        than are named. Under changed options of the rule only one that was closed counts: its
        decision was made. One that was recalled does not count at all. None when there is none.
    """
    for opened in events:
        if opened.kind != EventKind.ELECTION_OPENED:
            continue
        recorded = from_json(Motion, opened.body)
        about_it = [each for each in events if each.subject == recorded.id]
        if any(each.kind == EventKind.ELECTION_RECALLED for each in about_it):
            continue
        closed = [each for each in about_it if each.kind == EventKind.ELECTION_CLOSED]
        same_rules = bool(closed) or recorded.rule_options == motion.rule_options
        if not same_rules or not _same(recorded, motion, anybody=anybody):
            continue
        cast = (each.body for each in about_it if each.kind == EventKind.BALLOT_CAST)
        ballots = {ballot.voter: ballot for ballot in (from_json(Ballot, body) for body in cast)}
        given = tuple(ballots.values())
        result = replace(from_json(Election, closed[-1].body), ballots=given) if closed else None
        return EarlierElection(recorded, given, result)
    return None


def _same(recorded: Motion, motion: Motion, *, anybody: bool) -> bool:
    proposed = bool(recorded.proposals or recorded.without_proposal)
    asked = (recorded.question, recorded.about, recorded.rule, recorded.quorum)
    return (
        asked == (motion.question, motion.about, motion.rule, motion.quorum)
        and (() if proposed else recorded.options) == motion.options
        and (anybody or set(recorded.voters) <= set(motion.voters))
    )
