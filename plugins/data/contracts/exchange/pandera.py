"""pandera: a schema of a data frame, in pandera's own YAML."""

from collections.abc import Mapping
from typing import Any, cast

from dataagents.core.errors import InputError
from dataagents.plugins.data.contracts.model import ColumnRule, ColumnType, DatasetContract
from dataagents.plugins.data.contracts.shapes import as_list, as_table
from dataagents.plugins.data.contracts.yaml_text import dump_yaml

_TYPES: Mapping[ColumnType, str] = {
    "integer": "Int64",
    "decimal": "float64",
    "float": "float64",
    "boolean": "boolean",
    "date": "datetime64[ns]",
    "timestamp": "datetime64[ns]",
    "text": "str",
}
_LIMITS = {"minimum": "greater_than_or_equal_to", "maximum": "less_than_or_equal_to"}


def export(contract: DatasetContract, name: str) -> str:
    """Return a contract in pandera's YAML; row rules have no place in it."""
    schema = {
        "schema_type": "dataframe",
        "version": "0.20.0",
        "columns": {
            column: {
                "dtype": _TYPES[rule.type],
                "nullable": not rule.required,
                "unique": rule.unique or contract.key == (column,),
                "coerce": True,
                "required": True,
                "checks": _checks(rule) or None,
            }
            for column, rule in contract.columns.items()
        },
        "checks": None,
        "index": None,
        "coerce": True,
        "strict": False,
        "unique": list(contract.key) if len(contract.key) > 1 else None,
        "name": name,
    }
    return dump_yaml(schema)


def _checks(rule: ColumnRule) -> dict[str, object]:
    found: dict[str, object] = {}
    if rule.allowed is not None:
        found["isin"] = list(rule.allowed)
    numeric = rule.type in ("integer", "decimal", "float")
    for ours, theirs in _LIMITS.items():
        limit = cast("str | None", getattr(rule, ours))
        if limit is not None and rule.type != "text":
            found[theirs] = float(limit) if numeric else limit
    if rule.pattern is not None and rule.type == "text":
        found["str_matches"] = f"^(?:{rule.pattern})$"
    return found


def load(document: Mapping[str, object], shown: str) -> DatasetContract:
    """Return the contract that a schema states.

    Raises:
        InputError: It has no columns.
    """
    columns = as_table(document.get("columns"))
    if not columns:
        raise InputError(shown, "it has no `columns`")
    return DatasetContract(
        key=tuple(str(each) for each in as_list(document.get("unique"))),
        columns={name: _rule(as_table(body)) for name, body in columns.items()},
    )


def _rule(body: Mapping[str, Any]) -> ColumnRule:
    checks = as_table(body.get("checks"))
    allowed = as_list(checks.get("isin"))
    limits = {ours: checks[theirs] for ours, theirs in _LIMITS.items() if theirs in checks}
    pattern = checks.get("str_matches")
    return ColumnRule.model_validate(
        {
            "type": _type(str(body.get("dtype"))),
            "required": str(body.get("nullable", "false")).lower() != "true",
            "unique": str(body.get("unique", "false")).lower() == "true",
            "allowed": tuple(str(each) for each in allowed) or None,
            "pattern": None
            if pattern is None
            else str(pattern).removeprefix("^(?:").removesuffix(")$"),
            **{ours: str(limit).removesuffix(".0") for ours, limit in limits.items()},
        }
    )


def _type(dtype: str) -> ColumnType:
    low = dtype.lower()
    if low.startswith(("int", "uint")):
        return "integer"
    if low.startswith("bool"):
        return "boolean"
    if low.startswith("datetime"):
        return "timestamp"
    return "float" if low.startswith(("float", "decimal")) else "text"
