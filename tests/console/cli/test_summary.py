"""What a run says at the end, from the facts that its tools left."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from dataagents.console.commands.report import report_of
from dataagents.console.commands.summary import summary_of, undecided_sentence
from dataagents.core import Goal, RunResult, RunStatus, TaskResult
from dataagents.core.goals import RunOutcome
from dataagents.core.planning import Execution
from dataagents.core.values import to_json

START = datetime(2026, 1, 1, tzinfo=UTC)
LONG = "`Last Update` was renamed to `Last_Update` (name 93% alike, content 88% alike)"
PART = {
    "name": "01.csv.gz", "format": "csv", "encoding": "cp1252", "delimiter": ";", "header": False,
    "compression": "gzip", "preamble": 2, "rows": 90, "rejects": 3, "columns": 4,
}  # fmt: skip
SCHEMA = {
    "rows": 197,
    "rejects": 3,
    "contract": {"given": True, "version": 2, "source": "contract.yaml"},
    "parts": [PART, {**PART, "name": "02.csv", "compression": None, "rows": 107}],
    "drift": [
        {"kind": "renamed", "column": "Last Update", "to": "Last_Update", "file": "02.csv",
         "parts": 2, "explanation": LONG, "confidence": 0.9},
        {"kind": "reordered", "column": "", "file": "02.csv", "parts": 1,
         "explanation": "the columns come in another order"},
    ],
    "drift_choice": "evolve",
}  # fmt: skip
QUALITY = {
    "score": 0.962,
    "dimensions": {"completeness": 1.0, "validity": 0.9, "timeliness": None},
    "weakest": "validity",
    "suspicions": [
        {"column": "zip", "kind": "format", "cells": 7, "explanation": "another shape"},
        {"column": "amount", "kind": "outlier", "cells": 2, "explanation": "far out"},
    ],
}
ROUTED = {
    "rows_in": 200, "clean": 150, "quarantine": 40, "rejects": 3, "duplicates": 7,
    "reasons": [
        {"column": "amount", "rule": "type", "rows": 40, "explanation": "`two` is no integer",
         "examples": [{"line": 17, "file": "01.csv.gz", "value": "two\x1b[2J"}]},
        *({"column": f"c{n}", "rule": "required", "rows": 1, "explanation": "a value is required",
           "examples": []} for n in range(6)),
    ],
    "reject_reasons": [
        {"reason": "has 5 cells, 8 expected", "lines": 3,
         "examples": [{"line": 9, "file": "02.csv", "raw": "1,2,3"}]},
    ],
}  # fmt: skip
DECISION = {
    "accepted": True,
    "choice": "evolve",
    "by": "vote",
    "reason": "'evolve' won with 3 of 3",
}


def facts_of(dataset):
    return {
        f"schema:{dataset}": SCHEMA,
        f"drift_decision:{dataset}": DECISION,
        f"quality:{dataset}": QUALITY,
        f"routed:{dataset}": ROUTED,
        f"transformed:{dataset}": {"cells_changed": 12},
    }


def result_of(*datasets, status=RunStatus.DONE, reason="", settings=None, without=()):
    facts = {k: v for name in datasets for k, v in facts_of(name).items()}
    state = {key: value for key, value in facts.items() if key.partition(":")[0] not in without}
    task = TaskResult("validate", success=True, effects=state, agent="validator", seconds=0.5)
    execution = Execution("plan", success=True, completed=(task,), remaining=(), state=state)
    goal = Goal("clean", {name: f"{name}.csv" for name in datasets}, settings=settings or {})
    outcome = RunOutcome("run-1", status, 2.0, reason=reason)
    return RunResult(outcome, goal, START, START, Path(), execution=execution)


def report(*datasets, dry_run=False, files=None, **changes):
    result = result_of(*datasets, **changes)
    files = {"clean": Path("out/clean.csv")} if files is None else files
    result = replace(result, files=files)
    return report_of(result, "store.db", paths=result.goal.inputs, dry_run=dry_run)


def shown(told, width=100):
    console = Console(width=width, no_color=True, force_terminal=False)
    with console.capture() as captured:
        console.print(summary_of(told))
    return captured.get()


def test_the_summary_says_what_was_read_and_what_is_unusual_about_it():
    said = shown(report("orders"))
    assert "2 files, csv, cp1252, cells parted by ;, no header, 2 lines before the header" in said
    one = report("orders")
    (dataset,) = one.datasets
    alone = replace(one, datasets=(replace(dataset, parts=dataset.parts[:1]),))
    assert "01.csv.gz, csv, gzip, cp1252, cells parted by ;, no header" in shown(alone)


def test_years_of_an_unknown_century_are_told():
    result = result_of("orders")
    columns = {"birth": {"short_years": 400}, "joined": {"short_years": 3}, "id": {}}
    result.execution.state["schema:orders"] = {"columns": columns}
    told = report_of(result, "s", paths={"orders": "a.csv"})
    expected = (
        "left            403 cells in birth, joined: years of two digits, of an unknown century"
    )
    assert expected in shown(told)
    assert "two digits" not in shown(report("orders"))


def test_what_is_as_usual_is_not_mentioned():
    (dataset,) = report("orders").datasets
    plain = {"name": "a.csv", "format": "csv", "encoding": "utf-8", "delimiter": ",",
             "header": True, "compression": None, "preamble": 0}  # fmt: skip
    result = result_of("orders")
    result.execution.state["schema:orders"] = {"parts": [plain]}
    told = report_of(result, "s", paths={"orders": "a.csv"})
    assert told.datasets[0].parts[0].oddities == ()
    assert told.datasets[0].contract is None
    assert dataset.contract.version == 2


def test_drift_is_explained_with_the_decision_and_its_tally():
    said = shown(report("orders"), 160)
    assert "How the data drifted" in said
    assert f"02.csv (and 1 more file): {LONG}" in said
    assert "the columns come in another order" in said
    assert "→ evolve by vote: 'evolve' won with 3 of 3" in said


def test_a_reason_has_an_explanation_and_an_example():
    said = shown(report("orders"))
    assert "`two` is no integer  01.csv.gz line 17: two" in said
    assert "and 2 reasons more" in said
    assert "has 5 cells, 8 expected  02.csv line 9: 1,2,3" in said
    assert "9 cells in zip, amount (released, see findings)" in said
    assert "validity      90.0%  weakest" in said
    assert "200 = 150 clean + 40 quarantine + 3 rejects + 7 duplicates" in said
    assert "\x1b" not in said


def test_a_gate_that_is_not_met_shows_its_figures():
    settings = {"min_score": 0.9, "max_quarantine": 0.05}
    withheld = report("orders", status=RunStatus.WITHHELD, reason="a gate", settings=settings)
    said = shown(withheld)
    assert "at least 90%, measured 96.2%: met" in said
    assert "at most 5%, measured 20%: not met" in said
    assert [gate.met for gate in withheld.datasets[0].gates] == [True, False]
    unmeasured = report("orders", settings=settings, without=("quality", "routed"))
    assert [gate.met for gate in unmeasured.datasets[0].gates] == [None, None]
    assert "at least" not in shown(report("orders"))


def test_what_is_undecided_names_the_drift_and_the_option():
    told = report(
        "orders", status=RunStatus.UNDECIDED, reason="decide_drift(orders): nobody decided.",
        without=("drift_decision", "routed", "quality"),
    )  # fmt: skip
    sentence = undecided_sentence(told)
    assert sentence.startswith("decide_drift(orders): nobody decided (orders: `Last Update` was")
    assert "decide with --on-drift evolve, freeze," in sentence
    assert "undecided in 2.0s" in shown(told)


def test_a_dry_run_says_what_would_be_written_where():
    said = shown(report("orders", dry_run=True))
    assert "(dry run: nothing was written)" in said
    assert "Files that would be written" in said
    assert "out/clean.csv" in said


def test_many_data_sets_begin_with_a_table():
    names = ("orders", "items", "customers", "returns")
    said = shown(report(*names))
    assert "4 data sets  done in" in said
    lines = [line.split() for line in said.splitlines()]
    for each in names:
        assert [each, "200", "150", "40", "3", "7", "96.2%"] in lines
    assert ["40", "orders.amount", "type"] in [line[:3] for line in lines]
    assert "How the data drifted (4 data sets)" in said
    assert "data quality" not in said
    assert len(said.splitlines()) < 60


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("names", [("orders",), ("a", "b"), ("w" * 40, "x", "y", "z")])
def test_nothing_is_wider_than_the_terminal(names, width):
    files = {f"clean:{n}": Path("results") / ("x" * 30) / f"{n}.csv" for n in range(20)}
    said = shown(report(*names, files=files, settings={"min_score": 0.9}), width)
    assert max(map(len, said.splitlines())) <= width
    assert "and 4 files more" in said


def test_the_report_is_plain_json():
    whole = json.loads(json.dumps(to_json(report("orders"))))
    (dataset,) = whole["datasets"]
    assert dataset["drift"][0]["column"] == "Last Update"
    assert dataset["drift"][0]["parts"] == 2
    assert dataset["drift_decision"] == {
        "choice": "evolve", "by": "vote", "reason": DECISION["reason"]
    }  # fmt: skip
    assert dataset["reject_reasons"][0]["lines"] == 3
    assert whole["dry_run"] is False


def test_facts_of_another_shape_are_no_failure():
    result = result_of("orders")
    result.execution.state.update(
        {"schema:orders": {"parts": 3, "drift": {"a": 1}, "contract": []}, "routed:orders": [1]}
    )
    (dataset,) = report_of(result, "s", paths={"orders": "-"}).datasets
    assert (dataset.parts, dataset.drift, dataset.rows_in) == ((), (), None)
