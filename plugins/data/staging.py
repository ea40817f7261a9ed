"""Staging: a CSV file, read once and strictly, every cell as the text that it is."""

from collections.abc import Sequence
from pathlib import Path

from dataagents.plugins.data.dialect import Dialect, detect, inspect, unify_ends
from dataagents.plugins.data.engine import Session, pattern
from dataagents.plugins.data.workplace import Staging, Workplace

RESERVED = ("_row", "_reasons", "_column", "_rule", "_value", "_hash", "_copy")
"""Names of columns of ours; a header that has one is renamed."""

_READ = """
CREATE OR REPLACE TEMP TABLE read_rows AS
SELECT row_number() OVER () AS _row, * FROM read_csv(
    ?, auto_detect = false, delim = ?, quote = ?, escape = ?, header = true, skip = ?,
    columns = ?, force_not_null = ?, strict_mode = true, store_rejects = true,
    rejects_limit = 0, compression = 'none'
)
"""

_REJECTS = """
SELECT line, any_value(csv_line) AS raw, string_agg(DISTINCT error_message, '; ') AS reason
FROM reject_errors GROUP BY line, line_byte_position ORDER BY line
"""


def stage(place: Workplace, source: Path, session: Session) -> Staging:
    """Read a file into the workplace, unless that version of it is there already.

    Raises:
        InputError: The file can't be used; says why and what to do.
    """
    inspection = inspect(source, session.check)
    status = source.stat()
    known = place.staging()
    if (
        known is not None
        and (known.source, known.size, known.modified)
        == (str(source), status.st_size, status.st_mtime_ns)
        and place.table("staged").exists()
    ):
        return known
    place.forget()
    unified = place.folder / "unified.csv"
    try:
        if inspection.mixed_ends:
            unify_ends(source, unified, session.check)
        readable = unified if inspection.mixed_ends else source
        dialect = detect(readable, session)
        columns, renamed = unique_names(dialect.header)
        _read(session, readable, dialect, columns)
    finally:
        unified.unlink(missing_ok=True)
    session.write("SELECT * FROM read_rows", place.table("staged"))
    session.write(_REJECTS, place.table("rejects"))
    rows = int(session.row("SELECT count(*) FROM read_rows")[0])
    rejects = int(session.row(f"SELECT count(*) FROM ({_REJECTS})")[0])
    session.rows("DROP TABLE read_rows")
    staging = Staging(
        source=str(source),
        size=status.st_size,
        modified=status.st_mtime_ns,
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        rows=rows,
        rejects=rejects,
        columns=columns,
        renamed=renamed,
    )
    place.save("staging.json", staging)
    return staging


def _read(session: Session, source: Path, dialect: Dialect, columns: Sequence[str]) -> None:
    session.rows(
        _READ,
        [
            pattern(source),
            dialect.delimiter,
            dialect.quote,
            dialect.quote,
            dialect.skip,
            dict.fromkeys(columns, "VARCHAR"),
            list(columns),
        ],
    )


def unique_names(header: Sequence[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return a name for each column, and which header each changed name stands for.

    SQL doesn't tell names apart by case, so neither does this.
    """
    wanted = [name or f"column_{place}" for place, name in enumerate(header, start=1)]
    taken = {name.lower() for name in RESERVED}
    originals = {name.lower() for name in header}
    names: list[str] = []
    for name in wanted:
        unique, number = name, 2
        while unique.lower() in taken or (unique != name and unique.lower() in originals):
            unique, number = f"{name}_{number}", number + 1
        taken.add(unique.lower())
        names.append(unique)
    renamed = {name: old for name, old in zip(names, header, strict=True) if name != old}
    return tuple(names), renamed
