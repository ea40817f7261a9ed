import asyncio
import csv
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

from dataagents.core.errors import InputError
from dataagents.core.goals import Goal, RunStatus
from dataagents.plugins.data import register_outputs
from dataagents.plugins.data.engine import work

HEADER = ["id", "zip", "amount", "day"]


def table(n=100):
    return [[f"{i}", f"{i:05}", f"{i}.50", f"2026-01-{i % 28 + 1:02}"] for i in range(n)]


async def everything(run_tool, bench, **request):
    names = ("analyze_schema", "validate_data", "transform_data", "route_pipeline")
    return [
        await run_tool(name, bench, **(request if name == "analyze_schema" else {}))
        for name in names
    ]


async def test_every_row_goes_somewhere_with_its_reason(write, run_tool, rows_of):
    rows = table(2000)
    rows[3][2] = " 3.50"
    rows[5][3] = "soon"
    rows[7][2] = "N/A"
    rows[9][0] = "8"
    rows[11][1] = "00010"  # so that zip is no better key than id
    bench = write([HEADER, *rows, rows[0], ["1"]])
    schema, quality, changed, routed = await everything(run_tool, bench)
    assert (schema.data["rows"], schema.data["rejects"], schema.data["duplicates"]) == (2001, 1, 1)
    assert {(v["column"], v["rule"], v["rows"]) for v in quality.data["violations"]} >= {
        ("day", "type", 1),
        ("amount", "required", 1),
    }
    assert changed.data["cells_changed"] == 2
    assert changed.data["duplicates_removed"] == 1
    assert routed.data["rows_in"] == 2002
    assert routed.data["quarantine"] == 4
    assert routed.data["clean"] == 1996
    assert ("day", "type", "soon") in rows_of(bench, "quarantine", "_column, _rule, _value")
    assert [r[0] for r in rows_of(bench, "clean", "amount") if " " in (r[0] or "")] == []
    assert [entry.dataset for entry in bench.lineage] == [
        "orders:staged",
        "orders:clean",
        "orders:quarantine",
    ]


async def test_a_lenient_schema_quarantines_nothing(write, run_tool):
    rows = table()
    rows[5][3] = "soon"
    *_, routed = await everything(run_tool, write([HEADER, *rows]), lenient=True)
    assert (routed.data["clean"], routed.data["quarantine"]) == (100, 0)


async def test_a_header_alone_is_a_table_without_rows(write, run_tool):
    schema, quality, _, routed = await everything(run_tool, write([HEADER]))
    assert (schema.data["rows"], quality.data["score"], routed.data["rows_in"]) == (0, None, 0)


async def test_hostile_names_stay_names(write, run_tool, rows_of):
    header = ["id", 'a"; DROP TABLE staged--', "it's {v}", ""]
    bench = write([header, *([str(i), f" {i}", "true", "x"] for i in range(20))])
    *_, routed = await everything(run_tool, bench)
    assert routed.data["clean"] == 20
    assert rows_of(bench, "clean", '"a""; DROP TABLE staged--"')[0] == ("0",)


@pytest.mark.parametrize("columns", [100, pytest.param(300, marks=pytest.mark.slow)])
async def test_many_columns(write, run_tool, columns):
    bench = write([[f"c{n}" for n in range(columns)], *([str(i)] * columns for i in range(5))])
    *_, routed = await everything(run_tool, bench)
    assert routed.data["clean"] == 5


async def test_tools_need_a_schema_first(write, run_tool):
    with pytest.raises(InputError, match="analyze_schema"):
        await run_tool("validate_data", write([HEADER, *table()]))


async def test_a_changed_file_is_staged_again_and_its_rules_forgotten(write, run_tool):
    bench = write([HEADER, *table(20), ["20", " x", "1.00", "2026-01-01"]])
    await everything(run_tool, bench)
    write([HEADER, *table(30)])
    schema = await run_tool("analyze_schema", bench)
    assert (schema.data["rows"], schema.data["columns"]["zip"]["untrimmed"]) == (30, 0)
    routed = await run_tool("route_pipeline", bench)
    assert (routed.data["rows_in"], routed.data["clean"]) == (30, 30)
    assert not (bench.workspace / "orders" / "rules.json").exists()


async def test_a_subset_of_the_rules_changes_nothing_else(write, run_tool, rows_of):
    rows = [*table(50), ["50", " x ", "N/A", "2026-01-01"], ["0", "00000", "0.50", "2026-01-01"]]
    bench = write([HEADER, *rows])
    await run_tool("analyze_schema", bench, lenient=True)
    trimmed = await run_tool("transform_data", bench, rules=["trim"])
    (applied,) = trimmed.data["applied"]
    assert (applied["rule"], applied["column"], applied["cells"]) == ("trim", "zip", 1)
    (example,) = applied["examples"]
    assert (example["line"], example["before"], example["after"]) == (52, " x ", "x")
    await run_tool("route_pipeline", bench)
    assert ("50", "x", "N/A") in rows_of(bench, "clean", "id, zip, amount")
    rest = await run_tool("transform_data", bench)
    assert [entry["rule"] for entry in rest.data["applied"]] == ["null_tokens", "duplicates"]
    routed = await run_tool("route_pipeline", bench)
    assert (routed.data["clean"], routed.data["duplicates"]) == (51, 1)
    assert ("50", "x", None) in rows_of(bench, "clean", "id, zip, amount")


async def test_a_format_is_sampled_in_long_tables_and_nothing_else_is(write, run_tool):
    rows = [[f"{n}", " a" if n % 2 else "a", f"{n:06}"] for n in range(25_000)]
    rows[-1][2] = "odd one"
    seen = await run_tool("analyze_schema", write([["id", "b", "code"], *rows]))
    columns = seen.data["columns"]
    assert columns["id"]["distinct"] == columns["id"]["conforming"] == 25_000
    assert (columns["b"]["distinct"], columns["b"]["untrimmed"]) == (1, 12_500)
    assert columns["code"]["format"] == "999999"


async def test_a_cancelled_query_ends(tmp_path):
    began = threading.Event()

    def job(session):
        began.set()
        return session.rows("SELECT count(*) FROM range(1000000000) a, range(1000000000) b")

    running = asyncio.ensure_future(
        work("tool", job, folder=tmp_path, memory_bytes=1 << 28, threads=1)
    )
    await asyncio.to_thread(began.wait)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


def test_the_plugin_loads_without_duckdb():
    code = "import sys, dataagents.plugins.data; assert 'duckdb' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("status", "below"), [(RunStatus.DONE, "clean"), (RunStatus.WITHHELD, "withheld")]
)
async def test_tables_are_written_as_csv(write, run_tool, tmp_path, status, below):
    rows = table()
    rows[5][3] = "soon"
    bench = write([HEADER, *rows])
    await everything(run_tool, bench)
    result = SimpleNamespace(
        outcome=SimpleNamespace(status=status),
        goal=Goal("clean", {"orders": str(bench.path)}),
        workspace=bench.workspace,
        execution=None,
    )
    strategy = next(each for each in register_outputs() if each.name == "tables")
    out = tmp_path / "out"
    out.mkdir()
    files = await strategy.build(strategy.options()).write(result, out)
    assert set(files) == {
        f"{below}:orders",
        "quarantine:orders",
        "findings",
        "flags",
        "changes",
        "repairs",
    }
    assert len((out / below / "orders.csv").read_text().splitlines()) == 100


async def test_csv_outputs_keep_values_and_hostile_names(write, run_tool, tmp_path):
    header = ["id", '=cmd|"x"', "../a,b", "_row"]
    rows = [[f"{n}", "=1+1", 'say ""hi""\n', "-5"] for n in range(20)]
    bench = write([header, *rows])
    await everything(run_tool, bench)
    result = SimpleNamespace(
        outcome=SimpleNamespace(status=RunStatus.DONE),
        goal=Goal("clean", {"orders": str(bench.path)}),
        workspace=bench.workspace,
        execution=None,
    )
    strategy = next(each for each in register_outputs() if each.name == "tables")
    (tmp_path / "out").mkdir()
    files = await strategy.build(strategy.options()).write(result, tmp_path / "out")
    with files["clean:orders"].open(newline="") as file:
        written = list(csv.reader(file))
    assert written[0] == ["id", '=cmd|"x"', "../a,b", "_row_2"]
    assert written[1] == ["0", "=1+1", 'say ""hi""', "-5"]


async def test_the_sample_shows_what_goes_wrong(repository, bench_of, run_tool):
    bench = bench_of(repository / "examples" / "data" / "orders.csv")
    schema, quality, changed, routed = await everything(run_tool, bench)
    assert (schema.data["rejects"], schema.data["duplicates"]) == (1, 2)
    assert {v["rule"] for v in quality.data["violations"]} >= {"type"}
    assert {gap["rule"] for gap in quality.data["gaps"]} == {
        *("trim", "null_tokens", "dates", "duplicates"),
    }
    assert changed.data["cells_changed"] > 0
    assert routed.data["quarantine"] > 0
