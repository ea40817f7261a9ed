"""Instant run-off: the option with the fewest first places goes, until one has more than half.

Hare, *The Election of Representatives* (1859), with one seat. What a tie for the fewest means has
to be said, for it changes winners:

- `parallel` (the default): each of them could go, so each possibility is followed, and whoever wins
  in any of them shares the lead (parallel universes: Conitzer, Rognlie, Xia, IJCAI 2009).
- `simultaneous`: all of them go at once; when that would leave nobody, they share the lead.

A ballot that puts several of those left first is split evenly among them; one that puts all of them
equal, for it ranked none of them, counts for none any more.
"""

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Literal, TypeAlias

from dataagents.plugins.voting.options import LeadOptions, threshold_of
from dataagents.plugins.voting.poll import Order, Poll
from dataagents.plugins.voting.standing import Lead, Standing

_MOST_WORK = 500_000
"""Sets of options left, times different orders, that are looked at: ties can branch for ever."""

Votes: TypeAlias = Mapping[int, Fraction | int]


class InstantRunoffOptions(LeadOptions):
    """Options of instant run-off."""

    ties: Literal["parallel", "simultaneous"] = "parallel"
    """Who goes when several have the fewest first places: each in turn, or all at once."""


def instant_runoff(poll: Poll, options: InstantRunoffOptions) -> Standing:
    """The option with the fewest first places goes, again and again; see the module."""
    orders, size = poll.orders(), len(poll.options)
    cast, run = orders.total(), _Run(orders, size)
    finished = run.follow(at_once=options.ties == "simultaneous")
    leads = {
        poll.options[place]: Lead(
            Fraction(votes) / cast,
            f"{float(votes):g} of {cast} votes in the last round ({float(votes / cast):.1%})",
        )
        for place, votes in sorted(run.winners.items())
        if cast
    }
    return Standing(
        leads,
        poll.firsts(),
        cast,
        "more first places than the others left",
        threshold_of(options),
        {option: float(run.outlasted[place]) for place, option in enumerate(poll.options)},
        "" if finished else f"{len(leads)} options tie in more ways than can be followed",
    )


class _Run:
    """One count: follows eliminations, and notes who wins and who outlasted how many."""

    def __init__(self, orders: Counter[Order], size: int) -> None:
        self._orders = orders
        self._size = size
        self.winners: dict[int, Fraction | int] = {}
        """Position of an option → its most votes in a last round."""
        self.outlasted = [0] * size
        """How many others were gone at the latest before each option was."""

    def follow(self, *, at_once: bool) -> bool:
        """Eliminate until somebody has won, in every way there is.

        Returns:
            False when there were too many; all who may have won count as winners then.
        """
        waiting = [frozenset(range(self._size))] if self._size else []
        seen: set[frozenset[int]] = set()
        first_tie: Votes = {}
        most = max(2 * self._size, _MOST_WORK // max(1, len(self._orders)))
        while waiting:
            left = waiting.pop()
            if left in seen:
                continue
            if len(seen) == most:
                self.winners = dict(first_tie)
                return False
            seen.add(left)
            votes = self._votes(left)
            last = self._eliminate(left, votes, at_once=at_once)
            # Those without any first place can go in any order: nothing moves up.
            if at_once or not last or not votes[min(last)]:
                waiting += [left - last] if last else []
            else:
                first_tie = first_tie or (votes if len(last) > 1 else {})
                waiting += [left - {place} for place in last]
        return True

    def _eliminate(self, left: frozenset[int], votes: Votes, *, at_once: bool) -> frozenset[int]:
        """Return who has the fewest votes of those left; nobody when somebody has won."""
        for place in left:
            self.outlasted[place] = max(self.outlasted[place], self._size - len(left))
        fewest, half = min(votes.values()), Fraction(sum(votes.values())) / 2
        last = frozenset(place for place in left if votes[place] == fewest)
        won = [place for place in left if votes[place] > half]
        if last == left and (at_once or not fewest or len(left) <= 2):
            won = list(left)
        elif at_once and len(left - last) == 1:
            won = list(left - last)
        for place in won:
            self.winners[place] = max(votes[place], self.winners.get(place, 0))
            self.outlasted[place] = self._size - 1
        return frozenset() if won else last

    def _votes(self, left: frozenset[int]) -> Votes:
        votes: dict[int, Fraction | int] = dict.fromkeys(left, 0)
        for order, times in self._orders.items():
            for group in order:
                first = left.intersection(group)
                if first:
                    break
            else:
                continue
            if len(first) == 1 or len(first) < len(left):
                part = times if len(first) == 1 else Fraction(times, len(first))
                for place in first:
                    votes[place] += part
        return votes
