"""The contract as hard rules: which cells of which rows break it, each predicate evaluated once."""

from collections.abc import Sequence
from dataclasses import dataclass

from dataagents.core.errors import InputError
from dataagents.plugins.data.cells import (
    SQL_TYPES,
    bounds,
    fits,
    meaning,
    open_part,
    open_staged,
    ruled,
)
from dataagents.plugins.data.contracts.model import ColumnRule, ColumnType
from dataagents.plugins.data.engine import Session, identifier, literal
from dataagents.plugins.data.repairs import repaired_columns, with_repairs, without_mended
from dataagents.plugins.data.sql_rules import Predicate, parse
from dataagents.plugins.data.workplace import Column, Rule, Schema, Staging, Workplace

ARTICLES: dict[ColumnType, str] = {
    "integer": "integer",
    "decimal": "decimal number",
    "float": "number",
    "boolean": "`true` or `false`",
    "date": "date",
    "timestamp": "date with a time",
    "text": "text",
}
SHOWN = 200
"""So many characters of a value are told."""
BATCH_CHECKS = 150
"""So many predicates are planned at once."""


@dataclass(frozen=True, slots=True)
class Check:
    """A predicate over the cell of a column: original `o`, meaning `v`."""

    place: int
    rule: str
    broken: str
    """True where a cell breaks the rule."""
    explanation: str
    """An SQL expression that says why."""


def staging_of(place: Workplace) -> Staging:
    """Return how the data set was read.

    Raises:
        InputError: It was not.
    """
    staging = place.staging()
    if staging is None:
        raise InputError(
            f"data set {place.dataset!r}", "it was not read yet", hint="Run analyze_schema first."
        )
    return staging


def open_current(
    session: Session,
    place: Workplace,
    schema: Schema,
    rules: tuple[Rule, ...],
    *,
    held: str | None = None,
) -> None:
    """Make the rows readable: `kept` as they were staged or repaired, `current` after the rules.

    Args:
        session: The engine.
        place: Where the rows are.
        schema: The contract in force.
        rules: The recorded rules.
        held: A table with the `_row` of rows to leave out beside removed copies.
    """
    open_staged(session, place, staging_of(place), schema.resolution)
    names = [name for name in repaired_columns(session, place) if name in schema.columns]
    session.rows(f"CREATE OR REPLACE TEMP VIEW repaired_rows AS {with_repairs('staged', names)}")
    removed: list[str] = []
    if any(rule.rule == "duplicates" for rule in rules):
        session.view("copies", place.table("duplicates"))
        removed.append("SELECT _row FROM copies")
    if held is not None:
        removed.append(f"SELECT _row FROM {identifier(held)}")
    without = ""
    if removed:
        session.rows(f"CREATE OR REPLACE TEMP VIEW removed AS {' UNION ALL '.join(removed)}")
        without = " ANTI JOIN removed USING (_row)"
    session.rows(f"CREATE OR REPLACE TEMP VIEW kept AS SELECT * FROM repaired_rows{without}")
    cells = ", ".join(f"{ruled(name, rules)} AS {identifier(name)}" for name in schema.columns)
    session.rows(f"CREATE OR REPLACE TEMP VIEW current AS SELECT _row, {cells} FROM kept")


def predicates(schema: Schema, session: Session) -> tuple[Predicate, ...]:
    """Return the contract's SQL rules, checked.

    Raises:
        InputError: One is no expression over the row.
    """
    return tuple(parse(rule, schema.columns, session) for rule in schema.contract.rules)


def judge(session: Session, place: Workplace, schema: Schema) -> None:
    """Make the table `violations`: row, place of the column, rule, original value and why.

    The profile counted every cell, so a predicate that no cell can break is not evaluated. A key
    value that occurs again breaks the rule in every row that has it, for nothing says which of
    them is right.
    """
    staging = staging_of(place)
    names = [*schema.columns, *_other_names(schema)]
    session.rows(
        "CREATE OR REPLACE TEMP TABLE names AS SELECT unnest(?::INT[]) AS id, "
        "unnest(?::VARCHAR[]) AS name",
        [list(range(len(names))), names],
    )
    session.rows(
        "CREATE OR REPLACE TEMP TABLE violations "
        "(_row BIGINT, id INT, rule VARCHAR, value VARCHAR, explanation VARCHAR)"
    )
    checks = [
        check
        for number, (name, column) in enumerate(schema.columns.items())
        for check in _checks(number, column, schema.contract.columns[name], name, schema)
    ]
    for start in range(0, len(checks), BATCH_CHECKS):
        _apply(session, schema, checks[start : start + BATCH_CHECKS])
    for key in _keys(schema):
        _repeats(session, schema, key)
    for predicate in predicates(schema, session):
        _broken(session, schema, predicate)
    _drifted(session, place, schema, staging, names)


def doubt(session: Session, place: Workplace) -> None:
    """Add to `violations` the suspicious cells of rows in `kept`, as the validation left them.

    Those that were mended are none any more.

    Raises:
        InputError: There was no validation.
    """
    found = place.table("suspicions")
    if not found.exists():
        raise InputError(
            f"data set {place.dataset!r}",
            "it was not validated yet",
            hint="Run validate_data first.",
        )
    session.view("doubtful", found)
    without = without_mended(session, place)
    session.rows(
        "INSERT INTO violations "
        "SELECT doubtful._row, names.id, 'doubtful ' || kind, value, explanation "
        f"FROM (SELECT * FROM doubtful{without}) AS doubtful "
        'JOIN names ON names.name = doubtful."column" SEMI JOIN kept USING (_row) '
        "ANTI JOIN violations AS broken ON broken._row = doubtful._row AND broken.id = names.id"
    )


def _other_names(schema: Schema) -> list[str]:
    """Return names that violations have beside those of the columns."""
    drifted = [name for part in schema.resolution.quarantined for name in part]
    return [name for name in dict.fromkeys(drifted) if name not in schema.columns]


def quoted(text: str) -> str:
    """Return the SQL for a value as it is told."""
    return f"'`' || left({text}, {SHOWN}) || '`'"


def _checks(place: int, column: Column, rule: ColumnRule, name: str, schema: Schema) -> list[Check]:
    found: list[Check] = []
    nulled = name in schema.resolution.nulled
    if column.type != "text" and column.conforming < column.present and not nulled:
        what = literal(
            f" is not {ARTICLES[column.type]}"
            if column.type == "boolean"
            else f" is no {ARTICLES[column.type]}"
        )
        found.append(
            Check(
                place,
                "type",
                f"v{place} IS NOT NULL AND NOT {fits(column.type, f'v{place}')}",
                f"{quoted(f'o{place}')} || {what}",
            )
        )
    if rule.required and (column.missing or (nulled and column.conforming < column.present)):
        found.append(
            Check(place, "required", f"v{place} IS NULL", literal("a value is required here"))
        )
    if rule.allowed is not None:
        listed = ", ".join(literal(each) for each in rule.allowed) or "NULL"
        known = ", ".join(rule.allowed[:5]) + (", …" if len(rule.allowed) > 5 else "")
        found.append(
            Check(
                place,
                "allowed",
                f"v{place} IS NOT NULL AND coalesce(v{place} NOT IN ({listed}), true)",
                f"{quoted(f'o{place}')} || {literal(f' is none of {known}')}",
            )
        )
    if rule.pattern is not None:
        found.append(
            Check(
                place,
                "pattern",
                f"NOT regexp_full_match(v{place}, {literal(rule.pattern)})",
                f"{quoted(f'o{place}')} || {literal(f' does not match {rule.pattern}')}",
            )
        )
    return found + _range(place, column, rule)


def _range(place: int, column: Column, rule: ColumnRule) -> list[Check]:
    if column.type in ("text", "boolean") or column.minimum is None:
        return []
    kind = SQL_TYPES[column.type]
    cell = f"TRY_CAST(v{place} AS {kind})"
    ends = ((rule.minimum, "<", "smaller", "earlier"), (rule.maximum, ">", "greater", "later"))
    conditions: list[str] = []
    reasons: list[str] = []
    for limit, sign, number, day in ends:
        if limit is None:
            continue
        word = day if column.type in ("date", "timestamp") else number
        condition = f"coalesce({cell} {sign} TRY_CAST({literal(limit)} AS {kind}), false)"
        conditions.append(condition)
        why = literal(f" is {word} than {limit}")
        reasons.append(f"WHEN {condition} THEN {quoted(f'o{place}')} || {why}")
    if not conditions:
        return []
    return [Check(place, "range", f"({' OR '.join(conditions)})", f"CASE {' '.join(reasons)} END")]


def _apply(session: Session, schema: Schema, checks: Sequence[Check]) -> None:
    """Evaluate checks over the rows; what a violation says is made for those that break one."""
    names = tuple(schema.columns)
    places = sorted({check.place for check in checks})
    cells = ", ".join(
        f"{identifier(names[place])} AS o{place}, {meaning(names[place], schema)} AS v{place}"
        for place in places
    )
    found = ", ".join(
        f"CASE WHEN {check.broken} THEN {{'id': {check.place}, 'rule': {literal(check.rule)}, "
        f"'value': o{check.place}, 'explanation': {check.explanation}}} END"
        for check in checks
    )
    broken = " OR ".join(f"({check.broken})" for check in checks)
    session.rows(
        f"""
        INSERT INTO violations
        SELECT _row, found.id, found.rule, found.value, found.explanation FROM (
            SELECT _row, unnest([{found}]) AS found
            FROM (SELECT _row, {cells} FROM kept) WHERE {broken}
        ) WHERE found IS NOT NULL
        """
    )


def _keys(schema: Schema) -> list[tuple[str, ...]]:
    """Return the columns that have to tell rows apart, together or each for itself."""
    keys: list[tuple[str, ...]] = [schema.key] if schema.key else []
    keys += [(name,) for name, rule in schema.contract.columns.items() if rule.unique]
    return [
        key
        for key in dict.fromkeys(keys)
        if key[1:] or schema.columns[key[0]].distinct < schema.columns[key[0]].present
    ]


def _repeats(session: Session, schema: Schema, key: tuple[str, ...]) -> None:
    values = ", ".join(f"{meaning(name, schema)} AS k{n}" for n, name in enumerate(key))
    originals = ", ".join(f"{identifier(name)} AS o{n}" for n, name in enumerate(key))
    listed = [f"k{n}" for n in range(len(key))]
    told = " || ', ' || ".join(quoted(name) for name in listed)
    where = "the key" if key == schema.key else "a column of unique values"
    together = f" in {where}" + (f" ({', '.join(key)})" if key[1:] else "")
    session.rows(
        f"""
        INSERT INTO violations
        SELECT _row, {list(schema.columns).index(key[0])}, 'unique', o0,
            {told} || ' occurs ' || times || ' times' || {literal(together)}
        FROM (SELECT _row, {values}, {originals} FROM kept)
        JOIN (
            SELECT {", ".join(listed)}, count(*) AS times
            FROM (SELECT {values} FROM kept)
            WHERE {" AND ".join(f"{name} IS NOT NULL" for name in listed)}
            GROUP BY ALL HAVING count(*) > 1
        ) USING ({", ".join(listed)})
        """
    )


def _broken(session: Session, schema: Schema, predicate: Predicate) -> None:
    """Find the rows that break an SQL rule: where it is false, or cannot be calculated."""
    first = predicate.covers[0]
    typed = ", ".join(
        f"TRY_CAST({meaning(name, schema)} AS {SQL_TYPES[schema.columns[name].type]}) AS "
        f"{identifier(name)}"
        for name in predicate.reads
    )
    why = literal(f"breaks the rule {predicate.name}: {predicate.sql}"[:SHOWN])
    try:
        session.rows(
            f"""
            INSERT INTO violations
            SELECT _row, {list(schema.columns).index(first)}, {literal(f"rule:{predicate.name}")},
                _original, {why}
            FROM (SELECT _row, {identifier(first)} AS _original, {typed} FROM kept)
            WHERE TRY(coalesce(CAST({predicate.sql} AS BOOLEAN), true)) IS NOT TRUE
            """
        )
    except session.failure as error:
        raise InputError(
            f"rule {predicate.name!r} of the contract",
            f"DuckDB refused: {str(error).strip().splitlines()[0].rstrip('.')}",
        ) from error


def _drifted(
    session: Session, place: Workplace, schema: Schema, staging: Staging, names: Sequence[str]
) -> None:
    """Find the rows that the decision on drift keeps out of the clean ones."""
    spans = bounds(staging)
    for index, columns in enumerate(schema.resolution.quarantined):
        for name, why in columns.items():
            number = names.index(name)
            if name == "*" or name not in staging.parts[index].columns:
                first, last = spans[index]
                session.rows(
                    f"INSERT INTO violations SELECT _row, {number}, 'drift', NULL, ? "
                    f"FROM kept WHERE _row BETWEEN {first} AND {last}",
                    [why],
                )
                continue
            session.rows(
                f"INSERT INTO violations SELECT _row, {number}, 'drift', {identifier(name)}, ? "
                f"FROM {open_part(session, place, index)} SEMI JOIN kept USING (_row) "
                f"WHERE coalesce(trim({identifier(name)}), '') <> ''",
                [why],
            )


def reasons(session: Session) -> list[tuple[str, str, int]]:
    """Return column, rule and rows of what `judge` found, most rows first."""
    return [
        (str(column), str(rule), int(rows))
        for column, rule, rows in session.rows(
            "SELECT name, rule, count(*) FROM violations JOIN names USING (id) "
            "GROUP BY ALL ORDER BY 3 DESC, 1, 2"
        )
    ]


def violating_rows(session: Session) -> int:
    """Return how many rows break at least one rule."""
    return int(session.row("SELECT count(DISTINCT _row) FROM violations")[0])
