"""The sheet: the cells of a data set that a person's answers would teach most about.

It is short enough for the journal: groups of cells that are alike, each with a few examples, and
some whole rows. Which cells to ask about follows from how many cells the vote probably has wrong in
a group, and from what was asked before. All functions here are pure.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from dataagents.core.detection.detector import Voice
from dataagents.core.detection.review import Kind, Label, learn

REVIEW = "review"
"""Kind of the analysis that a sheet is recorded as, and name of the voter that answers become."""
QUESTIONS = 20
"""So many cells or rows are asked about at once."""


@dataclass(frozen=True, slots=True)
class SheetCell:
    """A cell that can be asked about."""

    row: int
    column: str
    value: str
    detectors: tuple[str, ...]
    shape: str
    support: float
    """The chance that it is wrong as the detectors see it, without any review."""
    chance: float
    """The same in the light of earlier answers."""
    said: tuple[Voice, ...] = ()
    """What the detectors say, the weightiest first."""

    @property
    def kind(self) -> Kind:
        """What it has in common with others."""
        return Kind(self.column, self.detectors, self.shape)

    def label(self, *, wrong: bool, correction: str | None = None) -> Label:
        """Return an answer about it."""
        return Label(
            self.row,
            self.column,
            self.value,
            self.detectors,
            self.shape,
            self.support,
            wrong,
            correction,
        )


@dataclass(frozen=True, slots=True)
class SheetGroup:
    """Cells of one column that the same detectors flagged and whose values have the same shape."""

    cells: int
    """How many there are; an estimate where nobody flagged them."""
    examples: tuple[SheetCell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What can be asked about a data set."""

    dataset: str
    columns: tuple[str, ...]
    groups: tuple[SheetGroup, ...] = ()
    rows: tuple[tuple[SheetCell, ...], ...] = ()
    """The rows to ask about, the most telling first; a cell for each column."""
    context: tuple[tuple[int, tuple[str, ...]], ...] = ()
    """The rows of the examples: number, and what each column says."""

    def cells(self) -> Iterator[SheetCell]:
        """Yield every cell that can be asked about; one may come twice."""
        for group in self.groups:
            yield from group.examples
        for row in self.rows:
            yield from row


def select_cells(
    groups: Sequence[SheetGroup], labels: Sequence[Label] = (), count: int = QUESTIONS
) -> tuple[SheetCell, ...]:
    """Return the cells to ask about next, the most telling first.

    A cell is worth the chance that cells like it are decided wrongly, the smaller of `p` and
    `1 - p` where they are wrong with a chance `p`, times the square root of how many there are: one
    speaks for the others only in part. A second example of a group is worth half, the next a third;
    a column is held back by the square root of that, so that all columns get their turn.

    Args:
        groups: What there is to ask about.
        labels: What was answered before.
        count: How many to return, at most.
    """
    effects = learn(labels)
    answered = {(each.row, each.column) for each in labels}
    asked = Counter(each.kind for each in labels)
    columns = Counter(each.column for each in labels)
    open_ = {
        place: [each for each in group.examples if (each.row, each.column) not in answered]
        for place, group in enumerate(groups)
    }
    worth: dict[int, float] = {}
    for place, left in open_.items():
        if left:
            chance = effects.chance(left[0].kind, left[0].support)
            worth[place] = sqrt(groups[place].cells) * min(chance, 1.0 - chance)

    def value(place: int) -> float:
        kind = open_[place][0].kind
        return worth[place] / (1 + asked[kind]) / sqrt(1 + columns[kind.column])

    chosen: list[SheetCell] = []
    while worth and len(chosen) < count:
        best = max(worth, key=lambda place: (value(place), -place))
        cell = open_[best].pop(0)
        chosen.append(cell)
        asked[cell.kind] += 1
        columns[cell.column] += 1
        if not open_[best]:
            del worth[best]
    return tuple(chosen)


def select_rows(
    rows: Sequence[tuple[int, Sequence[int]]], worth: Sequence[float], count: int = QUESTIONS
) -> tuple[int, ...]:
    """Return the rows to ask about, the most telling first: those that cover most of what is open.

    Args:
        rows: Number of each row, and the groups that its cells belong to.
        worth: What an answer about a cell of each group is worth; the next of the same group is
            worth a quarter, then a ninth.
        count: How many to return, at most.
    """
    left = {number: tuple(sorted(set(groups))) for number, groups in rows}
    worths = list(worth)
    seen = [0] * len(worths)
    chosen: list[int] = []
    while left and len(chosen) < count:
        best = max(left, key=lambda number: (sum(worths[each] for each in left[number]), -number))
        for each in left.pop(best):
            seen[each] += 1
            worths[each] = worth[each] / (1 + seen[each]) ** 2
        chosen.append(best)
    return tuple(chosen)
