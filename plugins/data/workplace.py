"""The folder of one data set within a run, and the models that its files hold."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import to_json

from dataagents.core.errors import InputError
from dataagents.core.values import describe_validation
from dataagents.plugins.data.contracts.model import Change, ColumnType, DatasetContract, Resolution
from dataagents.plugins.data.engine import publish
from dataagents.plugins.data.records import Record

T = TypeVar("T")

RuleName = Literal["trim", "null_tokens", "dates", "types", "duplicates", "drift"]
Format = Literal["csv", "json", "jsonl", "parquet"]


class Column(Record):
    """What was measured of a column, and the type that its rules give it."""

    type: ColumnType
    """The type in force."""
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
    """Present cells that fit the type in force."""
    dominant: ColumnType = "text"
    """The type that most present cells fit, though perhaps too few to make it a rule."""
    dominating: int = 0
    """Present cells that fit the dominant type."""
    format: str
    """The shape that most present cells have: digits as 9, letters as A or a."""
    format_share: float
    date_order: Literal["mdy", "dmy", "ymd"] | None = None
    """The order of day, month and year in cells that are no ISO dates, where they prove one."""
    date_years: tuple[int, int] | None = None
    """The first and the last year in full, among which years of two digits are read."""
    short_years: int = 0
    """Cells of a column of dates that stay text since nothing tells the century of their year."""
    other_dates: int = 0
    """Cells that look like dates in such an order."""
    minimum: str | None = None
    maximum: str | None = None


class Schema(Record):
    """The contract in force, and the profile of the rows under it."""

    rows: int
    rejects: int
    lenient: bool
    columns: dict[str, Column]
    duplicates: int
    null_tokens: tuple[str, ...]
    """The tokens that the schema was made with."""
    resolution: Resolution
    """The contract, and how each file is read under it."""
    given: str | None = None
    """Path of the contract that the user gave; None when it was learned."""
    drift: tuple[Change, ...] = ()

    @property
    def contract(self) -> DatasetContract:
        """The contract in force."""
        return self.resolution.contract

    @property
    def key(self) -> tuple[str, ...]:
        """Columns whose values together tell rows apart."""
        return self.contract.key

    @property
    def undecided(self) -> bool:
        """Whether there is drift that nobody has decided on."""
        return self.resolution.choice is None and any(each.structural for each in self.drift)


class Rule(Record):
    """A rule as it was applied."""

    id: str
    rule: RuleName
    column: str | None
    sql: str
    """The expression that makes the new value."""
    cells: int
    """How many cells it changes, or rows it removes."""


class Match(Record):
    """How one data set is joined to what there is so far."""

    other: str
    how: Literal["left", "inner"]
    on: tuple[tuple[str, str], ...]
    """Column of what there is so far, and the column of the other that it matches."""
    found: bool
    """Whether the columns were found in the data, not given."""
    names: dict[str, str]
    """Column of the other → what it is called in the joined table."""


class Relation(Record):
    """What a data set was joined to."""

    matches: tuple[Match, ...]
    columns: dict[str, ColumnType]
    """Columns of the joined table, and their types."""


class Part(Record):
    """One file of a data set, and how it was read."""

    source: str
    """Its path."""
    name: str
    """How people are told of it: the name without the folder."""
    format: Format
    size: int
    modified: int
    """In nanoseconds since the epoch."""
    encoding: str = "utf-8"
    compression: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    header: bool = True
    """Whether names were found in the file; False when they were made up."""
    preamble: tuple[str, ...] = ()
    """Lines before the header, cut to 200 characters."""
    records: int
    """Records after the header, counted without the engine; pieces of a broken one count each."""
    rows: int
    rejects: int
    columns: tuple[str, ...]
    """Names within the workspace, in the order of the file."""
    renamed: dict[str, str] = Field(default_factory=dict)
    """Name → the header it stands for, where that was empty or taken."""
    declared: dict[str, str] = Field(default_factory=dict)
    """Column → its SQL type, where the format has types."""


class Staging(Record):
    """How the files of a data set were read."""

    source: str
    """The path, folder or pattern that was asked for."""
    parts: tuple[Part, ...]

    @property
    def records(self) -> int:
        """Records of all files."""
        return sum(part.records for part in self.parts)

    @property
    def rows(self) -> int:
        """Rows that were read from all files."""
        return sum(part.rows for part in self.parts)

    @property
    def rejects(self) -> int:
        """Lines of all files that could not be read."""
        return sum(part.rejects for part in self.parts)


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
        """Return where a table is kept: `clean`, `quarantine`, `rejects`, `lines`, …."""
        return self.folder / f"{name}.parquet"

    def part(self, index: int) -> Path:
        """Return where the rows of a file are staged."""
        return self.folder / "parts" / f"{index:03}.parquet"

    def staging(self) -> Staging | None:
        """Return how the file was read; None before it was."""
        return self.load("staging.json", TypeAdapter(Staging))

    def schema(self) -> Schema:
        """Return the schema.

        Raises:
            InputError: There is none yet.
        """
        schema = self.load("schema.json", TypeAdapter(Schema))
        if schema is None:
            raise InputError(
                f"data set {self.dataset!r}",
                "it has no schema yet",
                hint="Run analyze_schema first.",
            )
        return schema

    def rules(self) -> tuple[Rule, ...]:
        """Return the rules that were applied."""
        return self.load("rules.json", TypeAdapter(tuple[Rule, ...])) or ()

    def relation(self) -> Relation | None:
        """Return what other data sets were joined to this one; None when none was."""
        return self.load("joined.json", TypeAdapter(Relation))

    def save(self, name: str, value: Record | tuple[Record, ...]) -> None:
        """Keep a value as JSON; the file is complete or absent."""
        path = self.folder / name
        partial = path.with_name(f".{name}.partial")
        partial.write_bytes(to_json(value, indent=1))
        publish(partial, path)

    def forget_errors(self) -> None:
        """Remove what was found of wrong cells: it was of another reading of the files."""
        for name in ("detection.json", "review.json"):
            (self.folder / name).unlink(missing_ok=True)
        for table in ("flags", "suspicions", "repairs", "repaired"):
            self.table(table).unlink(missing_ok=True)

    def forget(self) -> None:
        """Remove what was made of an earlier version of the file."""
        self.forget_errors()
        for name in ("rules.json", "schema.json", "staging.json", "joined.json"):
            (self.folder / name).unlink(missing_ok=True)
        for table in ("duplicates", "clean", "quarantine", "joined", "aggregated"):
            self.table(table).unlink(missing_ok=True)

    def load(self, name: str, adapter: "TypeAdapter[T]") -> "T | None":
        """Return a value that was kept as JSON; None when there is none.

        Raises:
            InputError: The file does not hold such a value.
        """
        path = self.folder / name
        try:
            return adapter.validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise InputError(str(path), describe_validation(error)) from error
