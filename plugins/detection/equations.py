"""Equations that hold between number columns in nearly every row: sums, products, and factors."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log
from statistics import median

from dataagents.core.detection.table import TableColumn
from dataagents.plugins.detection.association import CHANCE, divergence

NEARLY_ALWAYS = 0.9
"""So many of the rows that can tell have to agree; of ten numbers one may be wrong."""
TELLING_ROWS = 20
"""Fewer that agree could be a coincidence of small numbers."""
TOLERANCE = 1e-4
"""How far off may be, as a share: numbers are often rounded to five digits."""
HALF = 0.5 + 1e-6
"""How far off a product may be, in its last digit: it is rounded to what its column is written
with. To allow five digits only would let a changed price of hardly any cents explain a total."""
BINARY = 1e-9
"""The same, as a share: binary fractions are off themselves."""

Row = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Equation:
    """A column that is the sum or the product of two others, or a constant times one."""

    total: TableColumn
    parts: tuple[TableColumn, ...]
    factor: float = 1.0
    product: bool = False
    decimals: int = 0
    """To how many a product is rounded."""

    def told(self) -> str:
        """Return it for people."""
        sign = " times " if self.product else " + "
        right = sign.join(f"'{each.name}'" for each in self.parts)
        return f"'{self.total.name}' is {right}" + (
            f" times {self.factor:g}" if self.factor != 1.0 else ""
        )


@dataclass(frozen=True, slots=True)
class _Found:
    """What holds, by the places of the columns, and in which share of the rows that tell."""

    total: int
    parts: tuple[int, ...]
    held: float
    factor: float = 1.0
    product: bool = False


def equations(
    columns: Sequence[TableColumn], rows: Sequence[Row], decimals: Sequence[int]
) -> list[Equation]:
    """Return what holds in rows of the columns' numbers; a column is told by one equation only.

    Args:
        columns: Columns of numbers.
        rows: Some rows of them, in the order of the columns; None where there is no number.
        decimals: How many decimals each column is written with.
    """
    found: list[Equation] = []
    told: set[frozenset[int]] = set()
    width = len(columns)
    factors, products = list(_factors(width, rows)), list(_products(width, rows, decimals))
    # With a second factor that mostly is 1, a product looks like its first, but holds more often.
    products.sort(key=lambda each: -each.held)
    for each in (*_better(products, factors), *factors, *_sums(width, rows), *products):
        involved = frozenset((each.total, *each.parts))
        if any(one <= involved or involved <= one for one in told):
            continue
        told.add(involved)
        parts = tuple(columns[part] for part in each.parts)
        digits = decimals[each.total]
        found.append(Equation(columns[each.total], parts, each.factor, each.product, digits))
    return found


def _better(products: Sequence[_Found], factors: Sequence[_Found]) -> Iterator[_Found]:
    """Yield the products that hold in more rows than factors between the same columns."""
    for product in products:
        involved = {product.total, *product.parts}
        inside = [each.held for each in factors if {each.total, *each.parts} <= involved]
        if inside and product.held > max(inside):
            yield product


def _factors(width: int, rows: Sequence[Row]) -> Iterator[_Found]:
    for one, other in combinations(range(width), 2):
        pairs = [
            (left, right)
            for row in rows
            if (left := row[one]) and (right := row[other]) is not None
        ]
        if len(pairs) < TELLING_ROWS or len({left for left, _ in pairs}) < TELLING_ROWS / 2:
            continue
        factor = median(right / left for left, right in pairs)
        held = sum(close(right, left * factor) for left, right in pairs) / len(pairs)
        if factor and held >= NEARLY_ALWAYS:
            yield _Found(other, (one,), held, float(f"{factor:.9g}"))


def _sums(width: int, rows: Sequence[Row]) -> Iterator[_Found]:
    def tells(left: float, right: float) -> bool:
        return bool(left and right)

    def adds_up(whole: float, left: float, right: float) -> bool:
        return close(whole, left + right)

    for total, one, other in _threes(width):
        held = _kept(rows, (total, one, other), tells, adds_up)
        if held:
            yield _Found(total, (one, other), held)


def _products(width: int, rows: Sequence[Row], decimals: Sequence[int]) -> Iterator[_Found]:
    """Yield products; rows tell in which neither factor is 0 or 1, which any total may be."""

    def tells(left: float, right: float) -> bool:
        return left not in (0.0, 1.0) and right not in (0.0, 1.0)

    for three in _threes(width):
        slack = HALF / 10 ** decimals[three[0]]

        def comes_to(whole: float, left: float, right: float, slack: float = slack) -> bool:
            return abs(whole - left * right) <= max(slack, BINARY * abs(whole))

        held = _kept(rows, three, tells, comes_to)
        if held and _beyond_chance(rows, three, tells, comes_to, held):
            yield _Found(three[0], three[1:], held, product=True)


def _threes(width: int) -> Iterator[tuple[int, int, int]]:
    for total in range(width):
        for one, other in combinations([each for each in range(width) if each != total], 2):
            yield total, one, other


Tells = Callable[[float, float], bool]
Holds = Callable[[float, float, float], bool]


def _kept(rows: Sequence[Row], three: tuple[int, int, int], tells: Tells, holds: Holds) -> float:
    """Return in which share of the rows that tell an equation holds; 0 where that is not enough."""
    if not _share(rows[:TELLING_ROWS], three, tells, holds, 1):
        return 0.0
    return _share(rows, three, tells, holds, TELLING_ROWS)


def _share(
    rows: Sequence[Row], three: tuple[int, int, int], tells: Tells, holds: Holds, telling: int
) -> float:
    total, one, other = three
    held = tried = 0
    for row in rows:
        left, right, whole = row[one], row[other], row[total]
        if left is not None and right is not None and whole is not None and tells(left, right):
            tried += 1
            held += holds(whole, left, right)
            if tried - held > (1 - NEARLY_ALWAYS) * len(rows):
                return 0.0
    return held / tried if tried >= telling and held >= NEARLY_ALWAYS * tried else 0.0


def _beyond_chance(
    rows: Sequence[Row], three: tuple[int, int, int], tells: Tells, holds: Holds, held: float
) -> bool:
    """Say whether an equation holds far more often than with the total of another row."""
    total, one, other = three
    cells = [
        (whole, left, right)
        for row in rows
        if (left := row[one]) is not None
        and (right := row[other]) is not None
        and (whole := row[total]) is not None
        and tells(left, right)
    ]
    wholes = [whole for whole, _, _ in cells]
    moved = zip((*wholes[1:], *wholes[:1]), cells, strict=True)
    by_chance = sum(holds(whole, left, right) for whole, (_, left, right) in moved)
    expected = (by_chance + 1) / (len(cells) + 2)
    if (held - expected) / (1 - expected) < NEARLY_ALWAYS:
        return False
    return len(cells) * divergence(held, expected) >= log(len(rows[0]) ** 3 / CHANCE)


def close(one: float, other: float) -> bool:
    """Say whether two numbers are the same but for rounding."""
    return abs(one - other) <= TOLERANCE * max(abs(one), abs(other))
