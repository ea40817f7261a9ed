"""Tables that stay readable on a narrow terminal: whole columns give way, never half of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

_GAP = 3
"""Cells between two columns, as `box.SIMPLE_HEAD` draws them."""
_EDGES = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A column of such a table."""

    heading: str
    justify: Literal["left", "right"] = "left"
    gives_way: int = 0
    """Where there is no room the one with the highest number is left out first; 0: never."""
    least: int | None = None
    """Cells that do, as its texts may be cut or folded; None: they stay whole."""
    folds: bool = False
    """Whether what is too long goes on in the next line rather than ending in an ellipsis."""


def fitting(columns: Sequence[Column], rows: Sequence[Sequence[Text | str]], width: int) -> Table:
    """Return a table of those columns that there is room for.

    Args:
        columns: What there is.
        rows: A cell for each column.
        width: Cells of the terminal.
    """
    widest = [_widest(row[place] for row in rows) for place in range(len(columns))]
    needed = [
        max(len(column.heading), min(widest[place], _most(column)))
        for place, column in enumerate(columns)
    ]
    kept = list(range(len(columns)))
    while (spare := width + _GAP - _EDGES - sum(needed[each] + _GAP for each in kept)) < 0:
        yielding = max(kept, key=lambda place: columns[place].gives_way)
        if not columns[yielding].gives_way:
            break
        kept.remove(yielding)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for each in kept:
        column = columns[each]
        more = min(max(0, spare), max(0, widest[each] - needed[each]))
        spare -= more
        table.add_column(
            column.heading,
            justify=column.justify,
            no_wrap=not column.folds,
            overflow="fold" if column.folds else "ellipsis",
            width=needed[each] + more,
        )
    for row in rows:
        table.add_row(*(row[each] for each in kept))
    return table


def _most(column: Column) -> int:
    return 1_000 if column.least is None else column.least


def _widest(cells: Iterable[Text | str]) -> int:
    return max((cell_len(str(cell)) for cell in cells), default=0)
