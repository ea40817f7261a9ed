"""Delimited text: read once and strictly, every cell as the text that it is."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dataagents.core.errors import InputError
from dataagents.plugins.data.engine import Session, pattern
from dataagents.plugins.data.reading.dialect import MOST_FOOTER, Dialect, detect
from dataagents.plugins.data.reading.encoding import Text
from dataagents.plugins.data.reading.names import unique_names
from dataagents.plugins.data.reading.records import Survey, survey, unify_ends

LONGEST_LINE = 1 << 24
"""Bytes; DuckDB allocates several buffers of this size."""

_READ = """
SELECT row_number() OVER () + {before} AS _row, * FROM read_csv(
    ?, auto_detect = false, delim = ?, quote = ?, escape = ?, header = {header}, skip = ?,
    columns = ?, force_not_null = ?, strict_mode = true, store_rejects = true,
    rejects_limit = 0, compression = 'none'{limit}
)
"""

_REJECTS = """
SELECT {part}::INT AS _part, line, any_value(raw) AS raw,
    string_agg(reason, '; ' ORDER BY reason) AS reason
FROM (
    SELECT line, line_byte_position, any_value(csv_line) AS raw,
        CASE error_type
            WHEN 'TOO MANY COLUMNS' THEN
                'has ' || max(column_idx) || ' cells, {width} expected'
            WHEN 'MISSING COLUMNS' THEN
                'has ' || min(column_idx)
                || if(min(column_idx) = 1, ' cell', ' cells') || ', {width} expected'
            WHEN 'UNQUOTED VALUE' THEN 'a quote is not closed, or closed in the middle of a cell'
            WHEN 'INVALID ENCODING' THEN 'not UTF-8'
            WHEN 'LINE SIZE OVER MAXIMUM' THEN 'the line is too long'
            ELSE lower(error_type) END AS reason
    FROM reject_errors WHERE scan_id = (SELECT max(scan_id) FROM reject_scans)
    GROUP BY line, line_byte_position, error_type
) GROUP BY line, line_byte_position ORDER BY line
"""
"""DuckDB reports a line once for each cell that it lacks or has too many; one of these is true."""


@dataclass(frozen=True, slots=True)
class Table:
    """What was read from one file."""

    columns: tuple[str, ...]
    renamed: dict[str, str]
    records: int
    rows: int
    rejects: int
    breaks: tuple[tuple[int, int], ...]
    """Row within the file, from 1 → what its line is more than that, where this changes."""
    dialect: Dialect | None = None
    declared: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where one file's rows go."""

    part: int
    before: int
    """Rows of the files before it."""
    rows: Path
    rejects: Path
    spool: Path
    """A file for the time of reading."""


def read(text: Path, shown: str, seen: Text, place: Place, session: Session) -> Table:
    """Stage a delimited text, and hold what was read against a count of its records.

    A record with a broken quote may be rejected in several pieces, so a surplus of one for each
    reject is fine; a shortage never is.

    Raises:
        InputError: The text can't be used.
    """
    dialect = detect(text, shown, session)
    columns, renamed = unique_names(dialect.header)
    readable = text
    if seen.odd_ends:
        readable = place.spool
        unify_ends(text, readable, dialect, session.check)
    rows = _read(session, readable, dialect, columns, place)
    rejects = session.write(_REJECTS.format(part=place.part, width=len(columns)), place.rejects)
    counted = survey(readable, dialect, session.check)
    surplus = rows + rejects - counted.records
    if not 0 <= surplus <= rejects:
        raise InputError(
            shown,
            f"it holds {counted.records:,} records, but {rows:,} were read and {rejects:,} "
            "rejected",
            hint=f"Look for quotes ({dialect.quote}) that are not doubled or not closed.",
        )
    lines = _mark_footer(session, place, counted, len(columns)) if rejects else ()
    return Table(
        columns,
        renamed,
        records=counted.records + surplus,
        rows=rows,
        rejects=rejects,
        breaks=row_breaks(counted, lines),
        dialect=dialect,
    )


def _read(
    session: Session, source: Path, dialect: Dialect, columns: Sequence[str], place: Place
) -> int:
    parameters: list[object] = [
        pattern(source),
        dialect.delimiter,
        dialect.quote,
        dialect.escape,
        dialect.skip,
        dict.fromkeys(columns, "VARCHAR"),
        list(columns),
    ]

    def attempt(limit: str) -> int:
        query = _READ.format(before=place.before, header=str(dialect.named).lower(), limit=limit)
        return session.write(query, place.rows, parameters=parameters)

    rows = attempt("")
    too_long = "SELECT count(*) FROM reject_errors WHERE error_type = 'LINE SIZE OVER MAXIMUM' "
    if session.row(too_long + "AND scan_id = (SELECT max(scan_id) FROM reject_scans)")[0]:
        rows = attempt(f", max_line_size = {LONGEST_LINE}")
    return rows


def _mark_footer(session: Session, place: Place, counted: Survey, width: int) -> tuple[int, ...]:
    """Say of short lines at the end that they are a footer, and return the lines of all rejects."""
    session.view("rejected", place.rejects)
    found = session.rows("SELECT line, reason FROM rejected ORDER BY line")
    footer: list[int] = []
    expected = counted.lines
    for line, reason in reversed(found[-MOST_FOOTER:]):
        short = str(reason).startswith("has ") and 2 * int(str(reason).split()[1]) <= width
        if line != expected or not short:
            break
        footer.append(int(line))
        expected -= 1
    if footer:
        session.rows("CREATE OR REPLACE TEMP TABLE marked AS SELECT * FROM rejected")
        session.rows("UPDATE marked SET reason = 'footer' WHERE line >= ?", [footer[-1]])
        session.write("SELECT * FROM marked ORDER BY line", place.rejects)
    return tuple(int(line) for line, _ in found)


def row_breaks(counted: Survey, rejected: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Return where the distance between a row's number and its line changes.

    Args:
        counted: The records and where their lines jump.
        rejected: Lines of the records that are no rows, in order.
    """
    begins = counted.begins or ((1, 1),)
    firsts, shifts = [record for record, _ in begins], [line - record for record, line in begins]
    starts = [line for _, line in begins]
    lost = [line - shifts[max(bisect_right(starts, line) - 1, 0)] for line in sorted(set(rejected))]
    events = sorted({*firsts, *(record + 1 for record in lost)})
    breaks: dict[int, int] = {}
    for record in events:
        missing = bisect_right(lost, record - 1)
        shift = shifts[max(bisect_right(firsts, record) - 1, 0)]
        breaks[record - missing] = shift + missing
    return tuple(sorted(breaks.items()))
