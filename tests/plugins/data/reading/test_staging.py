import bz2
import csv
import gzip
import io
import lzma
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from volume import amount

from dataagents.core.errors import InputError
from dataagents.plugins.data.engine import work
from dataagents.plugins.data.reading.names import unique_names
from dataagents.plugins.data.reading.staging import stage
from dataagents.plugins.data.workplace import Workplace, slug

CELLS = st.text(
    alphabet=st.one_of(
        st.sampled_from(list(" ,;|\t\r\n\"'\\#aZ09é-")),
        st.characters(exclude_categories=("Cs",), exclude_characters="\0"),
    ),
    max_size=6,
)


async def staged(path, workspace):
    place = Workplace("x", workspace)

    def job(session):
        return stage(place, str(path), session, session.tell)

    staging = await work("stage", job, folder=workspace, memory_bytes=1 << 28, threads=1)
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT * EXCLUDE (_row) FROM read_parquet(?) ORDER BY _row",
            [str(place.part(0))],
        ).fetchall()
    return staging, rows


def oracle(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [tuple(record) for record in csv.reader(file) if record][1:]


@pytest.mark.parametrize("name", ["hospital", "beers"])
async def test_real_files_come_back_cell_by_cell(shared, tmp_path, name):
    path = shared / "data" / "dev" / name / "dirty.csv"
    staging, rows = await staged(path, tmp_path / "run")
    assert rows == oracle(path)
    assert staging.rejects == 0


ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le")
PACKERS = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
WORDS = ("alpha", "beta", "gamma", "delta")


@settings(max_examples=amount(20))
@given(
    rows=st.integers(2, 4).flatmap(
        lambda n: st.lists(
            st.tuples(*[st.text(alphabet="aé 0\n\"',;|\t-x", max_size=5)] * n),
            min_size=1,
            max_size=8,
        )
    ),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(ENCODINGS),
    packed=st.sampled_from(sorted(PACKERS)),
    titles=st.lists(st.sampled_from(["# made by hand", "Report 2026", ""]), max_size=2),
)
async def test_any_dialect_comes_back_cell_by_cell(rows, delimiter, end, encoding, packed, titles):
    width = len(rows[0])
    text = io.StringIO(newline="")
    text.writelines(f"{title}{end}" for title in titles)
    table = [WORDS[:width], *rows]
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(
        table
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"in.csv{packed}"
        path.write_bytes(PACKERS[packed](text.getvalue().encode(encoding)))
        staging, read = await staged(path, Path(folder) / "run")
    assert staging.parts[0].header
    assert read == rows


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (
            "a.json",
            '[{"a": 1.50, "b": "x"}, {"b": null, "c": [1]}]',
            [("1.5", "x", None), (None, None, "[1]")],
        ),
        ("a.json", '{"meta": 1, "rows": [{"a": "01"}, {"a": "2"}]}', [("01",), ("2",)]),
        ("a.json", '{"a": "one"}', [("one",)]),
        ("a.jsonl", '{"a": 1}\n\nnope\n[1]\n{"a": 2}\n', [("1",), ("2",)]),
    ],
)
async def test_json_comes_back_as_it_is_written(tmp_path, name, content, expected):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    staging, rows = await staged(path, tmp_path / "run")
    assert rows == expected
    assert staging.records == staging.rows + staging.rejects


async def test_parquet_brings_its_types_along(tmp_path):
    path = tmp_path / "in.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 1::BIGINT AS a, DATE '2026-01-31' AS d, NULL::INT AS n) TO "
            f"'{path}' (format parquet)"
        )
    staging, rows = await staged(path, tmp_path / "run")
    assert rows == [("1", "2026-01-31", None)]
    assert staging.parts[0].declared == {"a": "BIGINT", "d": "DATE", "n": "INTEGER"}


async def test_latin_text_is_read_and_named(tmp_path):
    path = tmp_path / "in.csv"
    path.write_bytes("name,city\nJosé,Málaga\nBjörn,Århus\n".encode("cp1252"))
    staging, rows = await staged(path, tmp_path / "run")
    assert rows == [("José", "Málaga"), ("Björn", "Århus")]
    assert staging.parts[0].encoding == "cp1252"


async def test_a_line_in_another_encoding_is_rejected_alone(tmp_path):
    path = tmp_path / "in.csv"
    good = "".join(f"é{n},ü\n" for n in range(9))
    path.write_bytes(f"name,city\n{good}".encode() + b"caf\xe9,x\n")
    staging, rows = await staged(path, tmp_path / "run")
    assert (len(rows), staging.rejects) == (9, 1)
    assert rejects(tmp_path) == [(11, "not UTF-8")]


def rejects(tmp_path):
    with duckdb.connect() as connection:
        return connection.execute(
            "SELECT line, reason FROM read_parquet(?) ORDER BY line",
            [str(tmp_path / "run/rejects.parquet")],
        ).fetchall()


async def test_titles_and_totals_around_a_table_are_no_rows(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("Sales 2026\n\nid,name,amount\n1,Ann,5\n2,Bob,7\nTotal\n", encoding="utf-8")
    staging, rows = await staged(path, tmp_path / "run")
    assert rows == [("1", "Ann", "5"), ("2", "Bob", "7")]
    assert staging.parts[0].preamble == ("Sales 2026",)
    assert rejects(tmp_path) == [(6, "footer")]


async def test_years_name_columns_but_plain_numbers_do_not(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("country,2019,2020\nNorway,1,2\nPeru,3,4\n", encoding="utf-8")
    assert len((await staged(path, tmp_path / "a"))[1]) == 2
    path.write_text("7,Ann,2.5\n8,Bob,3.5\n9,Cy,1.0\n", encoding="utf-8")
    staging, rows = await staged(path, tmp_path / "b")
    assert len(rows) == 3
    assert (staging.parts[0].header, staging.parts[0].columns[0]) == (False, "column_1")


async def test_different_tables_in_a_folder_are_named(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.csv").write_text("id,name\n1,x\n", encoding="utf-8")
    (tmp_path / "in/b.csv").write_text("city,zip,street\nUlm,1,y\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"2 different tables \(a.csv; b.csv\).*separately"):
        await staged(tmp_path / "in", tmp_path / "run")


async def test_very_long_cells_are_read(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text(f"a,b\n1,{'x' * 3_000_000}\n2,y\n", encoding="utf-8")
    _, rows = await staged(path, tmp_path / "run")
    assert [len(row[1]) for row in rows] == [3_000_000, 1]


@settings(max_examples=amount(12))
@given(st.integers(2, 4).flatmap(lambda n: st.lists(st.tuples(*[CELLS] * n), max_size=6)))
async def test_hostile_cells_come_back(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "in.csv"
        width = len(rows[0]) if rows else 2
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["alpha", "beta", "gamma", "delta"][:width], *rows])
        _, read = await staged(path, Path(folder) / "run")
    assert read == rows


async def test_mixed_line_ends_and_a_mark_are_read(tmp_path):
    path = tmp_path / "in.csv"
    path.write_bytes(b'\xef\xbb\xbfa,b\r\n1,2\n3,"x\r\ny"\r4,5\r\n')
    _, rows = await staged(path, tmp_path / "run")
    assert rows == [("1", "2"), ("3", "x\r\ny"), ("4", "5")]


async def test_ragged_lines_are_kept_with_place_text_and_reason(tmp_path):
    path = tmp_path / "in.csv"
    path.write_bytes(b"a,b,c\n1,2,3\n4\n6,7,8,9,0\n")
    staging, rows = await staged(path, tmp_path / "run")
    assert (rows, staging.rejects) == ([("1", "2", "3")], 2)
    with duckdb.connect() as connection:
        rejects = connection.execute(
            "SELECT line, raw, reason FROM read_parquet(?)", [str(tmp_path / "run/rejects.parquet")]
        ).fetchall()
    assert [(line, raw) for line, raw, _ in rejects] == [(3, "4"), (4, "6,7,8,9,0")]
    assert [reason for _, _, reason in rejects] == [
        "has 1 cell, 3 expected",
        "has 5 cells, 3 expected",
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"a,b\n\x00,1\n", "binary"),
        (b"%PDF-1.7 a,b\n", "a PDF document"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"\x1f\x8b\x08\x00cut", "gzip data is broken"),
        (b'[{"a": 1}, {"a"', "not valid JSON"),
    ],
)
async def test_what_cannot_be_read_is_named(tmp_path, content, says):
    path = tmp_path / "in.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=says):
        await staged(path, tmp_path / "run")


async def test_absent_files_and_folders_are_named(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        await staged(tmp_path / "none.csv", tmp_path / "run")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no data files"):
        await staged(tmp_path / "empty", tmp_path / "run")


async def test_a_file_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    path = tmp_path / "in.csv"
    path.write_bytes(b"a,b\n1,2\n")

    def refuse(self, *args, **kwargs):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match=r"Permission denied.*permissions"):
        await staged(path, tmp_path / "run")


async def test_a_file_that_the_sniffer_gives_up_on_is_read(tmp_path):
    path = tmp_path / "in.csv"
    path.write_bytes(b'a,b\n1,\n"l1\r\nl2",x\n1,N/A, x ,N/A\n')
    staging, rows = await staged(path, tmp_path / "run")
    assert (rows, staging.rejects) == ([("1", ""), ("l1\r\nl2", "x")], 1)


async def test_wildcards_in_a_path_stand_for_themselves(tmp_path):
    path = tmp_path / "a[b]*?.csv"
    path.write_bytes(b"a;b\n1;2,5\n")
    assert (await staged(path, tmp_path / "run"))[1] == [("1", "2,5")]


def test_names_are_unique_without_regard_to_case():
    names, renamed = unique_names(["a", "A", "", "a_2", "_row", 'x"; DROP--'])
    assert len({name.lower() for name in names}) == 6
    assert names[3:4] + names[5:] == ("a_2", 'x"; DROP--')
    assert set(renamed.values()) == {"A", "", "_row"}


def test_a_data_set_never_names_a_path():
    assert slug("orders") == "orders"
    assert slug("../etc") != slug("/etc")
    assert "/" not in slug("../etc")
