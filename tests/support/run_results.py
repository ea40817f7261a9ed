"""What a run left behind, read with other readers than its own."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

OURS = ("_file", "_line", "_reasons", "_column", "_rule", "_value", "_agent")


@dataclass(frozen=True)
class Ran:
    """What one run left behind."""

    code: int
    report: dict[str, Any]
    said: str
    out: Path

    def table(self, name: str) -> list[tuple[Any, ...]]:
        """Rows of a Parquet file of the run."""
        return duckdb.sql(f"SELECT * FROM read_parquet('{self.out / name}')").fetchall()

    def column_names(self, name: str) -> list[str]:
        return duckdb.sql(f"SELECT * FROM read_parquet('{self.out / name}')").columns

    def records(self, name: str) -> list[list[str]]:
        """Records of a CSV file of the run, the header first; none where there is no such file."""
        path = self.out / name
        return records(path) if path.exists() else []


def records(path: Path, encoding: str = "utf-8-sig") -> list[list[str]]:
    """Records of a CSV file as Python's reader has them."""
    return [record for _, record in numbered(path, encoding)]


def numbered(path: Path, encoding: str = "utf-8-sig") -> Iterator[tuple[int, list[str]]]:
    """Records of a CSV file, each with the line that it begins in."""
    csv.field_size_limit(1 << 30)
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file)
        begins = 1
        for record in reader:
            if record:
                yield begins, record
            begins = reader.line_num + 1
