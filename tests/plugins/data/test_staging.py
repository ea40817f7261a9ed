import csv
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataagents.core.errors import InputError
from dataagents.plugins.data.engine import work
from dataagents.plugins.data.staging import stage, unique_names
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
        return stage(place, path, session)

    staging = await work("stage", job, folder=workspace, memory_bytes=1 << 28, threads=1)
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT * EXCLUDE (_row) FROM read_parquet(?) ORDER BY _row",
            [str(place.table("staged"))],
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


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 4).flatmap(lambda n: st.lists(st.tuples(*[CELLS] * n), max_size=6)))
async def test_hostile_cells_come_back(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "in.csv"
        width = len(rows[0]) if rows else 2
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([[f"c{n}" for n in range(width)], *rows])
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
        "Expected Number of Columns: 3 Found: 1",
        "Expected Number of Columns: 3 Found: 5",
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"a,b\n\x00,1\n", "binary"),
        ("a,b\né,1\n".encode("latin-1"), "UTF-8 is expected"),
        ("a,b\n".encode("utf-16"), "UTF-16"),
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
    with pytest.raises(InputError, match="folder"):
        await staged(tmp_path, tmp_path / "run")


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
