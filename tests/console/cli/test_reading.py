"""`dataagents runs` and `dataagents trace`: what was recorded, told again."""

import json
import sqlite3

import pytest

from tests.console.cli.conftest import RELEASED


def test_runs_are_listed_newest_first(cli, orders, ran, stand_in):
    stand_in(RELEASED)
    later = json.loads(cli("run", orders, "--json", "--quiet").stdout)["run"]

    listed = cli("runs").stdout
    assert listed.index(later) < listed.index(ran)
    assert "orders" in listed
    assert "done" in listed
    assert [row["id"] for row in json.loads(cli("runs", "--json").stdout)["runs"]] == [later, ran]
    assert ran not in cli("runs", "--limit", "1").stdout


def test_a_run_whose_kernel_died_was_interrupted(cli, ran):
    with sqlite3.connect(".dataagents/store.db") as store:
        store.execute("UPDATE runs SET status = NULL, ended = NULL")
    store.close()

    assert "interrupted" in cli("runs").stdout
    assert json.loads(cli("runs", "--json").stdout)["runs"][0]["status"] == "interrupted"
    assert "interrupted" in cli("trace").stdout.splitlines()[0]


def test_a_trace_tells_every_thought_vote_and_bid(cli, ran):
    told = cli("trace").stdout

    assert told.startswith(f"run {ran} clean orders")
    for part in ("thought: ", "observation: ", "ballot validator-valid", "bid profiler", "plan 6"):
        assert part in told
    assert "won with 3 of 3 votes" in told
    assert all(line == line.rstrip() for line in told.splitlines())


def test_a_trace_as_json_has_the_parts(cli, ran):
    trace = json.loads(cli("trace", "--json").stdout)

    assert trace["id"] == ran
    assert {part["kind"] for part in trace["parts"]} >= {"plan", "task", "reflection"}


def test_a_trace_says_who_decided_and_with_analysis_how_good_it_was(cli, ran):
    assert "decided by: rules" in cli("trace").stdout
    assert "analysis: " not in cli("trace").stdout
    told = cli("trace", "--analysis").stdout
    assert told.count("── analysis: score ") + told.count("── analysis: too few steps") == (
        told.count("reasoning (")
    )
    assert ", scores rising, no circles" in told


def test_a_trace_as_json_has_the_analysis_of_each_reasoning(cli, ran):
    for options in ((), ("--analysis",)):
        trace = json.loads(cli("trace", "--json", *options).stdout)
        parts = [part for task in trace["parts"] for part in task.get("parts", ())]
        reasonings = [part for part in parts if part["kind"] == "reasoning"]
        assert reasonings
        assert all(0 <= each["analysis"]["score"] <= 1 for each in reasonings)
        assert {step["by"] for each in reasonings for step in each["steps"]} == {"rules"}


def test_a_run_is_found_by_the_beginning_or_end_of_its_id(cli, ran):
    for text in (ran, ran[:13], ran[3:]):
        assert cli("trace", text).stdout.startswith(f"run {ran}")


@pytest.mark.parametrize("command", ["runs", "trace"])
def test_a_missing_store_is_one_line_and_2(cli, command, home):
    done = cli(command)

    assert (done.exit_code, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert list(home.iterdir()) == []


def test_an_unknown_run_is_one_line_and_2(cli, ran):
    done = cli("trace", "zzz")

    assert done.exit_code == 2
    assert "there is no such run" in done.stderr


@pytest.mark.parametrize("columns", ["80", "160"])
def test_nothing_is_wider_than_the_terminal(cli, ran, columns):
    for command in ("runs", "trace", "plugins"):
        told = cli(command, COLUMNS=columns).stdout
        assert max(map(len, told.splitlines())) <= int(columns)
