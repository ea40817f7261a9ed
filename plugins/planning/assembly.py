"""Assembly: what becomes of a plan that was found, phase by phase.

Work that several parts ask for is merged, tasks learn what they wait for and when they can run, the
flow of facts is checked, and what may go wrong is worked out.
"""

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass

from dataagents.core.errors import NoPlanError
from dataagents.core.planning import (
    DataFlowError,
    Merge,
    Phase,
    Plan,
    PlannedTask,
    Problem,
    Risk,
    check_flow,
)
from dataagents.plugins.planning.found import Found
from dataagents.plugins.planning.layout import label, lay_out, names, step
from dataagents.plugins.planning.merging import merge
from dataagents.plugins.planning.risk import Assessment, assess
from dataagents.plugins.planning.schedule import Arrangement, arrange

_LARGE = 2_000
"""Tasks above which a plan is put together beside the event loop, which others need meanwhile."""

_NAMED = 3
"""Most root tasks that are named in the trace."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Tasks in their places, and what was merged into them."""

    tasks: tuple[PlannedTask, ...]
    merged: tuple[Merge, ...]
    saved: float
    """Cost of the tasks that need not be done twice."""


async def assembled(
    problem: Problem, found: Found, *, preparing: float = 0.0, searching: float = 0.0
) -> Plan:
    """Return what `assemble` does, without keeping others from the event loop for long."""
    if len(found.actions) <= _LARGE:
        return assemble(problem, found, preparing=preparing, searching=searching)
    return await asyncio.to_thread(
        assemble, problem, found, preparing=preparing, searching=searching
    )


def assemble(
    problem: Problem, found: Found, *, preparing: float = 0.0, searching: float = 0.0
) -> Plan:
    """Return the plan that a search found: optimised, checked, with its risks and its phases.

    Args:
        problem: What was asked for.
        found: What the search came back with.
        preparing: Seconds that it took to get from the goal to its root tasks.
        searching: Seconds that the search took.

    Raises:
        NoPlanError: A task needs more of a resource than there is (`ResourceError`), or a fact that
            is not there when it is its turn.
    """
    began = time.monotonic()
    laid_out = _laid_out(problem, found)
    _check(laid_out.tasks, problem)
    arranged = arrange(laid_out.tasks, problem.domain.resources, problem.workers)
    total = sum(task.seconds for task in laid_out.tasks)
    optimised = time.monotonic()
    assessed = assess(laid_out.tasks, found.choices, problem.domain, arranged.schedule)
    done = time.monotonic()
    return Plan(
        id="",
        goal=problem.goal,
        tasks=laid_out.tasks,
        decompositions=found.choices,
        risks=assessed.risks,
        confidence=assessed.confidence,
        seconds=arranged.length,
        total_seconds=total,
        cost=found.cost - laid_out.saved,
        schedule=arranged.schedule,
        merged=laid_out.merged,
        phases=(
            Phase("root task", _rooted(problem), preparing),
            Phase("decomposition", _decomposed(found), searching),
            Phase("optimisation", _optimised(laid_out, arranged, total), optimised - began),
            Phase("risk analysis", _assessed(assessed), done - optimised),
        ),
        objective=problem.objective,
    )


def makespan(problem: Problem, found: Found) -> float:
    """Return how many seconds a plan takes with the workers and resources there are.

    Raises:
        ResourceError: A task needs more of a resource than there is.
    """
    laid_out = _laid_out(problem, found)
    arranged = arrange(laid_out.tasks, problem.domain.resources, problem.workers)
    return arranged.schedule.makespan


def _laid_out(problem: Problem, found: Found) -> _Layout:
    """Merge what is asked for twice, and find out what each task waits for."""
    operators = {operator.name: operator for operator in problem.domain.operators}
    tasks = [action.task for action in found.actions]
    used = [operators[task.name] for task in tasks]
    steps = [
        step(operator, action.task, action.before or ())
        for operator, action in zip(used, found.actions, strict=True)
    ]
    merged = merge(used, tasks, steps)
    ids = names(tasks)
    dropped: dict[int, list[str]] = defaultdict(list)
    for place, first in merged.into.items():
        dropped[first].append(ids[place])
    planned = lay_out(
        [tasks[place] for place in merged.kept],
        problem.domain,
        ids=[ids[place] for place in merged.kept],
        steps=merged.steps,
        parents=[found.actions[place].parent for place in merged.kept],
        known=problem.state,
    )
    return _Layout(
        tasks=planned,
        merged=tuple(Merge(ids[first], tuple(others)) for first, others in dropped.items()),
        saved=sum(used[place].cost for place in merged.into),
    )


def _check(tasks: tuple[PlannedTask, ...], problem: Problem) -> None:
    try:
        check_flow(tasks, problem.state)
    except DataFlowError as error:
        raise NoPlanError(error.task, error.reason) from error


def _rooted(problem: Problem) -> str:
    labels = [label(task) for task in problem.tasks]
    more = f" and {len(labels) - _NAMED:,} more" if len(labels) > _NAMED else ""
    named = ", ".join(labels[:_NAMED]) + more
    return f"goal {problem.goal.task!r}: {_count(len(labels), 'root task')} {named}".rstrip()


def _decomposed(found: Found) -> str:
    actions, choices = len(found.actions), len(found.choices)
    told = f"; {found.summary}" if found.summary else ""
    return f"{_count(actions, 'action')} by {_count(choices, 'choice')} of a method{told}"


def _optimised(laid_out: _Layout, arranged: Arrangement, total: float) -> str:
    schedule = arranged.schedule
    words = [_count(len(laid_out.tasks), "task")]
    if total > 0:
        lanes = 1 + max(slot.worker for slot in schedule.slots)
        words.append(f"at most {lanes:,} side by side")
        words.append(f"critical path {arranged.length:,.10g} s of {total:,.10g} s")
        if schedule.makespan > arranged.length:
            proven = ", which is the least" if arranged.proven else ""
            words.append(f"{schedule.makespan:,.10g} s with {_means(schedule.workers)}{proven}")
    else:
        words.append(f"{len(schedule.critical_path):,} of them one after another, no estimates")
    merged = sum(len(each.dropped) for each in laid_out.merged)
    words.append(f"{merged:,} merged")
    return ", ".join(words)


def _means(workers: int | None) -> str:
    return "the resources there are" if workers is None else _count(workers, "worker")


def _assessed(assessed: Assessment) -> str:
    words = f"confidence {assessed.confidence:.4g}"
    if not assessed.risks:
        return f"{words}, nothing is known that may fail"
    worst: Risk = assessed.risks[0]
    count = _count(len(assessed.risks), "risk")
    return f"{words}, {count}, the largest {worst.task} (without it {worst.loss:.3g} more)"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
