"""Keys: which columns of two tables say the same thing, so that rows can be matched by them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dataagents.core.errors import InputError
from dataagents.plugins.data.cells import NUMERIC, SQL_TYPES
from dataagents.plugins.data.contracts.model import ColumnType
from dataagents.plugins.data.engine import Session, identifier

Pair = tuple[str, str]
"""A column of the left table, and one of the right."""

CONTAINED = 0.9
"""So many of the left column's different values have to occur in the right one at least."""
MOST_PAIRS = 400
"""So many pairs of columns are compared."""


@dataclass(frozen=True, slots=True)
class Side:
    """A table to be joined: the relation that has its rows, and the types of its columns."""

    dataset: str
    relation: str
    columns: Mapping[str, ColumnType]


@dataclass(frozen=True, slots=True)
class _Candidate:
    pair: Pair
    contained: float
    unique: bool
    """Whether one of the columns has no value twice."""


def comparable(left: Side, right: Side, pair: Pair) -> tuple[str, str]:
    """Return both columns of a pair as values that are equal when they say the same.

    Text is compared as it is, numbers by value; a cell that is no value of its column's type, and
    a missing one, match nothing.
    """
    kinds = (left.columns[pair[0]], right.columns[pair[1]])
    cells = (f"l.{identifier(pair[0])}", f"r.{identifier(pair[1])}")
    if kinds[0] == kinds[1]:
        sql = "DECIMAL(38, 12)" if kinds[0] == "decimal" else SQL_TYPES[kinds[0]]
    elif NUMERIC.issuperset(kinds):
        sql = "DOUBLE" if "float" in kinds else "DECIMAL(38, 12)"
    else:
        sql = "VARCHAR"
    if sql == "VARCHAR":
        return cells
    return f"TRY_CAST({cells[0]} AS {sql})", f"TRY_CAST({cells[1]} AS {sql})"


def condition(left: Side, right: Side, pairs: Sequence[Pair]) -> str:
    """Return the condition that rows `l` and `r` match."""
    return " AND ".join(" = ".join(comparable(left, right, pair)) for pair in pairs)


def repeats(session: Session, side: Side, values: Sequence[str], alias: str) -> int:
    """Return how many values of a table's key occur in more than one row.

    Args:
        session: The engine.
        side: The table.
        values: Expressions over its rows.
        alias: What the expressions call the table.
    """
    cells = ", ".join(f"{value} AS k{n}" for n, value in enumerate(values))
    whole = " AND ".join(f"k{n} IS NOT NULL" for n in range(len(values)))
    (times,) = session.row(
        f"SELECT count(*) FROM (SELECT 1 FROM (SELECT {cells} FROM "
        f"{identifier(side.relation)} AS {alias}) WHERE {whole} GROUP BY "
        f"{', '.join(f'k{n}' for n in range(len(values)))} HAVING count(*) > 1)"
    )
    return int(times)


def find(session: Session, left: Side, right: Side) -> tuple[Pair, ...]:
    """Return the columns by which two tables can be matched.

    Columns of the same name and a comparable type are compared first; where none fits, all columns
    of text. A pair fits when nearly all values of the left column occur in the right one, and one
    of the two has no value twice.

    Raises:
        InputError: There are none, or several that fit equally well.
    """
    named = [
        (one, other)
        for one in left.columns
        for other in right.columns
        if _plain(one) == _plain(other) and _alike(left.columns[one], right.columns[other])
    ]
    texts = [
        (one, other)
        for one, kind in left.columns.items()
        for other, type_ in right.columns.items()
        if kind == "text" and type_ == "text" and (one, other) not in named
    ]
    repeated: list[Pair] = []
    for pairs in (named, texts):
        fitting = [
            each
            for pair in pairs[:MOST_PAIRS]
            if (each := _measured(session, left, right, pair)).contained >= CONTAINED
        ]
        best = _best(left, right, [each for each in fitting if each.unique])
        if best is not None:
            return (best.pair,)
        repeated += [each.pair for each in fitting]
        together = tuple(each.pair for each in fitting)
        if pairs is named and len(together) > 1 and _tells_apart(session, left, right, together):
            return together
    problem = "no columns were found that match"
    if repeated:
        listed = ", ".join(f"{one}={other}" for one, other in repeated[:5])
        problem = f"values occur more than once on both sides of what matches ({listed})"
    raise InputError(
        f"join of {left.dataset!r} and {right.dataset!r}",
        problem,
        hint="Say which columns match: --join LEFT=RIGHT.",
    )


def _best(left: Side, right: Side, fitting: Sequence[_Candidate]) -> _Candidate | None:
    if not fitting:
        return None
    top = max(each.contained for each in fitting)
    ties = [each for each in fitting if each.contained == top]
    if len(ties) > 1:
        listed = ", ".join(f"{one}={other}" for one, other in (each.pair for each in ties[:5]))
        raise InputError(
            f"join of {left.dataset!r} and {right.dataset!r}",
            f"several columns match equally well: {listed}",
            hint="Say which: --join LEFT=RIGHT.",
        )
    return ties[0]


def _measured(session: Session, left: Side, right: Side, pair: Pair) -> _Candidate:
    one, other = comparable(left, right, pair)
    values, shared = session.row(
        f"WITH a AS (SELECT DISTINCT {one} AS v FROM {identifier(left.relation)} AS l), "
        f"b AS (SELECT DISTINCT {other} AS v FROM {identifier(right.relation)} AS r) "
        "SELECT count(a.v), count(b.v) FROM a LEFT JOIN b ON a.v = b.v"
    )
    contained = int(shared) / int(values) if values else 0.0
    unique = contained >= CONTAINED and _tells_apart(session, left, right, (pair,))
    return _Candidate(pair, contained, unique)


def _tells_apart(session: Session, left: Side, right: Side, pairs: Sequence[Pair]) -> bool:
    sides = [comparable(left, right, pair) for pair in pairs]
    return not repeats(session, right, [other for _, other in sides], "r") or not repeats(
        session, left, [one for one, _ in sides], "l"
    )


def _alike(one: ColumnType, other: ColumnType) -> bool:
    return one == other or NUMERIC.issuperset((one, other))


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold()) or name
