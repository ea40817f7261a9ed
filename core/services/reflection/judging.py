"""Judging the judges: whether what validators and detectors voted for was borne out. Pure."""

from collections.abc import Iterable, Iterator

from dataagents.core.detection.panel import VOTER
from dataagents.core.detection.reliability import Weights
from dataagents.core.planning import Trigger
from dataagents.core.reflection import Experience, Judgement, Lessons
from dataagents.core.voting import Election, Verdict


def judgements_of(elections: Iterable[Election], experience: Experience) -> tuple[Judgement, ...]:
    """Return for each ballot whether the run bore it out.

    A decision was right when it was not recalled, the run succeeded, and the quality of the data
    set that it is about did not fall below what was asked for. Who voted for it shares that; who
    voted for something else was right when it was wrong. Who abstained did not judge.

    Args:
        elections: Those of the run.
        experience: The run.
    """
    return tuple(_judgements(elections, experience))


def voter_weights(lessons: Lessons) -> dict[str, float]:
    """Return what each voter's ballots weigh: reputation as an agent, times weight as a judge."""
    voters = {*lessons.reputation, *lessons.weights}
    return {
        voter: lessons.reputation.get(voter, 1.0) * lessons.weights.get(voter, 1.0)
        for voter in sorted(voters)
    }


def detector_weights(lessons: Lessons) -> Weights:
    """Return what was learned about detectors: by name, or by name and column as `name@column`."""
    weights: dict[tuple[str, str | None], float] = {}
    for voter, weight in lessons.weights.items():
        if voter.startswith(VOTER):
            detector, _, column = voter.removeprefix(VOTER).partition("@")
            weights[detector, column or None] = weight
    return weights


def _judgements(elections: Iterable[Election], experience: Experience) -> Iterator[Judgement]:
    bad = {
        each.source
        for each in experience.mishaps
        if each.trigger is Trigger.QUALITY and not each.rule
    }
    for election in elections:
        decided = election.tally.decision
        if election.tally.verdict is not Verdict.DECIDED or decided is None:
            continue
        source = election.motion.about
        held = election.recalled is None and experience.success and source not in bad
        for ballot in election.ballots:
            # A detector judges cells: how a run went says nothing about them.
            if ballot.choice is not None and not ballot.voter.startswith(VOTER):
                yield Judgement(ballot.voter, source, (ballot.choice == decided) == held)
