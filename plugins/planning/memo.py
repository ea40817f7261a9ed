"""What a search learned from its dead ends.

A dead end is explained by the facts that were read: in any state in which they have the same
values, the same network fails again, whatever the other facts are. So one failure stands for many
(explanation-based learning: Kambhampati, "On the relations between intelligent backtracking and
failure-driven explanation-based learning in constraint satisfaction and planning", AIJ 105, 1998).
"""

from collections.abc import Callable, Hashable
from typing import TypeAlias

from dataagents.core.planning import State, Task
from dataagents.plugins.planning.state import Facts, Recording

Conflict: TypeAlias = "frozenset[str] | None"
"""Facts that explain a failure together with the network; None for all facts."""

NOTHING: Conflict = frozenset()
_LARGEST = 64
"""Facts of an explanation; beyond, all facts are taken for it."""
_MOST = 32
"""Explanations of other facts that are kept for one network."""


def joined(one: Conflict, other: Conflict) -> Conflict:
    """Return what explains two failures together."""
    if one is None or other is None:
        return None
    both = one | other
    return both if len(both) <= _LARGEST else None


def asked(facts: Facts, function: Callable[[State, Task], object], task: Task) -> Conflict:
    """Return the facts that a pure function of a task reads in the state as it is."""
    recording = Recording(facts.known)
    function(recording, task)
    return None if recording.everything else frozenset(recording.reads)


class Memo:
    """Failed pairs of network and state, states by the facts that mattered."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._explained: dict[int, dict[tuple[str, ...], set[tuple[Hashable, ...]]]] = {}
        self._exact: set[tuple[int, int]] = set()
        self.entries = 0

    def failed(self, network: int) -> "tuple[Conflict] | None":
        """Return the explanation, in a tuple, when a network is known to fail in this state."""
        for names, failures in self._explained.get(network, {}).items():
            if self._facts.projected(names) in failures:
                return (frozenset(names),)
        digest = self._facts.digest
        return (None,) if digest is not None and (network, digest) in self._exact else None

    def learn(self, network: int, conflict: Conflict) -> None:
        """Remember that a network fails in this state."""
        kept = self._explained.setdefault(network, {}) if conflict is not None else {}
        names = () if conflict is None else tuple(sorted(conflict))
        if conflict is not None and (names in kept or len(kept) < _MOST):
            kept.setdefault(names, set()).add(self._facts.projected(names))
        elif self._facts.digest is not None:
            self._exact.add((network, self._facts.digest))
        self.entries += 1

    def forget_exact(self) -> None:
        """Forget failures that may have been relative to a way that was still open."""
        self._exact.clear()
