"""What one run over drifting files teaches is in the next plan: in the trace and the report."""

import json

import pytest
from typer.testing import CliRunner

from dataagents.console.commands.app import make_app

pytestmark = pytest.mark.usefixtures("home")
FOLDER = "data/dev/covid_daily_drift"
LESSON = "foresight:decide_schema@covid_daily_drift"


def said(*words):
    result = CliRunner().invoke(make_app(), words)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("learning") / "store.db"


@pytest.fixture(scope="module")
def runs(shared, store):
    """The same files, twice, on one store; the reports of both."""
    outs = [store.parent / name for name in ("first", "second")]
    for out in outs:
        options = ("--out", str(out), "--store", str(store), "--detect", "off")
        said("run", str(shared / FOLDER), *options)
    return [json.loads((out / "report.json").read_text("utf-8")) for out in outs]


def test_the_first_run_replans_and_learns_and_the_second_is_ready(runs, store):
    first, second = runs
    (replan,) = first["replans"]
    assert replan["trigger"] == "schema drift"
    assert "Latitude" in replan["reason"]
    added = [task.partition("(")[0] for task in replan["diff"]["added"]]
    assert added == ["decide_drift", "adapt_schema"]
    assert replan["diff"]["stability"] == 1.0
    learned = {each["lesson"]["id"] for each in first["lessons"]["learned"]}
    assert LESSON in learned
    assert first["lessons"]["applied"] == []

    assert second["replans"] == []
    assert LESSON in {each["id"] for each in second["lessons"]["applied"]}
    for report in runs:
        assert any("drifted" in each["question"] for each in report["elections"])
    assert json.loads(said("lessons", "show", LESSON, "--json", "--store", str(store)))["uses"] == 1


def test_the_trace_shows_the_lesson_before_the_drift_is_met(runs, store):
    told = said("trace", "--store", str(store))
    lesson = told.index("foresight decide_schema@covid_daily_drift")
    assert lesson < told.index("task analyze_schema")
    assert "drift foreseen" in told
    assert "schema drift" in told
