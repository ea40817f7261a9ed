"""What the summary of a run says about the vote on the cells of a data set."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from dataagents.console.commands.detection_report import (
    DetectionReport,
    DetectorReport,
    RepairReport,
)
from dataagents.console.view.words import plural

MOST_DETECTORS = 8


def detection_line(found: DetectionReport) -> Text:
    """Return in a line how errors were looked for, and how many were found."""
    if found.problem:
        return Text(f"not looked for: {found.problem}", "yellow")
    if not found.cells:
        return Text("not looked for: there is no cell to look at")
    if found.detect == "off":
        return Text("not looked for (--detect off)")
    if not found.detectors:
        return Text("not looked for: there is no detector")
    where = ""
    if found.sampled is not None:
        columns = ", ".join(found.verified[:3]) + (", …" if len(found.verified) > 3 else "")
        then = f"then all rows in {columns}" if found.verified else "and nothing was found there"
        where = f" (in a sample of {plural(found.sampled, 'row')}, {then})"
    uncounted = "; the data quality does not count them" if found.wrong else ""
    return Text(
        f"{plural(found.wrong, 'cell')} of {found.cells:,} found to be wrong, of {found.flagged:,} "
        f"that {plural(len(found.detectors), 'detector')} flagged{where}{uncounted}"
    )


def repair_line(repair: RepairReport) -> Text:
    """Return in a line what became of proposed repairs."""
    left = repair.decided - repair.applied
    said = f"{repair.applied:,} of {repair.decided:,} proposed values applied"
    if left and repair.repair != "value":
        said += f"; {left:,} in repairs.parquet (--repair value applies those of values)"
    return Text(said)


def detector_rows(found: DetectionReport) -> Iterator[tuple[RenderableType, ...]]:
    """Yield a row for each detector that flagged something, or failed: the most upheld first."""
    shown = [each for each in found.detectors if each.cells or each.problem]
    for each in shown[:MOST_DETECTORS]:
        yield _row(each)


def more_detectors(found: DetectionReport) -> int:
    """Return how many detectors have no row for lack of room."""
    shown = sum(bool(each.cells or each.problem) for each in found.detectors)
    return max(0, shown - MOST_DETECTORS)


def _row(each: DetectorReport) -> tuple[RenderableType, ...]:
    if each.problem:
        failed = Text(f"failed: {each.problem}", "yellow", overflow="ellipsis")
        return (Text(each.detector), *(Text("-") for _ in range(4)), failed)
    weight = "-" if each.weight is None else f"{each.weight:.2f}"
    return (
        Text(each.detector),
        Text(f"{each.cells:,}"),
        Text(f"{each.upheld:,}"),
        Text(f"{each.alone:,}"),
        Text(weight),
        Text(),
    )
