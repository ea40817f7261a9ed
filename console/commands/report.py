"""The report of a run: what `dataagents run` says at the end, as plain values.

Every figure was measured by a tool and comes from the facts of the run; one that was not measured
is None. Texts are safe to show.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dataagents.console.view.fields import Fields, name
from dataagents.core import RunResult, RunStatus
from dataagents.core.planning import Execution, Replan, TaskResult
from dataagents.core.voting import Election


@dataclass(frozen=True, slots=True)
class Reason:
    """Why rows are in quarantine."""

    column: str
    rule: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class DatasetReport:
    """What became of one data set."""

    name: str
    path: str
    rows_in: int | None
    clean: int | None
    quarantine: int | None
    rejects: int | None
    duplicates: int | None
    score_before: float | None
    """Data quality score in [0, 1] when it was first measured."""
    score: float | None
    """The same when it was last measured."""
    dimensions: Mapping[str, float | None]
    weakest: str
    cells_changed: int | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class DecisionReport:
    """What the agents were asked, and what they decided."""

    question: str
    about: str
    decision: str | None
    tally: str
    """The result in one sentence."""


@dataclass(frozen=True, slots=True)
class WorkReport:
    """What one agent did."""

    agent: str
    task: str
    summary: str
    """Empty for a decision: that is told as one."""
    seconds: float


@dataclass(frozen=True, slots=True)
class ReplanReport:
    """Why the plan changed, and how."""

    reason: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run gave."""

    run: str
    status: RunStatus
    reason: str
    seconds: float
    datasets: tuple[DatasetReport, ...]
    decisions: tuple[DecisionReport, ...]
    work: tuple[WorkReport, ...]
    replans: tuple[ReplanReport, ...]
    files: Mapping[str, str]
    """Name of an output → the file it wrote."""
    store: str


def report_of(result: RunResult, store: str) -> RunReport:
    """Return the report of a run that ended.

    Args:
        result: What the kernel returned.
        store: Where the trace is.
    """
    execution = result.execution
    completed = execution.completed if execution is not None else ()
    return RunReport(
        run=result.outcome.run,
        status=result.outcome.status,
        reason=Fields({"reason": result.outcome.reason}).text("reason"),
        seconds=result.outcome.seconds,
        datasets=tuple(
            _dataset(dataset, path, execution) for dataset, path in result.goal.inputs.items()
        ),
        decisions=tuple(_decision(each) for each in result.elections),
        work=tuple(_work(each) for each in completed),
        replans=tuple(_replan(each) for each in (execution.replans if execution else ())),
        files={name(output): name(str(path)) for output, path in result.files.items()},
        store=name(store),
    )


def _dataset(dataset: str, path: str, execution: Execution | None) -> DatasetReport:
    state = Fields(execution.state if execution is not None else {})
    routed = state.part(f"routed:{dataset}")
    measured = _measurements(dataset, execution)
    latest = measured[-1] if measured else Fields({})
    return DatasetReport(
        name=name(dataset),
        path=name(path),
        rows_in=_rows(routed, "rows_in"),
        clean=_rows(routed, "clean"),
        quarantine=_rows(routed, "quarantine"),
        rejects=_rows(routed, "rejects"),
        duplicates=_rows(routed, "duplicates"),
        score_before=measured[0].number("score") if len(measured) > 1 else None,
        score=latest.number("score"),
        dimensions={
            dimension: latest.part("dimensions").number(dimension)
            for dimension in latest.pairs("dimensions")
        },
        weakest=latest.name("weakest"),
        cells_changed=_rows(state.part(f"transformed:{dataset}"), "cells_changed"),
        reasons=tuple(
            Reason(each.name("column"), each.name("rule"), _rows(each, "rows"))
            for each in routed.parts("reasons")
        ),
    )


def _measurements(dataset: str, execution: Execution | None) -> list[Fields]:
    """Return the quality of a data set each time that a task measured it, oldest first."""
    fact = f"quality:{dataset}"
    completed = execution.completed if execution is not None else ()
    effects = (Fields(each.effects) for each in completed)
    return [each.part(fact) for each in effects if fact in each]


def _rows(fields: Fields, key: str) -> int | None:
    number = fields.number(key)
    return None if number is None else int(number)


def _decision(election: Election) -> DecisionReport:
    tally = Fields({"reason": election.tally.reason, "decision": election.tally.decision})
    motion = Fields({"question": election.motion.question, "about": election.motion.about})
    return DecisionReport(
        question=motion.text("question"),
        about=motion.name("about"),
        decision=tally.text("decision") or None,
        tally=tally.text("reason"),
    )


def _work(result: TaskResult) -> WorkReport:
    return WorkReport(
        agent=name(result.agent),
        task=name(result.task),
        summary="" if result.election else Fields({"summary": result.summary}).text("summary"),
        seconds=result.seconds,
    )


def _replan(replan: Replan) -> ReplanReport:
    return ReplanReport(
        reason=Fields({"reason": replan.failure.reason}).text("reason"),
        added=tuple(map(name, replan.added)),
        removed=tuple(map(name, replan.removed)),
    )
