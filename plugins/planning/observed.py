"""Observed dependencies: what actions read and made in a plan, where operators don't declare it.

Where the order of tasks is open, the search may have found that only some orders work. For an
operator that declares no facts, what it really read and made is found by going through the plan
once more, so that the plan keeps these orders and no others.
"""

from collections.abc import Sequence

from dataagents.core.planning import State
from dataagents.core.values import Json
from dataagents.plugins.planning.ordering import is_silent
from dataagents.plugins.planning.path import Act
from dataagents.plugins.planning.state import Recording


class _Users:
    """Who made a fact last, and who has read it since."""

    def __init__(self) -> None:
        self._makers: dict[str, int] = {}
        self._readers: dict[str, list[int]] = {}
        self._all_readers: list[int] = []

    def needed(self, place: int, read: Recording, made: Sequence[str]) -> set[int]:
        """Return whom an action has to come after; note what it did itself."""
        needed = {self._makers[fact] for fact in (*read.reads, *made) if fact in self._makers}
        if read.everything:
            needed.update(self._makers.values())
        if made:
            needed.update(self._all_readers)
        for fact in made:
            needed.update(self._readers.pop(fact, ()))
            self._makers[fact] = place
        for fact in read.reads.difference(made):
            self._readers.setdefault(fact, []).append(place)
        if read.everything:
            self._all_readers.append(place)
        return needed


def observed_order(acts: Sequence[Act], start: State) -> list[set[int]]:
    """Return for each action the positions of those that it comes after because of facts.

    Only pairs are listed of which one at least declares no facts.

    Args:
        acts: In the order of the plan.
        start: The state before the first one.
    """
    state: dict[str, Json] = dict(start)
    users, found = _Users(), list[set[int]]()
    silent = [is_silent(act.operator) for act in acts]
    for place, act in enumerate(acts):
        recording = Recording(state)
        act.operator.condition(recording, act.cell.task)
        effect = act.operator.effect(recording, act.cell.task)
        needed = users.needed(place, recording, tuple(effect))
        found.append({at for at in needed if silent[place] or silent[at]})
        state.update(effect)
    return found
