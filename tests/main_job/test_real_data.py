"""Every real data set goes through, and no cell changes unless a recorded rule changed it.

The files are read a second time by Python's own CSV reader; what a run left behind has to add up to
that, record by record and cell by cell.
"""

import json
from pathlib import Path

import pytest
from pages import assert_pictures
from run_results import OURS, Ran, numbered, records

CASES = ("hospital/dirty.csv", "beers/dirty.csv", "hospital/clean.csv", "beers/clean.csv")
OFF = ("--detect", "off")
"""For what is repeated, and has nothing to do with wrong cells: finding them takes the longest."""


def changed_cells(ran: Ran, dataset: str) -> dict[tuple[int, str], tuple[str, str]]:
    """(line, column) → what a cell was before the first recorded change, and is after the last."""
    names = ran.column_names("changes.parquet")
    changes: dict[tuple[int, str], tuple[str, str]] = {}
    for row in ran.table("changes.parquet"):
        change = dict(zip(names, row, strict=True))
        if change["dataset"] == dataset:
            place = (change["line"], change["column"])
            before = changes[place][0] if place in changes else change["before"]
            changes[place] = (before or "", change["after"] or "")
    return changes


def lines_of(ran: Ran, name: str, column: str) -> set[int]:
    """Lines that a table of the run accounts for."""
    found = ran.records(name)
    return {int(record[found[0].index(column)]) for record in found[1:]} if found else set()


def assert_adds_up(ran: Ran, source: Path, dataset: str, slug: str) -> None:
    """Hold what a run left against a file, record by record and cell by cell."""
    (_, header), *body = numbered(source)
    quarantined = lines_of(ran, f"quarantine/{slug}.csv", "_line")
    rejected = lines_of(ran, f"rejects/{slug}.csv", "line")
    copies = lines_of(ran, f"duplicates/{slug}.csv", "_line")
    folder = "clean" if (ran.out / "clean").exists() else "withheld"
    (_, *clean) = ran.records(f"{folder}/{slug}.csv")
    kept = [(line, record) for line, record in body if line not in quarantined | rejected | copies]
    assert len(clean) == len(kept)
    changes = changed_cells(ran, dataset)
    for (line, record), row in zip(kept, clean, strict=True):
        for name, cell, now in zip(header, record, row, strict=True):
            assert (cell, now) == changes.get((line, name), (cell, cell)), (line, name)
    by_line = dict(body)
    held = ran.records(f"quarantine/{slug}.csv")
    for record in held[1:]:
        line = int(record[held[0].index("_line")])
        assert record[: -len(OURS)] == by_line[line]


@pytest.mark.parametrize("name", CASES)
def test_a_file_adds_up_cell_by_cell(finished, shared, name):
    source = shared / "data/dev" / name
    ran = finished(source)
    assert ran.code in (0, 1), ran.said
    assert_adds_up(ran, source, source.stem, source.stem)


@pytest.mark.parametrize("name", ["hospital/clean.csv", "beers/clean.csv"])
def test_few_cells_of_a_clean_table_are_called_wrong(finished, shared, name):
    (dataset,) = finished(shared / "data/dev" / name).report["datasets"]
    assert dataset["detection"]["wrong"] <= 0.02 * dataset["detection"]["cells"]


SLOW = pytest.mark.slow  # thirty-nine tables, and a minute or more


@pytest.mark.parametrize(
    ("variant", "nth"),
    [("Typo", 5), *(pytest.param(each, 1, marks=SLOW) for each in ("FD", "NO", "Typo"))],
)
def test_all_tables_of_a_variant_in_one_run_add_up(run, shared, variant, nth):
    """Every fifth table of one variant for a commit, all of all variants in the nightly."""
    found = sorted((shared / "data/dev/matelda" / variant).glob("*/dirty.csv"))
    assert len(found) == 39
    sources = found[::nth]
    ran = run(*sources)
    assert ran.code in (0, 1), ran.said
    assert {each["path"] for each in ran.report["datasets"]} == set(map(str, sources))
    assert len(ran.report["datasets"]) == len(sources)
    for dataset in ran.report["datasets"]:
        source = Path(dataset["path"])
        total = sum(dataset[part] for part in ("clean", "quarantine", "rejects", "duplicates"))
        assert dataset["rows_in"] == total == len(records(source)) - 1, source


@pytest.mark.parametrize("options", [OFF, pytest.param((), marks=SLOW)])
def test_every_torture_file_has_the_values_of_its_json(run, shared, options):
    folder = shared / "data/dev/csv_spectrum"
    sources = sorted((folder / "csvs").glob("*.csv"))
    ran = run(*sources, options=["--format", "csv", *options])
    assert ran.code in (0, 1), ran.said
    assert len(ran.report["datasets"]) == len(sources) > 10
    released = "clean" if (ran.out / "clean").exists() else "withheld"
    for source in sources:
        expected = json.loads((folder / "json" / f"{source.stem}.json").read_text("utf-8"))
        expected = [expected] if isinstance(expected, dict) else expected
        (header, *rows) = ran.records(f"{released}/{source.stem}.csv")
        held = [row[: -len(OURS)] for row in ran.records(f"quarantine/{source.stem}.csv")[1:]]
        found = [dict(zip(header, row, strict=True)) for row in (*rows, *held)]
        if source.stem == "location_coordinates":  # the two files of the set differ in the phone
            for record in (*found, *expected):
                del record["Contact Phone Number"]
        if source.stem == "newlines_crlf":  # the set keeps its line ends in the JSON alone
            expected[1]["a"] = expected[1]["a"].replace("\r\n", "\n")
        assert sorted(map(str, found)) == sorted(map(str, expected)), source.name


HEADLESS = ("airlines", "countries", "planes")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("airports", ()),
        *((name, OFF) for name in HEADLESS),
        *(pytest.param(name, (), marks=SLOW) for name in HEADLESS),
    ],
)
def test_tables_without_header_keep_their_first_record(finished, shared, name, options):
    source = shared / f"data/dev/openflights/{name}.dat"
    ran = finished(source, *options)
    assert ran.code in (0, 1), ran.said
    (dataset,) = ran.report["datasets"]
    assert dataset["rows_in"] == len(records(source))
    clean = ran.records(f"clean/{name}.csv") or ran.records(f"withheld/{name}.csv")
    assert clean[0][0] == "column_1"
    assert not any(cell == r"\N" for row in clean[1:] for cell in row)


def test_every_table_without_header_is_among_them(shared):
    found = {each.stem for each in (shared / "data/dev/openflights").glob("*.dat")}
    assert found == {"airports", *HEADLESS}


@pytest.mark.parametrize(
    "path",
    ["beers/dirty.csv", "hospital/dirty.csv", "covid_daily_drift", "openflights/airports.dat"],
)
def test_the_page_has_pictures_for_real_data(finished, shared, path):
    assert_pictures(finished(shared / "data/dev" / path).out)


class TestAFolderWhoseFilesDrift:
    """Daily reports; two columns appear in the one of 03-01."""

    def test_drift_is_found_explained_and_decided(self, finished, shared):
        folder = shared / "data/dev/covid_daily_drift"
        ran = finished(folder)
        assert ran.code in (0, 1), ran.said
        (dataset,) = ran.report["datasets"]
        assert dataset["rows_in"] == sum(len(records(f)) - 1 for f in folder.glob("*.csv"))
        added = {
            change["column"]: change for change in dataset["drift"] if change["kind"] == "added"
        }
        assert set(added) == {"Latitude", "Longitude"}
        for change in added.values():
            assert change["file"] == "03-01-2020.csv"
            assert change["parts"] == 6
            assert "03-01-2020.csv" in change["explanation"]
        assert any("drift" in each["question"].lower() for each in ran.report["decisions"])
        history = (ran.out / "contract.yaml").read_text("utf-8")
        assert "Latitude" in history
        assert "history:" in history

    @pytest.mark.parametrize("policy", ["evolve", "freeze", "discard_row", "discard_value"])
    def test_a_policy_is_binding(self, run, drifting, policy):
        ran = run(drifting, options=["--on-drift", policy, *OFF])
        assert ran.code == (1 if policy == "freeze" else 0), ran.said
        released = "withheld" if policy == "freeze" else "clean"
        header = ran.records(f"{released}/covid_daily_drift.csv")[0]
        assert ("Latitude" in header) == (policy == "evolve")
        if policy == "discard_row":
            held = ran.records("quarantine/covid_daily_drift.csv")
            assert any("drift" in record[-4] or "drift" in record[-3] for record in held[1:])

    def test_asking_without_a_terminal_ends_with_3(self, run, shared):
        ran = run(shared / "data/dev/covid_daily_drift", options=["--on-drift", "ask"])
        assert ran.code == 3
        assert not (ran.out / "clean").exists()

    def test_a_contract_of_before_finds_the_drift_of_the_next_day(self, run, shared, home):
        folder = shared / "data/dev/covid_daily_drift"
        before = run(folder / "02-29-2020.csv", options=OFF, out=home / "before")
        contract = before.out / "contract.yaml"
        ran = run(folder / "03-01-2020.csv", options=["--contract", str(contract), *OFF])
        (dataset,) = ran.report["datasets"]
        assert {c["column"] for c in dataset["drift"] if c["kind"] == "added"} == {
            "Latitude",
            "Longitude",
        }
