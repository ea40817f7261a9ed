"""What a run says of itself: the page, the lineage and the contract, for hostile data too."""

import json
import re

from pages import assert_pictures

HOSTILE = "<script>alert(1)</script>"
BIDI = "\u202eabc"
OFF = ("--detect", "off")


def test_the_page_shows_hostile_data_as_text(run, home):
    rows = "".join(f"{n},{HOSTILE},\x1b[31m{BIDI}\n" for n in range(30))
    path = home / "<b>orders.csv"
    path.write_text(f"id,<img src=x onerror=y>,note\n{rows}x,y,z\n", encoding="utf-8")
    ran = run(path)
    page = (ran.out / "report.html").read_text("utf-8")
    assert HOSTILE not in page
    assert "<img" not in page
    assert "<b>orders" not in page
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert not re.search(r"<[^>]*\s(src|href)\s*=|url\(|@import|<script", page)
    assert "&lt;img" in page


def test_a_rejected_run_leaves_no_clean_rows_and_says_why(run, home):
    path = home / "orders.csv"
    path.write_bytes(b"%PDF-1.7\n")
    ran = run(path)
    assert ran.code == 2
    assert not (ran.out / "clean").exists()
    assert "PDF" in ran.report["reason"]


def test_lineage_events_have_schema_columns_and_quality(finished, repository):
    ran = finished(repository / "examples/data/orders.csv")
    lines = (ran.out / "lineage.jsonl").read_text("utf-8").splitlines()
    start, end = map(json.loads, lines)
    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["runId"] == end["run"]["runId"]
    (source,) = end["inputs"]
    assert source["facets"]["schema"]["fields"]
    assert source["inputFacets"]["dataQualityMetrics"]["rowCount"] > 0
    names = [output["name"] for output in end["outputs"]]
    assert names == ["clean/orders.csv", "quarantine/orders.csv"]
    for output in end["outputs"]:
        assert output["facets"]["columnLineage"]["fields"]


def test_a_learned_contract_is_obeyed_by_the_data_it_was_learned_from(run, finished, repository):
    first = finished(repository / "examples/data/orders.csv")
    contract = first.out / "contract.yaml"
    again = run(repository / "examples/data/orders.csv", options=["--contract", str(contract)])
    (before,), (after,) = first.report["datasets"], again.report["datasets"]
    assert after["drift"] == []
    assert (after["clean"], after["quarantine"]) == (before["clean"], before["quarantine"])
    assert sorted(each.name for each in (first.out / "contract").iterdir()) == [
        *("dbt.yml", "pandera.yaml", "schema.json"),
    ]


def test_gates_withhold_what_is_not_good_enough(run, repository):
    ran = run(repository / "examples/data/orders.csv", options=["--max-quarantine", "1%", *OFF])
    assert ran.code == 1
    assert "in quarantine, more than 1.0%" in ran.report["reason"]
    assert not (ran.out / "clean").exists()
    assert (ran.out / "withheld").exists()


def test_a_second_run_never_mixes_with_the_first(run, repository, shared):
    first = run(shared / "data/dev/hospital/dirty.csv", options=OFF)
    assert [path.name for path in (first.out / "clean").iterdir()] == ["dirty.csv"]
    ran = run(repository / "examples/data/orders.csv", options=OFF)
    assert [path.name for path in (ran.out / "clean").iterdir()] == ["orders.csv"]


def test_typed_formats_lose_nothing(run, shared):
    source = shared / "data/dev/beers/dirty.csv"
    text = run(source, options=["--format", "csv", *OFF]).records("clean/dirty.csv")
    typed = run(source, options=["--format", "parquet", *OFF])
    rows = typed.table("clean/dirty.parquet")
    assert len(rows) == len(text) - 1
    for row, cells in zip(rows, text[1:], strict=True):
        for value, cell in zip(row, cells, strict=True):
            if not isinstance(value, str) and value is not None:
                assert float(value) == float(cell)
            else:
                assert (value or "") == cell


def test_the_timeline_has_every_task_in_order(finished, repository):
    ran = finished(repository / "examples/data/orders.csv")
    page = (ran.out / "report.html").read_text("utf-8")
    report = json.loads((ran.out / "report.json").read_text("utf-8"))
    lanes = re.findall(r'viewBox="0 0 100 20"[^>]*><title>(\w+\(orders\)): done</title>', page)
    begun = [step for step in report["execution"]["trace"] if step["kind"] == "started"]
    assert lanes == [step["task"] for step in begun]
    assert len(lanes) == report["plan"]["size"] == 6
    assert page.count('<rect class="done"') == len(lanes)


def test_the_page_has_pictures_of_the_votes_and_the_auctions(finished, repository):
    assert_pictures(finished(repository / "examples/data/orders.csv").out)
