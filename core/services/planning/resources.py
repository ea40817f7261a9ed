"""Resources: how much there is, and how much of it the tasks that run hold."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from dataagents.core.errors import InputError
from dataagents.core.planning import Domain, PlannedTask
from dataagents.core.services.planning.frontier import Needs, needs_of
from dataagents.core.suggestions import did_you_mean

_SLACK = 1e-9
"""Sums of amounts such as 0.1 are not exact."""


class Resources:
    """Bookkeeping for one execution; a resource that the domain doesn't list is not limited."""

    def __init__(self, domain: Domain) -> None:
        self._capacity = dict(domain.resources)
        used = (name for operator in domain.operators for name in operator.resources)
        self._known = frozenset((*domain.resources, *used))
        self._held: defaultdict[str, float] = defaultdict(float)
        self._holders = 0

    def change(self, capacity: Mapping[str, float]) -> None:
        """Set how much there is from now on; what tasks hold already, they keep.

        Raises:
            InputError: A figure makes no sense, or no task of the domain needs the resource.
        """
        for name, amount in capacity.items():
            if name not in self._known:
                hint = did_you_mean(name, self._known).strip()
                raise InputError(f"resource {name!r}", "no task of the domain needs it", hint=hint)
            if not amount >= 0:
                raise InputError(f"resource {name!r}", f"{amount:g} is no figure of at least 0")
        self._capacity.update(capacity)

    def startable(self, needs: Needs) -> bool:
        """Return whether a task need not wait until another one ends.

        One that needs more than there is at all does not have to wait: it has to be planned anew.
        """
        missing = [
            amount <= self._capacity[name] + _SLACK
            for name, amount in needs
            if name in self._capacity and self._held[name] + amount > self._capacity[name] + _SLACK
        ]
        return not missing or not all(missing)

    def lacking(self, task: PlannedTask) -> str:
        """Return why a task could not even run alone; empty when it could."""
        for name, amount in needs_of(task):
            there = self._capacity.get(name)
            if there is not None and amount > there + _SLACK:
                return f"needs {amount:g} {name}, there is {there:g}"
        return ""

    def first_lacking(self, tasks: Iterable[PlannedTask]) -> tuple[str, str] | None:
        """Return the first task that could not run, and why; None when all could."""
        for task in tasks:
            if task.resources and (reason := self.lacking(task)):
                return task.id, reason
        return None

    def hold(self, task: PlannedTask) -> None:
        """Note that a task runs."""
        self._holders += 1
        for name, amount in task.resources.items():
            self._held[name] += amount

    def release(self, task: PlannedTask) -> None:
        """Note that a task runs no more."""
        self._holders -= 1
        for name, amount in task.resources.items():
            self._held[name] -= amount
        if not self._holders:
            self._held.clear()  # so that errors of rounding don't add up
