"""Format rules: each loses nothing, can be undone and is on record."""

from collections.abc import Collection

from dataagents.plugins.data.cells import (
    SQL_TYPES,
    dated,
    fits,
    is_token,
    normal,
    repeated,
    trimmed,
)
from dataagents.plugins.data.changes import count_changes, write_changes
from dataagents.plugins.data.checks import open_current
from dataagents.plugins.data.engine import Session, identifier
from dataagents.plugins.data.workplace import Column, Rule, RuleName, Schema, Workplace

ALL: tuple[RuleName, ...] = ("trim", "null_tokens", "dates", "drift", "types", "duplicates")
"""The rules, in the order in which they are applied."""


def gaps(schema: Schema, rules: tuple[Rule, ...]) -> list[Rule]:
    """Return the rules that would change cells or rows and were not applied yet."""
    applied = {(rule.rule, rule.column) for rule in rules}
    found: list[Rule] = []
    for name, column in schema.columns.items():
        found += _cell_rules(name, column, schema)
    if schema.duplicates:
        sql = f"keep the first of the rows that {', '.join(map(identifier, schema.columns))} equal"
        found.append(_rule("duplicates", None, sql, schema.duplicates))
    return [rule for rule in found if (rule.rule, rule.column) not in applied]


def _cell_rules(name: str, column: Column, schema: Schema) -> list[Rule]:
    cell = identifier(name)
    found: list[Rule] = []
    if column.untrimmed:
        found.append(_rule("trim", name, trimmed(cell), column.untrimmed))
    if column.null_tokens:
        token = is_token(trimmed(cell), schema.null_tokens)
        sql = f"CASE WHEN {token} THEN NULL ELSE {cell} END"
        found.append(_rule("null_tokens", name, sql, column.null_tokens))
    if column.date_order is not None and column.type in ("date", "timestamp"):
        sql = dated(cell, column.date_order, column.date_years)
        found.append(_rule("dates", name, sql, column.other_dates))
    misfits = column.present - column.conforming
    if name in schema.resolution.nulled and misfits:
        sql = f"CASE WHEN {fits(column.type, cell)} THEN {cell} END"
        found.append(_rule("drift", name, sql, misfits))
    return found


def _casts(schema: Schema) -> list[Rule]:
    """Return the types that columns have from here on; they change no cell's text."""
    return [
        _rule("types", name, f"CAST({identifier(name)} AS {SQL_TYPES[column.type]})", 0)
        for name, column in schema.columns.items()
        if column.type != "text"
    ]


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
    """Apply rules, keep them and what they change on record, and return those that are new.

    Exact copies are judged by what cells say, so ` a` and `a` are copies of each other.
    """
    before = place.rules()
    known = {rule.id for rule in before}
    candidates = [*gaps(schema, before), *_casts(schema)]
    new = tuple(rule for rule in candidates if rule.rule in wanted and rule.id not in known)
    if any(rule.rule == "duplicates" for rule in new):
        session.tell("removing duplicates", None, None)
        _write_copies(place, schema, before, session)
    rules = sorted((*before, *new), key=lambda rule: ALL.index(rule.rule))
    open_current(session, place, schema, tuple(rules))
    session.tell("recording changes", None, None)
    write_changes(session, rules, place)
    counts = count_changes(session)
    rules = [_counted(rule, counts) for rule in rules]
    place.save("rules.json", tuple(rules))
    return tuple(rule for rule in rules if rule.id not in known)


def _counted(rule: Rule, counts: dict[tuple[str, str], int]) -> Rule:
    """Return a rule with the cells that it changed; each counts for the last rule it fell under."""
    if rule.column is None or rule.rule == "types":
        return rule
    return rule.model_copy(update={"cells": counts.get((rule.column, rule.rule), 0)})


def _write_copies(
    place: Workplace, schema: Schema, before: tuple[Rule, ...], session: Session
) -> None:
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
