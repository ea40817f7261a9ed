"""`dataagents run`: the summary, the JSON, the exit codes and what a user can get wrong."""

import json
import os
import sqlite3

import pytest

from dataagents.storage import SqliteStore
from tests.console.cli.conftest import RELEASED


def test_a_run_ends_with_a_summary_whose_rows_add_up(cli, orders):
    done = cli("run", orders, "--out", "results")

    assert done.exit_code == 0
    assert "orders  done in " in done.stdout
    assert "40 = 39 clean + 1 quarantine + 0 rejects + 0 duplicates" in done.stdout
    assert "timeliness" in done.stdout
    assert "not measured" in done.stdout
    assert "amount" in done.stdout
    assert "won with 3 of 3 votes" in done.stdout
    assert "profiler" in done.stdout
    assert "dataagents trace " in done.stdout
    assert "results/" in done.stdout
    assert all(line == line.rstrip() for line in done.stdout.splitlines())


@pytest.mark.parametrize(
    ("good", "shown"),
    [(0.9996, "more than 99.9%  weakest"), (0.9994, "99.9%  weakest"), (1, "100.0%")],
)
def test_a_share_that_is_not_whole_does_not_look_whole(cli, orders, stand_in, good, shown):
    measured = {"dimensions": {"validity": good}, "weakest": "validity"}
    stand_in(f'DATA["validate_data"].update({measured})')
    lines = cli("run", orders, "-q").stdout.splitlines()
    assert [line.split(maxsplit=1)[1] for line in lines if "validity " in line] == [shown]


def test_json_is_one_object_with_the_same_figures(cli, orders):
    done = cli("run", orders, "--json", "--out", "results", "--seed", 7)

    report = json.loads(done.stdout)
    (dataset,) = report["datasets"]
    parts = ("clean", "quarantine", "rejects", "duplicates")
    assert report["status"] == "done"
    assert dataset["name"] == "orders"
    assert dataset["rows_in"] == sum(dataset[part] for part in parts) == 40
    assert dataset["dimensions"]["timeliness"] is None
    assert dataset["reasons"][0]["column"] == "amount"
    assert {each["agent"] for each in report["work"]} >= {"profiler", "coordinator", "router"}
    asked = [each["question"] for each in report["decisions"]]
    assert len(asked) == 3
    assert "Which cells of orders are wrong?" in asked
    assert report["files"]


def test_without_a_terminal_progress_is_log_lines_on_stderr(conducted):
    lines = conducted.stderr.splitlines()
    assert any("dataagents.progress - INFO - [DATA] profiler works on" in each for each in lines)
    assert all(" - [DATA] " in each for each in lines)


@pytest.mark.parametrize("option", [("--quiet",), ("--log-level", "error")])
def test_progress_can_be_silenced(cli, orders, stand_in, option):
    stand_in(RELEASED)
    done = cli("run", orders, *option)

    assert done.stderr == ""
    assert "orders  done in " in done.stdout


def test_a_configured_log_level_counts(cli, orders, stand_in, home):
    stand_in(RELEASED)
    with (home / "dataagents.toml").open("a") as config:
        config.write('log_level = "WARNING"\n')
    assert cli("run", orders).stderr == ""
    assert "[DATA]" in cli("run", orders, "--log-level", "INFO").stderr


def test_files_are_kept_only_when_asked_for(conducted):
    assert "--out DIR" in conducted.stdout
    made = sorted(each.name for each in conducted.folder.iterdir())
    assert made == [".dataagents", "orders.csv"]


def test_data_that_the_agents_do_not_release_ends_with_1(cli, orders, stand_in):
    stand_in()
    done = cli("run", orders)

    assert done.exit_code == 1
    assert "orders  withheld in " in done.stdout
    assert "'reject' won" in done.stdout


def test_figures_that_no_tool_measured_are_called_so(cli, orders, stand_in):
    stand_in()
    assert json.loads(cli("run", orders, "--json").stdout)["datasets"][0]["rows_in"] is None
    shown = cli("run", orders).stdout
    assert "rows in" not in shown
    (timeliness,) = (line for line in shown.splitlines() if "timeliness" in line)
    assert timeliness.split(maxsplit=1)[1] == "not measured"


def test_an_input_that_a_tool_rejects_ends_with_2(cli, orders, stand_in):
    stand_in("raise InputError('orders.csv', 'it has no rows', hint='Add some.')")
    done = cli("run", orders, "--quiet")

    assert done.exit_code == 2
    assert "orders  rejected in " in done.stdout
    assert "it has no rows. Add some." in done.stdout


def test_a_tool_that_breaks_ends_with_4(cli, orders, stand_in):
    stand_in("raise ValueError('out of luck')")
    done = cli("run", orders, "--quiet")

    assert done.exit_code == 4
    assert "orders  failed in " in done.stdout
    assert "out of luck" in done.stdout
    assert "Traceback" not in done.output


def _make_nothing(home):
    return "orders.csv", "no such file"


def _make_misspelt(home):
    (home / "order.csv").write_text("a\n1\n")
    return "orders.csv", "Did you mean 'order.csv'?"


def _make_folder(home):
    (home / "orders.csv").mkdir()
    return "orders.csv", "there is no file in it"


def _make_empty(home):
    (home / "orders.csv").touch()
    return "orders.csv", "it is empty"


def _make_device(home):
    return "/dev/null", "no regular file"


def _make_file_below_a_file(home):
    (home / "orders.csv").write_text("a\n1\n")
    return "orders.csv/x.csv", "orders.csv/x.csv"


@pytest.mark.parametrize(
    "make",
    [
        _make_nothing,
        _make_misspelt,
        _make_folder,
        _make_empty,
        _make_device,
        _make_file_below_a_file,
    ],
)
def test_a_file_that_can_not_be_used_is_one_line_and_2(cli, home, make):
    file, problem = make(home)
    done = cli("run", file)

    assert (done.exit_code, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("dataagents: ")
    assert problem in line
    assert not (home / ".dataagents").exists()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("max_agents = ", "not valid TOML"),
        ("max_agent = 3", "Did you mean 'max_agents'?"),
        ("max_agents = 'many'", "max_agents"),
        ("[strategies]\nplanner = 'htm'", "Did you mean 'htn'?"),
    ],
)
def test_a_configuration_that_can_not_be_used_is_one_line_and_2(cli, orders, home, text, problem):
    (home / "other.toml").write_text(text)
    done = cli("run", orders, "--config", "other.toml")

    assert (done.exit_code, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert problem in line


def test_the_environment_overrides_the_file(cli, orders, monkeypatch):
    monkeypatch.setenv("DATAAGENTS_MAX_AGENTZ", "3")
    done = cli("run", orders)

    assert done.exit_code == 2
    assert "Did you mean 'max_agents'?" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--log-level", "LOUD"), "there is no such level"),
        (("--out", "orders.csv"), "output folder orders.csv"),
        (("--out", "/dev/null/out"), "output folder /dev/null/out"),
        (("--store", "/dev/null/store.db"), "store /dev/null/store.db"),
        (("--store", "orders.csv"), "not a database"),
        (("--seed", "x"), "--seed"),
    ],
)
def test_an_option_that_can_not_be_used_is_told_and_2(cli, orders, arguments, problem):
    done = cli("run", orders, *arguments)

    assert done.exit_code == 2
    assert problem in done.stderr
    assert "Traceback" not in done.output


async def test_a_store_in_use_names_its_holder_and_the_way_out(shell, orders):
    async with SqliteStore(".dataagents/store.db") as store:
        done = shell("run", orders)

    assert done.returncode == 2
    assert f"in use by process {os.getpid()}" in done.stderr
    assert "--store" in done.stderr
    assert "Traceback" not in done.stderr
    assert store.path.exists()


def test_an_internal_failure_is_one_line_and_a_traceback_with_debug(cli, orders, monkeypatch):
    def fail(*_):
        raise RuntimeError("\x1b[31mbroken")

    monkeypatch.setattr("dataagents.console.commands.cleaning.gather", fail)
    done = cli("run", orders)
    assert done.exit_code == 4
    (line,) = done.stderr.splitlines()
    assert "internal failure: RuntimeError" in line
    assert line.endswith("Add --debug to see where.")
    assert "\x1b" not in line

    told = cli("run", orders, "--debug").stderr
    assert "Traceback (most recent call last)" in told
    assert "\x1b" not in told


def test_hostile_names_and_cells_reach_no_terminal_and_are_no_markup(cli, home):
    evil = "\x1b]52;c;ZXZpbA==\x07[bold]:smile:"
    file = home / f"{evil}.csv"
    rows = "".join(f"{number},{number}\n" for number in range(1, 30))
    file.write_text(f"id,{evil}\n{rows}30,{evil}\n")
    for done in (cli("run", file), cli("runs"), cli("trace"), cli("run", file, "--json")):
        assert done.exit_code == 0
        assert "\x1b" not in done.output
        assert "\x07" not in done.output
    assert "[bold]:smile:" in cli("runs").stdout


def test_a_name_that_is_not_utf8_is_refused(shell, home):
    file = home / "b\udcff.csv"
    file.write_text("a\n1\n")
    done = shell("run", "b\udcff.csv")

    assert done.returncode == 2
    assert "its name is not UTF-8" in done.stderr


def test_a_run_is_recorded_in_the_store_that_was_named(cli, orders, stand_in):
    stand_in(RELEASED)
    assert cli("run", orders, "--store", "other/place.db").exit_code == 0
    with sqlite3.connect("other/place.db") as store:
        assert store.execute("SELECT status FROM runs").fetchall() == [("done",)]
    store.close()


WRITING = """
    from pathlib import Path
    from dataagents.core import Strategy, hookimpl

    class Writing:
        entries = ("clean",)

        async def write(self, result, folder):
            (folder / "clean").mkdir()
            (folder / "clean" / "a.csv").write_text(result.outcome.run)
            return {"clean:a": folder / "clean" / "a.csv"}

    @hookimpl
    def register_outputs():
        return [Strategy("writing", lambda options: Writing())]
"""


def test_a_dry_run_writes_nothing_and_says_what_it_would(cli, orders, stand_in, install, home):
    stand_in()
    install("writing", WRITING)
    done = cli("run", orders, "--dry-run", "--out", "results", "-q")

    assert "(dry run: nothing was written)" in done.stdout
    assert "results/clean/a.csv" in done.stdout
    assert not (home / "results").exists()
    assert not (home / ".dataagents" / "store.db.work").exists()
    report = json.loads(cli("run", orders, "--dry-run", "--json", "-q").stdout)
    assert report["dry_run"] is True
    assert report["files"]["clean:a"] == "DIR/clean/a.csv"


def test_results_take_the_place_of_those_before_and_of_nothing_else(
    cli, orders, stand_in, install, home
):
    stand_in()
    install("writing", WRITING)
    (home / "results").mkdir()
    (home / "results" / "mine.txt").write_text("mine")
    runs = [
        json.loads(cli("run", orders, "--out", "results", "--json", "-q").stdout)["run"]
        for _ in range(2)
    ]
    assert (home / "results" / "clean" / "a.csv").read_text() == runs[1]
    assert (home / "results" / "mine.txt").read_text() == "mine"
    assert not list((home / "results").glob(".dataagents-*"))


def test_a_file_that_no_run_wrote_is_one_line_and_2(cli, orders, stand_in, install, home):
    stand_in("raise AssertionError('the run began')")
    install("writing", WRITING)
    (home / "results" / "clean").mkdir(parents=True)
    done = cli("run", orders, "--out", "results", "-q")

    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "dataagents: results/clean: is there, and no run wrote it. Choose another --out.\n"
    )


def test_drift_that_nobody_decided_ends_with_3_and_names_the_option(cli, orders, stand_in):
    stand_in(error="`phone` was added")
    done = cli("run", orders, "--on-drift", "ask", "-q", "--json")

    assert done.exit_code == 3
    assert json.loads(done.stdout)["status"] == "undecided"
    (line,) = done.stderr.splitlines()
    assert "`phone` was added" in line
    assert "--on-drift" in line
    assert "undecided in" in cli("run", orders, "--on-drift", "ask", "-q").stdout
