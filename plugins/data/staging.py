"""Staging: a CSV file, read once and strictly, every cell as the text that it is."""

from collections.abc import Sequence
from pathlib import Path

from dataagents.core.errors import InputError
from dataagents.plugins.data.dialect import Dialect, detect, inspect
from dataagents.plugins.data.engine import Session, pattern
from dataagents.plugins.data.records import count_records, unify_ends
from dataagents.plugins.data.workplace import Staging, Workplace

RESERVED = ("_row", "_reasons", "_column", "_rule", "_value", "_hash", "_copy")
"""Names of columns of ours; a header that has one is renamed."""

_READ = """
SELECT row_number() OVER () AS _row, * FROM read_csv(
    ?, auto_detect = false, delim = ?, quote = ?, escape = ?, header = true, skip = ?,
    columns = ?, force_not_null = ?, strict_mode = true, store_rejects = true,
    rejects_limit = 0, compression = 'none'
)
"""

_REJECTS = """
SELECT line, any_value(raw) AS raw, string_agg(reason, '; ' ORDER BY reason) AS reason
FROM (
    SELECT line, line_byte_position, any_value(csv_line) AS raw,
        CASE error_type WHEN 'TOO MANY COLUMNS' THEN arg_max(error_message, column_idx)
        ELSE arg_min(error_message, column_idx) END AS reason
    FROM reject_errors GROUP BY line, line_byte_position, error_type
) GROUP BY line, line_byte_position ORDER BY line
"""
"""DuckDB reports a line once for each cell that it lacks or has too many; one of these is true."""


def stage(place: Workplace, source: Path, session: Session) -> Staging:
    """Read a file into the workplace, unless that version of it is there already.

    What was read and rejected is held against `count_records`. A record with a broken quote may be
    rejected in several pieces, so a surplus of one for each reject is fine; a shortage never is.

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
        dialect = detect(source, session)
        columns, renamed = unique_names(dialect.header)
        if inspection.odd_ends:
            unify_ends(source, unified, dialect, session.check)
        readable = unified if inspection.odd_ends else source
        rows = _read(session, readable, dialect, columns, place.table("staged"))
        records = count_records(readable, dialect, session.check)
    finally:
        unified.unlink(missing_ok=True)
    rejects = session.write(_REJECTS, place.table("rejects"))
    surplus = rows + rejects - records
    if not 0 <= surplus <= rejects:
        raise InputError(
            str(source),
            f"it holds {records:,} records, but {rows:,} were read and {rejects:,} rejected",
            hint=f"Look for quotes ({dialect.quote}) that are not doubled or not closed.",
        )
    staging = Staging(
        source=str(source),
        size=status.st_size,
        modified=status.st_mtime_ns,
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        records=records + surplus,
        rows=rows,
        rejects=rejects,
        columns=columns,
        renamed=renamed,
    )
    place.save("staging.json", staging)
    return staging


def _read(
    session: Session, source: Path, dialect: Dialect, columns: Sequence[str], target: Path
) -> int:
    return session.write(
        _READ,
        target,
        parameters=[
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
