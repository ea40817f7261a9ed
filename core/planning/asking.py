"""From a goal to what a planner is asked: the same for a run as for a plan that nobody executes."""

from dataagents.core.errors import InputError
from dataagents.core.planning.domain import Domain, Goal, Task
from dataagents.core.suggestions import did_you_mean


def check_goal(goal: Goal, domain: Domain) -> None:
    """Make sure that a domain knows a goal.

    Raises:
        InputError: It does not; names the nearest one.
    """
    if goal.task not in domain.goals:
        hint = did_you_mean(goal.task, domain.goals).strip()
        raise InputError(f"goal {goal.task!r}", f"not in domain {domain.name!r}", hint=hint)


def root_tasks(goal: Goal) -> tuple[Task, ...]:
    """Return the root tasks of a goal: it is to be achieved for each of its data sets."""
    return tuple(Task(goal.task, {"dataset": name}) for name in goal.inputs)
