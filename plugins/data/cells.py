"""What a cell says, as SQL expressions: its value without blanks and null tokens, and its types."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from dataagents.plugins.data.contracts.model import ColumnType, Resolution
from dataagents.plugins.data.engine import Session, identifier, literal
from dataagents.plugins.data.workplace import Column, Rule, Schema, Staging, Workplace

BLANKS = " \t\r\n\v\f\u00a0"

DateOrder = Literal["mdy", "dmy", "ymd"]
Years = tuple[int, int]
"""The first and the last year of a span."""

_DAY = r"\d{{4}}-\d\d-\d\d"
_NUMBER = r"-?(0|[1-9][0-9]{{0,15}})(\.[0-9]{{1,17}})?([eE][+-]?[0-9]{{1,3}})?"
FITS: Mapping[ColumnType, str] = {
    "integer": (
        "CASE WHEN {v} BETWEEN '-' AND ':' "
        "THEN coalesce(CAST(TRY_CAST({v} AS BIGINT) AS VARCHAR) = {v}, false) ELSE false END"
    ),
    "decimal": (
        "CASE WHEN {v} BETWEEN '-' AND ':' "
        r"THEN regexp_full_match({v}, '-?(0|[1-9][0-9]{{0,17}})(\.[0-9]{{1,20}})?') ELSE false END"
    ),
    "float": (
        f"CASE WHEN {{v}} BETWEEN '-' AND ':' THEN regexp_full_match({{v}}, '{_NUMBER}') "
        "AND coalesce(isfinite(TRY_CAST({v} AS DOUBLE)), false) ELSE false END"
    ),
    "boolean": "coalesce(lower({v}) IN ('true', 'false'), false)",
    "date": (
        "CASE WHEN strlen({v}) = 10 "
        f"THEN regexp_full_match({{v}}, '{_DAY}') AND TRY_CAST({{v}} AS DATE) IS NOT NULL "
        "ELSE false END"
    ),
    "timestamp": (
        "CASE WHEN strlen({v}) BETWEEN 16 AND 26 AND {v} BETWEEN '0' AND ':' "
        rf"THEN regexp_full_match({{v}}, '{_DAY}[ T]\d\d:\d\d(:\d\d(\.\d{{{{1,6}}}})?)?') "
        "AND TRY_CAST({v} AS TIMESTAMP) IS NOT NULL ELSE false END"
    ),
}
"""Type → whether a present value `v` has it, narrowest first; true or false, never NULL.

A value fits when nothing is lost on the way to the type and back: `00501` and `+5` are text,
`12.0` is a decimal and no integer, dates are ISO 8601. The cheap condition comes first: a cast that
fails takes DuckDB many times as long as one that works.
"""

NUMERIC: frozenset[ColumnType] = frozenset({"integer", "decimal", "float"})

SQL_TYPES: Mapping[ColumnType, str] = {
    "integer": "BIGINT",
    "decimal": "DOUBLE",
    "float": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "text": "VARCHAR",
}
"""What values are compared and calculated as; a `DECIMAL` overflows when two are multiplied."""

_PARTS = r"(\d{1,4})[/.-](\d{1,2})[/.-](\d{4}|\d{1,2})"
_SHORT = r"^(\d{1,2}/\d{1,2}/)(\d\d)( |$)"
"""A date whose year has two digits, with or without a time."""
_TIME = r"[ T]+\d{1,2}:\d\d(:\d\d)?( ?[AaPp][Mm])?"
DATE_LIKE = (
    rf"(\d{{1,2}}([/.-])\d{{1,2}}[/.-]\d{{4}}|\d{{1,2}}/\d{{1,2}}/\d\d|\d{{4}}[/.]\d{{1,2}}[/.]\d{{1,2}})"
    rf"({_TIME})?"
)
"""Cells that may be a day in another order than ISO, with or without a time."""
_ORDERS: Mapping[DateOrder, str] = {"mdy": "%m/%d/%Y", "dmy": "%d/%m/%Y", "ymd": "%Y/%m/%d"}
_CLOCKS = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%I:%M:%S%p")


def date_part(cell: str, number: int) -> str:
    """Return the first or second number of a cell that looks like a date."""
    return f"TRY_CAST(regexp_extract({cell}, '^{_PARTS}', {number}) AS INT)"


def date_like(cell: str) -> str:
    """Return the predicate that a cell may be a date in another order than ISO."""
    return (
        f"CASE WHEN {cell} BETWEEN '0' AND ':' AND strlen({cell}) BETWEEN 6 AND 26 "
        f"THEN regexp_full_match({cell}, '{DATE_LIKE}') ELSE false END"
    )


def full_year(cell: str) -> str:
    """Return the year of a cell that looks like a date; NULL where it has two digits only."""
    return rf"TRY_CAST(regexp_extract({cell}, '^(?:\d+[/.-]\d+[/.-])?(\d{{4}})', 1) AS INT)"


def read_date(cell: str, order: DateOrder, years: Years | None = None) -> str:
    """Return the ISO text of a date, with or without a time, in an order; NULL for other cells.

    A year of two digits is read where one year alone of a span ends so: its century is not in the
    cell, and any that is fixed beforehand is wrong for somebody's births or expiry dates.

    Args:
        cell: The cell, as SQL.
        order: The order of day, month and year.
        years: The first and the last year of that span, if there is one.
    """
    text = f"translate(replace({cell}, 'T', ' '), '.-', '//')"
    short = rf"regexp_matches({text}, '{_SHORT}')"
    whole = f"CASE WHEN {short} THEN {_completed(text, years)} ELSE {text} END"
    moments = ", ".join(f"'{_ORDERS[order]} {clock}'" for clock in _CLOCKS)
    return (
        f"CASE WHEN NOT ({date_like(cell)}) THEN NULL WHEN contains({cell}, ':') "
        f"THEN strftime(try_strptime({whole}, [{moments}]), '%Y-%m-%d %H:%M:%S') "
        f"ELSE strftime(try_strptime({whole}, '{_ORDERS[order]}'), '%Y-%m-%d') END"
    )


def _completed(text: str, years: Years | None) -> str:
    """Return a text with all digits of its year; NULL where the span does not tell them."""
    if years is None:
        return "NULL"
    first, last = years
    ending = f"CAST(regexp_extract({text}, '{_SHORT}', 2) AS INT)"
    year = f"({first} + ({ending} - {first % 100} + 100) % 100)"
    return (
        f"CASE WHEN {year} BETWEEN {last - 99} AND {last} "
        rf"THEN regexp_replace({text}, '{_SHORT}', '\1' || {year} || '\3') END"
    )


def dated(cell: str, order: DateOrder, years: Years | None = None) -> str:
    """Return what a cell says in a column of dates: ISO text where it can be read, else itself."""
    return f"coalesce({read_date(cell, order, years)}, {cell})"


def open_part(session: Session, place: Workplace, index: int) -> str:
    """Make the rows of one file readable as they stand in it, and return the name for them."""
    name = f"part_{index:03}"
    session.view(name, place.part(index))
    return name


def open_staged(
    session: Session, place: Workplace, staging: Staging, resolution: Resolution
) -> None:
    """Make the rows of all files readable as `staged`: `_row`, then the contract's columns."""
    selects: list[str] = []
    for index, sources in enumerate(resolution.parts):
        cells = ", ".join(
            f"{_source(sources.get(name))} AS {identifier(name)}"
            for name in resolution.contract.columns
        )
        selects.append(f"SELECT _row, {cells} FROM {open_part(session, place, index)}")
    session.rows("CREATE OR REPLACE TEMP VIEW staged AS " + " UNION ALL ".join(selects))


def _source(column: str | None) -> str:
    return "CAST(NULL AS VARCHAR)" if column is None else identifier(column)


def bounds(staging: Staging) -> list[tuple[int, int]]:
    """Return the first and the last row number of each file."""
    found: list[tuple[int, int]] = []
    last = 0
    for part in staging.parts:
        found.append((last + 1, last + part.rows))
        last += part.rows
    return found


def locate(
    session: Session, place: Workplace, staging: Staging, rows: Iterable[int]
) -> dict[int, tuple[int, str]]:
    """Return the line and the name of the file that each of some rows came from."""
    session.view("line_breaks", place.table("lines"))
    found = session.rows(
        "SELECT wanted._row, wanted._row + shift, _part FROM "
        "(SELECT unnest(?::BIGINT[]) AS _row) AS wanted "
        "ASOF JOIN line_breaks ON wanted._row >= line_breaks._row",
        [sorted(set(rows))],
    )
    return {int(row): (int(line), staging.parts[int(part)].name) for row, line, part in found}


def fits(kind: ColumnType, value: str) -> str:
    """Return the predicate that a value has a type; text always fits."""
    return FITS[kind].format(v=value) if kind in FITS else "true"


def trimmed(cell: str) -> str:
    """Return a cell without blanks around it."""
    return f"trim({cell}, {literal(BLANKS)})"


def quickly_trimmed(cell: str) -> str:
    """Return the same for many cells, of which few have blanks: to look for them is cheaper."""
    ends = literal(f"^[{BLANKS}]|[{BLANKS}]$")
    return f"CASE WHEN regexp_matches({cell}, {ends}) THEN {trimmed(cell)} ELSE {cell} END"


def is_token(text: str, tokens: Sequence[str]) -> str:
    """Return the predicate that a trimmed cell is empty or a null token.

    It is a pattern because DuckDB plans a hash join for each IN, or `list_contains`, with five
    constants or more (`EXPLAIN` shows a MARK join): with hundreds of columns, hundreds of joins.
    """
    known = tuple(token.lower() for token in dict.fromkeys(("", *tokens)))
    longest = max(len(token.encode()) for token in known)
    listed = literal(f"(?:{'|'.join(re.escape(token) for token in known)})")
    return (
        f"CASE WHEN strlen(lower({text})) <= {longest} "
        f"THEN regexp_full_match(lower({text}), {listed}) ELSE false END"
    )


def value(cell: str, tokens: Sequence[str]) -> str:
    """Return what a cell says: NULL when it is missing, else its text without blanks."""
    text = quickly_trimmed(cell)
    return f"CASE WHEN {is_token(text, tokens)} THEN NULL ELSE {text} END"


def said(name: str, columns: Mapping[str, Column], tokens: Sequence[str]) -> str:
    """Return what a column's cells say; one where no blank or token was counted needs less.

    In a column of dates in another order than ISO, a cell says its date in ISO.
    """
    column, cell = columns[name], identifier(name)
    plain = not column.untrimmed and not column.null_tokens
    text = f"nullif({cell}, '')" if plain else value(cell, tokens)
    if column.date_order is None or column.type not in ("date", "timestamp"):
        return text
    return dated(f"({text})", column.date_order, column.date_years)


def meaning(name: str, schema: Schema) -> str:
    """Return what a column's cells say, with misfits as NULL where the resolution says so."""
    text = said(name, schema.columns, schema.null_tokens)
    if name not in schema.resolution.nulled:
        return text
    return f"CASE WHEN {fits(schema.columns[name].type, f'({text})')} THEN {text} END"


def normal(columns: Mapping[str, Column], tokens: Sequence[str], relation: str) -> str:
    """Return the query for the values of a relation's cells."""
    cells = ", ".join(f"{said(name, columns, tokens)} AS {identifier(name)}" for name in columns)
    return f"SELECT _row, {cells} FROM {relation}"


def repeated(columns: Sequence[str], relation: str) -> str:
    """Return the query for row numbers of rows that an earlier row equals in every column.

    A fast hash of 64 bits picks the rows that may have an equal, and SHA-256 decides: to compare
    hundreds of columns by sorting them takes too much memory.
    """
    listed = ", ".join(identifier(name) for name in columns)
    return f"""
    WITH quick AS MATERIALIZED (SELECT _row, hash({listed}) AS _hash FROM {relation}),
    suspects AS (
        SELECT _row FROM quick
        WHERE _hash IN (SELECT _hash FROM quick GROUP BY _hash HAVING count(*) > 1)
    )
    SELECT _row FROM (
        SELECT _row, row_number() OVER (PARTITION BY _hash ORDER BY _row) AS _copy
        FROM (
            SELECT _row, sha256(CAST(to_json([{listed}]) AS VARCHAR)) AS _hash
            FROM {relation} SEMI JOIN suspects USING (_row)
        )
    ) WHERE _copy > 1
    """


def ruled(column: str, rules: Sequence[Rule]) -> str:
    """Return a column after its rules; an empty cell is no value under any of them."""
    expression = f"nullif({identifier(column)}, '')"
    for rule in rules:
        if rule.column == column and rule.rule != "types":
            expression = rule.sql.replace(identifier(column), expression)
    return expression
