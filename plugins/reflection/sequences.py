"""Frequent sequences: what happens in the same order in many runs, whatever lies between.

PrefixSpan (Pei et al., "PrefixSpan: Mining Sequential Patterns Efficiently by Prefix-Projected
Pattern Growth", 2001): a sequence that is frequent is made longer by what is frequent in the rests
behind it. A longer sequence is never more frequent than what it begins with, so the most frequent
one is always made longer first, and a limit on their number costs the least frequent ones only
(Tzvetkov, Yan and Han, "TSP: Mining Top-K Closed Sequential Patterns", 2003).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import islice

RUNS = 500
"""How many sequences are looked at: the newest ones."""
ITEMS = 200
"""How many items of each: the first ones."""

_Rests = dict[int, int]
"""Sequence → where what follows the pattern's first occurrence begins."""


@dataclass(frozen=True, slots=True)
class FrequentSequence:
    """Items that occur in this order in several runs."""

    items: tuple[str, ...]
    support: int
    """In how many runs."""


def frequent_sequences(
    runs: Sequence[Sequence[str]], *, support: int, longest: int = 4, most: int = 100
) -> tuple[FrequentSequence, ...]:
    """Return what occurs in the same order in many runs, the most frequent first.

    Args:
        runs: What happened in each, in order; the newest run last.
        support: In how many runs a sequence has to occur.
        longest: How many items a sequence may have.
        most: How many are returned.

    Raises:
        ValueError: When one of the bounds is below 1.
    """
    if min(support, longest, most) < 1:
        raise ValueError("support, longest and most have to be at least 1")
    searched = [tuple(islice(run, ITEMS)) for run in runs[-RUNS:]]
    return tuple(islice(_by_support(searched, support, longest), most))


def closed(sequences: Sequence[FrequentSequence]) -> tuple[FrequentSequence, ...]:
    """Return those that no longer one with the same support says already."""
    return tuple(
        each
        for each in sequences
        if not any(
            other.support == each.support
            and len(other.items) > len(each.items)
            and is_within(each.items, other.items)
            for other in sequences
        )
    )


def is_within(items: Sequence[str], run: Sequence[str]) -> bool:
    """Return whether the items occur in the run, in their order, whatever lies between."""
    rest = iter(run)
    return all(item in rest for item in items)


def _by_support(
    runs: Sequence[Sequence[str]], support: int, longest: int
) -> Iterator[FrequentSequence]:
    waiting: list[tuple[int, int, tuple[str, ...], _Rests]] = []

    def lengthen(items: tuple[str, ...], rests: _Rests) -> None:
        for item, further in sorted(_followers(runs, rests).items()):
            if len(further) >= support:
                heappush(waiting, (-len(further), len(items) + 1, (*items, item), further))

    lengthen((), dict.fromkeys(range(len(runs)), 0))
    while waiting:
        less, length, items, rests = heappop(waiting)
        yield FrequentSequence(items, -less)
        if length < longest:
            lengthen(items, rests)


def _followers(runs: Sequence[Sequence[str]], rests: _Rests) -> dict[str, _Rests]:
    """Return item → where the rests behind its first occurrence begin."""
    found: defaultdict[str, _Rests] = defaultdict(dict)
    for run, start in rests.items():
        for place, item in enumerate(islice(runs[run], start, None), start + 1):
            found[item].setdefault(run, place)
    return found
