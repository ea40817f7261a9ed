"""Foresight: tasks that are expected to fail, because they did in earlier runs."""

from dataagents.core.planning import Failure, FailureKind, PlannedTask, State, Trigger
from dataagents.core.values import Json

FORESEEN = "foreseen:{}"
"""The fact about a data set that says which of its tasks are expected to fail, and how."""


class Foresight:
    """Says of a task, once, that it is expected to fail and that the plan does nothing about it.

    Args:
        provided: Data sets that are planned for in another way because of what is foreseen.
    """

    def __init__(self, provided: frozenset[str]) -> None:
        self._provided = provided
        self._said: set[tuple[str, str]] = set()

    def prediction(self, task: PlannedTask, state: State) -> Failure | None:
        """Return the failure that is to be expected; None when there is none, or it was said."""
        source = source_of(task)
        expected = state.get(FORESEEN.format(source)) if source else None
        if not isinstance(expected, dict) or source in self._provided:
            return None
        if task.name not in expected or (task.name, source) in self._said:
            return None
        self._said.add((task.name, source))
        reason = f"{task.id}: {_words(expected[task.name])}"
        return Failure(task.id, FailureKind.RECOVERABLE, reason, Trigger.PREDICTED)


def source_of(task: PlannedTask) -> str:
    """Return the name of the data set that a task is about; empty when it is about none."""
    source = task.args.get("dataset")
    return source if isinstance(source, str) else ""


def _words(facts: Json) -> str:
    if not isinstance(facts, dict):
        return "expected to fail"
    failed, runs, trigger = facts.get("failed"), facts.get("of"), facts.get("trigger")
    often = "" if failed is None or runs is None else f", as in {failed} of {runs} runs"
    return f"expected to fail{often}" + (f" ({trigger})" if trigger else "")
