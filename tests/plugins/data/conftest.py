import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dataagents.plugins.data import register_tools


class SmallBench:
    """A bench for one file, which keeps what is recorded."""

    batch_rows = 1000
    memory_bytes = 512 * 1024 * 1024

    def __init__(self, path: Path, workspace: Path) -> None:
        self.path = path
        self.workspace = workspace
        self.lineage = []
        self.analyses = []

    def source(self, dataset):
        return self.path

    async def record_lineage(self, lineage):
        self.lineage.append(lineage)

    async def record_analysis(self, analysis):
        self.analyses.append(analysis)

    def now(self):
        return datetime(2026, 1, 1, tzinfo=UTC)


async def use(name, bench, **request):
    """Run a tool with its default options."""
    strategy = next(strategy for strategy in register_tools() if strategy.name == name)
    tool = strategy.build(strategy.options())
    return await tool.run(tool.input_model(dataset="orders", **request), bench)


@pytest.fixture
def write(tmp_path):
    """Write rows or raw bytes as a CSV file and return a bench for it."""

    def make(content):
        path = tmp_path / "in.csv"
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = io.StringIO(newline="")
            csv.writer(text).writerows(content)
            path.write_bytes(text.getvalue().encode())
        return SmallBench(path, tmp_path / "run")

    return make


@pytest.fixture(scope="session")
def run_tool():
    return use


@pytest.fixture(scope="session")
def new_bench():
    return SmallBench


@pytest.fixture
def bench_of(tmp_path):
    return lambda path: SmallBench(path, tmp_path / "run")


@pytest.fixture
def rows_of():
    """Read a table of a workspace, all columns."""
    import duckdb

    def read(bench, table, columns="*"):
        path = bench.workspace / "orders" / f"{table}.parquet"
        with duckdb.connect() as connection:
            return connection.execute(
                f"SELECT {columns} FROM read_parquet(?) ORDER BY ALL", [str(path)]
            ).fetchall()

    return read
