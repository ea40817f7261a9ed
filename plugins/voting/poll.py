"""Reading ballots: every rule counts every ballot, by what it says or by what follows from that.

| a rule asks for | a ballot gives |
|---|---|
| a choice | its choice, or its one favourite |
| an order | its ranking; else its scores; else those approved, or its choice, before the rest |
| approvals | those it approves; else its favourites |
| scores | its scores; else 1 for those it approves or favours; 0 for all others |

Options that an order leaves out tie behind those that are in it. A ballot that says nothing of this
abstains; where a choice is asked for, so does one with several favourites.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from dataagents.core.voting import Ballot, Motion, check_ballots, favourites

Order: TypeAlias = tuple[tuple[int, ...], ...]
"""Places, the best first; in each the positions of the options that share it."""

UNIT = 10**12
"""Figures are added as whole trillionths, so 0.1 and 0.2 make 0.3, in whatever order they come."""


class Poll:
    """The ballots of a motion, checked, and grouped by what they say.

    Raises:
        InputError: A ballot does not belong to the motion; names its field.
    """

    def __init__(self, motion: Motion, ballots: Sequence[Ballot]) -> None:
        check_ballots(motion, ballots)
        self.motion = motion
        self.ballots = ballots
        self.options = motion.options
        # Scores seldom agree to the last digit, so those who score are not worth comparing.
        plain = [ballot for ballot in ballots if not ballot.scores]
        said = [(ballot.choice, ballot.ranking, ballot.approvals) for ballot in plain]
        times, examples = Counter(said), dict(zip(said, plain, strict=True))
        self._distinct = [(examples[each], count) for each, count in times.items()]
        self._distinct += [(ballot, 1) for ballot in ballots if ballot.scores]

    def choices(self) -> Counter[str]:
        """Return how many ballots choose each option."""
        chosen: Counter[str] = Counter()
        for ballot, times in self._distinct:
            option = choice_of(ballot)
            if option is not None:
                chosen[option] += times
        return chosen

    def firsts(self) -> dict[str, int]:
        """Return how many ballots put each option first, alone or with others."""
        return self._named(favourites)

    def approvals(self) -> tuple[dict[str, int], int]:
        """Return how many ballots approve each option, and how many approve any."""
        cast = sum(times for ballot, times in self._distinct if _approved(ballot))
        return self._named(_approved), cast

    def scores(self) -> tuple[dict[str, int], int]:
        """Return the sum of each option's scores in units, and how many ballots score any."""
        sums, cast = dict.fromkeys(self.options, 0), 0
        for ballot, times in self._distinct:
            given = ballot.scores or dict.fromkeys(_approved(ballot), 1.0)
            cast += times if given else 0
            for option, score in given.items():
                sums[option] += round(score * UNIT) * times
        return sums, cast

    def orders(self) -> Counter[Order]:
        """Return how often each order of the options occurs."""
        places = {option: place for place, option in enumerate(self.options)}
        orders: Counter[Order] = Counter()
        for ballot, times in self._distinct:
            groups = [tuple(sorted(places[each] for each in group)) for group in _groups(ballot)]
            if groups:
                listed = {place for group in groups for place in group}
                rest = tuple(place for place in places.values() if place not in listed)
                orders[(*groups, rest) if rest else tuple(groups)] += times
        return orders

    def _named(self, naming: Callable[[Ballot], Sequence[str]]) -> dict[str, int]:
        counts = dict.fromkeys(self.options, 0)
        for ballot, times in self._distinct:
            for option in naming(ballot):
                counts[option] += times
        return counts


def choice_of(ballot: Ballot) -> str | None:
    """Return the one option that a ballot is for."""
    if ballot.choice is not None:
        return ballot.choice
    first = favourites(ballot)
    return first[0] if len(first) == 1 else None


def units(figure: float) -> int:
    """Return a figure as a whole number of trillionths."""
    return round(figure * UNIT)


def _approved(ballot: Ballot) -> Sequence[str]:
    return ballot.approvals or favourites(ballot)


def _groups(ballot: Ballot) -> Iterator[Sequence[str]]:
    """Yield the options that a ballot orders, the best first."""
    if ballot.ranking:
        yield from ((rank,) if isinstance(rank, str) else rank for rank in ballot.ranking)
    elif ballot.scores:
        for level in sorted(set(ballot.scores.values()), reverse=True):
            yield [option for option, score in ballot.scores.items() if score == level]
    elif _approved(ballot):
        yield _approved(ballot)
