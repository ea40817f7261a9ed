"""What a cell says, as SQL expressions: its value without blanks and null tokens, and its types."""

import re
from collections.abc import Mapping, Sequence

from dataagents.plugins.data.engine import identifier, literal
from dataagents.plugins.data.workplace import Column, ColumnType, Rule

BLANKS = " \t\r\n\v\f\u00a0"

_DAY = r"\d{{4}}-\d\d-\d\d"
FITS: Mapping[ColumnType, str] = {
    "integer": (
        "CASE WHEN {v} BETWEEN '-' AND ':' "
        "THEN coalesce(CAST(TRY_CAST({v} AS BIGINT) AS VARCHAR) = {v}, false) ELSE false END"
    ),
    "decimal": (
        "CASE WHEN {v} BETWEEN '-' AND ':' "
        r"THEN regexp_full_match({v}, '-?(0|[1-9][0-9]{{0,17}})(\.[0-9]{{1,20}})?') ELSE false END"
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
    """Return what a column's cells say; one where no blank or token was counted needs less."""
    column, cell = columns[name], identifier(name)
    plain = not column.untrimmed and not column.null_tokens
    return f"nullif({cell}, '')" if plain else value(cell, tokens)


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
        if rule.column == column:
            expression = rule.sql.replace(identifier(column), expression)
    return expression
