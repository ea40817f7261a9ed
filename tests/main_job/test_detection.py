"""Detectors vote on cells in the main job: what is found, told, kept on record and repaired."""

import csv
import json

import pytest
from run_results import records
from typer.testing import CliRunner

from dataagents.console.commands.app import make_app


@pytest.fixture
def hospital(shared):
    return shared / "data/dev/hospital"


@pytest.fixture
def truth(hospital):
    """(line, column) of each cell that differs from the truth, and what it should say."""
    header, *dirty = records(hospital / "dirty.csv")
    _, *clean = records(hospital / "clean.csv")
    return {
        (line, column): right
        for line, (before, after) in enumerate(zip(dirty, clean, strict=True), 2)
        for column, is_, right in zip(header, before, after, strict=True)
        if is_ != right
    }


def cells(ran, file, *names):
    columns = ran.column_names(file)
    places = [columns.index(name) for name in ("line", "column", *names)]
    return [tuple(row[place] for place in places) for row in ran.table(file)]


def f1(right, found, wanted):
    return 2 * right / (found + wanted)


def test_wrong_cells_are_found_explained_and_repaired_when_that_is_wished(
    finished, hospital, truth
):
    ran = finished(hospital / "dirty.csv", "--repair", "value")
    assert ran.code == 0, ran.said
    found = {(line, column) for line, column in cells(ran, "findings.parquet")}
    assert f1(len(found & truth.keys()), len(found), len(truth)) >= 0.8
    changes = cells(ran, "changes.parquet", "after", "rule", "agents", "confidence")
    repairs = [each for each in changes if each[3].startswith("repair: ")]
    right = sum(truth.get(each[:2]) == each[2] for each in repairs)
    assert f1(right, len(repairs), len(truth)) >= 0.75
    assert all(agents and 0.5 <= confidence <= 1 for *_, agents, confidence in repairs)
    (dataset,) = ran.report["datasets"]
    assert dataset["repair"]["applied"] == len(repairs)
    detection = dataset["detection"]
    assert (detection["detect"], detection["cells"]) == ("full", 20_000)
    assert detection["wrong"] >= len(found & truth.keys())
    page = (ran.out / "report.html").read_text("utf-8")
    for share in detection["detectors"]:
        assert share["detector"] in page
    assert "Which cells are wrong" in page


def test_values_are_only_proposed_by_default(finished, hospital):
    source = hospital / "dirty.csv"
    proposing = finished(source)
    proposed = cells(proposing, "repairs.parquet", "proposed", "reversible", "applied")
    assert any(not reversible for *_, reversible, _ in proposed)
    assert all(reversible for *_, reversible, applied in proposed if applied)
    repaired = finished(source, "--repair", "value")
    (before,), (after,) = proposing.report["datasets"], repaired.report["datasets"]
    assert after["clean"] > before["clean"]
    assert after["rows_in"] == after["clean"] + after["quarantine"]


def test_rows_in_quarantine_are_as_they_were_though_cells_were_repaired(run, shared):
    source = shared / "data/dev/beers/dirty.csv"
    ran = run(source, options=["--repair", "value"])
    with source.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    header, *held = ran.records("quarantine/dirty.csv")
    places = [int(row[header.index("_line")]) for row in held]
    assert {line for line, _ in cells(ran, "changes.parquet")} & set(places)
    for line, row in zip(places, held, strict=True):
        assert row[: len(lines[0])] == lines[line - 1]


def test_the_vote_is_on_record_and_counts_the_same_again(finished, hospital):
    ran = finished(hospital / "dirty.csv")
    (decision,) = [each for each in ran.report["decisions"] if "are wrong" in each["question"]]
    assert decision["decision"].endswith(" cells")
    words = ["replay", "--run", ran.report["run"], "--store", str(ran.out.parent / "store.db")]
    counted = CliRunner().invoke(make_app(), [*words, "--json"])
    assert counted.exit_code == 0, counted.output
    replayed = json.loads(counted.stdout)
    assert "Which cells of dirty are wrong?" in counted.stdout
    assert '"same": false' not in json.dumps(replayed)
    learned = [each["subject"] for each in ran.report["learned"]]
    assert not any(subject.startswith("detector:") for subject in learned)


def test_nothing_is_looked_for_when_that_is_not_wished(run, hospital):
    ran = run(hospital / "dirty.csv", options=["--detect", "off"])
    (dataset,) = ran.report["datasets"]
    assert (dataset["detection"]["detect"], dataset["suspicions"]) == ("off", [])
    assert cells(ran, "flags.parquet") == cells(ran, "repairs.parquet") == []
