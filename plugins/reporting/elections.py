"""How an election looks: its options as bars of ballots, and who took part.

All lengths are shares of the whole bar, from 0 to 1; the template turns them into a picture.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from dataagents.core.voting import Ballot, Election, Verdict, favourites
from dataagents.plugins.reporting.measures import MOST_BLOCKS, measure, part_of, parts_of

_THRESHOLD: Final = re.compile(r"(> ?)?(\d{1,9}(?:/\d{1,9}|\.\d{1,9})?)")


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a bar: one ballot, or all that it shows where they can't be told apart."""

    left: float
    width: float
    full: float
    """How much of its height is filled: the confidence of the ballot."""
    kind: str
    """`voted`, `abstained` or `missing`."""
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line across bars, that something has to reach."""

    at: float
    label: str

    @property
    def before(self) -> bool:
        """Whether the label fits on its left side only."""
        return self.at > 0.5


@dataclass(frozen=True, slots=True)
class OptionBar:
    """What an option got."""

    option: str
    mark: str
    """`won`, `leads`, `vetoed`, `recalled` or nothing."""
    share: float
    value: str
    blocks: tuple[Block, ...]
    voters: tuple[str, ...]
    """Those whose ballots it got, with their confidence."""


@dataclass(frozen=True, slots=True)
class Voter:
    """What a voter said, or why it said nothing."""

    name: str
    kind: str
    """`voted`, `abstained` or `missing`."""
    vote: str
    confidence: float | None
    reputation: float | None
    """What was learned about it, where that is not the usual 1; the rule may count it, or not."""
    reason: str


@dataclass(frozen=True, slots=True)
class ElectionPicture:
    """An election, laid out."""

    about: str
    question: str
    verdict: str
    decision: str | None
    recalled: str | None
    rule: str
    reason: str
    needed: str
    """What an option needs, in words."""
    bars: tuple[OptionBar, ...]
    threshold: Line | None
    """None where what wins is no share, or nothing is needed beside leading."""
    turnout: tuple[Block, ...]
    turnout_says: str
    quorum: Line
    voters: tuple[Voter, ...]

    def of_kind(self, kind: str) -> tuple[Voter, ...]:
        """Return the voters that voted, abstained or are missing."""
        return tuple(voter for voter in self.voters if voter.kind == kind)


def picture_of(election: Election) -> ElectionPicture:
    """Lay an election out."""
    tally, motion = election.tally, election.motion
    figures, whole, is_share = measure(election)
    parts = parts_of(election, figures)
    voters = _voters(election, parts)
    threshold = _threshold(tally.threshold)
    needed = tally.threshold if threshold is None else threshold.label
    turnout, quorum = _turnout(election, voters)
    return ElectionPicture(
        about=motion.about,
        question=motion.question,
        verdict=tally.verdict.value.replace("_", " "),
        decision=election.decision,
        recalled=election.recalled,
        rule=election.rule,
        reason=tally.reason,
        needed=needed,
        bars=tuple(_bar(election, option, figures, whole, parts) for option in motion.options),
        threshold=threshold if is_share else None,
        turnout=turnout,
        turnout_says=_turnout_says(len(motion.voters), voters),
        quorum=quorum,
        voters=voters,
    )


def _threshold(text: str) -> Line | None:
    """Return the line of a threshold such as `67/100` or `> 1/2`; None where it is no share."""
    found = _THRESHOLD.fullmatch(text)
    try:
        share = float(Fraction(found[2])) if found else -1.0
    except ZeroDivisionError:
        return None
    if found is None or not 0 <= share <= 1:
        return None
    return Line(share, f"{'more than ' if found[1] else ''}{100 * share:.3g}% needed")


def _bar(
    election: Election,
    option: str,
    figures: Mapping[str, float],
    whole: float,
    parts: Sequence[Mapping[str, float]],
) -> OptionBar:
    tally, figure = election.tally, figures.get(option, 0.0)
    share, blocks, end = part_of(figure, whole), list[Block](), 0.0
    voters: list[str] = []
    for ballot, part in zip(election.ballots, parts, strict=bool(parts)):
        if option in part:
            sure = f"{ballot.voter} {ballot.confidence:.2f}"
            width = min(part_of(part[option], whole), 1.0 - end)
            blocks.append(Block(end, width, ballot.confidence, "voted", sure))
            voters.append(sure)
            end += width
    if not blocks and share:
        blocks.append(Block(0.0, share, 1.0, "voted", f"{tally.counts.get(option, 0)} ballots"))
    return OptionBar(
        option,
        _mark(election, option),
        share,
        _value(election, option, figure, share, whole),
        tuple(blocks),
        tuple(voters),
    )


def _value(election: Election, option: str, figure: float, share: float, whole: float) -> str:
    count = election.tally.counts.get(option, 0)
    if not election.tally.figures:
        return f"{count} of {whole:g} ({share:.1%})"
    return f"{figure:.4g} ({count} {'ballot' if count == 1 else 'ballots'})"


def _mark(election: Election, option: str) -> str:
    tally = election.tally
    if option == tally.decision:
        return "won" if election.recalled is None else "recalled"
    if option in tally.leaders:
        return "vetoed" if tally.verdict is Verdict.VETOED else "leads"
    return ""


def _voters(election: Election, parts: Sequence[Mapping[str, float]]) -> tuple[Voter, ...]:
    voters: list[Voter] = []
    for number, ballot in enumerate(election.ballots):
        counts = bool(parts[number]) if parts else bool(favourites(ballot))
        reputation = election.motion.weights.get(ballot.voter, 1.0)
        voters.append(
            Voter(
                ballot.voter,
                "voted" if counts else "abstained",
                _vote(ballot),
                ballot.confidence if counts else None,
                None if reputation == 1.0 else reputation,
                ballot.reason,
            )
        )
    for name, why in election.missing.items():
        voters.append(Voter(name, "missing", "no ballot", None, None, why))
    return tuple(voters)


def _vote(ballot: Ballot) -> str:
    """Return what a ballot says, in the most that it says."""
    if ballot.ranking:
        said = " > ".join(
            rank if isinstance(rank, str) else " = ".join(rank) for rank in ballot.ranking
        )
    elif ballot.scores:
        said = ", ".join(f"{option} {score:.2f}" for option, score in ballot.scores.items())
    else:
        said = ", ".join(ballot.approvals or favourites(ballot)) or "abstains"
    return f"{said}; vetoes {', '.join(ballot.vetoes)}" if ballot.vetoes else said


def _turnout(election: Election, voters: Sequence[Voter]) -> tuple[tuple[Block, ...], Line]:
    """Return those enrolled as a bar, and the quorum; the votes come first, so it fits both."""
    needed = election.tally.quorum
    whole = max(len(election.motion.voters), len(voters), needed, 1)
    kinds = ("voted", "abstained", "missing")
    by_kind = {kind: [voter for voter in voters if voter.kind == kind] for kind in kinds}
    groups = (
        [(kind, 1, voter.name) for kind in kinds for voter in by_kind[kind]]
        if len(voters) <= MOST_BLOCKS
        else [(kind, len(by_kind[kind]), f"{len(by_kind[kind])} {kind}") for kind in kinds]
    )
    blocks: list[Block] = []
    end = 0
    for kind, size, label in groups:
        blocks.append(Block(end / whole, size / whole, 1.0, kind, label))
        end += size
    votes = election.motion.rule_options.get("quorum_of") == "votes"
    word = ("vote" if votes else "ballot") + ("" if needed == 1 else "s")
    return tuple(blocks), Line(needed / whole, f"quorum: {needed} {word}")


def _turnout_says(enrolled: int, voters: Sequence[Voter]) -> str:
    number = {
        kind: sum(voter.kind == kind for voter in voters)
        for kind in ("voted", "abstained", "missing")
    }
    return (
        f"{number['voted']} voted, {number['abstained']} abstained, "
        f"{number['missing']} gave no ballot, of {enrolled} enrolled"
    )
