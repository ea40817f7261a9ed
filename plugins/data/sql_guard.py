"""Agent-written SQL before it runs: one SELECT over one table, with functions that reach nothing.

A locked connection could open no file either. This comes first, so that the objection says what to
write instead, and because a locked connection still tells its settings, which hold paths.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from dataagents.core.suggestions import nearest
from dataagents.plugins.data.contracts.shapes import as_list, as_table
from dataagents.plugins.data.engine import Session

TABLE = "data"
"""The only table that there is."""

_STRUCTURE = frozenset(
    {
        *("SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"),
        *("BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY"),
        *("PIVOT", "SHOW_REF"),
        *("LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "ORDER_MODIFIER", "DISTINCT_MODIFIER"),
        *("ORDER_DEFAULT", "ASCENDING", "DESCENDING"),
    }
)
"""What a SELECT is built of, beside expressions; what writes has nodes of its own."""
_TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest", "json_each", "json_tree"})
_MACROS = frozenset(
    {
        *("nullif", "ifnull", "if", "split_part", "date_add", "fdiv", "days_in_month"),
        *("geomean", "geometric_mean", "weighted_avg", "wavg"),
    }
)
"""Macros that are wanted beside those of lists; others look things up in the catalog."""
_SPECIAL = frozenset(
    {
        *("today", "now", "current_date", "get_current_timestamp", "transaction_timestamp"),
        *("grouping", "grouping_id", "alias"),
    }
)
"""Functions that are wanted, though no list of pure ones has them."""
_REFUSED = frozenset(
    {
        *("json_serialize_sql", "json_deserialize_sql", "json_serialize_plan"),
        *("to_aggregate_state", "finalize", "combine", "combine_aggr", "invoke"),
        *("cast_to_type", "make_type", "get_type", "replace_type", "parse_duckdb_log_message"),
        *("variant_bytes_to_variant", "variant_to_parquet_variant", "error"),
    }
)
"""Functions that plan other SQL, or take bytes for a state of DuckDB's own."""


class Checked(NamedTuple):
    """SQL that was looked at."""

    wrong: str = ""
    """Why it may not run, and what may; empty when it may."""
    names: frozenset[str] = frozenset()
    """Names that it says, in lower case, as far as they may be columns."""


def checked(sql: str, session: Session) -> Checked:
    """Look at SQL before it runs.

    Raises:
        session.failure: It is no SQL.
    """
    kinds = session.kinds(sql)
    if kinds != ["SELECT"]:
        return Checked(_no_select(kinds))
    (serialized,) = session.row("SELECT CAST(json_serialize_sql(?) AS VARCHAR)", [sql])
    try:
        tree: Any = json.loads(serialized)
    except RecursionError:
        return Checked("It is nested too deeply.")
    if tree.get("error"):
        return Checked(f"It is no plain SELECT: {tree.get('error_message')}")
    nodes = list(_objects(tree))
    parts = {
        str(part["key"]).lower()
        for node in nodes
        for part in as_list(as_table(node.get("cte_map")).get("map"))
    }
    taken = parts & _views(session)
    if taken:
        return Checked(
            f"Call {min(taken)!r} in WITH something else: DuckDB has a view of that name."
        )
    known, functions = parts | {TABLE}, _functions(session)
    wrong = next(filter(None, (_object(node, known, functions) for node in nodes)), "")
    return Checked(wrong, _names(nodes))


def _names(nodes: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    return frozenset(
        str(name).lower()
        for node in nodes
        for name in (*node.get("column_names", ()), *node.get("using_columns", ()))
    )


def _objects(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of parsed JSON; without recursion, so depth is no matter."""
    pending: list[Any] = [tree]
    while pending:
        value = pending.pop()
        table = as_table(value)
        if table:
            yield table
        pending.extend(table.values())
        pending.extend(as_list(value))


def _no_select(kinds: list[str]) -> str:
    found = ", ".join(kind.replace("_", " ") for kind in kinds[:3]) or "nothing"
    if kinds == ["MULTI"]:
        found = "a PIVOT that has to look for its columns (list them with IN)"
    return f"One SELECT statement is expected; this is {found}."


def _object(node: Mapping[str, Any], tables: set[str], functions: frozenset[str]) -> str:
    """Return what is wrong with one object of the tree."""
    kind = node.get("type")
    if "class" in node:
        return _function(node, functions) if "function_name" in node else ""
    if isinstance(kind, str) and kind not in _STRUCTURE:
        what = kind.removesuffix("_NODE").removesuffix("_QUERY").replace("_", " ")
        return f"It may only read by SELECT, and holds {what}."
    if kind == "BASE_TABLE":
        path = [str(name) for name in node["qualified_name"]["path"]]
        if len(path) != 1 or str(node["table_name"]).lower() not in tables:
            return f"There is no table {'.'.join(path)!r} here: the only one is {TABLE!r}."
    if kind == "TABLE_FUNCTION":
        name = str(node["function"]["function_name"]).lower()
        if name not in _TABLE_FUNCTIONS:
            return f"It may not read from {name!r}: the only table is {TABLE!r}."
    if kind == "SHOW_REF" and node.get("show_type") not in ("DESCRIBE", "SUMMARY"):
        return f"There is nothing to show: the only table is {TABLE!r}; DESCRIBE or SUMMARIZE it."
    return ""


def _function(node: Mapping[str, Any], functions: frozenset[str]) -> str:
    name = str(node["function_name"]).lower()
    if not node.get("schema") and not node.get("catalog") and name in functions:
        return ""
    close = nearest(name, (each for each in functions if each.isidentifier()))
    hint = f" Did you mean {close!r}?" if close and close != name else ""
    return f"It may not call {name!r}: only functions of values may be called.{hint}"


def _views(session: Session) -> frozenset[str]:
    """Return names that would mean a view of DuckDB's where a part of WITH is out of sight."""
    found = session.rows("SELECT DISTINCT lower(view_name) FROM duckdb_views()")
    return frozenset(str(name) for (name,) in found)


def _functions(session: Session) -> frozenset[str]:
    """Return the names of functions whose result follows from their arguments alone."""
    found = session.rows(
        """
        SELECT function_name FROM duckdb_functions() GROUP BY function_name HAVING
            bool_or(function_type IN ('scalar', 'aggregate', 'window') AND stability = 'CONSISTENT')
            AND NOT bool_or(stability IS NOT DISTINCT FROM 'VOLATILE')
            AND NOT starts_with(function_name, '__internal')
            OR bool_and(function_type = 'macro') AND regexp_matches(function_name, '^(list|array)_')
        """
    )
    pure = frozenset(str(name) for (name,) in found)
    return (pure | _MACROS | _SPECIAL | _TABLE_FUNCTIONS) - _REFUSED
