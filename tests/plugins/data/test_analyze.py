import pytest

from dataagents.core.errors import InputError

HEADER = ["id", "zip", "amount", "day"]


def table(n=100):
    return [[f"{i}", f"{i:05}", f"{i}.50", f"2026-01-{i % 28 + 1:02}"] for i in range(n)]


async def test_types_round_trip_and_the_fact_is_whole(write, run_tool):
    bench = write([HEADER, *table()])
    seen = await run_tool("analyze_schema", bench)
    types = {name: column["type"] for name, column in seen.data["columns"].items()}
    assert types == {"id": "integer", "zip": "text", "amount": "decimal", "day": "date"}
    assert (seen.data["key"], seen.data["columns"]["zip"]["format"]) == (["id"], "99999")
    assert seen.data["columns"]["amount"]["maximum"] == "99.50"
    assert seen.data["contract"] == {"given": False, "version": 1, "source": None}
    assert (seen.data["drift"], seen.data["drift_choice"]) == ([], None)
    (part,) = seen.data["parts"]
    assert (part["delimiter"], part["rows"], part["columns"]) == (",", 100, 4)
    assert bench.analyses[0].kind == "schema"
    (lineage,) = bench.lineage
    assert lineage.columns["zip"] == ("zip",)
    assert "profiling columns" in {stage for stage, _, _ in bench.progress}


async def test_a_setting_that_names_no_contract_is_refused(write, run_tool):
    bench = write([HEADER, *table()])
    bench.settings = {"contract": 7}
    with pytest.raises(InputError, match="contract"):
        await run_tool("analyze_schema", bench)


async def test_validation_keeps_suspicions_and_tells_the_weakest(write, run_tool, rows_of):
    rows = table(200)
    rows[5][3], rows[7][1], rows[9][2] = "soon", "123", "99999.5"
    bench = write([HEADER, *rows])
    await run_tool("analyze_schema", bench)
    seen = await run_tool("validate_data", bench)
    assert seen.data["violations"] == [{"column": "day", "rule": "type", "rows": 1}]
    assert seen.data["weakest"] == "validity"
    assert seen.quality == seen.data["score"] < 1
    found = {(each["column"], each["cells"]) for each in seen.data["suspicions"]}
    assert found == {("zip", 1), ("amount", 1)}
    assert seen.data["suspicions"][0]["examples"][0]["file"] == "in.csv"
    cells = rows_of(bench, "suspicions", '"column", value')
    assert cells == [("amount", "99999.5"), ("day", "soon"), ("zip", "123")]
    assert "suspicious cells" in seen.summary


async def test_daily_reports_drift_until_somebody_decides(shared, bench_of, run_tool):
    bench = bench_of(shared / "data" / "dev" / "covid_daily_drift")
    seen = await run_tool("analyze_schema", bench)
    kinds = {(change["kind"], change["column"]) for change in seen.data["drift"]}
    assert kinds >= {("added", "Latitude"), ("added", "Longitude")}
    assert seen.data["drift_choice"] is None
    assert "to be decided on" in seen.summary
    assert seen.data["columns"]["Last Update"]["type"] == "timestamp"
    decided = await run_tool("analyze_schema", bench, on_drift="evolve", by="vote", reason="3:1")
    assert (decided.data["drift_choice"], decided.data["contract"]["version"]) == ("evolve", 2)
    assert set(decided.data["columns"]) >= {"Latitude", "Longitude"}
    frozen = await run_tool("analyze_schema", bench, on_drift="freeze")
    assert "Latitude" not in frozen.data["columns"]
    assert frozen.data["rows"] == seen.data["rows"]
    assert (await run_tool("validate_data", bench)).data["score"] is not None


async def test_a_given_contract_is_in_force(write, run_tool, tmp_path):
    path = tmp_path / "contract.yaml"
    path.write_text(
        "datasets:\n  shop:\n    key: [id]\n    columns:\n"
        "      id: {type: integer, required: true}\n      zip: {type: integer}\n"
        "      amount: {type: decimal, maximum: '50'}\n      day: {type: date}\n"
        "    rules:\n      - {name: early, sql: 'day < DATE ''2026-02-01'''}\n"
    )
    bench = write([HEADER, *table()])
    bench.settings = {"contract": str(path)}
    seen = await run_tool("analyze_schema", bench)
    assert seen.data["contract"]["given"] is True
    found = (await run_tool("validate_data", bench)).data
    assert {"column": "amount", "rule": "range", "rows": 50} in found["violations"]
    assert found["dimensions"]["consistency"] == 1.0
