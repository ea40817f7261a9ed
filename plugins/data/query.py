"""One query over a data set: its rows into memory, the connection locked, then the SQL."""

import math
from decimal import Decimal
from pathlib import Path
from typing import Any

from dataagents.core.errors import InputError
from dataagents.core.values import Json
from dataagents.plugins.data.cells import SQL_TYPES, fits, meaning
from dataagents.plugins.data.checks import open_current
from dataagents.plugins.data.engine import Session, identifier
from dataagents.plugins.data.records import Record
from dataagents.plugins.data.sql_guard import TABLE, Checked, checked
from dataagents.plugins.data.workplace import Schema, Workplace

SHOWN = 200
"""So many characters of a cell are shown."""
MOST_COLUMNS = 100
"""So many columns may an answer have."""
SPILL_TIMES = 8
"""DuckDB may put so many times its memory on disk, and no more."""
_EXACT = 2**53
"""Greater numbers lose digits in JSON as many read it."""
_LONGEST_ERROR = 500
_INTEGERS = frozenset(
    {
        *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"),
        *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
    }
)


class Question(Record):
    """What a query needs to be answered in another process."""

    dataset: str
    folder: Path
    """The data set's workplace."""
    spill: Path
    """An empty folder, for as long as the query runs."""
    sql: str
    rows: int
    """So many rows are wanted."""
    memory_bytes: int
    threads: int | None
    seconds: float


class Answer(Record):
    """The rows that a query gave, as JSON."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Json, ...], ...]
    more: bool
    """Whether there are more rows."""
    misfits: dict[str, int]
    """Column that the query names → its staged cells that do not fit its type, and are NULL."""


class Reply(Record):
    """What came of a question: one of three."""

    answer: Answer | None = None
    refused: str = ""
    """What is wrong with the SQL."""
    unusable: tuple[str, str, str] | None = None
    """What is wrong with the data set: what, problem and hint of an `InputError`."""


def reply(question: Question, session: Session) -> Reply:
    """Answer a question; the session is locked from then on.

    Raises:
        InputError: The data set can't be used.
    """
    place = Workplace(question.dataset, question.folder)
    schema = place.schema()
    spill = SPILL_TIMES * question.memory_bytes // 1024
    session.rows(f"SET max_temp_directory_size = '{spill}KiB'")
    _load(session, place, schema)
    session.rows("SET threads = 1")  # several give groups and sums in an order of chance
    session.lock()
    try:
        query = checked(question.sql, session)
        if query.wrong:
            return Reply(refused=query.wrong)
        return _answer(question, query, schema, session)
    except session.failure as error:
        said = _problem(str(error)).replace(str(question.spill), "the temporary folder")
        return Reply(refused=said)


def unusable(error: InputError) -> Reply:
    """Return the reply that the data set can't be used."""
    return Reply(unusable=(error.what, error.problem, error.hint))


def _load(session: Session, place: Workplace, schema: Schema) -> None:
    """Make the table: what the cells say, as values of the types in force."""
    rules = place.rules()
    open_current(session, place, schema, rules)
    cells = ", ".join(f"{_value(name, schema)} AS {identifier(name)}" for name in schema.columns)
    removed = any(rule.rule == "duplicates" for rule in rules)
    ordered = " ORDER BY _row" if removed else ""  # a join keeps no order
    session.rows(f"CREATE TABLE {TABLE} AS SELECT {cells} FROM kept{ordered}")


def _value(name: str, schema: Schema) -> str:
    """Return a cell's value; NULL when it does not fit, for a mere cast makes 13 of 12.7."""
    column, text = schema.columns[name], meaning(name, schema)
    if column.type == "text":
        return text
    value = f"TRY_CAST({text} AS {SQL_TYPES[column.type]})"
    if column.conforming == column.present:
        return value
    return f"CASE WHEN {fits(column.type, f'({text})')} THEN {value} END"


def _answer(question: Question, query: Checked, schema: Schema, session: Session) -> Reply:
    session.rows("BEGIN TRANSACTION READ ONLY")
    relation = session.relation(question.sql)
    columns, kinds = relation.columns, [str(kind) for kind in relation.types]
    if len(columns) > MOST_COLUMNS:
        return Reply(
            refused=f"It gives {len(columns):,} columns, and at most {MOST_COLUMNS} are shown: "
            "name those that matter."
        )
    cells = ", ".join(_shown(place, kind) for place, kind in enumerate(kinds, start=1))
    found = relation.limit(question.rows + 1).project(cells).fetchall()
    said = query.names | {name.lower() for name in columns}
    return Reply(
        answer=Answer(
            columns=tuple(columns),
            rows=tuple(tuple(map(_json, row)) for row in found[: question.rows]),
            more=len(found) > question.rows,
            misfits={
                name: column.present - column.conforming
                for name, column in schema.columns.items()
                if column.conforming < column.present and name.lower() in said
            },
        )
    )


def _shown(place: int, kind: str) -> str:
    """Return the SQL for a column of the answer: a number or truth value as it is, else text."""
    cell = f"#{place}"
    if kind in _INTEGERS or kind in ("BOOLEAN", "FLOAT", "DOUBLE") or kind.startswith("DECIMAL("):
        return f"{cell} AS c{place}"
    text = f"CAST({cell} AS VARCHAR)"
    if kind.startswith("TIMESTAMP"):
        text = f"replace({text}, ' ', 'T')"
    return f"left({text}, {SHOWN + 1}) AS c{place}"


def _json(value: Any) -> Json:
    """Return a value as JSON; a number that would lose digits there as text."""
    if isinstance(value, str):
        return value if len(value) <= SHOWN else f"{value[:SHOWN]}…"
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return float(value) if Decimal(repr(float(value))) == value else str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) <= _EXACT else str(value)
    return None if value is None else bool(value)


def _problem(text: str) -> str:
    """Return DuckDB's first line, and the second where that is a proposal."""
    lines = [line.strip() for line in text.strip().splitlines()] or ["unknown error"]
    proposals = ("Did you mean", "Candidate bindings", "Either add")
    said = [lines[0], *(line for line in lines[1:2] if line.startswith(proposals))]
    return " ".join(said)[:_LONGEST_ERROR]
