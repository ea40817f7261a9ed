import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from volume import amount

from dataagents.core.errors import InputError
from dataagents.plugins.data.reading import delimited
from dataagents.plugins.data.reading.dialect import Dialect
from dataagents.plugins.data.reading.records import survey, unify_ends

QUOTED = st.sampled_from(['"a,b"', '"x""y"', '"l1\nl2"', '"l1\r\nl2"', '""', '"\n\n"', '"a","b"'])
BROKEN = st.sampled_from(['"', 'a"b', '"a"b', '"x', '5"', ' "a"'])
PLAIN = st.sampled_from(
    ["1", "2", "2.5", "2026-01-31", "foo", "", " x ", "N/A", "-", "é", "x" * 400]
)
NAMES = ("analyze_schema", "validate_data", "transform_data", "route_pipeline")


def files(cells):
    """Draw a file: lines of mostly one width, some twice, with either line end."""
    line = st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.one_of(
                *[st.lists(cells, min_size=width, max_size=width)] * 4,
                st.lists(cells, min_size=1, max_size=6),
            ).map(",".join),
            max_size=12,
        ).map(lambda lines: [",".join("abcd"[:width]), *lines])
    )
    return st.tuples(line, st.integers(1, 30), st.sampled_from(["\n", "\r\n"]), st.booleans()).map(
        lambda drawn: (
            drawn[2].join([drawn[0][0], *drawn[0][1:] * drawn[1]]) + (drawn[2] if drawn[3] else "")
        )
    )


async def routed(content, run_tool, new_bench):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "in.csv"
        path.write_bytes(content.encode())
        bench = new_bench(path, Path(folder) / "run")
        return [await run_tool(name, bench) for name in NAMES][-1].data


@settings(max_examples=amount(10))
@given(content=files(st.one_of(PLAIN, PLAIN, QUOTED)))
async def test_every_record_goes_somewhere(content, run_tool, new_bench):
    data = await routed(content, run_tool, new_bench)
    out = data["clean"] + data["quarantine"] + data["rejects"] + data["duplicates"]
    assert data["rows_in"] == out


@settings(max_examples=amount(10))
@given(content=files(st.one_of(PLAIN, QUOTED, BROKEN)))
async def test_broken_quotes_are_rejected_or_refused_but_nothing_is_lost(
    content, run_tool, new_bench
):
    try:
        data = await routed(content, run_tool, new_bench)
    except InputError as refused:
        if "records, but" in refused.problem:
            return
        raise
    out = data["clean"] + data["quarantine"] + data["rejects"] + data["duplicates"]
    assert data["rows_in"] == out


async def test_a_line_that_the_reader_drops_is_noticed(write, run_tool, monkeypatch):
    dropping = delimited._READ.rstrip() + " WHERE \"b\" <> '3'"
    monkeypatch.setattr(delimited, "_READ", dropping)
    bench = write([["a", "b"], *([str(n), str(n)] for n in range(9))])
    with pytest.raises(InputError, match="holds 9 records, but 8 were read and 0 rejected"):
        await run_tool("analyze_schema", bench)


async def test_a_row_that_vanishes_from_the_workspace_is_noticed(write, run_tool):
    bench = write([["a", "b"], *([str(n), str(n)] for n in range(9))])
    await run_tool("analyze_schema", bench)
    path = bench.workspace / "orders" / "staging.json"
    staging = json.loads(path.read_text())
    staging["parts"][0]["records"] = 10
    path.write_text(json.dumps(staging))
    with pytest.raises(InputError, match="10 rows came in but 9 went out"):
        await run_tool("route_pipeline", bench)


@pytest.mark.parametrize(
    ("content", "width", "records"),
    [
        (b"a,b\n1,2\n", 2, 1),
        (b"a,b\n1,2", 2, 1),
        (b"\n\na,b\n\n1,2\n\n", 2, 1),
        (b"a\n1\n\n2\n", 1, 3),
        (b'a,b\r\n"x\r\n\r\ny",2\r\n', 2, 1),
        (b'a,b\n"x"",""\n",2\n', 2, 1),
        (b'a,b\n5",2\n6",3\n', 2, 2),
        (b'a,b\n5","x\ny"\n', 2, 1),
        (b'a,b\n1,"open\n2,3\n', 2, 1),
    ],
)
def test_records_are_counted(tmp_path, content, width, records):
    path = tmp_path / "in.csv"
    path.write_bytes(content)
    dialect = Dialect(",", '"', '"', ("a", "b")[:width], named=True, skip=0, preamble=())
    assert survey(path, dialect, lambda: None).records == records


def test_line_ends_within_cells_are_kept(tmp_path):
    path, copy = tmp_path / "in.csv", tmp_path / "copy.csv"
    path.write_bytes(b'a,b\r5",x\r\n"l1\r\nl2\rl3",2\n1,2')
    unify_ends(
        path,
        copy,
        Dialect(",", '"', '"', ("a", "b"), named=True, skip=0, preamble=()),
        lambda: None,
    )
    assert copy.read_bytes() == b'a,b\n5",x\n"l1\r\nl2\rl3",2\n1,2'


def test_without_duckdb_the_extra_is_named(tmp_path):
    code = """
import asyncio, sys
from pathlib import Path
sys.modules["duckdb"] = None
from dataagents.core.errors import MissingExtraError
from dataagents.plugins.data.engine import work
try:
    asyncio.run(work("t", lambda session: 1, folder=Path("."), memory_bytes=1 << 28, threads=1))
except MissingExtraError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "pip install 'dataagents[data]'" in done.stdout
