"""An election as bars and lines: what each option got, and who voted what; plain values.

The rule may be anybody's, so what its figures are shares of is found from the tally alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isclose, isfinite

from dataagents.console.view.fields import name
from dataagents.console.view.row import line
from dataagents.core.voting import Ballot, Election, favourites

_THRESHOLD = re.compile(r"(> ?)?(\d{1,9}(?:/\d{1,9}|\.\d{1,9})?)")


@dataclass(frozen=True, slots=True)
class Bar:
    """What an option got."""

    option: str
    mark: str
    """`won`, `leads` or nothing."""
    share: float | None
    """Length in [0, 1]; None where a length would mislead."""
    value: str


@dataclass(frozen=True, slots=True)
class Group:
    """Voters that vote alike."""

    label: str
    """The voter, or how many there are."""
    ballot: Ballot
    """That of the first of them."""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Said:
    """What a voter, or a group of them, said."""

    voter: str
    vote: str
    confidence: float | None
    """None for an abstention."""
    weight: float
    reason: str


@dataclass(frozen=True, slots=True)
class ElectionLines:
    """An election, laid out."""

    bars: tuple[Bar, ...]
    threshold: float | None
    """Where in [0, 1] the line lies that the winner has to reach; None when there is none."""
    needed: str
    """The threshold in words, as it was compared."""
    said: tuple[Said, ...]
    missing: Mapping[str, str]


def election_lines(election: Election, groups: Sequence[Group] = ()) -> ElectionLines:
    """Lay an election out.

    Args:
        election: The motion, and what was counted.
        groups: Who votes alike; each voter alone when there are none.
    """
    tally = election.tally
    figures, whole = _measure(election)
    most = max(figures.values(), default=0.0)
    misleads = whole is None and any(figure < 0 for figure in figures.values())
    scale = None if misleads else whole or most or 1.0
    bars = tuple(
        Bar(
            name(option),
            _mark(election, option),
            None if scale is None else _part(figures.get(option, 0.0), scale),
            _value(figures.get(option, 0.0), whole),
        )
        for option in election.motion.options
    )
    found = _THRESHOLD.fullmatch(tally.threshold)
    weights = election.motion.weights
    alone = [Group(each.voter, each, weights.get(each.voter, 1.0)) for each in election.ballots]
    return ElectionLines(
        bars=bars,
        threshold=_share(found[2]) if found and whole is not None else None,
        needed=line(tally.threshold),
        said=tuple(map(_said, groups or alone)),
        missing={name(voter): line(why) for voter, why in election.missing.items()},
    )


def bar_of(share: float, width: int, threshold: float | None = None) -> str:
    """Return a bar of so many cells, with a line where the threshold is."""
    filled = round(share * width)
    cells = ["█"] * filled + ["░"] * (width - filled)
    if threshold is not None:
        cells[min(width - 1, int(threshold * width))] = "│"
    return "".join(cells)


def vote_text(ballot: Ballot) -> str:
    """Return what a ballot says, in the most that it says."""
    if ballot.ranking:
        said = " > ".join(
            rank if isinstance(rank, str) else " = ".join(rank) for rank in ballot.ranking
        )
    elif ballot.scores:
        said = ", ".join(f"{option} {score:.3g}" for option, score in ballot.scores.items())
    else:
        said = ", ".join(ballot.approvals or favourites(ballot)) or "abstains"
    return line(f"{said}; vetoes {', '.join(ballot.vetoes)}" if ballot.vetoes else said)


def _measure(election: Election) -> tuple[Mapping[str, float], float | None]:
    """Return what the rule compares, and what it is a share of; None where it is no share.

    A tally has the share of its leader as the confidence, so what the figures are shares of is
    the whole that leads to the same.
    """
    tally, motion = election.tally, election.motion
    if not tally.figures:
        wholes = {"ballots": len(election.ballots), "enrolled": len(motion.voters)}
        base = wholes.get(str(motion.rule_options.get("share_of")), tally.cast)
        return {option: float(tally.counts.get(option, 0)) for option in motion.options}, base
    figures = {option: figure for option, figure in tally.figures.items() if isfinite(figure)}
    lead = max((figures.get(option, 0.0) for option in tally.leaders), default=0.0)
    for whole in (sum(figures.values()), 1.0, float(tally.cast * (len(motion.options) - 1))):
        if isclose(_part(lead, whole), tally.confidence, abs_tol=1e-6):
            return figures, whole
    return figures, None


def _part(part: float, whole: float) -> float:
    return min(max(part / whole, 0.0), 1.0) if whole > 0 else 0.0


def _share(text: str) -> float | None:
    try:
        share = float(Fraction(text))
    except ZeroDivisionError:
        return None
    return share if 0 < share <= 1 else None


def _value(figure: float, whole: float | None) -> str:
    written = f"{figure:.0f}" if figure == round(figure) else f"{figure:.4g}"
    return f"{written} ({_part(figure, whole):.1%})" if whole and whole != 1.0 else written


def _mark(election: Election, option: str) -> str:
    if option == election.tally.decision:
        return "won"
    return "leads" if option in election.tally.leaders else ""


def _said(group: Group) -> Said:
    vote = vote_text(group.ballot)
    silent = vote == "abstains"
    return Said(
        name(group.label),
        vote,
        None if silent else group.ballot.confidence,
        group.weight,
        line(group.ballot.reason),
    )
