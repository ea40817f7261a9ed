"""The report of a run: what `dataagents run` says at the end, as plain values.

Every figure was measured by a tool and comes from the facts of the run; one that was not measured
is None. Texts are safe to show.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dataagents.console.commands.dataset_report import DatasetReport, dataset_report
from dataagents.console.commands.learning_report import (
    LessonReport,
    ReplanReport,
    lessons_of,
    replan_report,
)
from dataagents.console.view.fields import Fields, name
from dataagents.console.view.usage import ModelUse
from dataagents.core import RunResult, RunStatus
from dataagents.core.planning import TaskResult
from dataagents.core.voting import Election


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
class RunReport:
    """What a run gave."""

    run: str
    status: RunStatus
    reason: str
    """Why it did not end well: what was withheld, rejected, undecided or failed."""
    seconds: float
    dry_run: bool
    """Whether the files are those that would have been written."""
    datasets: tuple[DatasetReport, ...]
    decisions: tuple[DecisionReport, ...]
    work: tuple[WorkReport, ...]
    replans: tuple[ReplanReport, ...]
    applied: tuple[LessonReport, ...]
    """Lessons of earlier runs that changed something in this one."""
    learned: tuple[LessonReport, ...]
    """Lessons that this run made, or changed."""
    model: ModelUse | None
    """None where rules alone decided."""
    files: Mapping[str, str]
    """Name of an output → the file it wrote."""
    store: str


def report_of(
    result: RunResult,
    store: str,
    *,
    paths: Mapping[str, str],
    model: ModelUse | None = None,
    dry_run: bool = False,
) -> RunReport:
    """Return the report of a run that ended.

    Args:
        result: What the kernel returned.
        store: Where the trace is.
        paths: Data set → what the user named it by.
        model: What models did in it.
        dry_run: Whether nothing was written.
    """
    execution = result.execution
    completed = execution.completed if execution is not None else ()
    return RunReport(
        run=result.outcome.run,
        status=result.outcome.status,
        reason=Fields({"reason": result.outcome.reason}).text("reason"),
        seconds=result.outcome.seconds,
        dry_run=dry_run,
        datasets=tuple(
            dataset_report(dataset, path, execution, result.goal.settings)
            for dataset, path in paths.items()
        ),
        decisions=tuple(_decision(each) for each in result.elections),
        work=tuple(_work(each) for each in completed),
        replans=tuple(replan_report(each) for each in (execution.replans if execution else ())),
        applied=lessons_of(result.applied),
        learned=lessons_of(result.reflection.adaptations if result.reflection else ()),
        model=model,
        files={name(output): name(str(path)) for output, path in result.files.items()},
        store=name(store),
    )


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
