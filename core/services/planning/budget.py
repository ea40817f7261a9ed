"""The budget of replans: how often a plan may be changed before it counts as hopeless."""

from collections import Counter
from collections.abc import Iterable

from dataagents.core.planning import Failure, Trigger
from dataagents.core.services.planning.triggers import ADVISORY


class ReplanBudget:
    """Bounds the replans of one execution.

    Each task has a budget of its own, which is renewed once, when the task is done for the first
    time: being done again is no progress. Alarms that are about no task share one for each trigger,
    which any task that is done for the first time renews. Because a planner may give tasks new
    names each time, the sum is bounded as well, by the budget times the number of tasks of the plan
    that the execution began with.
    """

    def __init__(self, each: int, tasks: int) -> None:
        self._each = each
        self._most = each * max(1, tasks)
        self._by_task: Counter[str] = Counter()
        self._by_trigger: Counter[str] = Counter()
        self._total = 0
        self._achieved: set[str] = set()

    def spend(self, failure: Failure) -> str:
        """Take one replan; return why there is none left, empty when there is."""
        spent, key = self._by_task, failure.task
        if not key:
            spent, key = self._by_trigger, failure.trigger.value
        if spent[key] >= self._each:
            return f"after {spent[key]} replans"
        if self._total >= self._most:
            return f"after {self._total} replans in all"
        spent[key] += 1
        self._total += 1
        return ""

    def relive(self, history: Iterable[str | Failure]) -> None:
        """Count what was done, and what plans were changed for, before the run was cut off."""
        for lived in history:
            if isinstance(lived, str):
                self.achieve(lived)
            elif lived.trigger not in ADVISORY or lived.trigger is Trigger.DEADLINE:
                self.spend(lived)

    def achieve(self, task: str) -> None:
        """Note that a task was done."""
        if task not in self._achieved:
            self._achieved.add(task)
            self._by_task.pop(task, None)
            self._by_trigger.clear()
