"""Fault 35: names of data sets, files and columns that are SQL, paths, markup or nothing sane.

Two hundred of them go through the whole job: rows are counted, cells come out as they went in,
and nothing is written anywhere but where it belongs.
"""

import csv
import io
import json
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dataagents.console.commands.app import make_app

SHARP = [
    '"; DROP TABLE orders;--', "'; DELETE FROM x; --", '"', "'", "''", '""', "a b", " leading",
    "trailing ", "a;b", "a--b", "/* x */", "a/*b", "\\", "a\\b", "%s", "%n", "{x}", "{{7*7}}",
    "${HOME}", "$(id)", "`id`", "a|b", "a&b", "<b>", "<script>alert(1)</script>", "[red]x[/red]",
    "[/]", "[@click=app.quit]x[/]", "..", "../../etc/passwd", "/etc/passwd", "~", "~root", ".",
    "con", "nul", "select", "SELECT", "from", "where", "table", "order", "group", "user", "null",
    "true", "rowid", "_rowid_", "oid", "COLUMNS(*)", "*", "?", "$1", ":x", "@x", "#x", "=1+1",
    "+1", "-1", "@SUM(1)", "0", "007", "1e9", "NaN", "inf", "line\nbreak", "tab\there", "\r",
    "nul\x00byte", "\x1b[2J", "\u202ertl", "\u200bzero", "\ufeffbom", "é", "É", "ß", "İ",
    "日本語", "🙂", "x" * 300, "a.b.c", "a,b", "a\tb", "main.x", "information_schema",
    "sqlite_master", "\N{LATIN SMALL LETTER DOTLESS I}",
    "read_csv('/etc/passwd')", "x AS y", "x) FROM y --", "1; ATTACH 'evil.db'", "PRAGMA x",
    "COPY x TO 'evil.csv'", "INSTALL httpfs", "\\'; --", '\\"; --', "x'||'y", "${jndi:ldap://x}",
]  # fmt: skip
"""Names that some interpreter or other takes for more than a name."""

COUNT = 200


def names() -> Iterator[str]:
    yield from SHARP
    for before, after in product(SHARP, SHARP):
        yield f"{before}{after}"


CORPUS = list(islice(dict.fromkeys(names()), COUNT))


def usable(name: str) -> bool:
    """Whether a file can have such a name at all."""
    return not {"/", "\x00"} & set(name) and len(name) < 200 and name not in (".", "..")


def sayable(name: str) -> bool:
    """Whether the header of a text table can have a column of this name, on its one line."""
    return not {"\x00", "\n", "\r"} & set(name)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def run(*paths: Path, out: Path) -> dict[str, object]:
    words = ["run", *map(str, paths), "--out", str(out), "--json", "--quiet", "--format", "csv"]
    done = CliRunner().invoke(make_app(), words)
    assert done.exit_code in (0, 1), done.output[-3000:]
    assert "Traceback" not in done.stderr
    report: dict[str, object] = json.loads(done.stdout)
    return report


def tree(folder: Path) -> set[str]:
    return {each.relative_to(folder).parts[0] for each in folder.rglob("*")}


def test_there_are_two_hundred():
    assert len(CORPUS) == COUNT
    assert sum(map(usable, CORPUS)) > 100


def test_columns_with_any_name_come_through_the_whole_job(home: Path, tmp_path: Path):
    plain = list(filter(sayable, CORPUS))
    for number, at in enumerate(range(0, len(plain), 50)):
        columns = plain[at : at + 50]
        file = home / f"part{number}.csv"
        with file.open("w", newline="", encoding="utf-8") as text:
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(["key", *columns])
            writer.writerows([f"k{row}", *(f"v{row}" for _ in columns)] for row in range(12))
    others = [name for name in CORPUS if not sayable(name)]
    with (home / "part9.jsonl").open("w", encoding="utf-8") as text:
        for row in range(12):
            text.write(json.dumps({"key": f"k{row}", **dict.fromkeys(others, f"v{row}")}) + "\n")
    files = sorted(home.glob("part*"))
    report = run(*files, out=tmp_path / "out")
    datasets = report["datasets"]
    assert isinstance(datasets, list)
    assert len(datasets) == len(files)
    assert all(each["rows_in"] == each["clean"] for each in datasets)
    # A header of names such as 007 and 1e9 may pass for one more row.
    assert all(each["rows_in"] in (12, 13) for each in datasets)
    wide = 0
    for each in datasets:
        (made,) = (tmp_path / "out" / "clean").rglob(f"{each['name']}.csv")
        rows = list(csv.reader(io.StringIO(made.read_text(encoding="utf-8"), newline="")))
        assert {len(row) for row in rows} == {len(rows[0])}
        wide += sum(row[1:] == [f"v{at}"] * (len(row) - 1) for at, row in enumerate(rows[-12:]))
    assert wide == 12 * len(files), "every cell is where it was"
    assert tree(tmp_path) == {"home", "out"}
    assert not list(tmp_path.rglob("evil*"))


@pytest.mark.parametrize("nth", [4, pytest.param(1, marks=pytest.mark.slow)])
def test_files_with_any_name_come_through_the_whole_job(home: Path, tmp_path: Path, nth: int):
    data = home / "data"
    data.mkdir()
    # With a backslash among its names, DuckDB refuses to look for those with wildcards in them.
    named = [*islice(filter(usable, CORPUS), 0, 20, nth), "*", "?", "COLUMNS(*)", "[x] 1"]
    assert any("\\" in name for name in named)
    for number, name in enumerate(named):
        (data / f"{name}.csv").write_text(f"id,city\n{number},Oslo\n{number + 100},Bergen\n")
    report = run(*sorted(data.iterdir()), out=tmp_path / "out")
    datasets = report["datasets"]
    assert isinstance(datasets, list)
    assert len(datasets) == len(named)
    assert all(each["rows_in"] == 2 for each in datasets)
    assert len({each["name"] for each in datasets}) == len(named)
    assert tree(tmp_path) == {"home", "out"}
    assert not list(tmp_path.rglob("evil*"))
    assert {each.name for each in data.iterdir()} == {f"{name}.csv" for name in named}
