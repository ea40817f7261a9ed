"""Columns that go up or down with the rows, and the cells that are out of turn."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log, sqrt
from statistics import median

from dataagents.core.detection.detector import Flags
from dataagents.core.detection.table import Table, TableColumn
from dataagents.plugins.detection.association import CHANCE, divergence

MOSTLY_IN_TURN = 0.6
"""So much of a column has to be one sequence; more than a third out of turn is no order."""
BEYOND_LUCK = 4.0
"""Times the root of how many values there are: twice what random values come to."""
FAR = 3.0
"""In usual steps: what is nearer to its place may be noise of a measure that grows."""
SURE = 0.9
"""One in ten is left for rows that were put where they are on purpose."""
NUMBERS = frozenset({"integer", "decimal", "float"})
MOMENTS = frozenset({"date", "timestamp"})


@dataclass(frozen=True, slots=True)
class _Place:
    """A cell out of turn."""

    row: int
    confidence: float
    before: str
    after: str


class Order:
    """Flags cells that break the order of an otherwise sorted column."""

    theory = (
        "Where the values of a column grow or fall with the rows nearly without exception, rows "
        "were written down in that order, and a value far from those before and after it is wrong."
    )

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return cells outside of the longest sequence, where that holds most of the column."""
        for column in table.columns:
            if column.type not in NUMBERS | MOMENTS or column.distinct <= MINIMUM:
                continue
            direction = _direction(table, column)
            if direction:
                found = _out_of_turn(_values(table, column, direction), _strict(column))
                if found:
                    yield _flags(table, column, found)


MINIMUM = 5
"""Of fewer values any order may be luck."""


def number(table: Table, column: TableColumn) -> str:
    """Return an expression of a cell as a number: seconds for a moment, NULL where it is none."""
    name = table.identifier(column.name)
    if column.type in MOMENTS:
        return f"epoch(try_cast({name} AS TIMESTAMP))"
    return f"try_cast(replace({name}, ',', '') AS DOUBLE)"


def _strict(column: TableColumn) -> bool:
    """Say whether hardly any value is meant to come twice."""
    return column.distinct > column.present / 2


def _direction(table: Table, column: TableColumn) -> int:
    """Return 1 for a column that grows, -1 for one that falls, 0 where it is neither."""
    ((up, down),) = table.query(
        "SELECT count(*) FILTER (value > last), count(*) FILTER (value < last) FROM (SELECT value, "
        f"lag(value) OVER (ORDER BY _row) AS last FROM (SELECT _row, {number(table, column)} AS "
        f"value FROM {table.relation}) WHERE value IS NOT NULL)"
    )
    steps = up + down
    share = max(up, down) / max(steps, 1)
    if share <= MOSTLY_IN_TURN:
        return 0
    if steps * divergence(share, 0.5) < log(len(table.columns) / CHANCE):
        return 0
    return 1 if up > down else -1


def _values(table: Table, column: TableColumn, direction: int) -> list[tuple[int, float, str]]:
    return [
        (int(row), float(value), str(text))
        for row, value, text in table.query(
            f"SELECT _row, value * {direction}, said FROM (SELECT _row, {number(table, column)} "
            f"AS value, {table.identifier(column.name)} AS said FROM {table.relation}) "
            "WHERE isfinite(value) ORDER BY _row"
        )
    ]


def _out_of_turn(cells: Sequence[tuple[int, float, str]], strict: bool) -> list[_Place]:
    kept = longest_sequence([value for _, value, _ in cells], strict)
    if len(kept) < max(MOSTLY_IN_TURN * len(cells), BEYOND_LUCK * sqrt(len(cells))):
        return []
    inside = set(kept) | _others(cells, set(kept), strict)
    steps = [cells[b][1] - cells[a][1] for a, b in pairwise(kept)]
    step = median([each for each in steps if each > 0] or [1.0])
    found: list[_Place] = []
    following = 0
    for number, (row, value, _) in enumerate(cells):
        if following < len(kept) and number == kept[following]:
            following += 1
        if number in inside:
            continue
        before = cells[kept[following - 1]] if following else None
        after = cells[kept[following]] if following < len(kept) else None
        low = before[1] if before else value
        high = after[1] if after else value
        off = max(low - value, value - high, 0.0) / step
        found.append(
            _Place(
                row,
                SURE if off > FAR else SURE / 2,
                before[2] if before else "",
                after[2] if after else "",
            )
        )
    return found


def _others(cells: Sequence[tuple[int, float, str]], first: set[int], strict: bool) -> set[int]:
    """Return what else is a sequence of its own: lists that were put one after another.

    The longest sequence in random values comes to twice the root of how many there are.
    """
    inside: set[int] = set()
    while True:
        rest = [each for each in range(len(cells)) if each not in first and each not in inside]
        found = longest_sequence([cells[each][1] for each in rest], strict)
        if len(found) < max(BEYOND_LUCK * sqrt(len(rest)), 1):
            return inside
        inside |= {rest[place] for place in found}


def longest_sequence(values: Sequence[float], strict: bool) -> list[int]:
    """Return the places of a longest sequence that grows, or at least never falls.

    Args:
        values: What to choose from, in order.
        strict: Whether each has to be greater than the one before.
    """
    cut = bisect_left if strict else bisect_right
    ends: list[float] = []
    places: list[int] = []
    before: list[int] = []
    for number, value in enumerate(values):
        length = cut(ends, value)
        before.append(places[length - 1] if length else -1)
        if length == len(ends):
            ends.append(value)
            places.append(number)
        else:
            ends[length], places[length] = value, number
    answer: list[int] = []
    place = places[-1] if places else -1
    while place >= 0:
        answer.append(place)
        place = before[place]
    return answer[::-1]


def _flags(table: Table, column: TableColumn, found: Sequence[_Place]) -> Flags:
    return Flags(
        f'SELECT _row, {table.literal(column.name)} AS "column", confidence, '
        "format('out of turn between ''{}'' and ''{}''', previous, following) AS reason, "
        "NULL AS suggestion FROM (SELECT unnest(?::BIGINT[]) AS _row, unnest(?::DOUBLE[]) AS "
        "confidence, unnest(?::VARCHAR[]) AS previous, unnest(?::VARCHAR[]) AS following)",
        (
            [each.row for each in found],
            [each.confidence for each in found],
            [each.before for each in found],
            [each.after for each in found],
        ),
    )
