"""What a cell says, as SQL expressions: its value without blanks and null tokens, and its types."""

import re
from collections.abc import Mapping, Sequence

from dataagents.plugins.data.engine import identifier, literal
from dataagents.plugins.data.workplace import ColumnType, Rule

BLANKS = " \t\r\n\v\f\u00a0"

FITS: Mapping[ColumnType, str] = {
    "integer": "coalesce(CAST(TRY_CAST({v} AS BIGINT) AS VARCHAR) = {v}, false)",
    "decimal": r"regexp_full_match({v}, '-?(0|[1-9][0-9]{{0,17}})(\.[0-9]{{1,20}})?')",
    "boolean": "lower({v}) IN ('true', 'false')",
    "date": (
        r"(regexp_full_match({v}, '\d{{4}}-\d\d-\d\d') AND TRY_CAST({v} AS DATE) IS NOT NULL)"
    ),
    "timestamp": (
        r"(regexp_full_match({v}, '\d{{4}}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{{1,6}})?)?')"
        " AND TRY_CAST({v} AS TIMESTAMP) IS NOT NULL)"
    ),
}
"""Type → whether a present value `v` has it, narrowest first.

A value fits when nothing is lost on the way to the type and back: `00501` and `+5` are text,
`12.0` is a decimal and no integer, dates are ISO 8601.
"""


def fits(kind: ColumnType, value: str) -> str:
    """Return the predicate that a value has a type; text always fits."""
    return FITS[kind].format(v=value) if kind in FITS else "true"


def trimmed(cell: str) -> str:
    """Return a cell without blanks around it."""
    return f"trim({cell}, {literal(BLANKS)})"


def is_null(cell: str, tokens: Sequence[str]) -> str:
    """Return the predicate that a cell stands for no value.

    It is a pattern because DuckDB makes a join of a long IN, and hundreds of columns would make
    hundreds of joins.
    """
    listed = "|".join(re.escape(token.lower()) for token in dict.fromkeys(("", *tokens)))
    return f"regexp_full_match(lower({trimmed(cell)}), {literal(f'(?:{listed})')})"


def value(cell: str, tokens: Sequence[str]) -> str:
    """Return what a cell says: NULL when it is missing, else its text without blanks."""
    return f"CASE WHEN {is_null(cell, tokens)} THEN NULL ELSE {trimmed(cell)} END"


def normal(columns: Sequence[str], tokens: Sequence[str], relation: str) -> str:
    """Return the query for the values of a relation's cells."""
    cells = ", ".join(
        f"{value(identifier(name), tokens)} AS {identifier(name)}" for name in columns
    )
    return f"SELECT _row, {cells} FROM {relation}"


def repeated(columns: Sequence[str], relation: str) -> str:
    """Return the query for row numbers of rows that an earlier row equals in every column.

    Rows are compared by the SHA-256 of their cells: to sort by hundreds of columns takes too much
    memory.
    """
    listed = ", ".join(identifier(name) for name in columns)
    return f"""
    SELECT _row FROM (
        SELECT _row, row_number() OVER (PARTITION BY _hash ORDER BY _row) AS _copy
        FROM (SELECT _row, sha256(CAST(to_json([{listed}]) AS VARCHAR)) AS _hash FROM {relation})
    ) WHERE _copy > 1
    """


def ruled(column: str, rules: Sequence[Rule]) -> str:
    """Return a column after its rules; an empty cell is no value under any of them."""
    expression = f"nullif({identifier(column)}, '')"
    for rule in rules:
        if rule.column == column:
            expression = rule.sql.replace(identifier(column), expression)
    return expression
