"""Dependencies: which steps wait for which, from the facts they share and the order of methods.

A step waits for the latest one that made what it needs, and one that makes a fact anew waits for
those that need the older value. It also waits for what its methods put before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Step:
    """A task as far as its place goes."""

    reads: tuple[str, ...] = ()
    """Facts it needs."""
    uses: tuple[str, ...] = ()
    """Facts it takes into account where they are known."""
    writes: tuple[str, ...] = ()
    """Facts it makes."""
    before: tuple[int, ...] = ()
    """Positions, from 0, of the steps that it has to come after whatever facts they share."""


def waits(steps: Sequence[Step]) -> list[tuple[int, ...]]:
    """Return the positions that each step waits for, in ascending order.

    Takes time in proportion to the steps and the dependencies that come out.

    Args:
        steps: In an order that respects what they need.
    """
    facts = _Facts()
    return [
        tuple(sorted({*facts.needed(place, step), *step.before}))
        for place, step in enumerate(steps)
    ]


@dataclass(slots=True)
class _Facts:
    """Who made a fact last, and who has read it since."""

    makers: dict[str, int] = field(default_factory=dict)
    readers: dict[str, list[int]] = field(default_factory=dict)

    def needed(self, place: int, step: Step) -> set[int]:
        """Return the places that a step waits for because of its facts, and take note of it."""
        taken = (*step.reads, *step.uses)
        needed = {self.makers[fact] for fact in taken if fact in self.makers}
        for fact in step.writes:
            # Whoever read the older value waited for its maker already.
            readers = self.readers.pop(fact, [])
            if readers:
                needed.update(readers)
            elif fact in self.makers:
                needed.add(self.makers[fact])
        written = set(step.writes)
        for fact in taken:
            if fact not in written:
                self.readers.setdefault(fact, []).append(place)
        self.makers.update(dict.fromkeys(step.writes, place))
        return needed
