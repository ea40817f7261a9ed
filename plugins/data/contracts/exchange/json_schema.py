"""JSON Schema (draft 2020-12): an object for each row."""

import json
from collections.abc import Mapping

from dataagents.core.errors import InputError
from dataagents.plugins.data.contracts.model import ColumnRule, ColumnType, DatasetContract
from dataagents.plugins.data.contracts.shapes import as_list, as_table

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TYPES: Mapping[ColumnType, tuple[str, str | None]] = {
    "integer": ("integer", None),
    "decimal": ("number", None),
    "float": ("number", None),
    "boolean": ("boolean", None),
    "date": ("string", "date"),
    "timestamp": ("string", "date-time"),
    "text": ("string", None),
}


def export(contract: DatasetContract, name: str) -> str:
    """Return a contract as JSON Schema; keys and row rules have no place in it."""
    required = [each for each, rule in contract.columns.items() if rule.required]
    schema: dict[str, object] = {
        "$schema": DRAFT,
        "title": name,
        "type": "object",
        "properties": {each: _property(rule) for each, rule in contract.columns.items()},
        "required": required,
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _property(rule: ColumnRule) -> dict[str, object]:
    kind, form = _TYPES[rule.type]
    found: dict[str, object] = {"type": kind if rule.required else [kind, "null"]}
    if form is not None:
        found["format"] = form
    if rule.allowed is not None:
        found["enum"] = [*rule.allowed, *([] if rule.required else [None])]
    if kind in ("integer", "number"):
        for word, limit in (("minimum", rule.minimum), ("maximum", rule.maximum)):
            if limit is not None:
                found[word] = float(limit)
    if rule.pattern is not None:
        found["pattern"] = f"^(?:{rule.pattern})$"
    return found


def load(document: Mapping[str, object], shown: str) -> DatasetContract:
    """Return the contract that a schema of objects, or of an array of them, states.

    Raises:
        InputError: It describes something else.
    """
    if document.get("type") == "array":
        document = as_table(document.get("items"))
    properties = as_table(document.get("properties"))
    if not properties:
        raise InputError(shown, "it has no `properties`", hint="Describe an object for each row.")
    required = {str(name) for name in as_list(document.get("required"))}
    return DatasetContract(
        columns={
            name: _rule(name, body, shown, required=name in required)
            for name, body in properties.items()
        }
    )


def _rule(name: str, given: object, shown: str, *, required: bool) -> ColumnRule:
    body = as_table(given)
    if not body:
        raise InputError(f"{shown}: property {name!r}", "an object is expected")
    kinds = body.get("type", "string")
    types = [str(kind) for kind in as_list(kinds)] or [str(kinds)]
    allowed = as_list(body.get("enum"))
    pattern = body.get("pattern")
    return ColumnRule(
        type=_type([kind for kind in types if kind != "null"], body.get("format")),
        required=required and "null" not in types,
        allowed=tuple(str(each) for each in allowed if each is not None) or None,
        minimum=_limit(body.get("minimum")),
        maximum=_limit(body.get("maximum")),
        pattern=_whole(str(pattern)) if pattern is not None else None,
        description=str(body.get("description", "")),
    )


def _type(kinds: list[str], form: object) -> ColumnType:
    if kinds == ["integer"]:
        return "integer"
    if kinds == ["number"]:
        return "float"
    if kinds == ["boolean"]:
        return "boolean"
    if kinds == ["string"] and form == "date":
        return "date"
    return "timestamp" if kinds == ["string"] and form == "date-time" else "text"


def _limit(value: object) -> str | None:
    return None if value is None else str(value).removesuffix(".0")


def _whole(pattern: str) -> str:
    """Return a pattern for a whole cell: JSON Schema's may match anywhere in one."""
    start = "" if pattern.startswith("^") else ".*"
    end = "" if pattern.endswith("$") else ".*"
    bare = pattern.removeprefix("^").removesuffix("$")
    if bare.startswith("(?:") and bare.endswith(")") and bare.count("(") == 1:
        bare = bare[3:-1]
    return f"{start}{bare}{end}"
