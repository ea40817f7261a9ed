"""The crew: whether somebody is there who could do a task."""

from collections.abc import Iterable, Mapping

from dataagents.core.planning import PlannedTask
from dataagents.core.services.roster import Roster

NOBODY = "nobody:{}"
"""The fact that everybody has left who could do the tasks of an operator, with the reason."""


class Crew:
    """Who is there during one execution, and who is there no more.

    Whether an agent takes a task is up to the agent, and is asked by the auction. What is known
    here is less: that everybody who had the capabilities has left, or is not well.
    """

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._seen: dict[str, Mapping[str, float]] = {}
        self._lost: dict[frozenset[tuple[str, float]], str] = {}
        self._known = self._told = -1
        self._look()

    def changed(self) -> bool:
        """Return whether anything may be new about who is there, since this was asked."""
        self._look()
        told, self._told = self._told, self._known
        return told != self._known

    def lost(self, task: PlannedTask) -> str:
        """Return who could have done a task and is there no more; empty when somebody is."""
        if not task.requires:
            return ""
        self._look()
        key = frozenset(task.requires.items())
        if key not in self._lost:
            self._lost[key] = self._missing(task.requires)
        return self._lost[key]

    def absences(self, tasks: Iterable[PlannedTask]) -> dict[str, str]:
        """Return the facts about tasks that nobody is left for, so that a domain can go by them."""
        return {NOBODY.format(task.name): why for task in tasks if (why := self.lost(task))}

    def first_lost(self, tasks: Iterable[PlannedTask]) -> tuple[str, str] | None:
        """Return the first task that nobody is left for, and why; None when there is none."""
        for task in tasks:
            if reason := self.lost(task):
                return task.id, reason
        return None

    def _look(self) -> None:
        if self._known == self._roster.version:
            return
        self._known = self._roster.version
        self._lost.clear()
        for card in self._roster.cards.values():
            self._seen[card.id] = card.capabilities

    def _missing(self, requires: Mapping[str, float]) -> str:
        able = [who for who, levels in self._seen.items() if _fits(levels, requires)]
        ready = set(self._roster.ready)
        if not able or any(who in ready and self._roster.present(who) for who in able):
            return ""
        states = ", ".join(f"{who} ({self._roster.state(who)})" for who in able)
        return f"nobody is left who can do it: {states}"


def _fits(levels: Mapping[str, float], requires: Mapping[str, float]) -> bool:
    return all(levels.get(name, -1.0) >= least for name, least in requires.items())
