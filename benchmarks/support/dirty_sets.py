"""The dev sets of `dirty.py`: dirty tables beside the truth, read as text, and cells compared."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dataagents.plugins.data.engine import Session, identifier, pattern

REPOSITORY = Path(__file__).resolve().parent.parent.parent
READ = "read_csv(?, all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"')"


@dataclass(frozen=True, slots=True)
class DirtyTable:
    """One dirty table whose truth is known."""

    name: str
    dirty: Path
    clean: Path


@dataclass(frozen=True, slots=True)
class DirtySet:
    """Tables whose cells are judged together."""

    name: str
    tables: tuple[DirtyTable, ...]


def sample_data() -> Path:
    """Return the folder of sample data: SAMPLE_DATA, or `shared` beside the checkout."""
    return Path(os.environ.get("SAMPLE_DATA") or REPOSITORY.parent / "shared")


def dirty_sets(folder: Path, *, tables: int | None = None) -> tuple[DirtySet, ...]:
    """Return the sets below a folder, each with so many tables at most."""
    dev = folder / "data" / "dev"
    named = [("hospital", dev / "hospital"), ("beers", dev / "beers")]
    named += [(f"matelda {each}", dev / "matelda" / each) for each in ("FD", "NO", "Typo")]
    return tuple(
        DirtySet(name, tuple(_tables(below))[:tables]) for name, below in named if below.is_dir()
    )


def sets_below(folder: Path, *, tables: int | None = None) -> tuple[DirtySet, ...]:
    """Return a set for each folder in this one; a table is wherever there is a `dirty.csv`."""
    below = sorted(each for each in folder.iterdir() if each.is_dir())
    found = (DirtySet(each.name, tuple(_tables(each))[:tables]) for each in below)
    return tuple(each for each in found if each.tables)


def _tables(folder: Path) -> Iterator[DirtyTable]:
    for dirty in sorted(folder.rglob("dirty.csv")):
        yield DirtyTable(dirty.parent.name, dirty, dirty.with_name("clean.csv"))


def read_dirty(session: Session, table: DirtyTable) -> tuple[str, ...]:
    """Read a dirty table as `dirty`, with its rows numbered from 1; return its columns."""
    session.rows(
        f"CREATE OR REPLACE TEMP TABLE dirty AS SELECT row_number() OVER () AS _row, * FROM {READ}",
        [pattern(table.dirty)],
    )
    return _columns(session, "dirty")


def read_truth(session: Session, table: DirtyTable, columns: tuple[str, ...]) -> int:
    """Read the truth as `truths` (`_row`, `place`, `truth`), and keep what differs as `errors`.

    Returns:
        How many cells there are.
    """
    session.rows(
        f"CREATE OR REPLACE TEMP TABLE clean AS SELECT row_number() OVER () AS _row, * FROM {READ}",
        [pattern(table.clean)],
    )
    there = _columns(session, "clean")
    pairs = ", ".join(
        f"coalesce(d.{identifier(one)}, '') <> coalesce(c.{identifier(other)}, '')"
        for one, other in zip(columns, there, strict=True)
    )
    session.rows(
        "CREATE OR REPLACE TEMP TABLE errors AS SELECT _row, CAST(place AS INTEGER) AS place FROM ("
        f"SELECT d._row, unnest(range({len(columns)})) AS place, unnest([{pairs}]) AS wrong "
        "FROM dirty AS d JOIN clean AS c USING (_row)) WHERE wrong"
    )
    cells = ", ".join(f"coalesce({identifier(name)}, '')" for name in there)
    session.rows(
        "CREATE OR REPLACE TEMP TABLE truths AS SELECT _row, "
        f"unnest(range({len(there)}))::INTEGER AS place, unnest([{cells}]) AS truth FROM clean"
    )
    (rows,) = session.row("SELECT count(*) FROM dirty")
    return int(rows) * len(columns)


def _columns(session: Session, relation: str) -> tuple[str, ...]:
    found = session.rows(f"SELECT column_name FROM (DESCRIBE {relation})")
    return tuple(str(name) for (name,) in found if name != "_row")
