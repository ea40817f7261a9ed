"""Aggregation: rows as groups with measures, calculated over values of the columns' types."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from dataagents.core.errors import InputError
from dataagents.core.suggestions import did_you_mean
from dataagents.plugins.data.cells import NUMERIC
from dataagents.plugins.data.column_types import typed_as
from dataagents.plugins.data.contracts.model import ColumnType
from dataagents.plugins.data.engine import Session, identifier
from dataagents.plugins.data.workplace import Workplace

Function = Literal["count", "distinct", "sum", "mean", "median", "min", "max"]
_WRITTEN = re.compile(r"\s*(?P<function>[a-z]+)\s*(?:\((?P<column>.*)\))?\s*", re.DOTALL)
_OF_NUMBERS = ("sum", "mean", "median")


@dataclass(frozen=True, slots=True)
class Measure:
    """What is calculated of each group: `count`, or a function of a column."""

    function: Function
    column: str | None

    @property
    def name(self) -> str:
        """What its column is called."""
        return self.function if self.column is None else f"{self.function}({self.column})"


def parse_measure(text: str) -> Measure:
    """Return a measure that is written `count` or `function(column)`.

    Raises:
        InputError: There is no such function, or it has no column.
    """
    functions = get_args(Function)
    read = _WRITTEN.fullmatch(text)
    function = read["function"] if read else text
    known = next((each for each in functions if each == function), None)
    if read is None or known is None:
        hint = f"One of {', '.join(functions)} is expected, as in sum(amount)."
        raise InputError(f"measure {text!r}", "nobody knows how to calculate it", hint=hint)
    column = (read["column"] or "").strip() or None
    if column is None and known != "count":
        raise InputError(f"measure {text!r}", "it needs a column", hint=f"Say {known}(amount).")
    return Measure(known, column)


@dataclass(frozen=True, slots=True)
class Aggregated:
    """What came of an aggregation."""

    source: Literal["clean", "joined"]
    """The table that the rows came from."""
    rows: int
    groups: int


def aggregate(
    place: Workplace, by: Sequence[str], measures: Sequence[Measure], session: Session
) -> Aggregated:
    """Write the table `aggregated`: a row for each group, in the order of what it is grouped by.

    The rows are the joined ones where there are any, else the clean ones. Missing values are a
    group of their own, and are left out by every function but `count` of no column.

    Raises:
        InputError: There is no such column, or a function needs numbers.
    """
    relation = place.relation()
    source: Literal["clean", "joined"] = "clean"
    if relation is not None and place.table("joined").exists():
        source = "joined"
    table = place.table(source)
    if not table.exists():
        raise InputError(
            f"data set {place.dataset!r}",
            "its rows were not separated yet",
            hint="Run route_pipeline first.",
        )
    kinds: Mapping[str, ColumnType] = (
        relation.columns
        if relation is not None and source == "joined"
        else {name: column.type for name, column in place.schema().columns.items()}
    )
    _check(place.dataset, kinds, by, measures)
    session.view("source_rows", table)
    read: dict[str, ColumnType] = {
        name: kinds[name] for name in kinds if name in _read(by, measures)
    }
    session.tell("aggregating rows", None, None)
    cells = typed_as(read, "source_rows", session) or "1 AS one"
    session.rows(f"CREATE OR REPLACE TEMP VIEW typed_rows AS SELECT {cells} FROM source_rows")
    types = {str(name): str(kind) for name, kind, *_ in session.rows("DESCRIBE typed_rows")}
    keys = [identifier(name) for name in by]
    chosen = ", ".join(
        [*keys, *(f"{_sql(each, types)} AS {identifier(each.name)}" for each in measures)]
    )
    grouped = f"GROUP BY {', '.join(keys)} ORDER BY {', '.join(keys)} NULLS LAST" if keys else ""
    groups = session.write(f"SELECT {chosen} FROM typed_rows {grouped}", place.table("aggregated"))
    (rows,) = session.row("SELECT count(*) FROM source_rows")
    return Aggregated(source, int(rows), groups)


def _read(by: Sequence[str], measures: Sequence[Measure]) -> set[str]:
    return {*by, *(each.column for each in measures if each.column is not None)}


def _check(
    dataset: str,
    kinds: Mapping[str, ColumnType],
    by: Sequence[str],
    measures: Sequence[Measure],
) -> None:
    what = f"aggregation of {dataset!r}"
    for name in (*by, *(each.column for each in measures)):
        if name is not None and name not in kinds:
            hint = did_you_mean(name, kinds).strip()
            listed = f"It has {', '.join(list(kinds)[:10])}."
            raise InputError(what, f"there is no column {name!r}", hint=hint or listed)
    names = [*by, *(each.name for each in measures)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(what, f"{twice!r} is named twice", hint="Name each column once.")
    for each in measures:
        if each.column and each.function in _OF_NUMBERS and kinds[each.column] not in NUMERIC:
            raise InputError(
                what,
                f"{each.name} needs numbers, and {each.column!r} is {kinds[each.column]}",
                hint="count, distinct, min and max work on any column.",
            )


def _sql(measure: Measure, types: Mapping[str, str]) -> str:
    """Return the expression of a measure; sums of whole numbers stay whole and exact."""
    if measure.column is None:
        return "count(*)"
    cell = identifier(measure.column)
    if types[measure.column] == "VARCHAR" and measure.function in _OF_NUMBERS:
        cell = f"TRY_CAST({cell} AS DOUBLE)"
    if measure.function == "distinct":
        return f"count(DISTINCT {cell})"
    if measure.function == "mean":
        return f"avg({cell})"
    if measure.function == "median":
        return f"quantile_cont(CAST({cell} AS DOUBLE), 0.5)"
    if measure.function == "sum" and types[measure.column] == "BIGINT":
        return f"CAST(sum({cell}) AS DECIMAL(38, 0))"
    return f"{measure.function}({cell})"
