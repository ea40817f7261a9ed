"""Lineage: backwards to the sources, forwards to what was made of them."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dataagents.core.lineage import downstream, upstream
from dataagents.core.messaging import Lineage

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def made(dataset: str, *sources: str, by: str = "tool", **columns: tuple[str, ...]) -> Lineage:
    return Lineage(dataset, sources, by, NOON, "run", "task", f"agent of {by}", columns)


RECORDS = (
    made("orders:staged", "orders.csv", by="analyze"),
    made("orders:clean", "orders:staged", by="route", id=("id",), total=("price", "number")),
    made(
        "sales", "orders:clean", "customers", by="join",
        total=("orders:clean.total",), name=("customers.name",),
    ),
)  # fmt: skip


def test_a_data_set_is_followed_back_to_its_files_nearest_first():
    links = upstream(RECORDS, "sales")
    assert [(link.source, link.operation, link.distance) for link in links] == [
        ("orders:clean", "join", 1),
        ("customers", "join", 1),
        ("orders:staged", "route", 2),
        ("orders.csv", "analyze", 3),
    ]
    assert (links[0].agent, links[0].task, links[0].run) == ("agent of join", "task", "run")


def test_a_data_set_is_followed_to_all_that_was_made_of_it():
    links = downstream(RECORDS, "orders.csv")
    assert [link.target for link in links] == ["orders:staged", "orders:clean", "sales"]


def test_a_column_is_followed_back_through_what_it_was_made_of():
    links = upstream(RECORDS, "sales", "total")
    assert [(link.source, link.source_column) for link in links] == [
        ("orders:clean", "total"),
        ("orders:staged", "price"),
        ("orders:staged", "number"),
        ("orders.csv", "price"),  # what names no columns passes them on
        ("orders.csv", "number"),
    ]


def test_a_column_is_followed_to_the_columns_that_it_went_into():
    links = downstream(RECORDS, "orders.csv", "price")
    assert [(link.target, link.target_column) for link in links] == [
        ("orders:staged", "price"),
        ("orders:clean", "total"),
        ("sales", "total"),
    ]
    assert downstream(RECORDS, "orders:staged", "comment") == ()


def test_a_data_set_that_was_changed_in_place_does_not_go_on_for_ever():
    records = (made("a", "a"), made("a", "b"), made("b", "a"))
    assert {(link.source, link.target) for link in upstream(records, "a")} == {
        ("a", "a"), ("b", "a"), ("a", "b"),
    }  # fmt: skip


def test_nothing_is_known_of_what_was_never_recorded():
    assert upstream(RECORDS, "other") == downstream(RECORDS, "other", "x") == ()


NAMES = st.sampled_from("abcdef")


@given(st.lists(st.tuples(NAMES, st.lists(NAMES, min_size=1, max_size=3)), max_size=12))
def test_what_lies_behind_something_has_it_ahead(drawn):
    records = [
        Lineage(dataset, tuple(sources), "tool", NOON + timedelta(seconds=number))
        for number, (dataset, sources) in enumerate(drawn)
    ]
    for name in "abcdef":
        for link in upstream(records, name):
            assert name in {each.target for each in downstream(records, link.source)}
