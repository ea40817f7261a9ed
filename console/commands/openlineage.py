"""Lineage on record as OpenLineage run events: one for each step that made a data set.

See the OpenLineage specification 2-0-2, https://openlineage.io/spec/2-0-2/OpenLineage.json.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from uuid import NAMESPACE_URL, uuid5

from dataagents.core.messaging import Lineage
from dataagents.core.values import Json
from dataagents.core.version import __version__

_PRODUCER = f"urn:dataagents:{__version__}"
_NAMESPACE = "dataagents"
_OURS = re.compile(r"[^/]*:\w+")
_SPEC = "https://openlineage.io/spec"
_COLUMNS = "1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet"


def openlineage_events(records: Iterable[Lineage]) -> Iterator[dict[str, Json]]:
    """Yield a completed run of a job for each record; the tool is the job."""
    for record in records:
        name = f"urn:dataagents:run:{record.run}:{record.task}:{record.dataset}:{record.at}"
        yield {
            "eventType": "COMPLETE",
            "eventTime": record.at.isoformat(),
            "producer": _PRODUCER,
            "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": {"runId": str(uuid5(NAMESPACE_URL, name)), "facets": {}},
            "job": {"namespace": _NAMESPACE, "name": record.operation, "facets": {}},
            "inputs": [{**_dataset(source), "facets": {}} for source in record.sources],
            "outputs": [{**_dataset(record.dataset), "facets": _facets(record)}],
        }


def _dataset(name: str) -> dict[str, Json]:
    """Return how a data set is called: `orders:clean` is one of ours, everything else a file."""
    return {"namespace": _NAMESPACE if _OURS.fullmatch(name) else "file", "name": name}


def _facets(record: Lineage) -> dict[str, Json]:
    if not record.columns:
        return {}
    fields: dict[str, Json] = {
        column: {"inputFields": list(_inputs(record.columns, column, record.sources))}
        for column in record.columns
    }
    facet: dict[str, Json] = {
        "_producer": _PRODUCER,
        "_schemaURL": f"{_SPEC}/facets/{_COLUMNS}",
        "fields": fields,
    }
    return {"columnLineage": facet}


def _inputs(
    columns: Mapping[str, tuple[str, ...]], column: str, sources: tuple[str, ...]
) -> Iterator[Json]:
    """Yield what a column was made of: `source.column`, or a column of each source."""
    for name in columns[column]:
        owner = next((each for each in sources if name.startswith(f"{each}.")), None)
        for source in sources if owner is None else (owner,):
            yield {**_dataset(source), "field": name.removeprefix(f"{source}.")}
