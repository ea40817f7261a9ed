"""Data tools on DuckDB, and the tables and contracts that a run leaves behind."""

from typing import Any

from dataagents.core.goals import Output
from dataagents.core.hookspecs import hookimpl
from dataagents.core.reasoning import Tool
from dataagents.core.registry import Strategy
from dataagents.plugins.data.contract_output import ContractOutput
from dataagents.plugins.data.options import (
    DataOptions,
    QueryOptions,
    SchemaOptions,
    ValidateOptions,
)
from dataagents.plugins.data.tables import TablesOutput
from dataagents.plugins.data.tools.aggregate import AggregateData
from dataagents.plugins.data.tools.analyze import AnalyzeSchema
from dataagents.plugins.data.tools.join import JoinData
from dataagents.plugins.data.tools.query import QueryData
from dataagents.plugins.data.tools.route import RoutePipeline
from dataagents.plugins.data.tools.sample import SampleData
from dataagents.plugins.data.tools.transform import TransformData
from dataagents.plugins.data.tools.validate import ValidateData


@hookimpl
def register_tools() -> tuple[Strategy[Tool[Any]], ...]:
    """Provide the tools of the data pipeline, and one that answers questions."""
    return (
        Strategy(
            "analyze_schema",
            AnalyzeSchema,
            SchemaOptions,
            "stages files, compares them with their contract or learns one, profiles columns",
        ),
        Strategy(
            "sample_data",
            SampleData,
            SchemaOptions,
            "profiles the first rows of large files, long before all of them are read",
        ),
        Strategy(
            "validate_data",
            ValidateData,
            ValidateOptions,
            "measures data quality against the contract, and finds suspicious cells",
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
            "separates clean rows from those that break the contract",
        ),
        Strategy(
            "join_data",
            JoinData,
            DataOptions,
            "puts matching clean rows of data sets side by side, by keys given or found",
        ),
        Strategy(
            "aggregate_data",
            AggregateData,
            DataOptions,
            "groups rows and calculates measures of each group",
        ),
        Strategy(
            "query_data",
            QueryData,
            QueryOptions,
            "answers one read-only SELECT over a data set, in a locked process of its own",
        ),
    )


@hookimpl
def register_outputs() -> tuple[Strategy[Output], ...]:
    """Provide the outputs that write tables, and the contract in force."""
    return (
        Strategy(
            "tables",
            TablesOutput,
            DataOptions,
            "clean or withheld rows, quarantine and rejects, findings and changes",
        ),
        Strategy(
            "contract",
            ContractOutput,
            DataOptions,
            "the contract in force, for the next run and for other tools",
        ),
    )
