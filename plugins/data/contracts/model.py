"""The models of contracts and of drift."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field

from dataagents.plugins.data.records import Record

ColumnType = Literal["integer", "decimal", "float", "boolean", "date", "timestamp", "text"]
DriftPolicy = Literal["evolve", "freeze", "discard_row", "discard_value"]
ChangeKind = Literal["added", "removed", "renamed", "retyped", "reordered", "range", "missing"]
STRUCTURAL: frozenset[ChangeKind] = frozenset({"added", "removed", "renamed", "retyped"})
"""Changes that somebody has to decide on; the others are notes."""


class Observed(Record):
    """What a column looked like when its contract was learned; drift is measured from it."""

    missing: float
    """Share of the cells that hold no value, in [0, 1]."""
    minimum: str | None = None
    maximum: str | None = None
    format: str = ""
    """The shape that most present cells have: digits as 9, letters as A or a."""


class ColumnRule(Record):
    """What the cells of a column have to be."""

    type: ColumnType = "text"
    required: bool = False
    unique: bool = False
    allowed: tuple[str, ...] | None = None
    minimum: str | None = None
    """Smallest value, in the column's type."""
    maximum: str | None = None
    pattern: str | None = None
    """Regular expression (RE2) that a whole cell has to match."""
    aliases: tuple[str, ...] = ()
    """Other names that files have for this column."""
    description: str = ""
    observed: Observed | None = None


class RowRule(Record):
    """A predicate over a row, in DuckDB's SQL; a row for which it is false breaks it."""

    name: str = Field(min_length=1, max_length=64)
    sql: str = Field(min_length=1)
    columns: tuple[str, ...] = ()
    """Columns that it covers, for the consistency score; all that it names when empty."""


class Freshness(Record):
    """How old the newest value of a time column may be."""

    column: str
    max_age: float = Field(gt=0)
    """In seconds. Files may say `7 days`, `12 hours`, `30 minutes`."""


class Revision(Record):
    """A change of a contract, and who decided it."""

    version: int
    at: datetime
    change: str
    """What changed, in a sentence."""
    choice: str
    """`learned`, or the drift policy that was followed."""
    by: str
    """`policy`, `vote`, `operator`, or who wrote it."""
    reason: str = ""
    """The tally, where it was voted on."""
    run: str | None = None
    election: str | None = None


class DatasetContract(Record):
    """What one data set has to look like."""

    version: int = Field(default=1, ge=1)
    description: str = ""
    key: tuple[str, ...] = ()
    """Columns whose values together tell rows apart."""
    columns: dict[str, ColumnRule]
    rules: tuple[RowRule, ...] = ()
    freshness: Freshness | None = None
    history: tuple[Revision, ...] = ()


class Change(Record):
    """One way in which files differ from a contract."""

    kind: ChangeKind
    column: str
    """The contract's name, or the file's for one that was added."""
    to: str | None = None
    """The new name of a renamed column."""
    before: str | None = None
    after: str | None = None
    part: int
    """Index of the first file that has it."""
    file: str
    """Name of that file."""
    parts: int
    """How many files have it."""
    explanation: str
    confidence: float = Field(default=1.0, ge=0, le=1)

    @property
    def structural(self) -> bool:
        """Whether somebody has to decide on it."""
        return self.kind in STRUCTURAL


class PartColumn(Record):
    """A column of one file, as far as drift is concerned."""

    type: ColumnType
    """The narrowest type that its present cells fit (to the conformity asked for)."""
    present: int
    missing: int
    minimum: str | None = None
    maximum: str | None = None
    sample: tuple[str, ...] = ()
    """Up to 1,000 different values, for content similarity."""


class PartProfile(Record):
    """One file, as far as drift is concerned."""

    part: int
    file: str
    columns: dict[str, PartColumn]
    """In the order of the file."""


class Resolution(Record):
    """How the files of a data set are read under a contract, once drift was decided."""

    contract: DatasetContract
    parts: tuple[Mapping[str, str | None], ...]
    """For each file: column of the contract → column of the file, None where it has none."""
    choice: DriftPolicy | None = None
    """None while nobody has decided."""
    refused: bool = False
    """Whether the clean rows must not be released: the contract is frozen."""
    quarantined: tuple[Mapping[str, str], ...] = ()
    """For each file: column of the file (one with a value sends the row to quarantine), or `*` for
    every row → why, as a sentence."""
    nulled: tuple[str, ...] = ()
    """Columns of the contract whose misfits become NULL."""
