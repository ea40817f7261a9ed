"""The file of `dataagents vote`: options, ballots and a rule, as people write them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any, cast

from pydantic import AliasChoices, Field, field_validator
from pydantic_core import PydanticCustomError

from dataagents.console.commands.decision_file import FileSettings
from dataagents.console.view.elections import Group
from dataagents.core.errors import InputError
from dataagents.core.suggestions import did_you_mean
from dataagents.core.voting import Ballot, Motion, Option, Proposal, Ranking, Vote, accept

WHEN = datetime(2000, 1, 1, tzinfo=UTC)
"""Nobody voted at any time."""
MOST_BALLOTS = 1_000_000
_COUNTED = re.compile(r"\s*(?:(\d{1,9})\s*:)?(.*)", re.DOTALL)

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]


def ranking_of(text: str) -> Ranking:
    """Return a ranking that was written as `a > b = c`: best first, equals where they tie."""
    places = [tuple(each.strip() for each in place.split("=")) for place in text.split(">")]
    if any(not option for place in places for option in place):
        told = "{text} has an empty place; write it as 'a > b = c'"
        raise PydanticCustomError("ranking", told, {"text": repr(text.strip())})
    return tuple(place[0] if len(place) == 1 else place for place in places)


class BallotEntry(FileSettings):
    """One ballot, or several that say the same."""

    voter: str = Field(default="", max_length=200)
    """Who votes; numbered when it is left out."""
    times: int = Field(default=1, ge=1, le=MOST_BALLOTS)
    """How many voters vote like this."""
    choice: str | None = None
    ranking: tuple[str | tuple[str, ...], ...] = ()
    approvals: tuple[str, ...] = ()
    scores: dict[str, Share] | None = None
    vetoes: tuple[str, ...] = ()
    confidence: Share = 0.5
    weight: Weight = Field(default=1.0, validation_alias=AliasChoices("weight", "reputation"))
    """Its reputation, by either name; counts where the rule weighs voters."""
    reason: str = ""

    @field_validator("ranking", mode="before")
    @classmethod
    def _written(cls, value: object) -> object:
        return ranking_of(value) if isinstance(value, str) else value


class ProposalEntry(FileSettings):
    """An option that somebody puts forward."""

    option: Option
    score: Share = 0.5
    reason: str = ""
    proposer: str = ""


class VoteFile(FileSettings):
    """All of the file."""

    question: str = ""
    id: str = ""
    """What `tie_break = seeded` draws its lot from."""
    options: tuple[Option, ...] = ()
    proposals: tuple[ProposalEntry, ...] = ()
    voters: tuple[str, ...] = ()
    """Who may vote; those who give a ballot when it is left out."""
    ballots: tuple[BallotEntry, ...] = ()
    profile: tuple[BallotEntry, ...] = ()
    """Rankings alone, each with the number of its voters."""
    rule: str | None = None
    rule_options: dict[str, Any] = Field(default={})
    threshold: float | str | None = None
    """The same as in the rule's options."""
    quorum: int = Field(default=1, ge=1)

    @field_validator("profile", mode="before")
    @classmethod
    def _counted(cls, value: object) -> object:
        if isinstance(value, str):
            value = [line for line in value.splitlines() if line.strip()]
        if isinstance(value, Mapping):
            value = [{k: v} for k, v in cast(Mapping[object, object], value).items()]
        if not isinstance(value, list):
            return value
        return [_counted(each) for each in cast("list[object]", value)]


def _counted(value: object) -> object:
    """Return a line of a profile, `42: a > b`, as the fields of a ballot."""
    if isinstance(value, Mapping):
        fields = cast(Mapping[object, object], value)
        if len(fields) != 1 or "ranking" in fields:
            return value
        ((times, ranking),) = fields.items()
        return {"times": times, "ranking": ranking}
    if not isinstance(value, str):
        return value
    found = _COUNTED.fullmatch(value)
    times, ranking = (found[1], found[2]) if found else (None, value)
    return {"times": times or 1, "ranking": ranking}


@dataclass(frozen=True, slots=True)
class Poll:
    """What is to be counted."""

    motion: Motion
    ballots: tuple[Ballot, ...]
    groups: tuple[Group, ...]

    @property
    def missing(self) -> Mapping[str, str]:
        """Voter without a ballot → why."""
        voted = {ballot.voter for ballot in self.ballots}
        return {each: "gave no ballot" for each in self.motion.voters if each not in voted}


def poll_of(file: VoteFile, source: str) -> Poll:
    """Return a file's motion and ballots, each ballot checked against the options.

    Raises:
        InputError: A ballot names what is no option, is given twice or contradicts itself; names
            file and field, and the nearest option.
    """
    entries = (
        *((f"ballots.{n}", entry) for n, entry in enumerate(file.ballots)),
        *((f"profile.{n}", entry) for n, entry in enumerate(file.profile)),
    )
    total = sum(entry.times for _, entry in entries)
    if total > MOST_BALLOTS:
        raise InputError(source, f"{total:,} ballots are more than {MOST_BALLOTS:,}")
    motion = Motion(
        id=file.id or source,
        question=file.question,
        options=_options(file, [entry for _, entry in entries], source),
        voters=(),
        at=WHEN,
        quorum=file.quorum,
        proposals=tuple(
            Proposal(each.option, each.score, each.reason, each.proposer) for each in file.proposals
        ),
    )
    ballots: list[Ballot] = []
    groups: list[Group] = []
    weights: dict[str, float] = {}
    paths: dict[str, str] = {}
    for path, entry in entries:
        alike = _ballots(motion, entry, len(ballots), f"{source}: {path}")
        label = alike[0].voter if entry.times == 1 else f"{entry.times} {entry.voter or 'voters'}"
        groups.append(Group(label, alike[0], entry.weight))
        weights |= {each.voter: entry.weight for each in alike if entry.weight != 1.0}
        ballots += alike
        for ballot in alike:
            if ballot.voter in paths:
                raise InputError(f"{source}: {path}.voter", f"{ballot.voter!r} votes twice")
            paths[ballot.voter] = path
    voters = _voters(file, paths, source)
    motion = replace(motion, voters=voters, weights=weights)
    return Poll(motion, tuple(ballots), tuple(groups))


def _ballots(motion: Motion, entry: BallotEntry, before: int, path: str) -> tuple[Ballot, ...]:
    vote = Vote(
        choice=entry.choice,
        confidence=entry.confidence,
        reason=entry.reason,
        ranking=entry.ranking,
        approvals=entry.approvals,
        scores=entry.scores,
        vetoes=entry.vetoes,
    )
    for field, option in _named(vote):
        if option not in motion.options:
            hint = did_you_mean(option, motion.options).strip()
            raise InputError(f"{path}.{field}", f"{option!r} is no option", hint=hint)
    try:
        ballot = accept(motion, "", vote, WHEN)
    except InputError as error:
        field, _, problem = error.problem.partition(": ")
        raise InputError(f"{path}.{field}", problem) from error
    base = entry.voter or "voter"
    if entry.times == 1:
        return (replace(ballot, voter=entry.voter or f"voter-{before + 1}"),)
    first = 1 if entry.voter else before + 1
    return tuple(replace(ballot, voter=f"{base}-{first + n}") for n in range(entry.times))


def _named(vote: Vote) -> Iterator[tuple[str, str]]:
    """Yield each option that a vote names, after the path of its field."""
    if vote.choice is not None:
        yield "choice", vote.choice
    for place, rank in enumerate(vote.ranking):
        if isinstance(rank, str):
            yield f"ranking.{place}", rank
        else:
            yield from ((f"ranking.{place}.{n}", option) for n, option in enumerate(rank))
    yield from ((f"approvals.{n}", option) for n, option in enumerate(vote.approvals))
    yield from ((f"scores.{option}", option) for option in vote.scores or ())
    yield from ((f"vetoes.{n}", option) for n, option in enumerate(vote.vetoes))


def _options(file: VoteFile, entries: Sequence[BallotEntry], source: str) -> tuple[str, ...]:
    """Return what can be chosen: what the file lists, else whatever the ballots name."""
    if len(set(file.options)) != len(file.options):
        twice = next(n for n, each in enumerate(file.options) if each in file.options[:n])
        raise InputError(f"{source}: options.{twice}", f"{file.options[twice]!r} is there twice")
    listed = (*file.options, *(each.option for each in file.proposals))
    if listed:
        return tuple(dict.fromkeys(listed))
    votes = (
        Vote(each.choice, 0.5, "", each.ranking, each.approvals, each.scores, each.vetoes)
        for each in entries
    )
    return tuple(dict.fromkeys(option for vote in votes for _, option in _named(vote)))


def _voters(file: VoteFile, voted: Mapping[str, str], source: str) -> tuple[str, ...]:
    """Return who is enrolled; `voted` has where each voter's ballot stands."""
    if not file.voters:
        return tuple(voted)
    enrolled = dict.fromkeys(file.voters)
    for voter, path in voted.items():
        if voter not in enrolled:
            hint = did_you_mean(voter, enrolled).strip()
            problem = f"{voter!r} is none of the voters"
            raise InputError(f"{source}: {path}.voter", problem, hint=hint)
    return tuple(enrolled)
