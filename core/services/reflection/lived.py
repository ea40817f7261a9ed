"""Lived: what a run was like, as an experience that others can learn from. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dataagents.core.goals import RunOutcome, RunStatus
from dataagents.core.planning import (
    Execution,
    Failure,
    Goal,
    Plan,
    PlannedTask,
    Replan,
    Trigger,
)
from dataagents.core.reflection import Delivery, Experience, MethodUse, Mishap
from dataagents.core.services.planning.foresight import FORESEEN, source_of
from dataagents.core.values import Json, JsonObject

_MOST_REASONS = 20
"""Reasons for which rows were held back that one run tells about."""


@dataclass(frozen=True, slots=True)
class Lived:
    """Everything that is known of a run when it has ended."""

    goal: Goal
    outcome: RunOutcome
    plan: Plan
    """The first one."""
    execution: Execution
    deliveries: Sequence[Delivery]
    applied: Sequence[str]
    """Ids of the lessons that changed something."""


def experience_of(lived: Lived, id: str, at: datetime) -> Experience:
    """Return a run as an experience."""
    execution, outcome = lived.execution, lived.outcome
    return Experience(
        id=id,
        at=at,
        goal=lived.goal.task,
        sources=tuple(lived.goal.inputs),
        success=outcome.status in (RunStatus.DONE, RunStatus.WITHHELD),
        seconds=outcome.seconds,
        quality=_quality(execution),
        deliveries=tuple(lived.deliveries),
        failures=_failures(execution),
        replans=len(execution.replans),
        run=outcome.run,
        methods=tuple(_methods(lived)),
        mishaps=tuple(_mishaps(lived)),
        records=_records(execution),
        applied=tuple(lived.applied),
    )


def _quality(execution: Execution) -> float | None:
    """Return the quality measured last."""
    measured = [each.quality for each in execution.completed if each.quality is not None]
    return measured[-1] if measured else None


def _records(execution: Execution) -> int | None:
    """Return how many rows went in, as far as facts say so in `rows_in`."""
    counts = [
        rows
        for value in execution.state.values()
        if isinstance(value, dict) and isinstance(rows := value.get("rows_in"), int)
    ]
    return sum(counts) if counts else None


def _failures(execution: Execution) -> tuple[Failure, ...]:
    failures = [replan.failure for replan in execution.replans]
    if execution.failure is not None:
        failures.append(execution.failure)
    return tuple(failures)


def _methods(lived: Lived) -> Iterator[MethodUse]:
    """Yield the methods that were put to the test; one that failed once did not succeed later."""
    plans = [lived.plan, *(replan.plan for replan in lived.execution.replans)]
    done = {result.task for result in lived.execution.completed if result.success}
    dropped: list[set[str]] = [
        {replan.failure.task, *replan.diff.removed} for replan in lived.execution.replans
    ]
    last = lived.execution.failure
    dropped.append({last.task} if last is not None else set())
    found: dict[tuple[str, str], MethodUse] = {}
    for plan, lost in zip(plans, dropped, strict=True):
        for use, success in _uses(plan, done, lost):
            before = found.get(use)
            if before is None or before.success:
                name, source = use[0].partition("\n")[::2]
                found[use] = MethodUse(name, use[1], source, success)
    yield from found.values()


def _uses(plan: Plan, done: set[str], lost: set[str]) -> Iterator[tuple[tuple[str, str], bool]]:
    """Yield the methods of a plan of which all tasks were done, or one was lost."""
    tasks: dict[str, list[PlannedTask]] = {}
    parents = {choice.id: choice.parent for choice in plan.decompositions}
    for task in plan.tasks:
        above = task.parent
        while above:
            tasks.setdefault(above, []).append(task)
            above = parents.get(above, "")
    for choice in plan.decompositions:
        below = tasks.get(choice.id, ())
        failed = any(task.id in lost for task in below)
        if not below or not (failed or all(task.id in done for task in below)):
            continue
        name = choice.task.partition("(")[0]
        yield (f"{name}\n{_common_source(below)}", choice.method), not failed


def _common_source(tasks: Sequence[PlannedTask]) -> str:
    sources = {source_of(task) for task in tasks}
    return sources.pop() if len(sources) == 1 else ""


def _mishaps(lived: Lived) -> Iterator[Mishap]:
    tasks = {task.id: task for task in lived.plan.tasks}
    for replan in lived.execution.replans:
        failure = replace(replan.failure, task=_struck(replan, tasks))
        yield _mishap(failure, tasks, lived.deliveries, _remedy(replan))
        tasks.update({task.id: task for task in replan.plan.tasks})
    if lived.execution.failure is not None:
        yield _mishap(lived.execution.failure, tasks, lived.deliveries, ())
    yield from _foreseen(lived.execution, tasks)
    yield from _held_back(lived.execution.state)


def _mishap(
    failure: Failure,
    tasks: Mapping[str, PlannedTask],
    deliveries: Sequence[Delivery],
    remedy: tuple[str, ...],
) -> Mishap:
    task = tasks.get(failure.task)
    name, source = (task.name, source_of(task)) if task is not None else (failure.task, "")
    agents = [
        each.agent
        for each in deliveries
        if not each.success and each.task == name and each.source in ("", source)
    ]
    return Mishap(
        task=name,
        source=source,
        trigger=failure.trigger,
        reason=failure.reason,
        agent=agents[-1] if agents else "",
        remedy=remedy,
    )


def _struck(replan: Replan, tasks: Mapping[str, PlannedTask]) -> str:
    """Return the task that failed, or that would have come next where a watch was quicker."""
    if replan.failure.task:
        return replan.failure.task
    added = set(replan.diff.added)
    sources = {source_of(task) for task in replan.plan.tasks if task.id in added}
    ahead = {*replan.diff.kept, *replan.diff.removed}
    struck = (task for task in tasks.values() if task.id in ahead and source_of(task) in sources)
    return next((task.id for task in struck), "")


def _remedy(replan: Replan) -> tuple[str, ...]:
    """Return the names of the operators that came into the plan."""
    added = set(replan.diff.added)
    return tuple(dict.fromkeys(task.name for task in replan.plan.tasks if task.id in added))


def _foreseen(execution: Execution, tasks: Mapping[str, PlannedTask]) -> Iterator[Mishap]:
    """Yield what was foreseen and did happen: the plan had a remedy ready, and it was needed."""
    done: dict[str, set[str]] = {}
    for result in execution.completed:
        task = tasks.get(result.task)
        if task is not None and result.success:
            done.setdefault(source_of(task), set()).add(task.name)
    for fact, value in execution.state.items():
        source = fact.partition(":")[2]
        if fact != FORESEEN.format(source) or not isinstance(value, dict):
            continue
        for task_name, expected in value.items():
            remedy = _names(expected)
            if remedy and set(remedy) <= done.get(source, set()):
                reason = "it happened as foreseen, and the plan was ready for it"
                yield Mishap(task_name, source, Trigger.PREDICTED, reason, remedy=remedy)


def _names(expected: Json) -> tuple[str, ...]:
    remedy = expected.get("remedy") if isinstance(expected, dict) else None
    return tuple(str(name) for name in remedy) if isinstance(remedy, list) else ()


def _held_back(state: Mapping[str, Json]) -> Iterator[Mishap]:
    """Yield why rows were held back: facts say so in `reasons`, by column and rule."""
    for fact, value in state.items():
        reasons = value.get("reasons") if isinstance(value, dict) else None
        name, _, source = fact.partition(":")
        for reason in (reasons if isinstance(reasons, list) else [])[:_MOST_REASONS]:
            if isinstance(reason, dict) and "rule" in reason:
                yield _of_rows(name, source, reason)


def _of_rows(name: str, source: str, reason: JsonObject) -> Mishap:
    return Mishap(
        task=name,
        source=source,
        trigger=Trigger.QUALITY,
        reason=str(reason.get("explanation", "")),
        column=str(reason.get("column", "")),
        rule=str(reason.get("rule", "")),
    )
