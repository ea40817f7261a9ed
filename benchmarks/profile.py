"""What the main job costs above reading a table at all, in time and in memory.

A table of numbers, dates, categories and text, with few gaps and errors, is written as CSV. The
floor is what any profiler has to do: DuckDB's SUMMARIZE, and its COPY to Parquet. Then the tools
`analyze_schema`, `validate_data` and `route_pipeline` run on the same file, on a bench, with a
limit on memory. Each measurement is a fresh process. Other tools run where they are installed, in
the same way: they read the file and check or profile it as their handbooks begin to.
"""

import argparse
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from support.figures import Figure, arguments, show

RATIO_BAR = 3.0
MEGABYTE = 1024 * 1024
JOBS = Path(__file__).parent / "support" / "profile_jobs.py"
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


def child(job: str, file: Path, memory: int) -> tuple[dict[str, float], float] | None:
    """Run a job in a process of its own; return seconds by step and megabytes, None if it fails."""
    command = [sys.executable, "-P", str(JOBS), job, str(file), str(memory)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(f"{job} failed:\n{done.stderr[-2000:]}\n")
        return None
    answer = json.loads(done.stdout.splitlines()[-1])
    return answer["seconds"], answer["peak"] / MEGABYTE


def measure(file: Path, memory: int) -> Iterator[Figure]:
    """Run everything on a file."""
    yield Figure("size of the CSV file", file.stat().st_size / MEGABYTE, "MB")
    floor, tools = child("floor", file, memory), child("tools", file, memory)
    for prefix, measured in (("floor", floor), ("dataagents", tools)):
        for step, seconds in (measured[0] if measured else {}).items():
            yield Figure(f"{prefix}: {step}", seconds, "s")
    if floor and tools:
        base, ours = sum(floor[0].values()), sum(tools[0].values())
        yield Figure("floor: total", base, "s")
        yield Figure("dataagents: total", ours, "s")
        yield Figure("dataagents: times the floor", ours / base, "x", RATIO_BAR)
        yield Figure("dataagents: peak memory", tools[1], "MB", memory / MEGABYTE)
        yield Figure("floor: peak memory", floor[1], "MB")
    for name, package in OTHERS.items():
        if importlib.util.find_spec(package) is None:
            yield Figure(name, None, "s", note="not installed")
            continue
        other = child(name, file, memory)
        if other is None:
            yield Figure(name, None, "s", note="failed")
            continue
        yield Figure(f"{name}: total", sum(other[0].values()), "s")
        yield Figure(f"{name}: peak memory", other[1], "MB")


def size(text: str) -> int:
    """Return a size such as `2GB` in bytes."""
    found = re.fullmatch(r"(?i)(\d+(?:\.\d+)?)\s*([KMG]?)i?B?", text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size such as 2GB")
    return int(float(found[1]) * 1024 ** " KMG".index(found[2].upper() or " "))


def main() -> None:
    """Measure and print, as a table or as one JSON object a line."""
    parser = arguments(__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000, help="how many rows the table has")
    parser.add_argument("--memory", type=size, default="2GB", help="limit for the tools")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "orders.csv"
        generate(file, options.rows)
        figures = measure(file, options.memory)
        show(f"{options.rows:,} rows of 19 columns", figures, as_json=options.json)


if __name__ == "__main__":
    main()
