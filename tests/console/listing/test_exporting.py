"""Rows as JSON and CSV."""

import csv
import io
import json

import pytest

from dataagents.console.view.listing.exporting import as_csv, as_json


@pytest.fixture
def row(worker, ago):
    return worker("etl-1", "late", 2.5, 0.0, ago(9), 'say "hi", or\nnot', open=True, mixed=-3)


def test_json_has_every_value_in_full(row, listing, moment):
    assert json.loads(as_json([row], listing, moment)) == [
        {
            "address": "worker:etl-1",
            "name": "etl-1",
            "state": "late",
            "took": 2.5,
            "share": 0.0,
            "beat": "2026-03-02T14:15:00Z",
            "doing": 'say "hi", or\nnot',
            "open": True,
            "mixed": -3,
        }
    ]


def test_csv_is_read_back_as_it_was(row, worker, listing, moment):
    text = as_csv([row, worker("b")], listing, moment)

    assert text.startswith("address,name,state,took,share,beat,doing,open,mixed\r\n")
    assert text.endswith("\r\nworker:b,b,ok,,,,,,\r\n")
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == [
        "worker:etl-1",
        "etl-1",
        "late",
        "2.5",
        "0.0",
        "2026-03-02T14:15:00Z",
        'say "hi", or\nnot',
        "true",
        "-3",
    ]


def test_no_rows_are_an_empty_array_and_a_heading(listing, moment):
    assert json.loads(as_json([], listing, moment)) == []
    assert as_csv([], listing, moment).count("\r\n") == 1


@pytest.mark.parametrize(
    "formula",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\n=1", "\N{FULLWIDTH EQUALS SIGN}1"],
)
def test_no_text_is_a_formula(formula, worker, listing, moment):
    cells = list(csv.reader(io.StringIO(as_csv([worker(formula)], listing, moment), newline="")))[1]

    assert cells[1] == f"'{formula}"


def test_what_a_terminal_obeys_is_in_no_export(worker, listing, moment):
    hostile = worker("\x1b]52;c;ZXZpbA==\x1b\\", doing="\u202etxt.exe\r\x9b2J")

    for text in (as_csv([hostile], listing, moment), as_json([hostile], listing, moment)):
        assert not {"\x1b", "\u202e", "\x9b"} & set(text)
    assert "\\u001b" not in as_json([hostile], listing, moment)


def test_a_long_text_is_whole(worker, listing, moment):
    long = worker("a", doing="x" * 50_000)

    assert json.loads(as_json([long], listing, moment))[0]["doing"] == long.doing


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_json_has_no_figure_for_is_nothing(value, worker, listing, moment):
    assert json.loads(as_json([worker("a", took=value)], listing, moment))[0]["took"] is None
    assert "worker:a,a,ok,,," in as_csv([worker("a", took=value)], listing, moment)
