"""Equations of a table in the engine: where they hold, and what each of their cells should say."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from dataagents.core.detection.table import Table, TableColumn
from dataagents.plugins.detection.equations import (
    BINARY,
    HALF,
    NEARLY_ALWAYS,
    TOLERANCE,
    Equation,
    equations,
)
from dataagents.plugins.detection.order import NUMBERS, number

SAMPLED_ROWS = 500
"""Enough to find a rule; what breaks it is looked for in all rows."""
NUMBER_COLUMNS = 20
"""Of more columns of numbers only the first are tried: sums and products are tried in threes."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """A cell of a broken equation, and what would mend the row if that cell alone were wrong."""

    column: TableColumn
    likelihood: str
    """How many times as likely the column has what it should say as what it says; SQL."""
    suggestion: str


def number_columns(table: Table) -> list[TableColumn]:
    """Return the columns that rules of numbers are looked for in."""
    some = [each for each in table.columns if each.type in NUMBERS and each.distinct > 2]
    return some[:NUMBER_COLUMNS]


def find_equations(table: Table) -> list[Equation]:
    """Return the equations that nearly all rows of a sample keep."""
    columns = number_columns(table)
    if len(columns) < 2:
        return []
    listed = ", ".join(number(table, each) for each in columns)
    rows = table.query(
        f"SELECT {listed} FROM (SELECT * FROM {table.relation} ORDER BY hash(_row) "
        f"LIMIT {SAMPLED_ROWS})"
    )
    return equations(columns, rows, [_decimals(table, each)[0] for each in columns])


def broken(table: Table, equation: Equation) -> str:
    """Return the SQL of a condition: a row's cells are there, and do not come to the total."""
    total, *parts = (number(table, each) for each in (equation.total, *equation.parts))
    return _broken(equation, total, parts)


def _broken(equation: Equation, total: str, parts: Sequence[str]) -> str:
    made = _made(equation, parts)
    slack = f"{TOLERANCE} * greatest(abs({total}), abs({made}))"
    if equation.product:
        slack = f"greatest({BINARY} * abs({total}), {HALF / 10**equation.decimals!r})"
    return f"abs({total} - {made}) > {slack}"


def _made(equation: Equation, parts: Sequence[str]) -> str:
    return f"({(' * ' if equation.product else ' + ').join(parts)}) * {equation.factor!r}"


def vouched(table: Table, column: TableColumn, found: Iterable[Equation]) -> str:
    """Return the SQL of a condition: a row's parts come to what it says in a column.

    Such a cell says nothing of its own: were it wrong, one of its parts would be.
    """
    kept = [
        f"coalesce(NOT ({broken(table, each)}), false)"
        for each in found
        if each.total.place == column.place
    ]
    return " OR ".join(kept) or "false"


def remedies(table: Table, equation: Equation) -> Iterator[Remedy]:
    """Yield for each cell of a broken equation what it should say if it alone were wrong.

    The fewer changes, the better an explanation, and of single ones that which leaves a cell as its
    column usually is: whole where that holds whole numbers, and no farther from its middle.
    """
    total, *parts = (number(table, each) for each in (equation.total, *equation.parts))
    yield _remedy(table, equation.total, _made(equation, parts), lambda _: "true")
    for place, column in enumerate(equation.parts):
        rest = [each for at, each in enumerate(parts) if at != place]
        if equation.product:
            expected = f"{total} / nullif({rest[0]}, 0)"
        else:
            expected = " - ".join((f"{total} / {equation.factor!r}", *rest))

        def mended(said: str, place: int = place) -> str:
            return f"NOT ({_broken(equation, total, [*parts[:place], said, *parts[place + 1 :]])})"

        yield _remedy(table, column, expected, mended)


def _remedy(
    table: Table, column: TableColumn, expected: str, mended: Callable[[str], str]
) -> Remedy:
    """Return what a cell should say, as its column is written.

    Args:
        table: The table.
        column: The column of the cell.
        expected: What the other cells of the row come to.
        mended: Returns the condition that the row keeps the equation with another number there.
    """
    value, decimals, fixed = number(table, column), *_decimals(table, column)
    ((middle, spread),) = table.query(
        f"SELECT median(value), mad(value) FROM (SELECT {value} AS value FROM {table.relation})"
    )
    said = f"(round({expected}, {decimals}) + 0.0)"  # Without the sign of a negative zero.
    now, then = (
        f"(1 + (({each} - {float(middle)!r}) / {float(spread) or 1.0!r}) ** 2)"
        for each in (value, said)
    )
    suggestion = f"printf('%.{decimals}f', {said})" if fixed >= NEARLY_ALWAYS else "NULL"
    return Remedy(
        column,
        f"coalesce(CASE WHEN {mended(said)} THEN {now} / {then} END, 0)",
        f"CASE WHEN {mended(said)} THEN {suggestion} END",
    )


def _decimals(table: Table, column: TableColumn) -> tuple[int, float]:
    """Return how many decimals do for nine in ten numbers, and which share has just so many."""
    name = table.identifier(column.name)
    ((decimals, share),) = table.query(
        "SELECT digits, avg((decimals = digits)::INTEGER) FROM (SELECT decimals, "
        f"quantile_disc(decimals, {NEARLY_ALWAYS}) OVER () AS digits FROM ("
        f"SELECT length(split_part({name}, '.', 2)) AS decimals FROM {table.relation} "
        f"WHERE {number(table, column)} IS NOT NULL)) GROUP BY digits"
    )
    return int(decimals), float(share)
