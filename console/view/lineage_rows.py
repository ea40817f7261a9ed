"""Lineage as rows of a tree: what a data set was made of, and what was made of it.

A data set may be reached in many ways, or be made of itself: what lies behind it is told once, and
nothing here calls itself.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import Literal, TypeAlias

from dataagents.console.view.cells import Cell, Column
from dataagents.console.view.dataset_lines import columns_of
from dataagents.console.view.fields import name
from dataagents.console.view.lineage import far, near, written
from dataagents.console.view.listing.listing import Sections
from dataagents.console.view.moment import Moment
from dataagents.console.view.row import count, lines, sections
from dataagents.console.view.widths import exactly
from dataagents.console.view.words import ago
from dataagents.core.lineage import Link, Node
from dataagents.core.messaging import Lineage

Direction: TypeAlias = Literal["start", "back", "ahead"]

_Made: TypeAlias = tuple[str, str, datetime, str | None]
"""What tells one record from another: data set, operation, time and run."""

_DEEPEST = 12
"""Steps that are shown by how far a row stands in; beyond them it says its distance."""

LINEAGE_COLUMNS = (
    Column("DATA SET"),
    Column("BY WAY OF", 16),
    Column("TIMES", 5, right=True, needs=76),
    Column("AGENT", 14, needs=70),
    Column("COLUMNS", 11, needs=100),
    Column("TASK", 24, needs=130),
    Column("RUN", 15, needs=116),
    Column("AGO", 6, right=True, needs=60),
)
"""Columns of `lineage_cells`."""


@dataclass(frozen=True, slots=True)
class LineageRow:
    """A line of the tree; its texts are safe to show."""

    key: str
    """The way to it: the same data set may have several rows."""
    depth: int
    direction: Direction
    dataset: str
    """The data set, or the column where one was asked about."""
    address: str
    """Of the data set; empty for a line that only says that there is nothing."""
    operation: str = ""
    agent: str = ""
    run: str = ""
    task: str = ""
    at: datetime | None = None
    """When it was done last."""
    times: int = 0
    """How often it is on record: once for each run that did it."""
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Column → the columns it was made of; empty where none are on record."""
    again: bool = False
    """Whether what lies behind it is told in another row."""
    distance: int = 0
    """Steps from what was asked about."""


def lineage_rows(
    start: str | Node,
    back: Sequence[Link],
    ahead: Sequence[Link],
    records: Iterable[Lineage] = (),
) -> tuple[LineageRow, ...]:
    """Return the lineage of a data set as rows: itself, what it was made of, what was made of it.

    Args:
        start: The data set, or a column of one.
        back: What led to it, as `StoreReader.lineage` gives it.
        ahead: What it went into, likewise.
        records: Those that the links come from, for the columns.
    """
    node: Node = (start, None) if isinstance(start, str) else start
    columns = {(each.dataset, each.operation, each.at, each.run): each.columns for each in records}
    address = name(f"dataset:{node[0]}")
    rows = [LineageRow("start", 0, "start", written(node), address)]
    ways: tuple[tuple[Sequence[Link], Direction, str], ...] = (
        (back, "back", "made of nothing that is on record"),
        (ahead, "ahead", "nothing on record was made of it"),
    )
    for links, direction, nothing in ways:
        found = list(_walk(links, node, direction, columns))
        rows += found or [LineageRow(direction, 1, direction, nothing, "")]
    return tuple(rows)


def _walk(
    links: Sequence[Link],
    start: Node,
    direction: Direction,
    columns: Mapping[_Made, Mapping[str, tuple[str, ...]]],
) -> Iterator[LineageRow]:
    """Yield rows, parents before children; what lies behind a data set follows its first row."""
    forwards = direction == "ahead"
    beside: dict[Node, dict[tuple[Node, str, str, str], list[Link]]] = {}
    for link in links:
        key = (far(link, forwards=forwards), link.operation, link.agent or "", link.task or "")
        beside.setdefault(near(link, forwards=forwards), {}).setdefault(key, []).append(link)
    told = {start}
    number = 0
    waiting = [(1, alike) for alike in reversed(beside.get(start, {}).values())]
    while waiting:
        depth, alike = waiting.pop()
        node = far(alike[0], forwards=forwards)
        again = node in told
        told.add(node)
        number += 1
        yield _row(f"{direction}/{number}", depth, direction, node, alike, columns, again=again)
        if not again:
            below = reversed(beside.get(node, {}).values())
            waiting += [(depth + 1, each) for each in below]


def _row(
    key: str,
    depth: int,
    direction: Direction,
    node: Node,
    alike: Sequence[Link],
    columns: Mapping[_Made, Mapping[str, tuple[str, ...]]],
    *,
    again: bool,
) -> LineageRow:
    last = max(alike, key=lambda link: link.at)
    made = columns.get((last.target, last.operation, last.at, last.run), {})
    if last.target_column is not None:
        made = {last.target_column: (f"{last.source}.{last.source_column}",)}
    return LineageRow(
        key=key,
        depth=depth,
        direction=direction,
        dataset=written(node),
        address=name(f"dataset:{node[0]}"),
        operation=name(last.operation),
        agent=name(last.agent),
        run=name(last.run),
        task=name(last.task),
        at=last.at,
        times=len(alike),
        columns=columns_of(made),
        again=again,
        distance=depth,
    )


def lineage_cells(row: LineageRow, moment: Moment) -> tuple[Cell, ...]:
    """Return a row as cells of `LINEAGE_COLUMNS`.

    Args:
        row: The row.
        moment: When, and with which characters, it is looked at.
    """
    arrows = {"start": "", "back": f"{moment.glyphs.left} ", "ahead": f"{moment.glyphs.right} "}
    again = " (as above)" if row.again else ""
    arrow = arrows[row.direction] if row.address else ""
    deeper = f"({row.depth}) " if row.depth > _DEEPEST else ""
    title = f"{'  ' * min(row.depth, _DEEPEST)}{deeper}{arrow}{_short(row.dataset)}{again}"
    tone = "strong" if row.direction == "start" else "dim" if row.again or not row.address else ""
    return (
        Cell(title, tone),
        Cell(row.operation, "note"),
        Cell(f"{row.times:,}" if row.times else ""),
        Cell(row.agent),
        Cell(count(len(row.columns), "column") if row.columns else "", "dim"),
        Cell(row.task, "dim"),
        Cell(row.run, "dim"),
        Cell(ago(row.at, moment), "dim"),
    )


def _short(dataset: str) -> str:
    """Return a data set as a row says it: of a file its name, and in which folder."""
    return "/".join(PurePath(dataset).parts[-2:]) if "/" in dataset else dataset


def lineage_sections(row: LineageRow) -> Sections:
    """Return everything there is to read about a row."""
    if row.direction == "start" or not row.address:
        return sections(("data set", row.dataset))
    led = row.direction == "back"
    return sections(
        ("data set", row.dataset),
        ("went in by way of" if led else "made by way of", row.operation),
        ("agent", f"agent:{row.agent}" if row.agent else ""),
        ("task", row.task),
        ("columns made", lines(row.columns)),
        ("steps away", str(row.distance)),
        ("on record", f"{count(row.times, 'time')}, last {exactly(row.at)}"),
        ("run", f"run:{row.run}" if row.run else "outside of a run"),
        ("told above", "what lies behind it is told where it comes first" if row.again else ""),
    )
