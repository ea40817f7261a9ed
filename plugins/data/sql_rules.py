"""Rules of a contract in SQL: one expression over a row, which can reach nothing else."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dataagents.core.errors import InputError
from dataagents.core.suggestions import did_you_mean
from dataagents.plugins.data.contracts.model import RowRule
from dataagents.plugins.data.engine import Session

_ALLOWED = frozenset({"today", "current_date", "now", "get_current_timestamp", "nullif", "ifnull"})
"""Functions that are no pure ones by DuckDB's list, and are wanted none the less."""
_REFUSED = frozenset({"json_serialize_sql", "json_deserialize_sql", "json_execute_serialized_sql"})
_CLASSES = frozenset(
    {
        *("COLUMN_REF", "CONSTANT", "COMPARISON", "CONJUNCTION", "OPERATOR", "FUNCTION"),
        *("CAST", "CASE", "BETWEEN", "COLLATE", "TYPE"),
    }
)
"""Kinds of expressions that stay within a row."""
_SPECIALS = {
    "SUBQUERY": "a subquery",
    "WINDOW": "a window function",
    "STAR": "`*`",
    "PARAMETER": "a parameter",
    "LAMBDA": "a lambda",
}


@dataclass(frozen=True, slots=True)
class Predicate:
    """A rule that was checked."""

    name: str
    sql: str
    """The expression as the parser understood it; safe within other statements."""
    reads: tuple[str, ...]
    """Columns that it names."""
    covers: tuple[str, ...]
    """Columns that it judges, for the consistency score."""


def parse(rule: RowRule, columns: Mapping[str, object], session: Session) -> Predicate:
    """Check a rule and return it as the parser understood it.

    Raises:
        InputError: It is more or other than an expression over the row.
    """
    (serialized,) = session.row(
        "SELECT CAST(json_serialize_sql(?) AS VARCHAR)", [f"SELECT (\n{rule.sql}\n)"]
    )
    tree: Any = json.loads(serialized)
    if tree.get("error"):
        raise _wrong(rule, str(tree.get("error_message", "it is no SQL expression")))
    expression = _only_expression(rule, tree)
    allowed = _functions(session)
    named: dict[str, None] = {}
    by_name = {name.lower(): name for name in columns}
    for node in _expressions(expression):
        _check(rule, node, allowed)
        if node["class"] == "COLUMN_REF":
            named[_column(rule, node, by_name)] = None
    if not named:
        raise _wrong(rule, "it names no column")
    for name in rule.columns:
        if name not in columns:
            raise _wrong(rule, f"there is no column {name!r}", did_you_mean(name, columns))
    (sql,) = session.row("SELECT json_deserialize_sql(CAST(? AS JSON))", [serialized])
    return Predicate(
        rule.name, str(sql).removeprefix("SELECT "), tuple(named), rule.columns or tuple(named)
    )


def _wrong(rule: RowRule, problem: str, hint: str = "") -> InputError:
    return InputError(
        f"rule {rule.name!r} of the contract",
        problem,
        hint=hint.strip() or "Write one expression over the row, such as `price >= 0`.",
    )


def _only_expression(rule: RowRule, tree: Any) -> Any:
    """Return the expression, if the statement is nothing but that."""
    statements = tree["statements"]
    node: Any = statements[0]["node"] if len(statements) == 1 else {"type": None}
    extras = ("modifiers", "where_clause", "group_expressions", "having", "sample", "qualify")
    plain = (
        node.get("type") == "SELECT_NODE"
        and len(node["select_list"]) == 1
        and node["from_table"]["type"] == "EMPTY"
        and not node["cte_map"]["map"]
        and not any(node.get(extra) for extra in extras)
    )
    if not plain:
        raise _wrong(rule, "it has to be one expression, and no statement")
    return node["select_list"][0]


def _expressions(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every expression of a tree."""
    if isinstance(value, list):
        for each in value:
            yield from _expressions(each)
    elif isinstance(value, dict):
        if "class" in value:
            yield value
        for each in value.values():
            yield from _expressions(each)


def _check(rule: RowRule, node: Mapping[str, Any], allowed: frozenset[str]) -> None:
    kind = str(node["class"])
    if kind not in _CLASSES:
        raise _wrong(rule, f"it must not hold {_SPECIALS.get(kind, kind.lower())}")
    if kind != "FUNCTION":
        return
    name = str(node["function_name"]).lower()
    if node.get("schema") or node.get("catalog") or name not in allowed:
        raise _wrong(rule, f"it must not call `{name}`: only functions of the row's values may be")


def _column(rule: RowRule, node: Mapping[str, Any], by_name: Mapping[str, str]) -> str:
    names = [str(name) for name in node["column_names"]]
    found = by_name.get(names[0].lower()) if len(names) == 1 else None
    if found is None:
        written = ".".join(names)
        hint = did_you_mean(written, by_name.values())
        raise _wrong(rule, f"there is no column {written!r}", hint)
    return found


def _functions(session: Session) -> frozenset[str]:
    """Return the names of functions whose result follows from their arguments alone."""
    found = session.rows(
        "SELECT function_name FROM duckdb_functions() GROUP BY function_name HAVING "
        "bool_and(function_type = 'scalar') AND bool_or(stability = 'CONSISTENT') "
        "AND NOT bool_or(stability IS NOT DISTINCT FROM 'VOLATILE')"
    )
    return (frozenset(str(name) for (name,) in found) | _ALLOWED) - _REFUSED
