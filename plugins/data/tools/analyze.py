"""The tool `analyze_schema`."""

from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel

from dataagents.core.errors import InputError
from dataagents.core.messaging import Lineage
from dataagents.core.reasoning import Analysis, Bench, Effect, Observation, ToolLimits
from dataagents.core.values import Json, to_json
from dataagents.plugins.data.analysis import Decision, Given, analyze
from dataagents.plugins.data.contracts.files import read_contract
from dataagents.plugins.data.engine import Session
from dataagents.plugins.data.options import SchemaOptions
from dataagents.plugins.data.reading.staging import stage
from dataagents.plugins.data.tools.requests import SchemaRequest, counted, run_job
from dataagents.plugins.data.workplace import Part, Schema, Staging, Workplace


class AnalyzeSchema:
    """Stages the files of a data set, compares them with its contract and profiles them."""

    name: str = "analyze_schema"
    description: str = "Read a data set, compare it with its contract and profile its columns."
    effect: Effect = Effect.WRITE
    limits: ToolLimits = ToolLimits()
    input_model: type[BaseModel] = SchemaRequest

    def __init__(self, options: SchemaOptions) -> None:
        self._options = options

    async def run(self, request: SchemaRequest, bench: Bench) -> Observation:
        """Analyze a data set."""
        source = bench.source(request.dataset)
        place = Workplace.of(request.dataset, bench.workspace)
        job = self._job(place, str(source), request, bench)
        staging, schema = await run_job(
            self.name, self._options, place, bench, job, mode=request.mode
        )
        for index, part in enumerate(staging.parts):
            await bench.record_lineage(
                Lineage(
                    dataset=f"{request.dataset}:staged",
                    sources=(part.source,),
                    operation=self.name,
                    at=bench.now(),
                    columns=_origins(schema, index),
                )
            )
        data = facts(staging, schema)
        await bench.record_analysis(Analysis(request.dataset, "schema", None, data))
        return Observation(_summary(staging, schema), data)

    def _job(
        self, place: Workplace, source: str, request: SchemaRequest, bench: Bench
    ) -> Callable[[Session], tuple[Staging, Schema]]:
        given = _given(request.dataset, bench)
        decision = Decision(
            choice=request.on_drift,
            by=request.by,
            reason=request.reason,
            election=request.election,
            at=bench.now(),
        )

        def job(session: Session) -> tuple[Staging, Schema]:
            staging = stage(place, source, session, session.tell)
            schema = analyze(
                place, staging, given, decision, self._options, session, lenient=request.lenient
            )
            place.save("schema.json", schema)
            place.forget_errors()
            return staging, schema

        return job


def _given(dataset: str, bench: Bench) -> Given | None:
    """Return the contract that the goal names.

    Raises:
        InputError: It names something else than a file, or that is no contract.
    """
    path = bench.settings.get("contract")
    if path is None:
        return None
    if not isinstance(path, str):
        raise InputError("setting 'contract'", "the path of a contract file is expected")
    return Given(read_contract(Path(path), dataset, only=True), path)


def _origins(schema: Schema, index: int) -> dict[str, tuple[str, ...]]:
    """Return for each column of the contract the column of a file that it was made of."""
    sources = schema.resolution.parts[index]
    return {name: (source,) for name, source in sources.items() if source is not None}


def facts(staging: Staging, schema: Schema) -> dict[str, Json]:
    """Return what planning and reports have to know of a schema."""
    return {
        "rows": schema.rows,
        "rejects": schema.rejects,
        "lenient": schema.lenient,
        "key": list(schema.key),
        "duplicates": schema.duplicates,
        "columns": {name: to_json(column) for name, column in schema.columns.items()},
        "contract": {
            "given": schema.given is not None,
            "version": schema.contract.version,
            "source": schema.given,
        },
        "parts": [_part(part) for part in staging.parts],
        "drift": [to_json(change) for change in schema.drift],
        "drift_choice": schema.resolution.choice,
    }


def _part(part: Part) -> dict[str, Json]:
    return {
        "name": part.name,
        "format": part.format,
        "encoding": part.encoding,
        "delimiter": part.delimiter,
        "header": part.header,
        "compression": part.compression,
        "preamble": len(part.preamble),
        "rows": part.rows,
        "rejects": part.rejects,
        "columns": len(part.columns),
    }


def _summary(staging: Staging, schema: Schema) -> str:
    typed = sum(column.type != "text" for column in schema.columns.values())
    files = f"{counted(len(staging.parts), 'file')}, " if len(staging.parts) > 1 else ""
    said = [
        f"{files}{counted(schema.rows, 'row')}",
        f"{counted(len(schema.columns), 'column')} ({typed:,} typed)",
        counted(schema.rejects, "rejected line"),
        counted(schema.duplicates, "duplicate"),
        f"key {', '.join(schema.key) or 'none'}",
    ]
    short = [name for name, column in schema.columns.items() if column.short_years]
    if short:
        said.append(f"years of two digits, of an unknown century, in {', '.join(short)}")
    changes = sum(change.structural for change in schema.drift)
    if changes:
        choice = schema.resolution.choice
        decided = f"resolved by {choice}" if choice else "to be decided on"
        said.append(f"drift: {counted(changes, 'change')} {decided}")
    return ", ".join(said)
