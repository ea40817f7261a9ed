"""JSON and Parquet: rows from formats that bring names, and sometimes types, along."""

import re
from pathlib import Path

from dataagents.core.errors import InputError
from dataagents.plugins.data.engine import Session, identifier, literal, pattern
from dataagents.plugins.data.reading.delimited import LONGEST_LINE, Place, Table
from dataagents.plugins.data.reading.names import unique_names

_NO_REJECTS = "SELECT 0::INT AS _part, 0::BIGINT AS line, '' AS raw, '' AS reason WHERE false"
_LINES = """
SELECT row_number() OVER () AS line, text FROM read_csv(
    ?, auto_detect = false, delim = '\x01', quote = '', escape = '', header = false,
    columns = {{'text': 'VARCHAR'}}, force_not_null = ['text'], compression = 'none',
    max_line_size = {limit}
)
"""


def read_parquet(source: Path, shown: str, place: Place, session: Session) -> Table:
    """Stage a Parquet file, every value as its text; the types are kept as declared."""
    session.view("given", source)
    described = session.rows("SELECT name, type FROM pragma_table_info('given')")
    if not described:
        raise InputError(shown, "it has no columns", hint="Give a file with rows.")
    columns, renamed = unique_names([str(name) for name, _ in described])
    cells = ", ".join(
        f"CAST({identifier(str(old))} AS VARCHAR) AS {identifier(new)}"
        for (old, _), new in zip(described, columns, strict=True)
    )
    rows = session.write(
        f"SELECT row_number() OVER () + {place.before} AS _row, {cells} FROM given", place.rows
    )
    session.write(_NO_REJECTS, place.rejects)
    declared = {new: str(kind) for new, (_, kind) in zip(columns, described, strict=True)}
    counted = int(
        session.row("SELECT sum(num_rows) FROM parquet_file_metadata(?)", [str(source)])[0]
    )
    if counted != rows:
        raise InputError(shown, f"it declares {counted:,} rows, but {rows:,} were read")
    return Table(columns, renamed, rows, rows, 0, ((1, 0),), declared=declared)


def read_lines(text: Path, shown: str, place: Place, session: Session) -> Table:
    """Stage JSON lines; lines that are no JSON object are rejected."""
    session.write(_LINES.format(limit=LONGEST_LINE), place.spool, parameters=[pattern(text)])
    session.view("spooled", place.spool)
    session.rows(
        "CREATE OR REPLACE TEMP VIEW judged AS SELECT line, text, "
        "CASE WHEN NOT json_valid(text) THEN 'not valid JSON' "
        "WHEN json_type(text) <> 'OBJECT' THEN 'no JSON object' END AS reason "
        "FROM spooled WHERE trim(text) <> ''"
    )
    rejects = session.write(
        f"SELECT {place.part}::INT AS _part, line, left(text, 100000) AS raw, reason FROM judged "
        "WHERE reason IS NOT NULL ORDER BY line",
        place.rejects,
    )
    session.rows(
        "CREATE OR REPLACE TEMP VIEW objects AS SELECT line, text FROM judged WHERE reason IS NULL"
    )
    table = _objects(shown, place, session, rejects)
    breaks = session.rows(
        "SELECT row, line - row FROM (SELECT row_number() OVER (ORDER BY line) AS row, line, "
        "FROM objects) QUALIFY line - row IS DISTINCT FROM lag(line - row) OVER (ORDER BY row) "
        "ORDER BY row"
    )
    shifts = tuple((int(row), int(shift)) for row, shift in breaks) or ((1, 0),)
    return Table(table.columns, table.renamed, table.records, table.rows, rejects, shifts)


def read_document(text: Path, shown: str, place: Place, session: Session) -> Table:
    """Stage a JSON document: objects in an array or one after another, or in the only array of one.

    Raises:
        InputError: It is not valid JSON, or holds no objects.
    """
    import duckdb

    with text.open("rb") as file:
        array = file.read(1 << 16).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
    layout = "array" if array else "unstructured"
    try:
        session.write(
            f"SELECT row_number() OVER () AS line, CAST(json AS VARCHAR) AS text FROM "
            f"read_json_objects(?, format = '{layout}', maximum_object_size = {LONGEST_LINE}, "
            "compression = 'none')",
            place.spool,
            parameters=[pattern(text)],
        )
    except duckdb.InvalidInputException as error:
        where = re.search(r"at byte ([\d,]+)[^:]*: *([^.\n]*)", str(error))
        detail = f": {where[2].strip()} near byte {where[1]}" if where else ""
        raise InputError(
            shown,
            f"it is not valid JSON{detail}",
            hint="Mend it there; one object a line is read as JSON lines.",
        ) from error
    session.view("spooled", place.spool)
    session.rows("CREATE OR REPLACE TEMP VIEW objects AS SELECT line, text FROM spooled")
    if not array:
        _open_wrapper(session)
    strangers = session.row("SELECT count(*) FROM objects WHERE json_type(text) <> 'OBJECT'")[0]
    if strangers:
        raise InputError(
            shown, f"{strangers:,} of its values are no objects", hint="Give an array of objects."
        )
    session.write(_NO_REJECTS, place.rejects)
    return _objects(shown, place, session, 0)


def _open_wrapper(session: Session) -> None:
    """Take the rows out of a single object whose only array of objects they are."""
    members = session.rows(
        "SELECT key FROM (SELECT text, unnest(json_keys(text)) AS key FROM "
        "(SELECT text FROM objects WHERE (SELECT count(*) FROM objects) = 1)) "
        "WHERE json_type(text, '$.\"' || key || '\"') = 'ARRAY' "
        "AND json_type(text, '$.\"' || key || '\"[0]') = 'OBJECT'"
    )
    if len(members) == 1:
        path = literal(f'$."{members[0][0]}"[*]')
        session.rows(
            "CREATE OR REPLACE TEMP VIEW objects AS SELECT row_number() OVER () AS line, text FROM "
            f"(SELECT unnest(json_extract(text, {path})) AS text FROM spooled)"
        )


def _objects(shown: str, place: Place, session: Session, rejects: int) -> Table:
    """Stage the view `objects`: keys become columns, in the order in which they first appear."""
    keys = [
        str(key)
        for (key,) in session.rows(
            "SELECT key FROM (SELECT line, unnest(keys) AS key, generate_subscripts(keys, 1) AS n "
            "FROM (SELECT line, json_keys(text) AS keys FROM objects)) "
            "GROUP BY key ORDER BY min((line, n))"
        )
    ]
    if not keys:
        raise InputError(shown, "its objects have no keys", hint="Give objects with values.")
    columns, renamed = unique_names(keys)
    cells = ", ".join(
        f"json_extract_string(text, {literal(_pointer(key))}) AS {identifier(name)}"
        for key, name in zip(keys, columns, strict=True)
    )
    rows = session.write(
        f"SELECT row_number() OVER (ORDER BY line) + {place.before} AS _row, {cells} FROM objects",
        place.rows,
    )
    return Table(columns, renamed, rows + rejects, rows, rejects, ((1, 0),))


def _pointer(key: str) -> str:
    """Return a JSON pointer (RFC 6901), which every key can be written as."""
    return "/" + key.replace("~", "~0").replace("/", "~1")
