"""Routing: clean rows one way, rows that break the schema another, and not one lost."""

from dataclasses import dataclass

from dataagents.core.errors import InputError
from dataagents.plugins.data.checks import judge, open_current, reasons
from dataagents.plugins.data.engine import Session
from dataagents.plugins.data.workplace import Schema, Workplace

_QUARANTINE = """
WITH why AS (
    SELECT _row,
        string_agg(name || ': ' || rule, '; ' ORDER BY id, rule) AS _reasons,
        arg_min(name, (id, rule)) AS _column,
        arg_min(rule, (id, rule)) AS _rule,
        arg_min(value, (id, rule)) AS _value
    FROM violations JOIN names USING (id) GROUP BY _row
)
SELECT kept.*, _reasons, _column, _rule, _value FROM kept JOIN why USING (_row) ORDER BY _row
"""


@dataclass(frozen=True, slots=True)
class Routes:
    """How many rows went where."""

    rows_in: int
    clean: int
    quarantine: int
    rejects: int
    duplicates: int
    reasons: tuple[tuple[str, str, int], ...]


def route(place: Workplace, schema: Schema, session: Session) -> Routes:
    """Write the tables `clean` and `quarantine`, and count every row in the files themselves.

    Raises:
        InputError: The rows that came in are not those that went out.
    """
    open_current(session, place, schema, place.rules())
    judge(session, schema)
    session.write(
        "SELECT * FROM current ANTI JOIN violations USING (_row) ORDER BY _row",
        place.table("clean"),
    )
    session.write(_QUARANTINE, place.table("quarantine"))
    counts: dict[str, int] = {}
    for table in ("clean", "quarantine", "rejects"):
        session.view("counted", place.table(table))
        counts[table] = int(session.row("SELECT count(*) FROM counted")[0])
    removed = any(rule.rule == "duplicates" for rule in place.rules())
    copies = int(session.row("SELECT count(*) FROM removed")[0]) if removed else 0
    staged = int(session.row("SELECT count(*) FROM staged")[0])
    staging = place.staging()
    rows_in = staging.records if staging else 0
    out = counts["clean"] + counts["quarantine"] + counts["rejects"] + copies
    if rows_in != out or staged != schema.rows:
        raise InputError(
            f"data set {place.dataset!r}",
            f"{rows_in:,} rows came in but {out:,} went out",
            hint="The workspace was changed meanwhile; run it again.",
        )
    return Routes(rows_in=rows_in, duplicates=copies, reasons=tuple(reasons(session)), **counts)
