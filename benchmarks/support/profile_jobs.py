"""What `profile.py` measures; it runs each job here as a script, in a process of its own.

A job gets the file, a folder to write to and the limit on memory, and returns seconds by step.
"""

import asyncio
import importlib
import json
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TOOLS = ("analyze_schema", "validate_data", "route_pipeline")


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


def main() -> None:
    """Run the job that is named, on a file, within so many bytes; print what it took as JSON."""
    job, file, memory = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        seconds = JOBS[job](Path(file), Path(folder), int(memory))
    print(json.dumps({"seconds": seconds, "peak": peak_bytes()}))


if __name__ == "__main__":
    main()
