"""The summary of a run, for people: the report laid out for the width there is."""

import shlex
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dataagents.console.commands.report import DatasetReport, RunReport
from dataagents.console.launch import DEFAULT_STORE
from dataagents.console.view.words import UNMEASURED, duration, percent
from dataagents.core import RunStatus

_STATUS_STYLES = {
    RunStatus.DONE: "bold green",
    RunStatus.WITHHELD: "bold yellow",
    RunStatus.REJECTED: "bold red",
    RunStatus.FAILED: "bold red",
    RunStatus.CANCELLED: "bold yellow",
}
_MOST_REASONS = 5
_INDENT, _DEEPER = 2, 4


def summary_of(report: RunReport) -> RenderableType:
    """Return everything that there is to say about a run that ended."""
    return Group(
        _headline(report),
        *(block for dataset in report.datasets for block in _dataset(dataset)),
        *_decisions(report),
        *_work(report),
        *_replans(report),
        *_files(report),
        *_hint(report),
    )


def _headline(report: RunReport) -> RenderableType:
    names = ", ".join(dataset.name for dataset in report.datasets)
    line = Text.assemble(
        "\n",
        (names, "bold"),
        "  ",
        (report.status.value, _STATUS_STYLES[report.status]),
        f" in {duration(report.seconds)}",
    )
    if report.reason:
        line.append(f"\n  {report.reason}")
    return line


def _dataset(dataset: DatasetReport) -> Iterator[RenderableType]:
    if dataset.rows_in is None and dataset.score is None:
        return
    yield Text()
    facts = _grid()
    if dataset.rows_in is not None:
        facts.add_row(Text("rows in", "dim"), _balance(dataset))
    facts.add_row(Text("data quality", "dim"), _quality(dataset))
    for dimension, value in dataset.dimensions.items():
        note = "  weakest" if dimension == dataset.weakest and value != 1 else ""
        facts.add_row(
            Text(f"  {dimension}", "dim"),
            Text.assemble(percent(value), (note, "yellow")),
        )
    if dataset.cells_changed is not None:
        facts.add_row(Text("fixed", "dim"), f"{_counted(dataset.cells_changed, 'cell')}")
    yield _indented(facts)
    yield from _reasons(dataset)


def _balance(dataset: DatasetReport) -> Text:
    parts = {
        "clean": (dataset.clean, "green"),
        "quarantine": (dataset.quarantine, "yellow"),
        "rejects": (dataset.rejects, "red"),
        "duplicates": (dataset.duplicates, ""),
    }
    line = Text(_figure(dataset.rows_in), "bold")
    for number, (word, (rows, style)) in enumerate(parts.items()):
        line.append(" + " if number else " = ", "not bold")
        line.append(f"{_figure(rows)} {word}", f"not bold {style if rows else ''}".strip())
    return line


def _quality(dataset: DatasetReport) -> Text:
    if dataset.score_before is None:
        return Text(percent(dataset.score), "bold")
    return Text.assemble(
        percent(dataset.score_before),
        " before, ",
        (percent(dataset.score), "bold"),
        " after the fixes",
    )


def _reasons(dataset: DatasetReport) -> Iterator[RenderableType]:
    if not dataset.reasons:
        return
    yield _title("Why rows are in quarantine")
    table = _grid()
    table.add_row(*(Text(heading, "dim") for heading in ("rows", "column", "rule")))
    for reason in dataset.reasons[:_MOST_REASONS]:
        table.add_row(Text(_figure(reason.rows), justify="right"), reason.column, reason.rule)
    yield _indented(table)
    if len(dataset.reasons) > _MOST_REASONS:
        more = len(dataset.reasons) - _MOST_REASONS
        yield _indented(Text(f"and {_counted(more, 'reason')} more", "dim"))


def _decisions(report: RunReport) -> Iterator[RenderableType]:
    if report.decisions:
        yield _title("What the agents decided")
    for each in report.decisions:
        result = (each.decision, "green") if each.decision else ("undecided", "yellow")
        yield _indented(Text.assemble(each.question, " ", result))
        yield _indented(Text(each.tally, "dim"), _DEEPER)


def _work(report: RunReport) -> Iterator[RenderableType]:
    if not report.work:
        return
    yield _title("Who did what")
    table = _grid()
    for each in report.work:
        table.add_row(
            Text(each.agent, "cyan"),
            Text(duration(each.seconds), "dim", justify="right"),
            Text.assemble(each.task, (f": {each.summary}" if each.summary else "", "dim")),
        )
    yield _indented(table)


def _replans(report: RunReport) -> Iterator[RenderableType]:
    if report.replans:
        yield _title(f"Why the plan changed ({_counted(len(report.replans), 'time')})")
    for each in report.replans:
        changes = [*(f"+{task}" for task in each.added), *(f"-{task}" for task in each.removed)]
        yield _indented(Text(each.reason))
        yield _indented(Text(" ".join(changes) or "same tasks again", "dim"), _DEEPER)


def _files(report: RunReport) -> Iterator[RenderableType]:
    if report.files:
        yield _title("Files")
        table = _grid()
        for output, path in report.files.items():
            table.add_row(Text(output, "dim"), Text(path, overflow="fold"))
        yield _indented(table)
    elif report.status in (RunStatus.DONE, RunStatus.WITHHELD):
        yield Text("\nNo files were kept; --out DIR keeps them.")


def _hint(report: RunReport) -> Iterator[RenderableType]:
    words = ["dataagents", "trace", report.run]
    if report.store != str(DEFAULT_STORE):
        words += ["--store", report.store]
    yield Text.assemble("\nThe whole reasoning: ", (shlex.join(words), "bold"), overflow="fold")


def _indented(renderable: RenderableType, columns: int = _INDENT) -> Padding:
    return Padding(renderable, (0, 0, 0, columns), expand=False)


def _title(text: str) -> Text:
    return Text(f"\n{text}", "bold")


def _grid() -> Table:
    return Table.grid(padding=(0, 2))


def _figure(number: int | None) -> str:
    return UNMEASURED if number is None else f"{number:,}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
