"""The detector: one kind of evidence that a cell is wrong."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from dataagents.core.detection.table import Table


@dataclass(frozen=True, slots=True)
class Flags:
    """Cells that look wrong, as a query over a `Table` that the engine answers.

    The query gives `_row`, `column` (a name), `confidence` in [0, 1], `reason` (a short sentence
    for people that names the evidence, such as what most others hold) and `suggestion` (the value
    that should be there, where the evidence names one, or NULL). A cell that it does not give is
    one that the detector says nothing about: it abstains, and never votes that a cell is right.
    """

    sql: str
    parameters: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Voice:
    """What one detector says about one cell."""

    detector: str
    confidence: float
    weight: float
    """What its confidences are worth there."""
    reason: str
    suggestion: str | None = None


class Detector(Protocol):
    """Finds cells that look wrong by one idea of data quality.

    Its cost grows linearly with the rows; a step that compares values with one another is blocked
    or sampled, and `theory` says so.
    """

    theory: str
    """Why a cell that it flags is probably wrong, in one sentence."""

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return what looks wrong; called in a thread, with nothing to await.

        What it raises ends this detector only, and is told in the report.
        """
        ...


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value that should be in a cell's place, as a query over a `Table`.

    It gives `_row`, `column`, `value`, `confidence`, `rule` (a word or two) and `reason`.
    """

    sql: str
    parameters: tuple[object, ...] = ()


class Corrector(Protocol):
    """Proposes what should be in the place of cells that were found to be wrong."""

    theory: str

    reversible: bool
    """Whether what it does to a cell can be undone from the result: a change of format only."""

    def correct(self, table: Table, wrong: str) -> Iterable[Suggestion]:
        """Return proposals.

        Args:
            table: The table.
            wrong: Quoted name of a relation with `_row`, `column` and `confidence`: the cells that
                the vote found to be wrong.
        """
        ...
