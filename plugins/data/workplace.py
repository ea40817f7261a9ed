"""The folder of one data set within a run, and the models that its files hold."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import to_json

from dataagents.core.errors import InputError
from dataagents.core.values import describe_validation
from dataagents.plugins.data.engine import publish

T = TypeVar("T")

ColumnType = Literal["integer", "decimal", "boolean", "date", "timestamp", "text"]
RuleName = Literal["trim", "null_tokens", "duplicates"]


class Record(BaseModel):
    """Base of what is kept in a JSON file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(Record):
    """A column's place in the schema, and what was measured to put it there."""

    type: ColumnType
    nullable: bool
    unique: bool
    """Whether every present cell is different from all others."""
    present: int
    missing: int
    null_tokens: int
    """Missing cells that say so in words; an empty cell says nothing."""
    untrimmed: int
    distinct: int
    conforming: int
    """Present cells that fit the type."""
    format: str
    """The shape that most present cells have: digits as 9, letters as A or a."""
    format_share: float


class Schema(Record):
    """What the data should look like."""

    rows: int
    rejects: int
    lenient: bool
    key: str | None
    columns: dict[str, Column]
    duplicates: int
    null_tokens: tuple[str, ...]
    """The tokens that the schema was made with."""


class Rule(Record):
    """A format rule as it was applied."""

    id: str
    rule: RuleName
    column: str | None
    sql: str
    """The expression that makes the new value."""
    cells: int
    """How many cells it changes, or rows it removes."""


class Staging(Record):
    """How a file was read."""

    source: str
    size: int
    modified: int
    delimiter: str
    quote: str
    records: int
    """Records after the header, counted without the engine; pieces of a broken one count each."""
    rows: int
    rejects: int
    columns: tuple[str, ...]
    """Names within the workspace, in the order of the file."""
    renamed: dict[str, str]
    """Name → the header it stands for, where that was empty or taken."""


def slug(dataset: str) -> str:
    """Return a safe name for a folder or file; different data sets get different ones."""
    if re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,47}", dataset):
        return dataset
    safe = re.sub(r"[^a-z0-9_-]+", "-", dataset.lower()).strip("-")[:40] or "data"
    return f"{safe}-{hashlib.sha256(dataset.encode(errors='surrogatepass')).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class Workplace:
    """The files of one data set within a run."""

    dataset: str
    folder: Path

    @classmethod
    def of(cls, dataset: str, workspace: Path) -> "Workplace":
        """Return the workplace of a data set below a run's folder."""
        return cls(dataset, workspace / slug(dataset))

    def table(self, name: str) -> Path:
        """Return where a table of rows is kept: `staged`, `clean`, `quarantine`."""
        return self.folder / f"{name}.parquet"

    def staging(self) -> Staging | None:
        """Return how the file was read; None before it was."""
        return self._load("staging.json", TypeAdapter(Staging))

    def schema(self) -> Schema:
        """Return the schema.

        Raises:
            InputError: There is none yet.
        """
        schema = self._load("schema.json", TypeAdapter(Schema))
        if schema is None or not self.table("staged").exists():
            raise InputError(
                f"data set {self.dataset!r}",
                "it has no schema yet",
                hint="Run analyze_schema first.",
            )
        return schema

    def rules(self) -> tuple[Rule, ...]:
        """Return the rules that were applied."""
        return self._load("rules.json", TypeAdapter(tuple[Rule, ...])) or ()

    def save(self, name: str, value: Staging | Schema | tuple[Rule, ...]) -> None:
        """Keep a value as JSON; the file is complete or absent."""
        path = self.folder / name
        partial = path.with_name(f".{name}.partial")
        partial.write_bytes(to_json(value, indent=1))
        publish(partial, path)

    def forget(self) -> None:
        """Remove what was made of an earlier version of the file."""
        for name in ("rules.json", "schema.json", "staging.json"):
            (self.folder / name).unlink(missing_ok=True)
        for table in ("duplicates", "clean", "quarantine"):
            self.table(table).unlink(missing_ok=True)

    def _load(self, name: str, adapter: "TypeAdapter[T]") -> "T | None":
        path = self.folder / name
        try:
            return adapter.validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise InputError(str(path), describe_validation(error)) from error
