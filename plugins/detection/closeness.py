"""Which columns are held against one another in a wide table, where all pairs are too many."""

from collections.abc import Sequence

from dataagents.core.detection.table import TableColumn

CANDIDATES = 50
"""So many columns are tried with one, which are all of them in most tables."""


def candidates(column: TableColumn, others: Sequence[TableColumn]) -> list[TableColumn]:
    """Return the other columns that a column is held against, in their order.

    Of more than are tried, half are the first, where a table says what a row is about, and half
    those that stand nearest: what belongs together stands together. So pairs grow with the columns
    and not with their square.
    """
    rest = [each for each in others if each.place != column.place]
    if len(rest) <= CANDIDATES:
        return rest
    first, rest = rest[: CANDIDATES // 2], rest[CANDIDATES // 2 :]
    nearest = sorted(rest, key=lambda each: (abs(each.place - column.place), each.place))
    return [*first, *sorted(nearest[: CANDIDATES - len(first)], key=lambda each: each.place)]
