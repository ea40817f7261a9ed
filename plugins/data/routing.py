"""Routing: clean rows one way, rows that break the contract another, and not one lost."""

from dataclasses import dataclass

from dataagents.core.errors import InputError
from dataagents.core.values import Json
from dataagents.plugins.data.cells import locate
from dataagents.plugins.data.checks import doubt, judge, open_current, staging_of
from dataagents.plugins.data.engine import Session
from dataagents.plugins.data.workplace import Schema, Staging, Workplace

MOST_REASONS = 50
EXAMPLES = 3
SHOWN = 200
ORDERED_SHARE = 0.01
"""With more violations than this share of the rows, the clean rows are put in order again."""

_QUARANTINE = """
WITH why AS (
    SELECT _row,
        string_agg(name || ': ' || explanation, '; ' ORDER BY id, rule) AS _reasons,
        arg_min(name, (id, rule)) AS _column,
        arg_min(rule, (id, rule)) AS _rule,
        arg_min(value, (id, rule)) AS _value
    FROM violations JOIN names USING (id) GROUP BY _row
),
found AS (SELECT staged.*, _reasons, _column, _rule, _value FROM staged JOIN why USING (_row))
SELECT found.* EXCLUDE (_reasons, _column, _rule, _value), _part, found._row + shift AS _line,
    _reasons, _column, _rule, _value
FROM found ASOF JOIN line_breaks ON found._row >= line_breaks._row ORDER BY found._row
"""


@dataclass(frozen=True, slots=True)
class Routes:
    """How many rows went where, and why."""

    rows_in: int
    clean: int
    quarantine: int
    rejects: int
    duplicates: int
    reasons: tuple[dict[str, Json], ...]
    """Column, rule, rows, explanation and examples, most rows first."""
    reject_reasons: tuple[dict[str, Json], ...]
    """Reason, lines and examples, most lines first."""


def route(place: Workplace, schema: Schema, session: Session, *, strict: bool = False) -> Routes:
    """Write the tables `clean`, `quarantine` and `violations`, and count the files themselves.

    Args:
        place: Where the rows are.
        schema: The contract in force.
        session: The engine.
        strict: Send rows with suspicious cells to quarantine too.

    Raises:
        InputError: The rows that came in are not those that went out; or it is strict, and nobody
            has looked for suspicious cells yet.
    """
    staging = staging_of(place)
    rules = place.rules()
    open_current(session, place, schema, rules)
    session.tell("checking rows", None, None)
    judge(session, place, schema)
    if strict:
        doubt(session, place)
    session.tell("writing clean rows", None, None)
    session.write(_clean(session, place, schema), place.table("clean"))
    session.view("line_breaks", place.table("lines"))
    session.write(_QUARANTINE, place.table("quarantine"))
    session.write(
        'SELECT _row, name AS "column", rule, value, explanation '
        "FROM violations JOIN names USING (id) ORDER BY _row, id, rule",
        place.table("violations"),
    )
    counts = {table: _rows(session, place, table) for table in ("clean", "quarantine", "rejects")}
    removed = any(rule.rule == "duplicates" for rule in rules)
    copies = _rows(session, place, "duplicates") if removed else 0
    out = sum(counts.values()) + copies
    if staging.records != out or staging.rows != schema.rows:
        raise InputError(
            f"data set {place.dataset!r}",
            f"{staging.records:,} rows came in but {out:,} went out",
            hint="The workspace was changed meanwhile; run it again.",
        )
    return Routes(
        rows_in=staging.records,
        duplicates=copies,
        reasons=_reasons(session, place, staging),
        reject_reasons=_reject_reasons(session, staging),
        **counts,
    )


def _clean(session: Session, place: Workplace, schema: Schema) -> str:
    violations = int(session.row("SELECT count(*) FROM violations")[0])
    repaired = place.table("repaired").exists()
    ordered = " ORDER BY _row" if repaired or violations > ORDERED_SHARE * schema.rows else ""
    if not violations:
        return f"SELECT * FROM current{ordered}"
    return (
        "SELECT * FROM current ANTI JOIN "
        f"(SELECT DISTINCT _row FROM violations) AS broken USING (_row){ordered}"
    )


def _rows(session: Session, place: Workplace, table: str) -> int:
    session.view(f"counted_{table}", place.table(table))
    return int(session.row(f"SELECT count(*) FROM counted_{table}")[0])


def _reasons(session: Session, place: Workplace, staging: Staging) -> tuple[dict[str, Json], ...]:
    found = session.rows(
        "SELECT name, rule, count(DISTINCT _row) AS times, arg_min(explanation, _row), "
        f"arg_min({{'row': _row, 'value': left(value, {SHOWN})}}, _row, {EXAMPLES}) "
        "FROM violations JOIN names USING (id) GROUP BY name, rule "
        f"ORDER BY times DESC, name, rule LIMIT {MOST_REASONS}"
    )
    rows = {each["row"] for *_, cells in found for each in cells}
    places = locate(session, place, staging, rows) if rows else {}
    return tuple(
        {
            "column": str(column),
            "rule": str(rule),
            "rows": int(times),
            "explanation": str(explanation),
            "examples": [
                {
                    "line": places[each["row"]][0],
                    "file": places[each["row"]][1],
                    "value": each["value"],
                }
                for each in cells
            ],
        }
        for column, rule, times, explanation, cells in found
    )


def _reject_reasons(session: Session, staging: Staging) -> tuple[dict[str, Json], ...]:
    found = session.rows(
        "SELECT reason, count(*) AS times, "
        f"arg_min({{'part': _part, 'line': line, 'raw': left(raw, {SHOWN})}}, "
        f"(_part, line), {EXAMPLES}) FROM counted_rejects GROUP BY reason "
        f"ORDER BY times DESC, reason LIMIT {MOST_REASONS}"
    )
    names = [part.name for part in staging.parts]
    return tuple(
        {
            "reason": str(reason),
            "lines": int(times),
            "examples": [
                {
                    "line": each["line"],
                    "file": names[int(each["part"])],
                    "raw": each["raw"],
                }
                for each in lines
            ],
        }
        for reason, times, lines in found
    )
