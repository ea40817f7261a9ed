"""The cells of a review as rows: what each says, who takes it to be wrong, and the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dataagents.console.safe_text import safe_text
from dataagents.console.view.cells import Cell, Column
from dataagents.console.view.fields import name
from dataagents.console.view.reviews import Asked, context_of, sureness
from dataagents.core.detection import Voice
from dataagents.core.detection.review import Label
from dataagents.core.detection.sheet import QUESTIONS, SheetCell, select_cells

REVIEW_COLUMNS = (
    Column("ROW", 7, right=True), Column("COLUMN", 14), Column("VALUE"),
    Column("WRONG", 5, right=True), Column("PROPOSED", 16, needs=76),
    Column("WHO", 22, needs=104), Column("ANSWER", 16),
)  # fmt: skip
DOUBTFUL = 0.5
"""Chance from which on a cell is taken to be wrong."""
_EMPTY = "(empty)"

CellKey = tuple[str, int, str]
"""Data set, row and column."""


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A cell that is asked about."""

    asked: Asked
    cell: SheetCell
    answer: Label | None = None
    """What the operator said of it; None before they did."""

    @property
    def place(self) -> CellKey:
        """Which cell it is."""
        return self.asked.sheet.dataset, self.cell.row, self.cell.column

    @property
    def key(self) -> str:
        """What tells it from the other rows."""
        return "/".join(map(str, self.place))

    @property
    def title(self) -> str:
        """Which cell it is, in words."""
        return f"row {self.cell.row}, {name(self.cell.column)}"

    @property
    def proposal(self) -> str | None:
        """What should be there by the weightiest detector that has a proposal."""
        found = (each.suggestion for each in self.cell.said)
        return next((each for each in found if each is not None), None)


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked about a run."""

    run: str
    asked: tuple[Asked, ...]
    """Its data sets."""
    rows: tuple[ReviewRow, ...]

    def answered(self, answers: Mapping[CellKey, Label]) -> tuple[ReviewRow, ...]:
        """Return the rows with what was said of them, and is not kept yet."""
        return tuple(replace(row, answer=answers.get(row.place)) for row in self.rows)


def questions(run: str, asked: Sequence[Asked]) -> Questions:
    """Return the cells that answers teach most about, those of each data set in turn.

    Takes up to a second where there are many answers from before.
    """
    rows = (
        ReviewRow(each, cell)
        for each in asked
        for cell in select_cells(each.sheet.groups, each.labels, QUESTIONS)
    )
    return Questions(run, tuple(asked), tuple(rows))


def review_cells(row: ReviewRow) -> tuple[Cell, ...]:
    """Return how a row is shown."""
    cell = row.cell
    doubtful = cell.chance >= DOUBTFUL
    proposal = row.proposal
    who = " ".join(dict.fromkeys(name(each.detector) for each in cell.said))
    return (
        Cell(str(cell.row), "dim"), Cell(name(cell.column)),
        Cell(_value(cell.value), "" if cell.value else "dim"),
        Cell(f"{cell.chance:.0%}", "fail" if doubtful else "dim"),
        Cell("" if proposal is None else _value(proposal)), Cell(who, "dim"),
        _answer(row.answer),
    )  # fmt: skip


def review_sections(row: ReviewRow) -> tuple[tuple[str, str], ...]:
    """Return everything about a cell: what detectors say of it, and the row that it stands in."""
    cell, sheet = row.cell, row.asked.sheet
    said = [(name(each.detector), _said(each)) for each in cell.said]
    values = context_of(row.asked).get(cell.row, ())
    context = [(name(c) or _EMPTY, _value(v)) for c, v in zip(sheet.columns, values, strict=False)]
    return (
        (row.title, ""), ("value", _value(cell.value)), ("wrong with", f"{cell.chance:.0%}"),
        ("answer", _answer(row.answer).text or "none yet"), ("data set", name(sheet.dataset)),
        ("WHO FLAGGED IT", ""), *(said or [("", "no detector flagged it")]),
        ("THE ROW", ""), *(context or [("", "its other cells are not on record")]),
    )  # fmt: skip


def _said(said: Voice) -> str:
    proposed = "" if said.suggestion is None else f"; proposes {_value(said.suggestion)}"
    return f"{sureness(said):.2f}  {safe_text(said.reason)}{proposed}"


def _answer(label: Label | None) -> Cell:
    if label is None:
        return Cell("")
    if not label.wrong:
        return Cell("right", "ok")
    correct = "" if label.correction is None else f": {_value(label.correction)}"
    return Cell(f"wrong{correct}", "fail")


def _value(value: str) -> str:
    return safe_text(value) or _EMPTY
