"""Data tools on DuckDB, for one CSV file a data set, and the tables that a run leaves behind."""

from typing import Any

from dataagents.core.goals import Output
from dataagents.core.hookspecs import hookimpl
from dataagents.core.reasoning import Tool
from dataagents.core.registry import Strategy
from dataagents.plugins.data.options import DataOptions, SchemaOptions
from dataagents.plugins.data.tables import TablesOutput
from dataagents.plugins.data.tools import AnalyzeSchema, RoutePipeline, TransformData, ValidateData


@hookimpl
def register_tools() -> tuple[Strategy[Tool[Any]], ...]:
    """Provide the four tools of the data pipeline."""
    return (
        Strategy(
            "analyze_schema",
            AnalyzeSchema,
            SchemaOptions,
            "stages a CSV file, profiles its columns and proposes a schema",
        ),
        Strategy(
            "validate_data", ValidateData, DataOptions, "measures data quality against the schema"
        ),
        Strategy(
            "transform_data",
            TransformData,
            DataOptions,
            "applies format rules that lose nothing, each on record",
        ),
        Strategy(
            "route_pipeline",
            RoutePipeline,
            DataOptions,
            "separates clean rows from those that break the schema",
        ),
    )


@hookimpl
def register_outputs() -> tuple[Strategy[Output], ...]:
    """Provide the output that writes clean rows, quarantine and rejects as CSV files."""
    return (
        Strategy(
            "tables",
            TablesOutput,
            DataOptions,
            "clean or withheld rows, quarantine and rejects as CSV",
        ),
    )
