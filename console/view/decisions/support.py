"""Support: what the ballots so far add up to for each option."""

from collections.abc import Sequence
from dataclasses import dataclass

from dataagents.console.view.decisions.ballots import CastBallot, Names
from dataagents.console.view.decisions.measures import UNIT, Measure, added, whole
from dataagents.console.view.fields import name


@dataclass(frozen=True, slots=True)
class Support:
    """What an option has; safe to show."""

    option: str
    figure: float
    """In the measure of the vote."""
    ballots: int
    """How many put it first, or approve it where that is the measure."""
    share: float | None
    """Of everything that was added up, in [0, 1]; None where it is no share."""
    leads: bool


@dataclass(frozen=True, slots=True)
class TallySoFar:
    """A vote after some of its ballots."""

    given: int
    """Ballots, abstentions included."""
    cast: int
    """Ballots that are for something."""
    enrolled: int
    support: tuple[Support, ...]
    """In the order of the motion."""
    quorum: int
    counted: int
    """How many count for the quorum."""
    last: str = ""
    """Who cast the last of them."""

    @property
    def abstained(self) -> int:
        """Ballots for nothing."""
        return self.given - self.cast

    @property
    def quorum_reached(self) -> bool:
        """Whether enough ballots were cast for a result to count."""
        return self.counted >= self.quorum

    @property
    def leaders(self) -> tuple[str, ...]:
        """Who leads: one option, several that tie, or none."""
        return tuple(each.option for each in self.support if each.leads)

    @property
    def sentence(self) -> str:
        """How it stands, in one sentence."""
        silent = f", {self.abstained} of them abstained" if self.abstained else ""
        if not self.quorum_reached:
            quorum = f"; {self.counted} of {self.quorum} needed for the quorum"
        else:
            quorum = f"; the quorum of {self.quorum} is reached" if self.quorum > 1 else ""
        return f"{self.given} of {self.enrolled} gave a ballot{silent}{quorum}"


class Counting:
    """Adds ballots up, one after the other."""

    def __init__(self, names: Names, measure: Measure, of: str) -> None:
        self._names = names
        self._measure = measure
        self._of = of
        self._options = frozenset(names.options)
        self.sums: dict[str, int] = dict.fromkeys(names.options, 0)
        self.ballots: dict[str, int] = dict.fromkeys(names.options, 0)
        self.leaders: list[str] = []
        self.given = 0
        self.cast = 0
        self._total = 0
        self._most = 0

    def add(self, cast: CastBallot) -> dict[str, int]:
        """Take a ballot; return what it adds, in units.

        What is no option of the motion counts for nothing. As nothing is ever taken away, an option
        can come to lead only by the ballot that is added.
        """
        found = added(self._measure, cast, self._names.weight(cast.ballot.voter))
        parts = {option: part for option, part in found.items() if option in self._options}
        self.given += 1
        self.cast += bool(parts)
        for option, part in parts.items():
            self.ballots[option] += 1
            self.sums[option] += part
            self._total += part
            figure = self.sums[option]
            if figure > self._most:
                self._most, self.leaders = figure, [option]
            elif figure == self._most and part:
                self.leaders.append(option)
        return parts

    @property
    def leader(self) -> tuple[str, float, float | None]:
        """One of those that lead, with its figure and share; an empty name when none does."""
        if not self.leaders:
            return "", 0.0, None
        return self.leaders[0], *self.of_option(self.leaders[0])

    def of_option(self, option: str) -> tuple[float, float | None]:
        """Return an option's figure and share."""
        mean = self.cast if self._measure is Measure.SCORE and self.cast else 1
        over = whole(
            self._measure,
            given=self.given,
            cast=self.cast,
            enrolled=len(self._names.voters),
            total=self._total,
            of=self._of,
        )
        figure = self.sums[option]
        return figure / UNIT / mean, min(1.0, figure / over) if over else None


def tally_of(
    ballots: Sequence[CastBallot],
    names: Names,
    measure: Measure,
    *,
    quorum: int,
    by_votes: bool,
    of: str,
) -> TallySoFar:
    """Return what ballots add up to.

    Args:
        ballots: Those cast so far.
        names: The motion's.
        measure: What is added up.
        quorum: How many are needed.
        by_votes: Whether abstentions don't count for the quorum.
        of: The rule's option `share_of`.
    """
    counting = Counting(names, measure, of)
    for ballot in ballots:
        counting.add(ballot)
    leaders = frozenset(counting.leaders)
    support: list[Support] = []
    for option in names.options:
        figure, share = counting.of_option(option)
        support.append(
            Support(name(option), figure, counting.ballots[option], share, option in leaders)
        )
    return TallySoFar(
        given=counting.given,
        cast=counting.cast,
        enrolled=len(names.voters),
        support=tuple(support),
        quorum=quorum,
        counted=counting.cast if by_votes else counting.given,
        last=name(ballots[-1].ballot.voter) if ballots else "",
    )
