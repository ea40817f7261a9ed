"""What the summary of a run says about one data set."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dataagents.console.commands.dataset_report import (
    AggregationReport,
    DatasetReport,
    Example,
    Gate,
    JoinReport,
    PartReport,
    Reason,
    RejectReason,
)
from dataagents.console.commands.detection_report import DetectionReport
from dataagents.console.commands.detection_summary import (
    detection_line,
    detector_rows,
    more_detectors,
    repair_line,
)
from dataagents.console.view.words import UNMEASURED, percent, plural

_MOST_REASONS = 5
_MOST_CHANGES = 8
_MOST_ODD = 4
_MOST_DRIFTED = 4
_FIGURES = ("rows in", "clean", "quarantine", "rejects", "duplicates", "quality")
_INDENT = 2
_NARROW = 24
"""Columns that a name may take beside others."""


def dataset_blocks(dataset: DatasetReport, *, named: bool) -> Iterator[RenderableType]:
    """Yield what there is to say about a data set.

    Args:
        dataset: Its report.
        named: Say which one it is: there are others.
    """
    if dataset.rows_in is not None or dataset.score is not None:
        yield Text(f"\n{dataset.name}", "bold") if named else Text()
        yield indented(_facts(dataset))
    whose = f" of {dataset.name}" if named else ""
    if dataset.drift:
        yield title(f"How the data{whose} drifted")
        yield from _drift(dataset)
    yield from _reasons(dataset.reasons, whose)
    yield from _rejects(dataset.reject_reasons, whose)
    if dataset.detection is not None and any(each.cells for each in dataset.detection.detectors):
        yield title(f"Who found which cells wrong{whose}")
        yield from _detectors(dataset.detection)


def overview(datasets: Sequence[DatasetReport]) -> Iterator[RenderableType]:
    """Yield what there is to say about many data sets: a line for each, and what stands out."""
    table = grid()
    table.add_column(overflow="ellipsis", no_wrap=True)
    for _ in _FIGURES:
        table.add_column(justify="right", no_wrap=True)
    table.add_row(*(Text(heading, "dim") for heading in ("data set", *_FIGURES)))
    for each in datasets:
        counts = (each.rows_in, each.clean, each.quarantine, each.rejects, each.duplicates)
        table.add_row(
            Text(each.name, "bold"),
            *("-" if rows is None else figure(rows) for rows in counts),
            "-" if each.score is None else percent(each.score),
        )
    yield Text()
    yield indented(table)
    drifted = [each for each in datasets if each.drift]
    if drifted:
        yield title(f"How the data drifted ({plural(len(drifted), 'data set')})")
    for each in drifted[:_MOST_DRIFTED]:
        yield indented(Text(each.name, "bold"))
        yield from _drift(each)
    yield from more(len(drifted) - _MOST_DRIFTED, "data set")
    merged = [
        replace(reason, column=f"{each.name}.{reason.column}")
        for each in datasets
        for reason in each.reasons
    ]
    yield from _reasons(sorted(merged, key=lambda reason: -(reason.rows or 0)), "")
    unread = [reason for each in datasets for reason in each.reject_reasons]
    yield from _rejects(sorted(unread, key=lambda reason: -(reason.lines or 0)), "")


def _facts(dataset: DatasetReport) -> Table:
    facts = grid()
    if dataset.parts:
        facts.add_row(Text("read", "dim"), _read(dataset.parts))
    if dataset.contract is not None and dataset.contract.given:
        version = dataset.contract.version
        source = f"{dataset.contract.source}, version {version}"
        facts.add_row(Text("contract", "dim"), Text(source, overflow="fold"))
    if dataset.rows_in is not None:
        facts.add_row(Text("rows in", "dim"), _balance(dataset))
    facts.add_row(Text("data quality", "dim"), _quality(dataset))
    for dimension, value in dataset.dimensions.items():
        note = "  weakest" if dimension == dataset.weakest and value != 1 else ""
        facts.add_row(
            Text(f"  {dimension}", "dim"),
            Text.assemble(percent(value), (note, "yellow")),
        )
    for word, line in (*_fixes(dataset), *_errors(dataset)):
        facts.add_row(Text(word, "dim"), line)
    for join in dataset.joins:
        facts.add_row(Text("joined", "dim"), _joined(join))
    if dataset.aggregation is not None:
        facts.add_row(Text("aggregated", "dim"), _aggregated(dataset.aggregation))
    for gate in dataset.gates:
        facts.add_row(Text(gate.name, "dim"), _gate(gate))
    return facts


def _fixes(dataset: DatasetReport) -> Iterator[tuple[str, Text]]:
    """Yield what there is to say about formats that were fixed or left, each under a word."""
    if dataset.cells_changed is not None:
        yield "fixed", Text(plural(dataset.cells_changed, "cell"))
    if dataset.short_years:
        where = _where(Counter(dataset.short_years))
        yield "left", Text(f"{where}: years of two digits, of an unknown century")


def _errors(dataset: DatasetReport) -> Iterator[tuple[str, Text]]:
    """Yield what there is to say about cells that look wrong, each under a word."""
    if dataset.detection is not None:
        yield "errors", detection_line(dataset.detection)
    if dataset.repair is not None:
        yield "repairs", repair_line(dataset.repair)
    if dataset.suspicions:
        yield "suspicious", _suspicions(dataset)


def _detectors(detection: DetectionReport) -> Iterator[RenderableType]:
    table = grid()
    table.add_column(no_wrap=True)
    for _ in range(4):
        table.add_column(justify="right", no_wrap=True)
    headings = ("detector", "flagged", "upheld", "alone", "weight", "")
    table.add_row(*(Text(heading, "dim") for heading in headings))
    for row in detector_rows(detection):
        table.add_row(*row)
    yield indented(table)
    yield from more(more_detectors(detection), "detector")


def _joined(join: JoinReport) -> Text:
    key = " and ".join(f"{one} = {other}" for one, other in join.on.items())
    found = " (found)" if join.found else ""
    return Text(
        f"{join.other} on {key}{found}: {plural(join.rows or 0, 'row')}, "
        f"{figure(join.matched or 0)} matched, {figure(join.unmatched or 0)} not"
    )


def _aggregated(aggregation: AggregationReport) -> Text:
    by = f" by {', '.join(aggregation.by)}" if aggregation.by else ""
    return Text(
        f"{plural(aggregation.rows or 0, 'row')} in {plural(aggregation.groups or 0, 'group')}"
        f"{by}: {', '.join(aggregation.measures)}"
    )


def _read(parts: tuple[PartReport, ...]) -> Text:
    """Return what was read: the file or how many, and what is unusual about them."""
    if len(parts) == 1:
        return Text(", ".join((parts[0].name, parts[0].format, *parts[0].oddities)))
    formats = ", ".join(sorted({part.format for part in parts}))
    odd = Counter(oddity for part in parts for oddity in part.oddities)
    told = [
        oddity if files == len(parts) else f"{oddity} in {files:,}"
        for oddity, files in odd.most_common(_MOST_ODD)
    ]
    return Text(", ".join((plural(len(parts), "file"), formats, *told)))


def _balance(dataset: DatasetReport) -> Text:
    parts = {
        "clean": (dataset.clean, "green"),
        "quarantine": (dataset.quarantine, "yellow"),
        "rejects": (dataset.rejects, "red"),
        "duplicates": (dataset.duplicates, ""),
    }
    line = Text(figure(dataset.rows_in), "bold")
    for number, (word, (rows, style)) in enumerate(parts.items()):
        line.append(" + " if number else " = ", "not bold")
        line.append(f"{figure(rows)} {word}", f"not bold {style if rows else ''}".strip())
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


def _suspicions(dataset: DatasetReport) -> Text:
    """Return how many cells look odd, and in which columns most of them are."""
    columns: Counter[str] = Counter()
    for each in dataset.suspicions:
        columns[each.column] += each.cells or 0
    return Text(f"{_where(columns)} (released, see findings)")


def _where(columns: Counter[str]) -> str:
    where = ", ".join(column for column, _ in columns.most_common(3))
    more = ", …" if len(columns) > 3 else ""
    return f"{plural(sum(columns.values()), 'cell')} in {where}{more}"


def _gate(gate: Gate) -> Text:
    way = "at least" if gate.name == "min-score" else "at most"
    bound = f"{way} {100 * gate.bound:.4g}%"
    if gate.measured is None:
        return Text(f"{bound}, {UNMEASURED}")
    word = ("met", "green") if gate.met else ("not met", "yellow")
    return Text.assemble(f"{bound}, measured {100 * gate.measured:.4g}%: ", word)


def _drift(dataset: DatasetReport) -> Iterator[RenderableType]:
    for change in dataset.drift[:_MOST_CHANGES]:
        others = (change.parts or 1) - 1
        files = f" (and {plural(others, 'more file')})" if others > 0 else ""
        where = f"{change.file}{files}: " if len(dataset.parts) > 1 and change.file else ""
        told = change.explanation or f"{change.kind} {change.column}"
        yield indented(Text.assemble((where, "dim"), told))
    yield from more(len(dataset.drift) - _MOST_CHANGES, "change")
    decision = dataset.drift_decision
    if decision is not None:
        tally = f": {decision.reason}" if decision.reason else ""
        by = f" by {decision.by}" if decision.by else ""
        yield indented(Text.assemble("→ ", (decision.choice, "green"), (f"{by}{tally}", "dim")))


def _reasons(reasons: Sequence[Reason], whose: str) -> Iterator[RenderableType]:
    if not reasons:
        return
    yield title(f"Why rows{whose} are in quarantine")
    table = _columns("rows", "column", "rule", "why")
    for reason in reasons[:_MOST_REASONS]:
        why = Text(reason.explanation)
        why.append(_example(reason.examples), "dim")
        table.add_row(figure(reason.rows), reason.column, reason.rule, why)
    yield indented(table)
    yield from more(len(reasons) - _MOST_REASONS, "reason")


def _rejects(reasons: Sequence[RejectReason], whose: str) -> Iterator[RenderableType]:
    if not reasons:
        return
    yield title(f"Why lines{whose} could not be read")
    table = _columns("lines", "why")
    for reason in reasons[:_MOST_REASONS]:
        why = Text(reason.reason)
        why.append(_example(reason.examples), "dim")
        table.add_row(figure(reason.lines), why)
    yield indented(table)
    yield from more(len(reasons) - _MOST_REASONS, "reason")


def _example(examples: tuple[Example, ...]) -> str:
    if not examples:
        return ""
    first = examples[0]
    place = first.file if first.line is None else f"{first.file} line {first.line}".strip()
    value = first.value if len(first.value) <= 2 * _NARROW else f"{first.value[: 2 * _NARROW]}…"
    return f"  {place}: {value}" if value else f"  {place}"


def _columns(*headings: str) -> Table:
    """Return a table whose first column is a figure and whose last one takes what is left."""
    table = grid()
    table.add_column(justify="right", no_wrap=True)
    for _ in headings[1:-1]:
        table.add_column(no_wrap=True, overflow="ellipsis", max_width=_NARROW)
    table.add_column(overflow="fold")
    table.add_row(*(Text(heading, "dim") for heading in headings))
    return table


def more(number: int, noun: str) -> Iterator[RenderableType]:
    """Yield a line about what is left out, if anything is."""
    if number > 0:
        yield indented(Text(f"and {plural(number, noun)} more", "dim"))


def indented(renderable: RenderableType, columns: int = _INDENT) -> Padding:
    """Return something some columns to the right."""
    return Padding(renderable, (0, 0, 0, columns), expand=False)


def title(text: str) -> Text:
    """Return a heading."""
    return Text(f"\n{text}", "bold")


def grid() -> Table:
    """Return a table without lines."""
    return Table.grid(padding=(0, 2))


def figure(number: int | None) -> str:
    """Return a number that is easy to read."""
    return UNMEASURED if number is None else f"{number:,}"
