"""Data flow: does every task of a plan find the facts that it needs?"""

from collections.abc import Collection, Iterable

from dataagents.core.errors import DataAgentsError
from dataagents.core.planning.plan import PlannedTask
from dataagents.core.suggestions import nearest


class DataFlowError(DataAgentsError):
    """Raised about a plan in which a task needs a fact that is not there when it is its turn.

    Args:
        task: Id of the task that needs it.
        fact: What it needs.
        makers: Ids of the later tasks that make it; none when nobody does.
        close: The most similar fact that is there; None when there is none.
    """

    def __init__(
        self, task: str, fact: str, makers: tuple[str, ...] = (), close: str | None = None
    ) -> None:
        self.task = task
        self.fact = fact
        self.makers = makers
        if makers:
            self.reason = f"it needs {fact!r}, which is made only later, by {makers[0]!r}"
        else:
            hint = f"; did you mean {close!r}?" if close else ""
            self.reason = f"it needs {fact!r}, which nobody makes and the state does not have{hint}"
        super().__init__(f"plan: task {task!r} can't run: {self.reason}")


def check_flow(tasks: Iterable[PlannedTask], known: Collection[str] = ()) -> None:
    """Make sure that each task, done in the order given, finds the facts that it needs.

    Any order in which nobody needs a fact before it is made is right. A task that makes a fact
    anew does not thereby have it: it needs what it reads before it begins.

    Args:
        tasks: In the order in which they are to be done.
        known: Facts that are true before the first one; a state will do.

    Raises:
        DataFlowError: A task needs a fact that only a later one makes, or that nobody makes.
    """
    listed = tuple(tasks)
    made: set[str] = set()
    for position, task in enumerate(listed):
        for fact in task.reads:
            if fact not in made and fact not in known:
                later = listed[position:]
                makers = tuple(each.id for each in later if fact in each.writes)
                others = (name for each in listed for name in each.writes)
                close = None if makers else nearest(fact, {*known, *others})
                raise DataFlowError(task.id, fact, makers, close)
        made.update(task.writes)
