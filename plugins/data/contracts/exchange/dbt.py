"""dbt: the tests of a model in `schema.yml`."""

from collections.abc import Iterator, Mapping
from typing import Any

from dataagents.core.errors import InputError
from dataagents.plugins.data.contracts.model import ColumnRule, DatasetContract, RowRule
from dataagents.plugins.data.contracts.shapes import as_list, as_table
from dataagents.plugins.data.contracts.yaml_text import dump_yaml

RANGE = "dbt_utils.accepted_range"
KEY = "dbt_utils.unique_combination_of_columns"
RULE = "dbt_utils.expression_is_true"


def export(contract: DatasetContract, name: str) -> str:
    """Return a contract as a dbt model with tests; types and patterns are left to the warehouse."""
    tests: list[object] = [
        {RULE: {"name": rule.name, "arguments": {"expression": rule.sql}}}
        for rule in contract.rules
    ]
    if len(contract.key) > 1:
        tests.append({KEY: {"arguments": {"combination_of_columns": list(contract.key)}}})
    model: dict[str, object] = {"name": name}
    if tests:
        model["data_tests"] = tests
    model["columns"] = [
        {"name": column, "data_tests": list(_tests(rule, unique=contract.key == (column,)))}
        for column, rule in contract.columns.items()
    ]
    return dump_yaml({"version": 2, "models": [model]})


def _tests(rule: ColumnRule, *, unique: bool) -> Iterator[object]:
    if rule.required:
        yield "not_null"
    if rule.unique or unique:
        yield "unique"
    if rule.allowed is not None:
        yield {"accepted_values": {"arguments": {"values": list(rule.allowed)}}}
    limits = {
        word: limit
        for word, limit in (("min_value", rule.minimum), ("max_value", rule.maximum))
        if limit is not None
    }
    if limits:
        yield {RANGE: {"arguments": limits}}


def load(document: Mapping[str, object], shown: str) -> DatasetContract:
    """Return the contract that the tests of the only model of a file state.

    dbt's tests say nothing about types, so every column is text.

    Raises:
        InputError: It holds several models, or a test that is not understood.
    """
    models = as_list(document.get("models"))
    if len(models) != 1:
        raise InputError(shown, "one model is expected", hint="Give a file with that model alone.")
    model = as_table(models[0])
    columns: dict[str, ColumnRule] = {}
    for column in map(as_table, as_list(model.get("columns"))):
        name = str(column.get("name"))
        found: dict[str, Any] = {"description": str(column.get("description", ""))}
        for test, arguments in _given(column):
            found |= _meaning(test, arguments, f"{shown}: column {name!r}")
        columns[name] = ColumnRule.model_validate(found)
    if not columns:
        raise InputError(shown, "its model has no columns")
    key: tuple[str, ...] = ()
    rules: list[RowRule] = []
    for test, arguments in _given(model):
        if test == KEY:
            key = tuple(str(each) for each in arguments.get("combination_of_columns", ()))
        elif test == RULE:
            name = str(arguments.get("name") or f"rule_{len(rules) + 1}")
            rules.append(RowRule(name=name, sql=str(arguments.get("expression"))))
    return DatasetContract(key=key, columns=columns, rules=tuple(rules))


def _given(owner: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for test in as_list(owner.get("data_tests")) or as_list(owner.get("tests")):
        if isinstance(test, str):
            yield test, {}
        for name, body in as_table(test).items():
            arguments = dict(as_table(body))
            yield name, {**arguments, **as_table(arguments.pop("arguments", None))}


def _meaning(test: str, arguments: Mapping[str, Any], shown: str) -> dict[str, Any]:
    match test:
        case "not_null":
            return {"required": True}
        case "unique":
            return {"unique": True}
        case "accepted_values":
            return {"allowed": tuple(str(each) for each in arguments.get("values", ()))}
        case "dbt_utils.accepted_range":
            limits = {"minimum": "min_value", "maximum": "max_value"}
            return {
                ours: str(arguments[theirs])
                for ours, theirs in limits.items()
                if theirs in arguments
            }
        case _:
            raise InputError(
                shown,
                f"the test {test!r} is not understood",
                hint=f"Known: not_null, unique, accepted_values, {RANGE}.",
            )
