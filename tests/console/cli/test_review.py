"""`dataagents review`: cells are judged, the answers kept, and the next run goes by them."""

import csv
import json

import pytest
from typer.testing import CliRunner

from dataagents.console.commands import review
from dataagents.console.commands.app import make_app
from dataagents.console.commands.lesson_file import read_lessons
from dataagents.core.detection.answers import reviewed
from tests.console.cli.conftest import conduct

CITIES = ("Birmingham", "Montgomery", "Huntsville", "Tuscaloosa")
WRONG = (24, 49, 72, 97)
"""Rows in which the city is misspelled."""


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A run that looked for errors in 120 rows of four cities, of which a few are misspelled."""
    file = tmp_path_factory.mktemp("searched") / "addresses.csv"
    with file.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(("id", "city", "note"))
        for row in range(1, 121):
            city = CITIES[row % 4]
            city = city.replace("m", "x") if row in WRONG else city
            note = "checked \x1b[31m" if row % 9 else "n.n."
            writer.writerow((row, city, note))
    return conduct(file)


@pytest.fixture
def ran(searched, home):
    """The file that was searched; the store of the current folder has the run."""
    searched.copy_store(home)
    return searched.file


def asked(cli, *options):
    told = cli("review", *options, "--json")
    assert told.exit_code == 0, told.output
    return json.loads(told.stdout)


def judge(body):
    for each in body["cells"]:
        wrong = each["column"] == "city" and each["row"] in WRONG
        each["answer"] = "wrong" if wrong else "right"
        each["correct"] = CITIES[each["row"] % 4] if wrong else None
    return body


def test_cells_are_listed_with_their_row_and_who_says_what(cli, ran):
    body = asked(cli)
    assert body["dataset"] == "addresses"
    assert 0 < len(body["cells"]) <= 20
    cell = next(each for each in body["cells"] if each["column"] == "city" and each["said"])
    assert cell["row"] in WRONG
    assert cell["context"]["id"] == str(cell["row"])
    assert {"detector", "confidence", "reason", "suggestion"} <= set(cell["said"][0])
    assert cell["answer"] is None


def test_answers_are_kept_take_effect_and_can_be_forgotten(cli, ran, home):
    body = judge(asked(cli, "--rows"))
    assert any(each["answer"] == "wrong" for each in body["cells"])
    (home / "answers.json").write_text(json.dumps(body))
    told = cli("review", "--answers", "answers.json")
    assert told.exit_code == 0, told.output
    assert "answers kept for addresses" in told.stdout
    assert "F1 is" in told.stdout
    lessons = json.loads(cli("lessons", "--json").stdout)["lessons"]
    lesson = next(each for each in lessons if each["id"] == "review:addresses")
    assert lesson["state"] == "pinned"

    assert cli("run", ran, "--quiet").exit_code in (0, 1)
    again = asked(cli)
    assert again["run"] != body["run"]
    assert again["answered"] == len(body["cells"])
    judged = {(each["row"], each["column"]) for each in body["cells"]}
    assert not judged & {(each["row"], each["column"]) for each in again["cells"]}
    voters = json.dumps(json.loads(cli("trace", "--json").stdout))
    assert "detector:review" in voters

    assert cli("lessons", "forget", "review:addresses").exit_code == 0
    assert asked(cli)["answered"] == 0


def test_answers_in_a_table_are_taken_too(cli, ran, home):
    cells = judge(asked(cli))["cells"]
    with (home / "answers.csv").open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(("row", "column", "answer", "correct"))
        writer.writerows((c["row"], c["column"], c["answer"], c["correct"]) for c in cells[:3])
        writer.writerow((cells[3]["row"], cells[3]["column"], "skip", ""))
    kept = json.loads(cli("review", "--answers", "answers.csv", "--json").stdout)
    assert kept["answers"] == 3
    assert kept["wrong"] + kept["right"] == 3


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("row,column,answer\n1,nope,wrong\n", "was not asked about"),
        ("row,column,answer\nx,city,wrong\n", "was not asked about"),
        ("row,column\n1,city\n", "no column 'answer'"),
        ("", "has no answers"),
        ("{]", "is no JSON"),
        ('{"cells": 3}', "no list of cells"),
        ('{"run": "another", "cells": []}', "about another run"),
        ("\xff", "not UTF-8"),
    ],
)
def test_answers_that_cannot_be_used_are_told_of(cli, ran, home, text, problem):
    (home / "answers").write_bytes(text.encode("latin-1"))
    told = cli("review", "--answers", "answers")
    assert told.exit_code == 2
    assert problem in told.output


def test_an_answer_that_is_none_is_told_of(cli, ran, home):
    body = asked(cli)
    body["cells"][0]["answer"] = "wrogn"
    (home / "answers.json").write_text(json.dumps(body))
    told = cli("review", "--answers", "answers.json")
    assert told.exit_code == 2
    assert "'wrogn' is none of wrong, right and skip" in told.output


def test_nobody_is_asked_where_there_is_no_terminal(cli, ran):
    told = cli("review")
    assert told.exit_code == 2
    assert "--answers FILE" in told.output


def test_an_unknown_data_set_is_told_of(cli, ran):
    told = cli("review", "--dataset", "adresses", "--json")
    assert told.exit_code == 2
    assert "addresses" in told.output


@pytest.fixture
def typed(cli, ran, monkeypatch):
    """Review at a terminal, where somebody types lines."""
    monkeypatch.setattr(review, "_attended", lambda: True)

    def run(*lines, options=()):
        text = "".join(f"{line}\n" for line in lines)
        return CliRunner().invoke(make_app(), ["review", *options], input=text)

    return run


def kept_labels(store):
    found = read_lessons(store).lessons
    return reviewed(found, "addresses")


def test_a_person_judges_cells_until_they_quit(typed, home):
    told = typed("w", "s", "=Birmingham", "r", "q")
    assert told.exit_code == 0, told.output
    labels = kept_labels(home / ".dataagents/store.db")
    assert [(each.wrong, each.correction) for each in labels] == [
        (True, None),
        (True, "Birmingham"),
        (False, None),
    ]
    assert len({(each.row, each.column) for each in labels}) == 3
    assert "\x1b[31m" not in told.output


def test_a_person_judges_rows_by_numbers(typed, home):
    told = typed("7", "2=Oslo, 3", "none", "skip", "q", options=["--rows"])
    assert told.exit_code == 0, told.output
    labels = kept_labels(home / ".dataagents/store.db")
    assert [each.wrong for each in labels] == [False, True, True, False, False, False]
    assert labels[1].correction == "Oslo"


def test_input_that_ends_keeps_what_was_answered(typed, home):
    assert typed("r").exit_code == 0
    assert len(kept_labels(home / ".dataagents/store.db")) == 1


def test_no_answer_changes_nothing(typed, home):
    assert "nothing changes" in typed("q").output
    assert kept_labels(home / ".dataagents/store.db") == ()
