"""Which rows a filter leaves in, and in what order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from dataagents.console.view.listing import Query, Sort, Span, Term
from dataagents.console.view.listing.grammar import parse
from dataagents.console.view.listing.matching import matches, predicate, select
from dataagents.core.errors import InputError


@pytest.fixture
def rows(worker, ago):
    return [
        worker("etl-1", "ok", 0.5, 0.0, ago(3), "parse_csv", open=True),
        worker("etl-2", "late", 61.0, 0.125, ago(600), "Two Words", open=False),
        worker("etl-10", "FAILED", 3600.0, 1.0, ago(90_000), "KeyError 'price'", over=True),
        worker("rater", "ok", None, None, None, "Straße [/] \\d"),
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "etl-1 etl-2 etl-10 rater"),
        ("ETL", "etl-1 etl-2 etl-10"),
        ("etl late", "etl-2"),
        ("!etl", "rater"),
        ('"two words"', "etl-2"),
        ("two|keyerror", "etl-2 etl-10"),
        ("STRASSE", "rater"),
        ('"[/]"', "rater"),
        ("state:fail", "etl-10"),
        ("state=fail", ""),
        ("state=failed|late", "etl-2 etl-10"),
        ("!state=ok", "etl-2 etl-10"),
        ("name:price", ""),
        ("took>1m", "etl-2 etl-10"),
        ("took>=61", "etl-2 etl-10"),
        ("took<1s", "etl-1"),
        ("took=1h", "etl-10"),
        ("took=500ms", "etl-1"),
        ('took=""', "rater"),
        ('!took=""', "etl-1 etl-2 etl-10"),
        ("!took>0", "rater"),
        ("share>10%", "etl-2 etl-10"),
        ("share=12.5%", "etl-2"),
        ("beat>5m", "etl-2 etl-10"),
        ("beat<5", "etl-1"),
        ("beat>14:00", "etl-1 etl-2"),
        ("beat<2026-03-02", "etl-10"),
        ("beat>today", "etl-1 etl-2"),
        ("beat:2026-03-01", "etl-10"),
        ("beat=14:05", "etl-2"),
        ("beat=2026-03-02", "etl-1 etl-2"),
        ("beat=2026-03-02T14:05", "etl-2"),
        ("open=yes", "etl-1"),
        ("open=false", "etl-2"),
        ("open:ye", "etl-1"),
        ("name:/^etl-\\d$/", "etl-1 etl-2"),
        ("/(error|word)s?/", "etl-2 etl-10"),
        ("beat:/14:1\\d/", "etl-1"),
        ("!/e/", ""),
        ("61", "etl-2"),
        ("14:05", "etl-2"),
        ("state>5", ""),
    ],
)
def test_a_filter_leaves_in_what_it_says(text, names, rows, fields, listing, moment):
    query = Query(parse(text, fields))

    assert " ".join(row.name for row in select(rows, query, listing, moment)) == names
    assert [matches(row, query, listing, moment) for row in rows] == [
        row.name in names.split() for row in rows
    ]


def test_figures_of_a_time_are_those_of_utc(worker, fields, listing, moment):
    zone = timezone(timedelta(hours=5, minutes=30))
    row = worker("a", beat=datetime(2026, 3, 2, 19, 35, tzinfo=zone))

    assert matches(row, Query(parse("beat=14:05", fields)), listing, moment)
    assert matches(row, Query(parse("14:05", fields)), listing, moment)


def test_a_range_of_time_leaves_in_what_has_no_time(rows, ago, listing, moment):
    query = Query(span=Span(ago(700), ago(60)))

    assert [row.name for row in select(rows, query, listing, moment)] == ["etl-2", "rater"]


def test_what_is_finished_is_hidden(rows, listing, moment):
    names = [row.name for row in select(rows, Query(hide_finished=True), listing, moment)]

    assert names == ["etl-1", "etl-2", "rater"]


def test_everything_asked_holds_at_once_and_in_order(rows, ago, fields, listing, moment):
    query = Query(
        parse("etl", fields), (Sort("took", descending=True),), Span(ago(800)), hide_finished=True
    )

    assert [row.name for row in select(rows, query, listing, moment)] == ["etl-2", "etl-1"]


def test_ages_go_with_the_moment(rows, fields, listing, moment):
    query = Query(parse("beat>5m", fields))
    later = replace(moment, now=moment.now + timedelta(minutes=5))

    assert predicate(query, listing, later)(rows[0])
    assert not predicate(query, listing, moment)(rows[0])


@pytest.mark.parametrize(
    "term", [Term("gone", "contains", "x"), Term("took", ">", "soon"), Term("took", "like", "5")]
)
def test_a_condition_of_another_version_is_told(term, listing, moment):
    with pytest.raises(InputError):
        predicate(Query((term,)), listing, moment)


def test_a_value_that_is_no_number_is_beyond_no_limit(worker, fields, listing, moment):
    odd = [worker("nan", took=float("nan")), worker("inf", took=float("inf"))]

    assert select(odd, Query(parse("took<5", fields)), listing, moment) == []
    assert select(odd, Query(parse("took>5", fields)), listing, moment) == odd[1:]


def test_rows_in_utc_and_elsewhere_compare(worker, fields, listing, moment):
    early = worker("a", beat=datetime(2026, 3, 2, 12, tzinfo=UTC))

    assert matches(early, Query(parse("beat<14:00", fields)), listing, moment)
