"""Repairs: values that won the vote for wrong cells, which of them are applied, and what they do.

Proposals are kept whatever becomes of them. Those that only change a format are applied unless the
goal says otherwise; those that change what a cell says are applied only where it says so. A cell of
a key keeps what it says, and no repair breaks its column's rules.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from dataagents.core.errors import InputError
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import Json
from dataagents.plugins.data.cells import SQL_TYPES, fits, meaning
from dataagents.plugins.data.contracts.model import ColumnRule
from dataagents.plugins.data.detection.flags import COLUMNS
from dataagents.plugins.data.detection.repair import REPAIRS
from dataagents.plugins.data.detection.table import VALUES
from dataagents.plugins.data.engine import Session, identifier, literal
from dataagents.plugins.data.workplace import Schema, Workplace

Repair = Literal["none", "format", "value"]
REPAIR_CHOICES: tuple[Repair, ...] = ("none", "format", "value")
BATCH = 100
"""So many columns are checked at once."""

_REPAIR = identifier("a repair of this column")
_EMPTY = (
    "SELECT 0::BIGINT AS _row, '' AS \"column\", '' AS before, '' AS after, '' AS rule, "
    "'' AS agents, 0.0::DOUBLE AS confidence, false AS reversible, false AS decided WHERE false"
)


def wanted(settings: Mapping[str, Json]) -> Repair:
    """Return which repairs a goal wants applied; those of format when it does not say.

    Raises:
        InputError: The setting `repair` is none of the choices.
    """
    said = settings.get("repair", "format")
    for choice in REPAIR_CHOICES:
        if said == choice:
            return choice
    hint = did_you_mean(str(said), REPAIR_CHOICES).strip()
    raise InputError(
        "setting 'repair'", f"{said!r} is none of {', '.join(REPAIR_CHOICES)}", hint=hint
    )


def write_repairs(session: Session, place: Workplace, *, found: bool) -> int:
    """Write the value that won for each wrong cell, and return how many there are.

    That a null token should be nothing is left to the rule for them.

    Args:
        session: Where the vote on values was held, with the rows in `kept`.
        place: Where the data set is.
        found: Whether there was a vote.
    """
    if not found:
        return session.write(_EMPTY, place.table("repairs"))
    (names,) = session.row(f"SELECT list(name ORDER BY place) FROM {COLUMNS}")
    cells = ", ".join(f"kept.{identifier(name)}" for name in names)
    meant = ", ".join(f"meant.{identifier(name)}" for name in names)
    return session.write(
        f"""
        WITH said AS (
            SELECT _row, unnest(range({len(names)}))::INTEGER AS place, unnest([{cells}]) AS before,
                unnest([{meant}]) AS meant
            FROM kept JOIN {identifier(VALUES)} AS meant USING (_row)
            SEMI JOIN {REPAIRS} USING (_row)
        )
        SELECT _row, name AS "column", before, value AS after,
            array_to_string(rules, ', ') AS rule, array_to_string(proposers, ', ') AS agents,
            round(support, 6) AS confidence, reversible, decided
        FROM {REPAIRS} JOIN said USING (_row, place) JOIN {COLUMNS} USING (place)
        WHERE value <> '' OR meant IS NOT NULL
        ORDER BY _row, place
        """,
        place.table("repairs"),
    )


def apply_repairs(session: Session, place: Workplace, schema: Schema, repair: Repair) -> int:
    """Choose the repairs that are applied, keep them as `repaired`, and return how many.

    From then on, the rows that are opened have them.

    Args:
        session: The engine.
        place: Where the data set is.
        schema: The contract in force.
        repair: Which of them are wanted.
    """
    path = place.table("repaired")
    if repair == "none" or not place.table("repairs").exists():
        path.unlink(missing_ok=True)
        return 0
    session.view("proposed_repairs", place.table("repairs"))
    fixed = {*schema.key, *(n for n, rule in schema.contract.columns.items() if rule.unique)}
    columns = [
        str(name)
        for (name,) in session.rows('SELECT DISTINCT "column" FROM proposed_repairs ORDER BY 1')
        if name in schema.columns and name not in fixed
    ]
    wished = "decided" if repair == "value" else "decided AND reversible"
    session.rows(f"CREATE OR REPLACE TEMP TABLE chosen_repairs AS {_EMPTY}")
    for start in range(0, len(columns), BATCH):
        selects = [_sound(name, schema, wished) for name in columns[start : start + BATCH]]
        session.rows("INSERT INTO chosen_repairs " + " UNION ALL ".join(selects))
    repaired = session.write(
        "SELECT _row, \"column\", before, after, 'repair: ' || rule AS rule, agents, confidence "
        'FROM chosen_repairs ORDER BY _row, "column"',
        path,
    )
    if not repaired:
        path.unlink(missing_ok=True)
    return repaired


def _sound(name: str, schema: Schema, wished: str) -> str:
    """Return the query for the wanted repairs of a column that obey its rules."""
    value = meaning(name, schema)
    rule, column = schema.contract.columns[name], schema.columns[name]
    obeyed = [f"said IS NOT NULL AND {fits(column.type, 'said')}"]
    if rule.allowed is not None:
        obeyed.append(f"said IN ({', '.join(map(literal, rule.allowed)) or 'NULL'})")
    if rule.pattern is not None:
        obeyed.append(f"regexp_full_match(said, {literal(rule.pattern)})")
    obeyed += _bounds(rule, column.type)
    kept_empty = "false" if rule.required else f"{_REPAIR}.after = ''"
    return (
        f"SELECT unnest({_REPAIR}) FROM (SELECT {_REPAIR}, {value} AS said FROM (SELECT "
        f"each AS {_REPAIR}, each.after AS {identifier(name)} FROM proposed_repairs AS each "
        f'WHERE each."column" = {literal(name)} AND {wished})) '
        f"WHERE coalesce({' AND '.join(obeyed)}, false) OR {kept_empty}"
    )


def _bounds(rule: ColumnRule, kind: str) -> list[str]:
    if kind in ("text", "boolean"):
        return []
    sql = {str(name): each for name, each in SQL_TYPES.items()}[kind]
    ends = ((rule.minimum, ">="), (rule.maximum, "<="))
    return [
        f"TRY_CAST(said AS {sql}) {sign} TRY_CAST({literal(limit)} AS {sql})"
        for limit, sign in ends
        if limit is not None
    ]


def repaired_columns(session: Session, place: Workplace) -> tuple[str, ...]:
    """Open the repairs that are applied as `fixes`, and return the columns that have any."""
    if not place.table("repaired").exists():
        return ()
    session.view("repaired", place.table("repaired"))
    names = tuple(
        str(name) for (name,) in session.rows('SELECT DISTINCT "column" FROM repaired ORDER BY 1')
    )
    cells = ", ".join(
        f'any_value(after) FILTER ("column" = {literal(name)}) AS {identifier(name)}'
        for name in names
    )
    session.rows(
        f"CREATE OR REPLACE TEMP VIEW fixes AS SELECT _row, {cells} FROM repaired GROUP BY _row"
    )
    return names


def with_repairs(source: str, names: Sequence[str]) -> str:
    """Return the query for a relation's rows with what `repaired_columns` opened."""
    if not names:
        return f"SELECT * FROM {source}"
    cells = ", ".join(
        f"coalesce(fixes.{identifier(name)}, {source}.{identifier(name)}) AS {identifier(name)}"
        for name in names
    )
    return (
        f"SELECT {source}.* REPLACE ({cells}) FROM {source} LEFT JOIN fixes "
        f"ON fixes._row = {source}._row"
    )


def without_mended(session: Session, place: Workplace) -> str:
    """Return the end of a query that leaves out cells that say something else by now.

    Those are the cells that were repaired, and those of which a rule made missing ones.
    """
    cells: list[str] = []
    if place.table("repaired").exists():
        session.view("repaired", place.table("repaired"))
        cells.append('SELECT _row, "column" FROM repaired')
    if place.table("changes").exists() and place.rules():
        session.view("changed_cells", place.table("changes"))
        cells.append("SELECT _row, \"column\" FROM changed_cells WHERE rule = 'null_tokens'")
    if not cells:
        return ""
    return f' ANTI JOIN ({" UNION ALL ".join(cells)}) AS mended USING (_row, "column")'


def filled_cells(session: Session, place: Workplace) -> dict[str, int]:
    """Return by how many the cells of each column that say something grew, in rows of `kept`."""
    if not place.table("repaired").exists():
        return {}
    session.view("repaired", place.table("repaired"))
    return {
        str(name): int(cells)
        for name, cells in session.rows(
            "SELECT \"column\", count(*) FILTER (coalesce(trim(before), '') = '') "
            "- count(*) FILTER (after = '') FROM repaired SEMI JOIN kept USING (_row) GROUP BY ALL"
        )
    }


def repair_counts(session: Session, place: Workplace) -> dict[str, Json]:
    """Return how many cells a value is proposed for, and how many got one."""
    found: dict[str, Json] = {"proposed": 0, "decided": 0, "format": 0, "applied": 0}
    if place.table("repairs").exists():
        session.view("proposed_repairs", place.table("repairs"))
        proposed, decided, format_ = session.row(
            "SELECT count(*), count(*) FILTER (decided), count(*) FILTER (decided AND reversible) "
            "FROM proposed_repairs"
        )
        found |= {"proposed": int(proposed), "decided": int(decided), "format": int(format_)}
    if place.table("repaired").exists():
        session.view("repaired", place.table("repaired"))
        found["applied"] = int(session.row("SELECT count(*) FROM repaired")[0])
    return found


def repairs_by_rule(session: Session, place: Workplace) -> tuple[tuple[str, str, int], ...]:
    """Return column, rule and cells of the repairs that are applied, most cells first."""
    if not place.table("repaired").exists():
        return ()
    session.view("changed_cells", place.table("changes"))
    return tuple(
        (str(column), str(rule), int(cells))
        for column, rule, cells in session.rows(
            'SELECT "column", rule, count(*) FROM changed_cells '
            "WHERE starts_with(rule, 'repair: ') GROUP BY ALL ORDER BY 3 DESC, 1, 2"
        )
    )
