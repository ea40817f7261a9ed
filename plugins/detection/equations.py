"""Equations that hold between number columns in nearly every row: sums, and constant factors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

from dataagents.core.detection.table import TableColumn

NEARLY_ALWAYS = 0.9
"""So many of the rows that can tell have to agree; of ten numbers one may be wrong."""
TELLING_ROWS = 20
"""Fewer that agree could be a coincidence of small numbers."""
TOLERANCE = 1e-4
"""How far off may be, as a share: numbers are often rounded to five digits."""

Row = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Equation:
    """A column that is the sum of two others, or a constant times one."""

    total: TableColumn
    parts: tuple[TableColumn, ...]
    factor: float = 1.0

    def told(self) -> str:
        """Return it for people."""
        right = " + ".join(f"'{each.name}'" for each in self.parts)
        return f"'{self.total.name}' is {right}" + (
            f" times {self.factor:g}" if self.factor != 1.0 else ""
        )


def equations(columns: Sequence[TableColumn], rows: Sequence[Row]) -> list[Equation]:
    """Return what holds in rows of the columns' numbers; a column is told by one equation only.

    Args:
        columns: Columns of numbers.
        rows: Some rows of them, in the order of the columns; None where there is no number.
    """
    found: list[Equation] = []
    told: set[frozenset[int]] = set()
    for total, parts, factor in (*_factors(len(columns), rows), *_sums(len(columns), rows)):
        involved = frozenset((total, *parts))
        if any(each <= involved for each in told):
            continue
        told.add(involved)
        found.append(Equation(columns[total], tuple(columns[each] for each in parts), factor))
    return found


def _factors(width: int, rows: Sequence[Row]) -> Iterator[tuple[int, tuple[int, ...], float]]:
    for one, other in combinations(range(width), 2):
        pairs = [
            (left, right)
            for row in rows
            if (left := row[one]) and (right := row[other]) is not None
        ]
        if len(pairs) < TELLING_ROWS or len({left for left, _ in pairs}) < TELLING_ROWS / 2:
            continue
        factor = median(right / left for left, right in pairs)
        if factor and _enough([close(right, left * factor) for left, right in pairs]):
            yield other, (one,), float(f"{factor:.9g}")


def _sums(width: int, rows: Sequence[Row]) -> Iterator[tuple[int, tuple[int, ...], float]]:
    for total in range(width):
        for one, other in combinations([each for each in range(width) if each != total], 2):
            if all(
                _adds_up(some, total, one, other, telling)
                for some, telling in ((rows[:TELLING_ROWS], 1), (rows, TELLING_ROWS))
            ):
                yield total, (one, other), 1.0


def _adds_up(rows: Sequence[Row], total: int, one: int, other: int, telling: int) -> bool:
    """Say whether rows add up, of those in which neither part is nothing."""
    held = tried = 0
    for row in rows:
        left, right, whole = row[one], row[other], row[total]
        if left and right and whole is not None:
            tried += 1
            held += close(whole, left + right)
            if tried - held > (1 - NEARLY_ALWAYS) * len(rows):
                return False
    return tried >= telling and held >= NEARLY_ALWAYS * tried


def _enough(held: Sequence[bool]) -> bool:
    return sum(held) >= NEARLY_ALWAYS * len(held)


def close(one: float, other: float) -> bool:
    """Say whether two numbers are the same but for rounding."""
    return abs(one - other) <= TOLERANCE * max(abs(one), abs(other))
