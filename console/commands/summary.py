"""The summary of a run, for people: the report laid out for the width there is."""

from collections.abc import Iterator
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from dataagents.console.commands.dataset_summary import (
    dataset_blocks,
    grid,
    indented,
    more,
    overview,
    title,
)
from dataagents.console.commands.learning_summary import learning_blocks
from dataagents.console.commands.model_lines import model_lines
from dataagents.console.commands.report import RunReport
from dataagents.console.commands.trace import trace_command
from dataagents.console.view.words import duration
from dataagents.core import RunStatus

_STATUS_STYLES = {
    RunStatus.DONE: "bold green",
    RunStatus.WITHHELD: "bold yellow",
    RunStatus.UNDECIDED: "bold yellow",
    RunStatus.REJECTED: "bold red",
    RunStatus.FAILED: "bold red",
    RunStatus.CANCELLED: "bold yellow",
    RunStatus.SUSPENDED: "bold yellow",
}
_FEW = 3
"""Data sets that are told one by one; more of them begin with a table."""
_MOST_FILES = 16
_MOST_DECISIONS = 8
_MOST_WORK = 16
_DEEPER = 4
_CHOICES = "--on-drift evolve, freeze, discard_row, discard_value or ask"


def summary_of(report: RunReport) -> RenderableType:
    """Return everything that there is to say about a run that ended."""
    compact = len(report.datasets) > _FEW
    return Group(
        _headline(report),
        *(overview(report.datasets) if compact else _one_by_one(report)),
        *_decisions(report),
        *_work(report),
        *_model(report),
        *learning_blocks(report),
        *_files(report),
        *_hint(report),
    )


def undecided_sentence(report: RunReport) -> str:
    """Return what has to be decided, and how, in one sentence."""
    reason = report.reason.rstrip(".") or "the data drifted from its contract"
    drift = "; ".join(
        f"{dataset.name}: {change.explanation.rstrip('.')}"
        for dataset in report.datasets
        for change in dataset.drift[:_FEW]
        if dataset.drift_decision is None and change.explanation not in reason
    )
    return f"{reason}{f' ({drift})' if drift else ''}: decide with {_CHOICES}."


def _headline(report: RunReport) -> RenderableType:
    names = [dataset.name for dataset in report.datasets]
    shown = ", ".join(names) if len(names) <= _FEW else f"{len(names)} data sets"
    line = Text.assemble(
        "\n",
        (shown, "bold"),
        "  ",
        (report.status.value, _STATUS_STYLES[report.status]),
        f" in {duration(report.seconds)}",
        (" (dry run: nothing was written)" if report.dry_run else "", "yellow"),
    )
    if report.status is RunStatus.UNDECIDED:
        line.append(f"\n  {undecided_sentence(report)}")
    elif report.reason:
        line.append(f"\n  {report.reason}")
    return line


def _one_by_one(report: RunReport) -> Iterator[RenderableType]:
    for dataset in report.datasets:
        yield from dataset_blocks(dataset, named=len(report.datasets) > 1)


def _decisions(report: RunReport) -> Iterator[RenderableType]:
    if report.decisions:
        yield title("What the agents decided")
    # The latest ones release data, or don't; those are what one wants to know.
    for each in report.decisions[-_MOST_DECISIONS:]:
        result = (each.decision, "green") if each.decision else ("undecided", "yellow")
        yield indented(Text.assemble(each.question, " ", result))
        yield indented(Text(each.tally, "dim"), _DEEPER)
    yield from more(len(report.decisions) - _MOST_DECISIONS, "decision")


def _work(report: RunReport) -> Iterator[RenderableType]:
    if not report.work:
        return
    yield title("Who did what")
    table = grid()
    for each in report.work[:_MOST_WORK]:
        table.add_row(
            Text(each.agent, "cyan"),
            Text(duration(each.seconds), "dim", justify="right"),
            Text.assemble(each.task, (f": {each.summary}" if each.summary else "", "dim")),
        )
    yield indented(table)
    yield from more(len(report.work) - _MOST_WORK, "task")


def _model(report: RunReport) -> Iterator[RenderableType]:
    if report.model is not None:
        yield title("What the model did")
        yield from (indented(line) for line in model_lines(report.model))


def _files(report: RunReport) -> Iterator[RenderableType]:
    if report.files:
        yield title("Files that would be written" if report.dry_run else "Files")
        table: Table = grid()
        for output, path in list(report.files.items())[:_MOST_FILES]:
            table.add_row(Text(output, "dim"), Text(path, overflow="fold"))
        yield indented(table)
        yield from more(len(report.files) - _MOST_FILES, "file")
    elif report.status in (RunStatus.DONE, RunStatus.WITHHELD):
        yield Text("\nNo files were kept; --out DIR keeps them.")


def _hint(report: RunReport) -> Iterator[RenderableType]:
    command = trace_command(report.run, Path(report.store))
    yield Text.assemble("\nThe whole reasoning: ", (command, "bold"), overflow="fold")
