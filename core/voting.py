"""Voting: motions, ballots and what they add up to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Protocol, TypeAlias

from annotated_types import Ge, Interval, MinLen
from pydantic import Strict

from dataagents.core.errors import InputError
from dataagents.core.values import JsonObject

Confidence = Annotated[float, Strict(), Interval(ge=0.0, le=1.0)]
"""In [0, 1]; NaN is refused where it is validated, for it is neither above nor below a bound."""

MOST_WEIGHT = 1_000.0
Weight = Annotated[float, Interval(ge=0.0, le=MOST_WEIGHT)]
"""How much a voter counts where the rule weighs voters; 1 is ordinary."""

Option = Annotated[str, MinLen(1)]
Ranking: TypeAlias = tuple[str | tuple[str, ...], ...]
"""Options, the best first; a tuple of options is a tie, and those left out tie behind the rest."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An option that an agent puts forward."""

    option: Option
    score: Confidence = 0.5
    """How good the proposer thinks it is; 0.5 when it doesn't say."""
    reason: str = ""
    proposer: str = ""


@dataclass(frozen=True, slots=True)
class Motion:
    """A question that is put to a vote; its voters are fixed when it opens."""

    id: str
    question: str
    options: tuple[Option, ...]
    voters: tuple[str, ...]
    """Ids of those who may vote."""
    at: datetime
    deadline_seconds: Annotated[float, Interval(gt=0.0, le=1e9)] = 30.0
    quorum: Annotated[int, Ge(1)] = 1
    """How many ballots must be cast, abstentions included, for the result to count."""
    context: JsonObject = field(default_factory=dict)
    """The evidence that voters judge by."""
    about: str = ""
    """What the decision is about, for example a data set."""
    proposals: tuple[Proposal, ...] = ()
    without_proposal: Mapping[str, str] = field(default_factory=dict)
    """Agents that were asked for an option and put none forward → why."""
    weights: Mapping[str, Weight] = field(default_factory=dict)
    """Voter → learned reputation; 1 for those not named. A rule may count it, or not."""
    rule: str = ""
    """The voting rule, so that voters know whether to rank, to approve or to score."""
    rule_options: JsonObject = field(default_factory=dict)
    """The rule's options as they were in force: with them, the vote can be replayed."""
    recalls: str | None = None
    """Id of the motion whose decision was recalled and that is voted on again here."""
    run: str | None = None
    task: str | None = None


@dataclass(frozen=True, slots=True)
class Vote:
    """What a voter says; it becomes a ballot when the election accepts it.

    A choice is enough for any rule: it ranks that option before all others, approves it and scores
    it 1. Without anything but a reason, it abstains.
    """

    choice: str | None = None
    """One of the motion's options; follows from the fields below when one is given."""
    confidence: Confidence = 0.5
    reason: str = ""
    ranking: Ranking = ()
    approvals: tuple[str, ...] = ()
    """Every option that will do."""
    scores: Mapping[str, Confidence] | None = None
    """Option → how good it is; those left out score 0."""
    vetoes: tuple[str, ...] = ()
    """Options that must not win; counts only where the rule lets this voter veto."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """An accepted vote; the fields are those of a vote."""

    voter: str
    choice: str | None
    """None where it abstains, or puts several options first."""
    confidence: Confidence
    reason: str
    at: datetime
    ranking: Ranking = ()
    approvals: tuple[str, ...] = ()
    scores: Mapping[str, Confidence] | None = None
    vetoes: tuple[str, ...] = ()


class Verdict(StrEnum):
    """How an election ended."""

    DECIDED = "decided"
    UNDECIDED = "undecided"
    """Enough ballots, but no option reached the threshold, or several tie."""
    VETOED = "vetoed"
    """An option won, but one who may do so vetoed it."""
    NO_QUORUM = "no_quorum"


@dataclass(frozen=True, slots=True)
class Tally:
    """What the ballots add up to under a rule."""

    verdict: Verdict
    decision: str | None
    """The option that won; None unless decided."""
    leaders: tuple[str, ...]
    """Every option that shares the lead, in the motion's order; empty when nothing was cast."""
    counts: Mapping[str, int]
    """Option → ballots for it: those that choose, put first or approve it."""
    cast: int
    """Ballots that the rule counts: all but the abstentions."""
    abstained: int
    confidence: float
    """Leading votes / votes cast, in the rule's own measure; 0 when there are none."""
    threshold: str
    """The threshold as it was compared, for example `67/100`."""
    reason: str
    """One sentence."""
    quorum: int = 1
    """How many ballots were needed."""
    figures: Mapping[str, float] = field(default_factory=dict)
    """Option → what the rule compares, where that is something else than the counts."""
    tie_broken: str = ""
    """How a tie for the lead was broken; empty when there was none, or it was left."""


@dataclass(frozen=True, slots=True)
class Election:
    """A motion with its ballots and its result."""

    motion: Motion
    rule: str
    ballots: tuple[Ballot, ...]
    missing: Mapping[str, str]
    """Those who gave no ballot → why."""
    tally: Tally
    closed: datetime
    recalled: str | None = None
    """Why the decision does not hold any more; None while it does."""

    @property
    def decision(self) -> str | None:
        """The option that won; None when nothing was decided, or it was recalled."""
        return None if self.recalled is not None else self.tally.decision

    @property
    def sentence(self) -> str:
        """The result in one sentence, with who took part and who did not."""
        enrolled, absent = len(self.motion.voters), len(self.missing)
        silent = f", {self.tally.abstained} abstained" if self.tally.abstained else ""
        lacking = "; ".join(f"{voter} ({why})" for voter, why in self.missing.items())
        without = f", {absent} gave no ballot: {lacking}" if absent else ""
        withdrawn = "" if self.recalled is None else f"; recalled: {self.recalled}"
        return (
            f"By {self.rule}, {self.tally.reason}; {self.tally.cast} of {enrolled} enrolled voted"
            f"{silent}{without}{withdrawn}"
        )


@dataclass(frozen=True, slots=True)
class Recall:
    """That a decision does not hold any more."""

    motion: str
    reason: str
    at: datetime


class VotingRule(Protocol):
    """Adds ballots up. Pure: the same motion and ballots give the same tally.

    One that can decide about any number of motions at once, each of them about one option, has
    `bulk()` too: see `dataagents.core.detection.BulkRule`.
    """

    def tally(self, motion: Motion, ballots: Sequence[Ballot]) -> Tally:
        """Return the result.

        Args:
            motion: The question; its options and quorum bind.
            ballots: At most one a voter, each for one of the options or for none.
        """
        ...


def favourites(vote: Vote | Ballot) -> tuple[str, ...]:
    """Return the options that a vote puts first: one, several that are equal, or none."""
    if vote.choice is not None:
        return (vote.choice,)
    if vote.ranking:
        first = vote.ranking[0]
        return (first,) if isinstance(first, str) else first
    if vote.scores:
        best = max(vote.scores.values())
        return tuple(option for option, score in vote.scores.items() if score == best)
    return vote.approvals


def accept(motion: Motion, voter: str, vote: Vote, at: datetime) -> Ballot:
    """Return a vote as a ballot; its choice is filled in where the rest leaves one favourite.

    Raises:
        InputError: A field names what is no option, names one twice, or contradicts another field.
    """
    problem = next(_problems(vote, frozenset(motion.options)), "")
    if problem:
        raise InputError("vote", problem)
    first = favourites(vote)
    return Ballot(
        voter,
        first[0] if len(first) == 1 else None,
        vote.confidence,
        vote.reason,
        at,
        vote.ranking,
        vote.approvals,
        vote.scores,
        vote.vetoes,
    )


def check_ballots(motion: Motion, ballots: Sequence[Ballot]) -> None:
    """Make sure that ballots belong to a motion, each voter's once.

    Raises:
        InputError: Names the field of the first ballot that does not, such as `ballots.3.voter`.
    """
    options, enrolled = frozenset(motion.options), frozenset(motion.voters)
    seen: set[str] = set()
    known: set[object] = set()  # what was found in order: most ballots say what others say
    for number, ballot in enumerate(ballots):
        if ballot.voter not in enrolled:
            problem = f"{ballot.voter!r} is none of the voters"
            raise InputError(f"ballots.{number}.voter", problem)
        if ballot.voter in seen:
            raise InputError(f"ballots.{number}.voter", f"{ballot.voter!r} votes twice")
        seen.add(ballot.voter)
        said = (ballot.choice, ballot.ranking, ballot.approvals, ballot.vetoes)
        scored = ballot.scores or ()
        named = (*said, *scored)
        if named in known and _in_bounds(ballot) and not (scored and ballot.choice):
            continue
        problem = next(_problems(ballot, options), "")
        if problem:
            path, _, what = problem.partition(": ")
            raise InputError(f"ballots.{number}.{path}", what)
        known.add(named)
    for voter, weight in motion.weights.items():
        if not 0.0 <= weight <= MOST_WEIGHT:
            raise InputError(f"motion.weights.{voter}", f"{weight} is not from 0 to 1000")


def _in_bounds(vote: Ballot) -> bool:
    if not 0.0 <= vote.confidence <= 1.0:
        return False
    scores = vote.scores
    return not scores or all(0.0 <= score <= 1.0 for score in scores.values())


def _problems(vote: Vote | Ballot, options: frozenset[str]) -> Iterator[str]:
    """Yield what is wrong with a vote, each with the path of its field."""
    for field_, named in _named(vote):
        places = [path for path, _ in named]
        names = [option for _, option in named]
        for path, option in named:
            if option not in options:
                yield f"{path}: {option!r} is no option"
        if len(set(names)) != len(names):
            twice = next(n for n, option in enumerate(names) if option in names[:n])
            yield f"{places[twice]}: {names[twice]!r} occurs twice in {field_}"
    figures = {f"scores.{option}": score for option, score in (vote.scores or {}).items()}
    for path, figure in {"confidence": vote.confidence, **figures}.items():
        if not 0.0 <= figure <= 1.0:
            yield f"{path}: {figure} is not from 0 to 1"
    if vote.choice is not None:
        yield from _contradictions(vote, vote.choice)


def _named(vote: Vote | Ballot) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the fields that name options, with the path of each name."""
    if vote.choice is not None:
        yield "choice", [("choice", vote.choice)]
    ranked: list[tuple[str, str]] = []
    for place, rank in enumerate(vote.ranking):
        if isinstance(rank, str):
            ranked.append((f"ranking.{place}", rank))
        elif not rank:
            ranked.append((f"ranking.{place}", ""))  # a place for nobody
        else:
            ranked += [(f"ranking.{place}.{n}", option) for n, option in enumerate(rank)]
    yield "ranking", ranked
    yield "approvals", [(f"approvals.{n}", option) for n, option in enumerate(vote.approvals)]
    yield "scores", [(f"scores.{option}", option) for option in vote.scores or ()]
    yield "vetoes", [(f"vetoes.{n}", option) for n, option in enumerate(vote.vetoes)]


def _contradictions(vote: Vote | Ballot, choice: str) -> Iterator[str]:
    first = vote.ranking[0] if vote.ranking else choice
    if choice not in ((first,) if isinstance(first, str) else first):
        yield f"choice: {choice!r} is not what the ranking puts first"
    if vote.approvals and choice not in vote.approvals:
        yield f"choice: {choice!r} is not among the approvals"
    if vote.scores and vote.scores.get(choice, 0.0) < max(vote.scores.values()):
        yield f"choice: {choice!r} has not the highest score"
