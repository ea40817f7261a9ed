"""Lineage as rows of a tree, and data sets as a list."""

from datetime import timedelta

from dataagents.console.view.dataset_lines import LINEAGE, dataset_line
from dataagents.console.view.glyphs import ASCII
from dataagents.console.view.lineage_rows import (
    LINEAGE_COLUMNS,
    lineage_cells,
    lineage_rows,
    lineage_sections,
)
from dataagents.console.view.listing import Query
from dataagents.console.view.listing.grammar import parse
from dataagents.console.view.listing.matching import select
from dataagents.console.view.moment import Moment
from dataagents.core.lineage import downstream, upstream
from dataagents.core.messaging import Lineage
from dataagents.core.testing.clock import START

MOMENT = Moment(START, glyphs=ASCII)


def made(dataset, *sources, by="clean", seconds=0, run="run-1", **columns):
    at = START + timedelta(seconds=seconds)
    return Lineage(dataset, sources, by, at, run, f"{by}({dataset})", "transformer", columns)


def tree(records, start, column=None):
    rows = lineage_rows(
        (start, column) if column else start,
        upstream(records, start, column),
        downstream(records, start, column),
        records,
    )
    return [
        (row.depth, lineage_cells(row, MOMENT)[0].text.strip(), row.operation) for row in rows
    ], rows


def test_a_data_set_shows_what_it_was_made_of_and_what_was_made_of_it():
    records = (
        made("clean", "raw"),
        made("report", "clean", by="sum"),
        made("raw", "file", by="load"),
    )
    lines, rows = tree(records, "clean")

    assert lines == [
        (0, "clean", ""),
        (1, "< raw", "clean"),
        (2, "< file", "load"),
        (1, "> report", "sum"),
    ]
    assert rows[1].agent == "transformer"
    assert rows[3].address == "dataset:report"
    assert len(lineage_cells(rows[1], MOMENT)) == len(LINEAGE_COLUMNS)


def test_what_is_reached_in_two_ways_is_told_once():
    records = (made("b", "a"), made("c", "a"), made("d", "b", "c", by="join"), made("a", "file"))
    lines, rows = tree(records, "d")

    assert [text for _, text, _ in lines[1:-1]] == [
        "< b", "< a", "< file", "< c", "< a (as above)",
    ]  # fmt: skip
    assert lines[-1] == (1, "nothing on record was made of it", "")
    assert "told above" in dict(lineage_sections(rows[-2]))
    assert len({row.key for row in rows}) == len(rows)


def test_a_data_set_that_is_made_of_itself_ends():
    lines, _ = tree((made("a", "b"), made("b", "a")), "a")

    assert [text for _, text, _ in lines] == [
        "a", "< b", "< a (as above)", "> b", "> a (as above)",
    ]  # fmt: skip


def test_a_step_that_several_runs_did_is_one_row_with_the_last_of_them():
    records = (made("b", "a"), made("b", "a", seconds=60, run="run-2"))
    _, rows = tree(records, "b")

    assert (rows[1].times, rows[1].run) == (2, "run-2")
    assert [cell.text for cell in lineage_cells(rows[1], MOMENT)[1:3]] == ["clean", "2"]
    assert dict(lineage_sections(rows[1]))["on record"].startswith("2 times, last ")


def test_columns_are_told_with_those_they_were_made_of():
    records = (made("b", "a", total=("a.price", "a.count"), name=("a.name",)),)
    _, rows = tree(records, "b")

    assert rows[1].columns == {"total": "a.price, a.count", "name": "a.name"}
    assert lineage_cells(rows[1], MOMENT)[4].text == "2 columns"
    _, of_one = tree(records, "b", "total")
    assert [row.dataset for row in of_one[:3]] == ["b.total", "a.price", "a.count"]
    assert of_one[1].columns == {"total": "a.price"}
    assert of_one[1].address == "dataset:a"


def test_a_chain_of_three_thousand_steps_and_a_wide_one_are_walked_without_recursion():
    records = [made(f"d{n + 1}", f"d{n}") for n in range(3_000)]
    records += [made(f"wide {n}", "d3000") for n in range(1_000)]
    _, rows = tree(records, "d3000")

    assert max(row.depth for row in rows) == 3_000
    assert len(rows) == 1 + 3_000 + 1_000
    deepest = lineage_cells(rows[3_000], MOMENT)[0].text
    assert deepest == " " * 24 + "(3000) < d0"


def test_hostile_names_become_harmless():
    evil = "a\x1b[2J\u202e"
    _, rows = tree((made("b", evil, by=evil, x=(evil,)),), "b")
    shown = [cell.text for row in rows for cell in lineage_cells(row, MOMENT)]
    shown += [text for row in rows for _, text in lineage_sections(row)]

    assert not any(character in text for text in shown for character in "\x1b\u202e")


def test_the_list_says_what_a_data_set_was_made_of():
    lines = (
        dataset_line(place=2, dataset="joined", at=START, sources=("a", "b"), operation="join"),
        dataset_line(place=1, dataset="clean", at=START, sources=("raw",), columns={"x": ("y",)}),
    )
    fields = {field.name: field for field in LINEAGE.fields}

    assert [fields["sources"].cell(line, MOMENT).text for line in lines] == ["2: a, b", "raw"]
    assert dict(LINEAGE.sections(lines[1], MOMENT))["columns"] == "x: y"
    assert LINEAGE.key(lines[0]) == "dataset:joined"
    query = Query(parse(LINEAGE.presets[1].filter, LINEAGE.fields))
    assert [line.dataset for line in select(lines, query, LINEAGE, MOMENT)] == ["joined"]
