"""The output `lineage`: OpenLineage run events, for catalogs and lineage servers.

See the OpenLineage specification 2-0-2, https://openlineage.io/spec/2-0-2/OpenLineage.json.
"""

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from dataagents.core.goals import RunResult, RunStatus
from dataagents.core.values import Json, JsonObject
from dataagents.core.version import __version__

PRODUCER = f"urn:dataagents:{__version__}"
NAMESPACE = "dataagents"
_SPEC = "https://openlineage.io/spec"
_FACETS = {
    "schema": "1-1-1/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet",
    "columnLineage": "1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet",
    "dataQualityMetrics": "1-0-2/DataQualityMetricsInputDatasetFacet.json"
    "#/$defs/DataQualityMetricsInputDatasetFacet",
    "dataQualityAssertions": "1-0-1/DataQualityAssertionsDatasetFacet.json"
    "#/$defs/DataQualityAssertionsDatasetFacet",
    "errorMessage": "1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet",
}


class LineageOutput:
    """Writes `lineage.jsonl`: one event for the start, one for the end of the run."""

    entries: tuple[str, ...] = ("lineage.jsonl",)
    """What it may write below the folder."""

    async def write(self, result: RunResult, folder: Path) -> Mapping[str, Path]:
        """Write the events."""
        path = folder / "lineage.jsonl"
        text = "".join(json.dumps(event) + "\n" for event in events(result))
        await asyncio.to_thread(_publish, path, text)
        return {"lineage": path}


def events(result: RunResult) -> tuple[dict[str, Json], ...]:
    """Return a run as OpenLineage events."""
    done = result.outcome.status in (RunStatus.DONE, RunStatus.WITHHELD)
    facets: dict[str, Json] = {}
    if not done:
        facets["errorMessage"] = _facet(
            "errorMessage", {"message": result.outcome.reason, "programmingLanguage": "Python"}
        )
    run: dict[str, Json] = {
        "runId": str(uuid5(NAMESPACE_URL, f"urn:dataagents:run:{result.outcome.run}")),
        "facets": facets,
    }
    base: dict[str, Json] = {
        "producer": PRODUCER,
        "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "job": {"namespace": NAMESPACE, "name": result.goal.task, "facets": {}},
    }
    state: JsonObject = result.execution.state if result.execution else {}
    inputs: list[Json] = [_input(name, result, state) for name in result.goal.inputs]
    outputs: list[Json] = [
        _output(name, label, path, result, state)
        for label, path in result.files.items()
        for kind, _, name in (label.partition(":"),)
        if kind in ("clean", "withheld", "quarantine") and name in result.goal.inputs
    ]
    return (
        {
            **base,
            "eventType": "START",
            "eventTime": result.started.isoformat(),
            "run": {**run, "facets": {}},
            "inputs": [],
            "outputs": [],
        },
        {
            **base,
            "eventType": "COMPLETE" if done else "FAIL",
            "eventTime": result.ended.isoformat(),
            "run": run,
            "inputs": inputs,
            "outputs": outputs,
        },
    )


def _facet(name: str, body: dict[str, Json]) -> dict[str, Json]:
    return {"_producer": PRODUCER, "_schemaURL": f"{_SPEC}/facets/{_FACETS[name]}", **body}


def _fact(state: JsonObject, name: str, dataset: str) -> Mapping[str, Json]:
    value = state.get(f"{name}:{dataset}")
    return value if isinstance(value, dict) else {}


def _columns(state: JsonObject, dataset: str) -> Mapping[str, Json]:
    columns = _fact(state, "schema", dataset).get("columns")
    return columns if isinstance(columns, dict) else {}


def _schema(state: JsonObject, dataset: str) -> dict[str, Json]:
    fields: list[Json] = [
        {"name": name, "type": str(column.get("type"))}
        for name, column in _columns(state, dataset).items()
        if isinstance(column, dict)
    ]
    return _facet("schema", {"fields": fields})


def _input(dataset: str, result: RunResult, state: JsonObject) -> dict[str, Json]:
    metrics: dict[str, Json] = {}
    rows = _fact(state, "schema", dataset).get("rows")
    if isinstance(rows, int):
        metrics["rowCount"] = rows
    metrics["columnMetrics"] = {
        name: {"nullCount": column.get("missing"), "distinctCount": column.get("distinct")}
        for name, column in _columns(state, dataset).items()
        if isinstance(column, dict)
    }
    violations = _fact(state, "quality", dataset).get("violations")
    assertions: list[Json] = [
        {"assertion": each.get("rule"), "success": False, "column": each.get("column")}
        for each in (violations if isinstance(violations, list) else [])
        if isinstance(each, dict)
    ]
    return {
        "namespace": "file",
        "name": result.goal.inputs[dataset],
        "facets": {"schema": _schema(state, dataset)},
        "inputFacets": {
            "dataQualityMetrics": _facet("dataQualityMetrics", metrics),
            "dataQualityAssertions": _facet("dataQualityAssertions", {"assertions": assertions}),
        },
    }


def _output(
    dataset: str, label: str, path: Path, result: RunResult, state: JsonObject
) -> dict[str, Json]:
    source = {"namespace": "file", "name": result.goal.inputs[dataset]}
    fields: dict[str, Json] = {
        name: {"inputFields": [{**source, "field": name}]} for name in _columns(state, dataset)
    }
    return {
        "namespace": "file",
        "name": f"{label.partition(':')[0]}/{path.name}",
        "facets": {
            "schema": _schema(state, dataset),
            "columnLineage": _facet("columnLineage", {"fields": fields}),
        },
    }


def _publish(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
