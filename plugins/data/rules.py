"""Format rules: trim, null tokens and exact copies of rows; each loses nothing and is on record."""

from collections.abc import Collection

from dataagents.plugins.data.cells import is_token, normal, repeated, trimmed
from dataagents.plugins.data.checks import open_current
from dataagents.plugins.data.engine import Session, identifier
from dataagents.plugins.data.workplace import Rule, RuleName, Schema, Workplace

ALL: tuple[RuleName, ...] = ("trim", "null_tokens", "duplicates")


def gaps(schema: Schema, rules: tuple[Rule, ...]) -> list[Rule]:
    """Return the rules that would change something and were not applied yet."""
    applied = {(rule.rule, rule.column) for rule in rules}
    found: list[Rule] = []
    for name, column in schema.columns.items():
        cell = identifier(name)
        if column.untrimmed:
            sql = trimmed(cell)
            found.append(_rule("trim", name, sql, column.untrimmed))
        if column.null_tokens:
            sql = (
                f"CASE WHEN {is_token(trimmed(cell), schema.null_tokens)} THEN NULL ELSE {cell} END"
            )
            found.append(_rule("null_tokens", name, sql, column.null_tokens))
    if schema.duplicates:
        sql = f"keep the first of the rows that {', '.join(map(identifier, schema.columns))} equal"
        found.append(_rule("duplicates", None, sql, schema.duplicates))
    return [rule for rule in found if (rule.rule, rule.column) not in applied]


def _rule(rule: RuleName, column: str | None, sql: str, cells: int) -> Rule:
    return Rule(
        id=rule if column is None else f"{rule}:{column}",
        rule=rule,
        column=column,
        sql=sql,
        cells=cells,
    )


def apply(
    place: Workplace, schema: Schema, wanted: Collection[RuleName], session: Session
) -> tuple[Rule, ...]:
    """Apply rules, keep them on record and return those that are new.

    Exact copies are judged by what cells say, so ` a` and `a` are copies of each other.
    """
    before = place.rules()
    new = tuple(rule for rule in gaps(schema, before) if rule.rule in wanted)
    if any(rule.rule == "duplicates" for rule in new):
        open_current(session, place, schema, before)
        columns = tuple(schema.columns)
        session.rows(
            "CREATE OR REPLACE TEMP VIEW normal_rows AS "
            + normal(schema.columns, schema.null_tokens, "staged")
        )
        session.write(
            f"SELECT * FROM staged SEMI JOIN ({repeated(columns, 'normal_rows')}) USING (_row) "
            "ORDER BY _row",
            place.table("duplicates"),
        )
    order = {name: number for number, name in enumerate(ALL)}
    place.save("rules.json", tuple(sorted((*before, *new), key=lambda rule: order[rule.rule])))
    return new
