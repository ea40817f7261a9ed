"""Validation: whether a task can be started in the state as it is."""

from dataclasses import dataclass

from dataagents.core.planning import (
    Failure,
    FailureKind,
    Operator,
    PlannedTask,
    State,
    Task,
    Trigger,
)
from dataagents.core.services.planning.crew import Crew
from dataagents.core.services.planning.resources import Resources
from dataagents.core.services.planning.service import PlanningService


@dataclass(slots=True)
class Validation:
    """Checks what a task needs: its precondition, its resources, somebody to do it."""

    _planning: PlanningService
    _operators: dict[str, Operator]
    _resources: Resources
    _crew: Crew

    def objection(self, task: PlannedTask, state: State) -> Failure | None:
        """Return why a task can't be started; None when it can."""
        if blocked := self.blocked(task, state):
            return _invalid(task.id, blocked, Trigger.PRECONDITION)
        if lacking := self._resources.lacking(task):
            return _invalid(task.id, lacking, Trigger.RESOURCES)
        if lost := self._crew.lost(task):
            return _invalid(task.id, lost, Trigger.AGENT)
        return None

    def blocked(self, task: PlannedTask, state: State) -> str | None:
        """Return why the precondition of a task does not hold; None when it does."""
        operator = self._operators.get(task.name)
        if operator is None:
            return f"the domain has no operator {task.name!r}"
        return self._planning.blocked(operator, state, Task(task.name, task.args))

    def lost(self, tasks: tuple[PlannedTask, ...]) -> Failure | None:
        """Return why there is nobody left for one of these tasks; None when there is for all."""
        found = self._crew.first_lost(tasks)
        return None if found is None else _invalid(*found, Trigger.AGENT)

    def lacking(self, tasks: tuple[PlannedTask, ...]) -> Failure | None:
        """Return why one of these tasks needs more than there is; None when none does."""
        found = self._resources.first_lacking(tasks)
        return None if found is None else _invalid(*found, Trigger.RESOURCES)


def _invalid(task: str, reason: str, trigger: Trigger) -> Failure:
    return Failure(task, FailureKind.RECOVERABLE, f"{task}: {reason}", trigger)
