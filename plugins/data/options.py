"""Options of the data tools."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, NonNegativeFloat

from dataagents.core.registry import StrategyOptions


class DataOptions(StrategyOptions):
    """Options that every data tool has."""

    threads: int | None = Field(default=None, ge=1)
    """How many threads DuckDB may use; its own choice when None."""


class SchemaOptions(DataOptions):
    """Options of `analyze_schema`."""

    conformity: float = Field(default=0.95, gt=0, le=1)
    """Share of the present cells that must fit a type for a column to get it."""
    required_missing: float = Field(default=0.01, ge=0, le=1)
    """A column with no greater share of missing cells than this is required."""
    null_tokens: tuple[str, ...] = (
        *("", "na", "n/a", "#n/a", "null", "none", "nan", "nil", "-", "--", "?"),
        *("empty", "missing", "unknown", "\\n"),
    )
    """Cells that stand for no value, compared in lower case without surrounding blanks."""


Dimension = Literal["completeness", "validity", "uniqueness", "consistency", "timeliness"]


class ValidateOptions(DataOptions):
    """Options of `validate_data`."""

    weights: Mapping[Dimension, NonNegativeFloat] = Field(default_factory=dict)
    """How much each dimension counts in the score; 1 where nothing is said."""
    full_cells: int = Field(default=5_000_000, ge=1)
    """Up to so many cells, errors are looked for in all of them; else in a sample first."""


class QueryOptions(DataOptions):
    """Options of `query_data`."""

    seconds: float = Field(default=30.0, gt=0)
    """How long one answer may take, the loading of the table included."""
    calls: int = Field(default=8, ge=1)
    """How many queries one reasoning may make."""
    rows: int = Field(default=20, ge=1, le=1000)
    """So many rows of an answer are shown."""
