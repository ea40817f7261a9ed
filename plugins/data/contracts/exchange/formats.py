"""Formats: which other tool a contract was written for, and contracts written for all of them."""

from collections.abc import Callable, Mapping

from dataagents.plugins.data.contracts.exchange import dbt, json_schema, pandera
from dataagents.plugins.data.contracts.model import DatasetContract
from dataagents.plugins.data.contracts.shapes import as_table

Loader = Callable[[Mapping[str, object], str], DatasetContract]

EXPORTS: Mapping[str, Callable[[DatasetContract, str], str]] = {
    "schema.json": json_schema.export,
    "dbt.yml": dbt.export,
    "pandera.yaml": pandera.export,
}
"""File → what writes a contract that way."""


def recognise(document: object) -> Loader | None:
    """Return how to read a parsed document of another tool; None for one of our own."""
    table = as_table(document)
    if "datasets" in table:
        return None
    if table.get("schema_type") == "dataframe":
        return pandera.load
    if isinstance(table.get("models"), list):
        return dbt.load
    if "$schema" in table or "properties" in table:
        return json_schema.load
    return None
