"""Rules between columns that nearly all rows keep, and the cells that break them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log
from typing import TypeAlias

from dataagents.core.detection.detector import Flags
from dataagents.core.detection.table import Table, TableColumn
from dataagents.plugins.detection.arithmetic import (
    SAMPLED_ROWS,
    broken,
    find_equations,
    number_columns,
    remedies,
)
from dataagents.plugins.detection.association import CHANCE, divergence
from dataagents.plugins.detection.composition import compositions, text
from dataagents.plugins.detection.equations import NEARLY_ALWAYS
from dataagents.plugins.detection.order import MOMENTS, number

SURE = 0.95
"""One in twenty is left for the rule not being one."""

NO_RULE = 5
"""What one row in five breaks is no rule at all; what fewer break is one by so much more."""
ORDERLY = 0.98
"""Of two columns that measure different things one may be less by size alone, but not so often."""


_Order: TypeAlias = tuple[TableColumn, TableColumn]
"""A column, and one that it is never greater than."""


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A cell of a broken rule: how odd it is by itself, and what would keep the rule."""

    column: TableColumn
    oddness: str
    suggestion: str = "NULL"


class Rules:
    """Flags cells of rows that break what holds between columns in nearly all others."""

    theory = (
        "Where one column is never less than another, the sum or the product of two others, or "
        "holds the text of another in nearly all rows, a row that breaks that has a wrong cell, "
        "most likely the one that is odd in its own column, or alone can mend the row; rules are "
        "found in a sample, those of numbers in their first 20 columns, and checked in all rows."
    )

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return the cells of broken rules, each by its share of the blame."""
        yield from _equations(table)
        moments = [each for each in table.columns if each.type in MOMENTS and each.distinct > 2]
        for columns in (number_columns(table), moments):
            yield from _orders(table, columns)
        yield from _wholes(table)


def _equations(table: Table) -> Iterator[Flags]:
    for each in find_equations(table):
        suspects = [
            _Suspect(remedy.column, remedy.likelihood, remedy.suggestion)
            for remedy in remedies(table, each)
        ]
        reason = table.literal(f"{each.told()} in nearly all other rows")
        yield _blame(table, suspects, broken(table, each), reason)


def _oddness(table: Table, column: TableColumn) -> str:
    """Return how many usual deviations a number is from the middle of its column."""
    value = number(table, column)
    ((middle, spread),) = table.query(
        f"SELECT median(value), mad(value) FROM (SELECT {value} AS value FROM {table.relation})"
    )
    return f"abs({value} - {float(middle)!r}) / {float(spread) or 1.0!r}"


def _orders(table: Table, columns: Sequence[TableColumn]) -> Iterator[Flags]:
    """Look for columns that are never greater than others, though they could be."""
    if len(columns) < 2:
        return
    places = ", ".join(str(each.place) for each in columns)
    numbers = ", ".join(number(table, each) for each in columns)
    sample = table.keep(
        "SELECT *, lead(here) OVER (PARTITION BY place ORDER BY row) AS there FROM ("
        f"SELECT row, unnest([{places}]) AS place, unnest(numbers) AS here FROM ("
        f"SELECT hash(_row) AS row, [{numbers}] AS numbers FROM {table.relation} "
        f"ORDER BY row LIMIT {SAMPLED_ROWS}))"
    )
    by_place = {each.place: each for each in columns}
    orders: list[_Order] = []
    pairs = len(columns) * (len(columns) - 1)
    for low, high, held, less, rows, by_chance, others in sorted(
        table.query(
            "SELECT low.place, high.place, count(*) FILTER (low.here <= high.here), "
            "count(*) FILTER (low.here < high.here), count(low.here + high.here), "
            "count(*) FILTER (low.here <= high.there), count(low.here + high.there) "
            f"FROM {sample} AS low JOIN {sample} AS high ON low.row = high.row "
            "AND low.place <> high.place GROUP BY low.place, high.place"
        )
    ):
        expected = (by_chance + 1) / (others + 2)
        if less > rows / 2 and _holds(held, rows, expected, pairs):
            orders.append((by_place[low], by_place[high]))
    for each in orders:
        yield _order(table, each, orders)


def _order(table: Table, order: _Order, orders: Sequence[_Order]) -> Flags:
    """Return the cells that break an order.

    One that breaks no other order is not blamed beside one that does: to change that one alone
    mends the row (minimal repair).
    """
    low, high = order
    by_others = {
        each.place: [
            _reversed(table, other) for other in orders if other != order and each in other
        ]
        for each in order
    }
    suspects: list[_Suspect] = []
    for each, beside in ((low, high), (high, low)):
        alone = f"NOT ({' OR '.join(by_others[each.place]) or 'false'})"
        central = " OR ".join(by_others[beside.place]) or "false"
        oddness = f"CASE WHEN {alone} AND ({central}) THEN 0 ELSE {_oddness(table, each)} END"
        suspects.append(_Suspect(each, oddness))
    said = [table.literal(f"'{each.name}' (") for each in order]
    values = [f"cell.{table.identifier(each.name)}" for each in order]
    than = ") is later than " if low.type in MOMENTS else ") is greater than "
    reason = (
        f"concat({said[0]}, {values[0]}, '{than}', {said[1]}, {values[1]}, "
        "'), which it is in hardly any other row')"
    )
    return _blame(table, suspects, _reversed(table, order), reason)


def _reversed(table: Table, order: _Order) -> str:
    low, high = order
    return f"coalesce({number(table, low)} > {number(table, high)}, false)"


def _holds(held: int, rows: int, expected: float, tried: int) -> bool:
    """Say whether a rule is kept more often than columns would that know nothing of each other."""
    if not rows or held < ORDERLY * rows:
        return False
    seen = held / rows
    if (seen - expected) / (1 - expected) < NEARLY_ALWAYS:
        return False
    return rows * divergence(seen, expected) >= log(tried / CHANCE)


def _wholes(table: Table) -> Iterator[Flags]:
    """Look for texts that ought to hold the text of another cell; a rare value is to blame."""
    for found in compositions(table).values():
        for each in found:
            whole, part = text(table, each.whole), text(table, each.part)
            yield _blame(
                table,
                [_Suspect(column, _rarity(table, column)) for column in (each.whole, each.part)],
                f"NOT contains({whole}, {part})",
                table.literal(
                    f"'{each.whole.name}' holds '{each.part.name}' in nearly all other rows"
                ),
            )


def _rarity(table: Table, column: TableColumn) -> str:
    return f"1.0 / count(*) OVER (PARTITION BY cell.{table.identifier(column.name)})"


def _blame(table: Table, suspects: Sequence[_Suspect], broken: str, reason: str) -> Flags:
    """Return the cells of rows that break a rule, blamed as each is odd in its column.

    Args:
        table: The table.
        suspects: The cells of a row.
        broken: Whether a row breaks the rule, as SQL.
        reason: What is wrong with the row, as SQL.
    """
    odd = ", ".join(f"{each.oddness} AS odd{place}" for place, each in enumerate(suspects))
    told = ", ".join(f"{each.suggestion} AS told{place}" for place, each in enumerate(suspects))
    rows = table.keep(
        f"SELECT * FROM (SELECT _row, {odd}, {told}, {reason} AS reason, "
        f"coalesce({broken}, false) AS broken "
        f"FROM {table.relation} AS cell) WHERE broken"
    )
    ((broken_rows,),) = table.query(f"SELECT count(*) FROM {rows}")
    sure = SURE * max(0.0, 1.0 - NO_RULE * broken_rows / max(table.rows, 1))
    total = " + ".join(f"odd{place}" for place in range(len(suspects)))
    return Flags(
        " UNION ALL ".join(
            f'SELECT _row, {table.literal(each.column.name)} AS "column", '
            f"{sure} * (odd{place} + 0.1) / ({total} + {0.1 * len(suspects)}) AS confidence, "
            f"reason, told{place} AS suggestion FROM {rows}"
            for place, each in enumerate(suspects)
        )
    )
