import csv
import io
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from panels import bundled_panel

from dataagents.plugins.data import register_tools


class SmallBench:
    """A bench for one file, which keeps what is recorded."""

    batch_rows = 1000
    memory_bytes = 512 * 1024 * 1024

    def __init__(self, path: Path, workspace: Path) -> None:
        self.path = path
        self.workspace = workspace
        self.settings = {}
        self.progress = []
        self.lineage = []
        self.analyses = []
        self.elections = []
        self.panel = bundled_panel()

    def source(self, dataset):
        return self.path

    async def record_lineage(self, lineage):
        self.lineage.append(lineage)

    async def record_analysis(self, analysis):
        self.analyses.append(analysis)

    async def record_election(self, election):
        self.elections.append(election)

    async def record_progress(self, stage, done=None, total=None):
        self.progress.append((stage, done, total))

    def now(self):
        return datetime(2026, 1, 1, tzinfo=UTC)


async def use(name, bench, **request):
    """Run a tool with its default options."""
    strategy = next(strategy for strategy in register_tools() if strategy.name == name)
    tool = strategy.build(strategy.options())
    return await tool.run(tool.input_model(dataset="orders", **request), bench)


def written(folder, content):
    """Write rows or raw bytes as a CSV file and return a bench for it."""
    path = folder / "in.csv"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(content)
        path.write_bytes(text.getvalue().encode())
    return SmallBench(path, folder / "run")


@pytest.fixture
def write(tmp_path):
    return partial(written, tmp_path)


@pytest.fixture(scope="session")
def write_in():
    return written


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


def staged(folder, *tables):
    """Stage tables as the reading does, one a file: header and rows each; return the workplace."""
    import duckdb

    from dataagents.plugins.data.engine import identifier
    from dataagents.plugins.data.workplace import Part, Staging, Workplace

    place = Workplace.of("orders", folder / "staged")
    (place.folder / "parts").mkdir(parents=True, exist_ok=True)
    parts, last, breaks = [], 0, []
    with duckdb.connect() as connection:
        for index, (header, *rows) in enumerate(tables):
            names = ", ".join(f"{identifier(name)} VARCHAR" for name in header)
            connection.execute(f"CREATE OR REPLACE TABLE part (_row BIGINT, {names})")
            numbered = [(last + n, *row) for n, row in enumerate(rows, 1)]
            if numbered:
                columns = [list(column) for column in zip(*numbered, strict=True)]
                unnested = ", ".join("unnest(?)" for _ in columns)
                connection.execute(f"INSERT INTO part SELECT {unnested}", columns)
            connection.execute(f"COPY part TO '{place.part(index)}' (format parquet)")
            breaks.append((last + 1, index, 1 - last))
            parts.append(
                Part(
                    source=f"in{index}.csv",
                    name=f"in{index}.csv",
                    format="csv",
                    size=1,
                    modified=1,
                    records=len(rows),
                    rows=len(rows),
                    rejects=0,
                    columns=tuple(header),
                )
            )
            last += len(rows)
        connection.execute("CREATE TABLE breaks (_row BIGINT, _part INT, shift BIGINT)")
        connection.executemany("INSERT INTO breaks VALUES (?, ?, ?)", breaks)
        connection.execute(f"COPY breaks TO '{place.table('lines')}' (format parquet)")
    place.save("staging.json", Staging(source="in", parts=tuple(parts)))
    return place


@pytest.fixture
def stage_rows(tmp_path):
    return partial(staged, tmp_path)


@pytest.fixture(scope="session")
def stage_rows_in():
    return staged


def worked(folder, job):
    """Run a job in the engine, confined to a folder."""
    import asyncio

    from dataagents.plugins.data.engine import work

    return asyncio.run(work("test", job, folder=folder, memory_bytes=1 << 29, threads=2, reach=()))


@pytest.fixture
def in_engine(tmp_path):
    return partial(worked, tmp_path)


@pytest.fixture(scope="session")
def engine_in():
    return worked
