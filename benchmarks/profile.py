"""What the main job costs above reading a table at all, in time and in memory.

A table of numbers, dates, categories and text, with few gaps and errors, is written as CSV. The
floor is what any profiler has to do: DuckDB's SUMMARIZE, and its COPY to Parquet. Then the tools
`analyze_schema`, `validate_data` and `route_pipeline` run on the same file, on a bench, with a
limit on memory. Each measurement is a fresh process. Other tools run where they are installed, in
the same way: they read the file and check or profile it as their handbooks begin to.
"""

import argparse
import asyncio
import importlib
import importlib.util
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RATIO_BAR = 3.0
MEGABYTE = 1024 * 1024
TOOLS = ("analyze_schema", "validate_data", "route_pipeline")
OTHERS = {
    "pandera": "pandera",
    "great_expectations": "great_expectations",
    "ydata-profiling": "ydata_profiling",
}

TABLE = """
SELECT i AS id,
    'C' || lpad(CAST(i * 7919 % 400000 AS VARCHAR), 6, '0') AS customer,
    ['north', 'south', 'east', 'west'][1 + r(i, 1) % 4] AS region,
    ['DE', 'FR', 'IT', 'ES', 'PL', 'NL', 'AT', 'CZ'][1 + r(i, 2) % 8] AS country,
    CASE WHEN r(i, 3) % 1000 = 0 THEN 'N/A' ELSE CAST(r(i, 4) % 40 + 1 AS VARCHAR) END AS quantity,
    CASE WHEN r(i, 5) % 5000 = 0 THEN 'free' ELSE cents(r(i, 6) % 100000) END AS price,
    cents(r(i, 7) % 100) AS discount,
    CASE WHEN r(i, 8) % 5000 = 0 THEN 'soon' ELSE day(r(i, 9) % 2000) END AS ordered,
    day(r(i, 10) % 2000) AS shipped,
    CAST(r(i, 11) % 2 = 0 AS VARCHAR) AS paid,
    ['card', 'cash', 'wire', 'bill'][1 + r(i, 12) % 4] AS payment,
    CASE WHEN r(i, 13) % 500 = 0 THEN '' ELSE lpad(CAST(r(i, 14) % 99999 AS VARCHAR), 5, '0') END
        AS zip,
    ['red', 'green', 'blue', 'black', 'white', ''][1 + r(i, 15) % 6] AS colour,
    r(i, 16) % 5 + 1 AS rating,
    r(i, 17) % 90 AS days,
    cents(r(i, 18) % 18000 - 9000) AS latitude,
    'P' || (r(i, 19) % 5000) AS product,
    CASE WHEN r(i, 20) % 300 = 0 THEN ' ok ' ELSE ['ok', 'late', 'lost'][1 + r(i, 21) % 3] END
        AS status,
    'n' || (r(i, 22) % 90000) AS note
FROM range(?) AS rows(i)
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement."""

    name: str
    value: float | None
    """None when the tool is not installed, or failed."""
    unit: str
    bar: float | None = None
    note: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the value stays under the bar; None without one."""
        return None if self.bar is None or self.value is None else self.value <= self.bar

    def row(self) -> dict[str, object]:
        """Return it for programs."""
        row: dict[str, object] = {"name": self.name, "value": self.value, "unit": self.unit}
        if self.bar is not None:
            row |= {"bar": self.bar, "holds": self.holds}
        return row | ({"note": self.note} if self.note else {})


def generate(path: Path, rows: int) -> None:
    """Write the table."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("CREATE MACRO r(i, n) AS CAST(hash(i, n) % 1000000007 AS BIGINT)")
        connection.execute("CREATE MACRO cents(n) AS CAST(CAST(n / 100 AS DECIMAL(9, 2)) AS TEXT)")
        connection.execute(
            "CREATE MACRO day(n) AS CAST(CAST(DATE '2020-01-01' + CAST(n AS INT) AS DATE) AS TEXT)"
        )
        connection.execute(f"COPY ({TABLE}) TO ? (format csv, header true)", [rows, str(path)])


def run_floor(file: Path, folder: Path, memory: int) -> dict[str, float]:
    """Do what any profiler has to."""
    import duckdb

    took: dict[str, float] = {}
    with duckdb.connect(config={"memory_limit": f"{memory // 1024}KiB"}) as connection:
        began = time.perf_counter()
        connection.execute("SUMMARIZE SELECT * FROM read_csv(?)", [str(file)]).fetchall()
        took["SUMMARIZE"] = time.perf_counter() - began
        began = time.perf_counter()
        connection.execute(
            "COPY (SELECT * FROM read_csv(?)) TO ? (format parquet)",
            [str(file), str(folder / "floor.parquet")],
        )
        took["COPY to Parquet"] = time.perf_counter() - began
    return took


def run_tools(file: Path, folder: Path, memory: int) -> dict[str, float]:
    """Do what the main job does."""
    from dataagents.core.testing import RecordingBench
    from dataagents.plugins.data import register_tools

    strategies = {strategy.name: strategy for strategy in register_tools()}
    bench = RecordingBench(folder, {"orders": file}, memory_bytes=memory)

    async def run() -> dict[str, float]:
        took: dict[str, float] = {}
        for name in TOOLS:
            strategy = strategies[name]
            tool: Any = strategy.build(strategy.options())
            began = time.perf_counter()
            await tool.run(tool.input_model.model_validate({"dataset": "orders"}), bench)
            took[name] = time.perf_counter() - began
        return took

    return asyncio.run(run())


def run_pandera(file: Path, folder: Path, memory: int) -> dict[str, float]:
    """Infer a schema and validate against it."""
    pandas: Any = importlib.import_module("pandas")
    pandera: Any = importlib.import_module("pandera.pandas")
    began = time.perf_counter()
    frame = pandas.read_csv(file)
    pandera.infer_schema(frame).validate(frame, lazy=True)
    return {"total": time.perf_counter() - began}


def run_great_expectations(file: Path, folder: Path, memory: int) -> dict[str, float]:
    """Expect values in every column, and different ones in the key."""
    pandas: Any = importlib.import_module("pandas")
    great_expectations: Any = importlib.import_module("great_expectations")
    expect = great_expectations.expectations
    began = time.perf_counter()
    frame = pandas.read_csv(file)
    context = great_expectations.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("orders").add_dataframe_asset("orders")
    whole = asset.add_batch_definition_whole_dataframe("all")
    expectations = [expect.ExpectColumnValuesToNotBeNull(column=name) for name in frame.columns]
    expectations.append(expect.ExpectColumnValuesToBeUnique(column="id"))
    suite = great_expectations.ExpectationSuite(name="orders", expectations=expectations)
    whole.get_batch(batch_parameters={"dataframe": frame}).validate(suite)
    return {"total": time.perf_counter() - began}


def run_ydata_profiling(file: Path, folder: Path, memory: int) -> dict[str, float]:
    """Make the minimal report."""
    pandas: Any = importlib.import_module("pandas")
    ydata: Any = importlib.import_module("ydata_profiling")
    began = time.perf_counter()
    ydata.ProfileReport(pandas.read_csv(file), minimal=True, progress_bar=False).to_json()
    return {"total": time.perf_counter() - began}


JOBS: dict[str, Callable[[Path, Path, int], dict[str, float]]] = {
    "floor": run_floor,
    "tools": run_tools,
    "pandera": run_pandera,
    "great_expectations": run_great_expectations,
    "ydata-profiling": run_ydata_profiling,
}


def peak_bytes() -> int:
    """Return the most memory that this process had; not what its parent had, as `getrusage`."""
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    if found:
        return int(found[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def child(job: str, file: Path, memory: int) -> tuple[dict[str, float], float] | None:
    """Run a job in a process of its own; return seconds by step and megabytes, None if it fails."""
    command = [sys.executable, "-P", __file__, "--job", job, "--file", str(file)]
    done = subprocess.run(
        [*command, "--memory", f"{memory}B"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.stderr.write(f"{job} failed:\n{done.stderr[-2000:]}\n")
        return None
    answer = json.loads(done.stdout.splitlines()[-1])
    return answer["seconds"], answer["peak"] / MEGABYTE


def measure(file: Path, memory: int) -> list[Figure]:
    """Run everything on a file."""
    limit = memory / MEGABYTE
    figures: list[Figure] = [
        Figure("size of the CSV file", round(file.stat().st_size / MEGABYTE, 1), "MB")
    ]
    floor, tools = child("floor", file, memory), child("tools", file, memory)
    for prefix, measured in (("floor", floor), ("dataagents", tools)):
        steps = measured[0] if measured else {}
        figures += [Figure(f"{prefix}: {step}", round(t, 2), "s") for step, t in steps.items()]
    if floor and tools:
        base, ours = sum(floor[0].values()), sum(tools[0].values())
        figures += [
            Figure("floor: total", round(base, 2), "s"),
            Figure("dataagents: total", round(ours, 2), "s"),
            Figure("dataagents: times the floor", round(ours / base, 2), "x", RATIO_BAR),
            Figure("dataagents: peak memory", round(tools[1]), "MB", round(limit)),
            Figure("floor: peak memory", round(floor[1]), "MB"),
        ]
    for name, package in OTHERS.items():
        if importlib.util.find_spec(package) is None:
            figures.append(Figure(name, None, "s", note="not installed"))
            continue
        other = child(name, file, memory)
        if other is None:
            figures.append(Figure(name, None, "s", note="failed"))
            continue
        figures.append(Figure(f"{name}: total", round(sum(other[0].values()), 2), "s"))
        figures.append(Figure(f"{name}: peak memory", round(other[1]), "MB"))
    return figures


def size(text: str) -> int:
    """Return a size such as `2GB` in bytes."""
    found = re.fullmatch(r"(?i)(\d+(?:\.\d+)?)\s*([KMG]?)i?B?", text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size such as 2GB")
    return int(float(found[1]) * 1024 ** " KMG".index(found[2].upper() or " "))


def main() -> None:
    """Measure and print, as a table or as one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000, help="how many rows the table has")
    parser.add_argument("--memory", type=size, default="2GB", help="limit for the tools")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument("--job", choices=JOBS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.job:
            seconds = JOBS[options.job](options.file, folder, options.memory)
            print(json.dumps({"seconds": seconds, "peak": peak_bytes()}))
            return
        file = folder / "orders.csv"
        generate(file, options.rows)
        figures = measure(file, options.memory)
    if options.json:
        for each in figures:
            print(json.dumps(each.row()))
        return
    print(f"{f'{options.rows:,} rows of 19 columns':<36}{'value':>12}{'bar':>12}  holds")
    for each in figures:
        value = each.note if each.value is None else f"{each.value:,.2f} {each.unit}"
        bar = "" if each.bar is None else f"{each.bar:,.2f} {each.unit}"
        verdict = {True: "yes", False: "NO", None: ""}[each.holds]
        print(f"{each.name:<36}{value:>12}{bar:>12}  {verdict}".rstrip())


if __name__ == "__main__":
    main()
