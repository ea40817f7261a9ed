"""`dataagents lineage`: where data came from and went to, as it was recorded."""

import json
from datetime import UTC, datetime

import pytest

from dataagents.console.view.lineage import steps_of
from dataagents.core.lineage import downstream, upstream
from dataagents.core.messaging import Lineage

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def orders(conducted):
    """The file that the run read."""
    return conducted.file


def lines(cli, *arguments):
    return cli("lineage", *arguments).stdout.splitlines()


def test_both_ways_are_trees_with_step_and_agent(cli, ran, orders):
    told = lines(cli, "orders:staged")

    assert told[0] == "orders:staged comes from"
    assert told[1].startswith(f"└── {orders}  analyze_schema by profiler, 20")
    assert told[2:4] == ["", "orders:staged went into"]
    assert told[4].startswith("├── orders:clean  route_pipeline by router, 20")
    assert told[5].startswith("└── orders:quarantine  route_pipeline by router, 20")


def test_each_way_can_be_had_alone(cli, ran, orders):
    back, ahead = lines(cli, "orders:clean", "--backwards"), lines(cli, orders, "--forwards")

    assert back[0] == "orders:clean comes from"
    assert back[1].startswith("└── orders:staged  route_pipeline")
    assert back[2].startswith(f"    └── {orders}  analyze_schema")
    assert len(back) == 3
    assert ahead[0] == f"{orders} went into"
    assert ahead[2].startswith("    ├── orders:clean")
    assert lines(cli, "orders:clean", "--forwards")[1] == "└── nothing on record was made of it"


def test_a_file_is_found_by_its_name(cli, ran, orders):
    assert lines(cli, "orders.csv") == lines(cli, orders)


def test_a_column_is_followed(cli, ran, orders):
    told = lines(cli, "orders:clean", "--column", "city", "--backwards")

    assert told[0] == "orders:clean.city comes from"
    assert told[1].startswith("└── orders:staged.city  route_pipeline by router")
    assert told[2].startswith(f"    └── {orders}.city  analyze_schema by profiler")


def test_several_runs_are_told_together_or_one_by_one(cli, ran, orders):
    later = json.loads(cli("run", orders, "--json", "--quiet").stdout)["run"]

    assert ", 2 times, last 20" in lines(cli, "orders:clean", "--backwards")[1]
    for run in (ran, later, "latest"):
        told = lines(cli, "orders:clean", "--backwards", "--run", run)
        assert "times" not in told[1]
    found = json.loads(cli("lineage", "orders:clean", "--run", later, "--json").stdout)
    assert {link["run"] for link in found["backwards"]} == {later}


def test_json_has_the_steps(cli, ran, orders):
    told = json.loads(cli("lineage", "orders:clean", "--json", "--backwards").stdout)

    assert (told["dataset"], told["column"], told["forwards"]) == ("orders:clean", None, None)
    assert [(each["source"], each["distance"]) for each in told["backwards"]] == [
        ("orders:staged", 1), (str(orders), 2),
    ]  # fmt: skip
    assert told["backwards"][0]["task"] == "route_pipeline(orders)"


def test_openlineage_has_an_event_on_each_line(cli, ran, orders):
    events = [json.loads(line) for line in lines(cli, "orders:clean", "--openlineage")]

    assert [event["job"]["name"] for event in events] == ["analyze_schema", "route_pipeline"]
    for event in events:
        assert set(event) == {
            "eventType", "eventTime", "producer", "schemaURL", "run", "job", "inputs", "outputs",
        }  # fmt: skip
    assert len({event["run"]["runId"] for event in events}) == 2
    assert events[0]["inputs"] == [{"namespace": "file", "name": str(orders), "facets": {}}]
    (output,) = events[1]["outputs"]
    assert (output["namespace"], output["name"]) == ("dataagents", "orders:clean")
    assert output["facets"]["columnLineage"]["fields"]["city"] == {
        "inputFields": [{"namespace": "dataagents", "name": "orders:staged", "field": "city"}]
    }


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("orders",), "it fits 3 of them. It may be orders:staged, orders:clean"),
        (("orders:claen",), "nothing is on record about it. Did you mean 'orders:clean'?"),
        (("zzz",), "nothing is on record about it. Known: "),
        (("orders:clean", "--column", "sity"), "has no such column. Did you mean 'city'?"),
        (("orders.csv", "--column", "sity"), "has no such column. Did you mean 'city'?"),
        (("orders:clean", "--run", "zzz"), "there is no such run"),
        (("orders:clean", "--json", "--openlineage"), "--json: it can't go with --openlineage"),
    ],
)
def test_what_is_meant_by_nothing_is_one_line_and_2(cli, ran, arguments, problem):
    done = cli("lineage", *arguments)

    assert (done.exit_code, done.stdout) == (2, "")
    assert problem in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_missing_store_is_one_line_and_2(cli, home):
    done = cli("lineage", "x")
    assert (done.exit_code, done.stdout) == (2, "")
    assert list(home.iterdir()) == []


def test_nothing_is_wider_than_the_terminal(cli, ran):
    told = cli("lineage", "orders:staged", COLUMNS="80").stdout
    assert max(map(len, told.splitlines())) <= 80


def test_a_data_set_that_was_changed_in_place_ends_the_tree():
    records = [
        Lineage("a", ("a",), "fix", NOON),
        Lineage("a", ("b",), "join", NOON),
        Lineage("b", ("a",), "split", NOON),
    ]
    itself, joined = steps_of(upstream(records, "a"), ("a", None), forwards=False)

    assert (itself.dataset, itself.again, itself.steps) == ("a", True, ())
    assert [(step.dataset, step.again) for step in joined.steps] == [("a", True)]


def test_what_many_were_made_of_is_told_once():
    records = [
        Lineage("left", ("raw",), "split", NOON),
        Lineage("right", ("raw",), "split", NOON),
        Lineage("raw", ("file",), "read", NOON),
        Lineage("both", ("left", "right"), "join", NOON),
    ]
    left, right = steps_of(upstream(records, "both"), ("both", None), forwards=False)
    assert [step.dataset for step in left.steps[0].steps] == ["file"]
    assert (right.steps[0].again, right.steps[0].steps) == (True, ())
    (read,) = steps_of(downstream(records, "file"), ("file", None), forwards=True)
    assert [step.dataset for step in read.steps] == ["left", "right"]
