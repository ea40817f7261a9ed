"""How the changes of a plan look: what made each of them, what is different, how much stayed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dataagents.core.planning import Decomposition, Plan, Replan
from dataagents.plugins.reporting.measures import part_of

MOST_TASKS: Final = 40
"""Tasks that are named for each sign; more are counted."""
MOST_CHANGES: Final = 50


@dataclass(frozen=True, slots=True)
class Named:
    """Tasks that a change has in common, as many as can be looked through."""

    sign: str
    word: str
    tasks: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class ChangePicture:
    """A change of plan, laid out."""

    number: int
    after: float
    """Seconds from the start of the run."""
    trigger: str
    task: str
    kind: str
    reason: str
    why: str
    """What the diff says, where that is more than the reason."""
    differences: tuple[Named, ...]
    kept: int
    due: int
    """Tasks that were still to be done in the plan before."""
    stability: float
    methods: tuple[Decomposition, ...]
    """How tasks are broken up otherwise than in the plan before."""
    size: int
    """Tasks of the new plan."""
    confidence: float


def changes_of(
    first: Plan | None, replans: Sequence[Replan], started: datetime
) -> tuple[ChangePicture, ...]:
    """Lay out the changes of a run's plan, in their order.

    Args:
        first: The plan that the run began with.
        replans: Its changes.
        started: When the run did.
    """
    before = [first, *(replan.plan for replan in replans)]
    shown = zip(before, replans[:MOST_CHANGES], strict=False)
    return tuple(_change(number, *each, started) for number, each in enumerate(shown, start=1))


def _change(number: int, before: Plan | None, replan: Replan, started: datetime) -> ChangePicture:
    used = {(each.task, each.method) for each in before.decompositions} if before else set()
    methods = [each for each in replan.plan.decompositions if (each.task, each.method) not in used]
    diff, failure = replan.diff, replan.failure
    moved = [f"{each.task} (place {each.before + 1} → {each.after + 1})" for each in diff.moved]
    differences = (
        _named("+", "added", diff.added),
        _named("-", "removed", diff.removed),
        _named("~", "moved", moved),
    )
    return ChangePicture(
        number=number,
        after=max(0.0, (replan.at - started).total_seconds()),
        trigger=failure.trigger.value,
        task=failure.task,
        kind=failure.kind.value,
        reason=failure.reason,
        why="" if diff.why == failure.reason else diff.why,
        differences=tuple(each for each in differences if each.tasks),
        kept=len(diff.kept),
        due=len(diff.kept) + len(diff.removed),
        stability=part_of(diff.stability, 1.0),
        methods=tuple(methods[:MOST_TASKS]),
        size=len(replan.plan.tasks),
        confidence=replan.plan.confidence,
    )


def _named(sign: str, word: str, tasks: Sequence[str]) -> Named:
    return Named(sign, word, tuple(tasks[:MOST_TASKS]), max(0, len(tasks) - MOST_TASKS))
