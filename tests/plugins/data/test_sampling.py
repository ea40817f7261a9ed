"""Samples of large files, one thread instead of all, and rows held back for doubt."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.plugins.data.reading import sampling
from dataagents.plugins.data.reading.sampling import end_of_rows

HEADER = ["id", "day", "note"]


def table(rows):
    return [HEADER, *([str(n), f"2026-01-{n % 28 + 1:02}", "fine"] for n in range(rows))]


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Samples of a few lines."""
    monkeypatch.setattr(sampling, "SAMPLE_BYTES", 2_000)
    monkeypatch.setattr(sampling, "LEAST_BYTES", 1_000)


async def test_a_sample_is_read_like_the_file_and_leaves_it_unread(write, run_tool):
    bench = write(table(5_000))
    sample = await run_tool("sample_data", bench)
    assert 50 < sample.data["rows"] < 200
    assert sample.data["columns"]["day"]["type"] == "date"
    assert not (bench.workspace / "orders" / "staging.json").exists()
    whole = await run_tool("analyze_schema", bench)
    assert whole.data["rows"] == 5_000


async def test_a_small_file_is_its_own_sample(write, run_tool):
    assert (await run_tool("sample_data", write(table(10)))).data["rows"] == 10


async def test_the_end_of_a_file_is_not_seen(write, run_tool):
    rows = table(5_000)
    rows[-1][1] = "soon"
    bench = write(rows)
    sample = await run_tool("sample_data", bench)
    assert sample.data["columns"]["day"]["conforming"] == sample.data["rows"]


async def test_packed_and_other_files_are_cut_too(tmp_path, run_tool, bench_of):
    import duckdb

    text = "\n".join(",".join(row) for row in table(5_000))
    packed = tmp_path / "in.csv.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    assert (await run_tool("sample_data", bench_of(packed))).data["rows"] < 200
    lines = tmp_path / "in.jsonl"
    lines.write_text("\n".join(f'{{"id": {n}}}' for n in range(5_000)))
    assert (await run_tool("sample_data", bench_of(lines))).data["rows"] < 300
    document = tmp_path / "in.json"
    document.write_text("[" + ",".join(f'{{"id": {n}}}' for n in range(5_000)) + "]")
    assert (await run_tool("sample_data", bench_of(document))).data["rows"] == 5_000
    parquet = tmp_path / "in.parquet"
    with duckdb.connect() as connection:
        connection.sql("SELECT range AS id FROM range(200000)").write_parquet(str(parquet))
    assert (await run_tool("sample_data", bench_of(parquet))).data["rows"] == 50_000


async def test_each_file_of_a_folder_gives_its_first_rows(tmp_path, run_tool, bench_of):
    folder = tmp_path / "daily"
    folder.mkdir()
    for day in range(1, 4):
        rows = table(1_000)
        if day == 3:
            rows = [[*row, "new" if number else "more"] for number, row in enumerate(rows)]
        (folder / f"{day}.csv").write_text("\n".join(",".join(row) for row in rows))
    sample = await run_tool("sample_data", bench_of(folder))
    assert len(sample.data["parts"]) == 3
    assert [change["column"] for change in sample.data["drift"]] == ["more"]


@given(st.lists(st.text(alphabet='ab,"\n', max_size=6), max_size=8))
def test_a_cut_is_at_the_end_of_a_row_or_nowhere(cells):
    text = "\n".join(cells).encode()
    end = end_of_rows(text)
    assert end == len(text) or (text[end - 1 : end] == b"\n" and text[:end].count(b'"') % 2 == 0)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_cut_does_not_part_a_wide_character(encoding):
    mark = "\ufeff".encode(encoding)
    text = mark + "id\nĊ1\n2\nx".encode(encoding)
    assert text[: end_of_rows(text)].decode(encoding).endswith("2\n")


async def test_one_thread_gives_what_all_threads_give(write, run_tool, rows_of):
    rows = table(500)
    rows[7][1] = "soon"
    bench = write(rows)
    found = []
    for mode in ("batch", "streaming"):
        for tool in ("analyze_schema", "validate_data", "transform_data", "route_pipeline"):
            await run_tool(tool, bench, mode=mode)
        found.append((rows_of(bench, "clean"), rows_of(bench, "quarantine")))
    assert found[0] == found[1]


async def test_doubtful_rows_may_be_held_back(write, run_tool, rows_of):
    rows = [["id", "code", "day"], *([f"{n}", f"AB-{n:03}", "2026-01-01"] for n in range(300))]
    rows[5][1] = "??"
    rows[9][2] = "soon"
    bench = write(rows)
    for tool in ("analyze_schema", "validate_data", "transform_data"):
        await run_tool(tool, bench)
    plain = await run_tool("validate_data", bench)
    strict = await run_tool("validate_data", bench, strict=True)
    assert (plain.data["strict"], strict.data["strict"]) == (False, True)
    assert strict.quality > plain.quality
    assert (strict.data["violating_rows"], strict.data["suspicions"]) == (0, [])
    routed = await run_tool("route_pipeline", bench, strict=True)
    assert (routed.data["clean"], routed.data["quarantine"]) == (298, 2)
    held = dict(rows_of(bench, "quarantine", "_column, _rule"))
    assert held.keys() == {"code", "day"}
    assert held["code"].startswith("doubtful ")
    routed = await run_tool("route_pipeline", bench)
    assert (routed.data["clean"], routed.data["quarantine"]) == (299, 1)
