"""Data sets as a list: what each was made of, how, and by whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath

from dataagents.console.view.cells import Cell
from dataagents.console.view.fields import name
from dataagents.console.view.listing.field import Field
from dataagents.console.view.listing.listing import Listing, Preset, Sections
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment
from dataagents.console.view.row import lines, sections
from dataagents.console.view.widths import exactly
from dataagents.console.view.words import ago


@dataclass(frozen=True, slots=True)
class DatasetLine:
    """A data set that was made of others, as recorded last; its texts are safe to show."""

    place: int
    """Place in the journal of its newest lineage."""
    dataset: str
    at: datetime
    sources: tuple[str, ...] = ()
    operation: str = ""
    """The tool that made it."""
    agent: str = ""
    run: str = ""
    task: str = ""
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Column → the columns it was made of; empty where they were passed on as they are."""

    @property
    def address(self) -> str:
        """Its address."""
        return f"dataset:{self.dataset}"


def dataset_line(
    *,
    place: int,
    dataset: str,
    at: datetime,
    sources: Sequence[str] = (),
    operation: str | None = None,
    agent: str | None = None,
    run: str | None = None,
    task: str | None = None,
    columns: Mapping[str, Sequence[str]] | None = None,
) -> DatasetLine:
    """Return a data set from plain values, as a store has them; see `messaging.Lineage`.

    Args:
        place: Place in the journal of its newest lineage.
        dataset: Its name.
        at: When that was recorded.
        sources: What it was made of.
        operation: What was done.
        agent: Who did it.
        run: The run it belongs to.
        task: The task it was done for.
        columns: Column → the columns it was made of.
    """
    return DatasetLine(
        place=place,
        dataset=name(dataset),
        at=at,
        sources=tuple(name(source) for source in sources),
        operation=name(operation),
        agent=name(agent),
        run=name(run),
        task=name(task),
        columns=columns_of(columns or {}),
    )


def columns_of(columns: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return columns with those they were made of, safe to show."""
    return {
        name(made): ", ".join(name(origin) for origin in origins) or "nothing"
        for made, origins in columns.items()
    }


def _sections(line: DatasetLine, _: Moment) -> Sections:
    return (
        (f"data set {line.dataset}", ""),
        *sections(
            ("made of", "\n".join(line.sources)),
            ("by way of", line.operation),
            ("agent", f"agent:{line.agent}" if line.agent else ""),
            ("task", line.task),
            ("columns", lines(line.columns)),
            ("recorded", exactly(line.at)),
            ("run", f"run:{line.run}" if line.run else "outside of a run"),
        ),
    )


def _sources(line: DatasetLine, _: Moment) -> Cell:
    """Return what it was made of; of files their names, since these stand at the end of a path."""
    names = ", ".join(PurePath(source).name or source for source in line.sources)
    return Cell(f"{len(line.sources)}: {names}" if len(line.sources) > 1 else names)


LINEAGE: Listing[DatasetLine] = Listing(
    name="lineage",
    noun="data set",
    fields=(
        Field(
            "at", "AGO", lambda line, _: line.at, "When it was made last.",
            lambda line, moment: Cell(ago(line.at, moment), "dim"), width=6, right=True,
        ),
        Field("dataset", "DATA SET", lambda line, _: line.dataset, "Its name.", width=24),
        Field(
            "operation", "BY WAY OF", lambda line, _: line.operation, "The tool that made it.",
            lambda line, _: Cell(line.operation, "note"), width=16,
        ),
        Field(
            "sources", "MADE OF", lambda line, _: ", ".join(line.sources),
            "The data sets it was made of, with their number where they are several.", _sources,
        ),
        Field("agent", "AGENT", lambda line, _: line.agent, "Who made it.", width=16, needs=90),
        Field("task", "TASK", lambda line, _: line.task, "What for.", width=24, needs=120),
        Field("run", "RUN", lambda line, _: line.run, "The run.", width=15, needs=140),
        Field("of", "", lambda line, _: len(line.sources), "How many it was made of."),
    ),
    key=lambda line: line.address,
    mark=lambda line, _: Mark.NOTE,
    sections=_sections,
    empty="No data set is on record yet; an agent that makes one of another records it.",
    at=lambda line: line.at,
    place=lambda line: line.place,
    presets=(Preset("all", ""), Preset("of several", "of>1")),
)  # fmt: skip
"""Data sets that were made of others, the newest first."""
