"""The four tools: analyze, validate, transform and route."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from dataagents.core.messaging import Lineage
from dataagents.core.reasoning import Analysis, Bench, Effect, Observation
from dataagents.core.values import Json, to_json
from dataagents.plugins.data.engine import Session, work
from dataagents.plugins.data.options import DataOptions, SchemaOptions
from dataagents.plugins.data.profile import propose
from dataagents.plugins.data.quality import Quality, measure
from dataagents.plugins.data.routing import route
from dataagents.plugins.data.rules import ALL, apply
from dataagents.plugins.data.staging import stage
from dataagents.plugins.data.workplace import RuleName, Schema, Workplace

T = TypeVar("T")


class DatasetRequest(BaseModel):
    """Names the data set to work on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: str


class SchemaRequest(DatasetRequest):
    """What to analyze, and how strictly."""

    lenient: bool = False
    """Make every column nullable text."""


class TransformRequest(DatasetRequest):
    """What to transform, and by which rules."""

    rules: list[RuleName] | None = None
    """All of them when None."""


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _grade(quality: Quality) -> str:
    """Return the score and what pulls it down; a flaw never rounds to 1.000."""
    if quality.score is None:
        return "not measurable"
    if quality.score == 1:
        return "1.000"
    score = "more than 0.999" if quality.score > 0.9995 else f"{quality.score:.3f}"
    return f"{score}, weakest {quality.weakest}"


async def _work(
    tool: str, options: DataOptions, place: Workplace, bench: Bench, job: Callable[[Session], T]
) -> T:
    return await work(
        tool, job, folder=place.folder, memory_bytes=bench.memory_bytes, threads=options.threads
    )


class AnalyzeSchema:
    """Stages a file, profiles it and proposes a schema."""

    name: str = "analyze_schema"
    description: str = "Read a data set, profile its columns and propose a schema."
    effect: Effect = Effect.WRITE
    input_model: type[BaseModel] = SchemaRequest

    def __init__(self, options: SchemaOptions) -> None:
        self._options = options

    async def run(self, request: SchemaRequest, bench: Bench) -> Observation:
        """Analyze a data set."""
        source = bench.source(request.dataset)
        place = Workplace.of(request.dataset, bench.workspace)

        def job(session: Session) -> Schema:
            staging = stage(place, source, session)
            schema = propose(place, staging, self._options, session, lenient=request.lenient)
            place.save("schema.json", schema)
            return schema

        schema = await _work(self.name, self._options, place, bench, job)
        data = {key: value for key, value in to_json(schema).items() if key != "null_tokens"}
        columns = tuple(schema.columns)
        await bench.record_lineage(
            Lineage(
                dataset=f"{request.dataset}:staged",
                sources=(str(source),),
                operation=self.name,
                at=bench.now(),
                columns={name: (name,) for name in columns},
            )
        )
        await bench.record_analysis(Analysis(request.dataset, "schema", None, data))
        typed = sum(column.type != "text" for column in schema.columns.values())
        summary = (
            f"{_count(schema.rows, 'row')}, {_count(len(columns), 'column')} ({typed:,} typed), "
            f"{_count(schema.rejects, 'rejected line')}, {_count(schema.duplicates, 'duplicate')}, "
            f"key {schema.key or 'none'}"
        )
        return Observation(summary, data)


class ValidateData:
    """Measures data quality."""

    name: str = "validate_data"
    description: str = "Measure a data set's quality against its schema."
    effect: Effect = Effect.READ
    input_model: type[BaseModel] = DatasetRequest

    def __init__(self, options: DataOptions) -> None:
        self._options = options

    async def run(self, request: DatasetRequest, bench: Bench) -> Observation:
        """Validate a data set."""
        place = Workplace.of(request.dataset, bench.workspace)
        schema = place.schema()
        job = partial(measure, place, schema)
        quality = await _work(self.name, self._options, place, bench, job)
        figures = quality.figures()
        await bench.record_analysis(Analysis(request.dataset, "quality", quality.score, figures))
        summary = (
            f"quality {_grade(quality)}; {quality.violating_rows:,} of "
            f"{_count(schema.rows, 'row')} break the schema, "
            f"{_count(len(quality.gaps), 'format gap')}"
        )
        return Observation(summary, figures, quality=quality.score)


class TransformData:
    """Applies format rules."""

    name: str = "transform_data"
    description: str = "Fix formats without loss: trim, null tokens, exact duplicates."
    effect: Effect = Effect.WRITE
    input_model: type[BaseModel] = TransformRequest

    def __init__(self, options: DataOptions) -> None:
        self._options = options

    async def run(self, request: TransformRequest, bench: Bench) -> Observation:
        """Transform a data set."""
        place = Workplace.of(request.dataset, bench.workspace)
        schema = place.schema()
        wanted = ALL if request.rules is None else tuple(request.rules)
        job = partial(apply, place, schema, wanted)
        new = await _work(self.name, self._options, place, bench, job)
        changed = sum(rule.cells for rule in new if rule.column is not None)
        removed = sum(rule.cells for rule in new if rule.column is None)
        applied: list[Json] = [
            {"rule": rule.rule, "column": rule.column, "cells": rule.cells} for rule in new
        ]
        data: dict[str, Json] = {
            "rules": len(new),
            "cells_changed": changed,
            "duplicates_removed": removed,
            "applied": applied,
        }
        summary = (
            f"{_count(len(new), 'rule')} changed {_count(changed, 'cell')} and removed "
            f"{_count(removed, 'duplicate row')}"
        )
        return Observation(summary, data)


class RoutePipeline:
    """Separates clean rows from quarantine."""

    name: str = "route_pipeline"
    description: str = "Send clean rows on and rows that break the schema to quarantine."
    effect: Effect = Effect.WRITE
    input_model: type[BaseModel] = DatasetRequest

    def __init__(self, options: DataOptions) -> None:
        self._options = options

    async def run(self, request: DatasetRequest, bench: Bench) -> Observation:
        """Route a data set."""
        place = Workplace.of(request.dataset, bench.workspace)
        schema = place.schema()
        job = partial(route, place, schema)
        routes = await _work(self.name, self._options, place, bench, job)
        for table in ("clean", "quarantine"):
            lineage = Lineage(
                dataset=f"{request.dataset}:{table}",
                sources=(f"{request.dataset}:staged",),
                operation=self.name,
                at=bench.now(),
                columns={name: (name,) for name in schema.columns},
            )
            await bench.record_lineage(lineage)
        top: list[Json] = [
            {"column": column, "rule": rule, "rows": rows}
            for column, rule, rows in routes.reasons[:10]
        ]
        data: dict[str, Json] = {
            "rows_in": routes.rows_in,
            "clean": routes.clean,
            "quarantine": routes.quarantine,
            "rejects": routes.rejects,
            "duplicates": routes.duplicates,
            "balanced": True,
            "reasons": top,
        }
        summary = (
            f"{_count(routes.rows_in, 'row')} in: {routes.clean:,} clean, {routes.quarantine:,} in "
            f"quarantine, {routes.rejects:,} rejected, {routes.duplicates:,} duplicates removed"
        )
        return Observation(summary, data)
