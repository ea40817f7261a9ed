"""The shelf: a window over a long list that moves, follows, filters and sorts."""

from dataclasses import replace

import pytest

from dataagents.console.feeds import lists
from dataagents.console.feeds.events import events
from dataagents.console.feeds.library import Library
from dataagents.console.feeds.shelf import MOST, Shelf
from dataagents.console.view.event_rows import EVENTS
from dataagents.console.view.glyphs import UNICODE
from dataagents.console.view.listing import Query, Sort, Span, Term
from dataagents.console.view.moment import Moment
from dataagents.console.view.run_lines import RUNS
from dataagents.core.errors import DataAgentsError
from dataagents.storage import SqliteStore


@pytest.fixture
def moment(now):
    return Moment(now.now(), False, UNICODE)


@pytest.fixture
async def shelf(many):
    """A shelf of 1,100 runs."""
    async with Library(many) as library:
        yield Shelf(library, RUNS, lists.runs)


@pytest.fixture
async def tail(many):
    """A shelf of 2,200 events."""
    async with Library(many) as library:
        yield Shelf(library, EVENTS, events)


def ids(shelf):
    return [int(row.id.rpartition("-")[2]) for row in shelf.rows]


def places(shelf):
    return [EVENTS.place(row) for row in shelf.rows]


def falling(first, last):
    return list(range(first, last - 1, -1))


async def test_the_newest_page_comes_first(shelf, moment):
    await shelf.ask(Query(), moment)
    assert ids(shelf) == falling(1_100, 901)
    assert (shelf.window.newer, shelf.window.older, shelf.searching) == (False, True, False)


async def test_older_pages_follow_until_the_first_run(shelf, moment):
    await shelf.ask(Query(), moment)
    for _ in range(10):
        await shelf.older(moment)
    assert ids(shelf) == falling(1_100, 1)
    assert not shelf.window.older


async def test_a_window_lets_go_of_the_newest_and_comes_back_to_them(tail, moment):
    await tail.ask(Query(), moment)
    for _ in range(12):
        await tail.older(moment)
    assert len(tail.rows) == MOST
    assert places(tail) == falling(2_000, 1)
    assert (tail.window.newer, tail.window.older) == (True, False)

    await tail.newer(moment)

    assert places(tail) == falling(2_200, 201)
    assert (tail.window.newer, tail.window.older) == (False, True)
    await tail.older(moment)
    assert places(tail) == falling(2_000, 1)


async def test_the_oldest_are_shown_without_reading_what_lies_between(shelf, moment):
    await shelf.ask(Query(), moment)
    await shelf.oldest(moment)
    assert ids(shelf) == falling(200, 1)
    assert (shelf.window.newer, shelf.window.older) == (True, False)

    for _ in range(10):
        await shelf.newer(moment)

    assert ids(shelf) == falling(1_100, 1)
    assert not shelf.window.newer


async def test_what_is_new_comes_on_top(shelf, moment, many, more_runs):
    await shelf.ask(Query(), moment)
    async with SqliteStore(many) as store:
        await store.commit(list(more_runs(1_101, 1_103)))
    await shelf.renew(moment)
    assert ids(shelf) == falling(1_103, 901)


async def test_far_more_than_a_page_that_is_new_comes_whole_and_in_order(
    shelf, moment, many, more_runs
):
    await shelf.ask(Query(), moment)
    async with SqliteStore(many) as store:
        await store.commit(list(more_runs(1_101, 1_650)))
    await shelf.renew(moment)
    assert ids(shelf) == falling(1_650, 901)


async def test_a_window_elsewhere_stays_where_it_is(shelf, moment, many, more_runs):
    await shelf.ask(Query(), moment)
    await shelf.oldest(moment)
    async with SqliteStore(many) as store:
        await store.commit(list(more_runs(1_101, 1_103)))
    await shelf.renew(moment)
    assert ids(shelf) == falling(200, 1)
    assert shelf.window.newer

    for _ in range(10):
        await shelf.newer(moment)
    assert ids(shelf) == falling(1_103, 1)


async def test_a_run_that_ends_is_seen_to_end(shelf, moment, many, more_runs):
    started, ended = more_runs(1_101, 1_101)
    live = replace(moment, live=True)
    async with SqliteStore(many) as store:
        await store.commit([started])
        await shelf.ask(Query(), live)
        assert [row.status for row in shelf.rows[:2]] == ["running", "failed"]
        await store.commit([ended])
        await shelf.renew(live)
        assert [row.status for row in shelf.rows[:2]] == ["done", "failed"]
        assert len(shelf.rows) == 200


async def test_runs_that_go_on_far_apart_are_each_seen_to_end(shelf, moment, many, more_runs):
    live = replace(moment, live=True)
    started, ended = more_runs(2_000, 2_000)
    async with SqliteStore(many) as store:
        await store.commit([started, *more_runs(1_101, 1_250)])
        await store.commit([first := next(iter(more_runs(2_001, 2_001)))])
        await shelf.ask(Query(), live)
        assert [row.id for row in shelf.rows if row.status == "running"] == [first.run, "run-2000"]
        await store.commit([ended])
        await shelf.renew(live)
        assert [row.id for row in shelf.rows if row.status == "running"] == [first.run]


async def test_a_filter_is_searched_for_through_all_pages(shelf, moment):
    await shelf.ask(Query((Term("state", "is", "failed"),)), moment)
    assert ids(shelf) == [n * 100 for n in falling(11, 1)]
    assert (shelf.window.older, shelf.searching) == (False, False)


async def test_a_filter_keeps_what_is_new_and_fits(shelf, moment, many, more_runs):
    await shelf.ask(Query((Term("state", "is", "failed"),)), moment)
    async with SqliteStore(many) as store:
        await store.commit(list(more_runs(1_101, 1_250)))
    await shelf.renew(moment)
    assert ids(shelf) == [1_200, *(n * 100 for n in falling(11, 1))]


async def test_the_oldest_that_fit_are_searched_for(shelf, moment):
    await shelf.ask(Query((Term("state", "is", "done"),)), moment)
    assert 200 <= len(shelf.rows) < 400
    while shelf.window.older:
        await shelf.oldest(moment)
    assert len(shelf.rows) == 1_089
    assert ids(shelf)[-1] == 1


async def test_hiding_what_is_over_leaves_what_failed(shelf, moment):
    await shelf.ask(Query(hide_finished=True), moment)
    assert ids(shelf) == [n * 100 for n in falling(11, 1)]


async def test_a_sort_orders_all_that_are_kept(shelf, moment):
    await shelf.ask(Query(sorts=(Sort("state", descending=True), Sort("run"))), moment)
    assert len(shelf.rows) == 1_100
    assert ids(shelf)[:12] == [*(n * 100 for n in range(1, 12)), 1]
    assert ids(shelf)[-1] == 1_099


async def test_what_is_new_is_put_in_its_place_of_the_order(shelf, moment, many, more_runs):
    await shelf.ask(Query(sorts=(Sort("run"),)), moment)
    async with SqliteStore(many) as store:
        await store.commit(list(more_runs(1_101, 1_101)))
    await shelf.renew(moment)
    assert ids(shelf)[-1] == 1_101
    assert ids(shelf)[0] == 1


async def test_a_range_of_time_is_read_by_its_places(shelf, moment, more_runs):
    times = [event.at for event in more_runs(1, 1_100) if event.kind == "run.started"]
    await shelf.ask(Query(span=Span(times[499], times[519])), moment)
    assert ids(shelf) == falling(520, 500)
    assert not shelf.window.older


@pytest.mark.parametrize("side", ["since", "until"])
async def test_a_range_where_nothing_was_is_empty(shelf, moment, more_runs, side):
    first, *_, last = more_runs(1, 1_100)
    span = Span(since=last.at.replace(year=2030)) if side == "since" else Span(
        until=first.at.replace(year=2020)
    )  # fmt: skip
    await shelf.ask(Query(span=span), moment)
    assert shelf.rows == ()
    assert not shelf.window.older


async def test_an_empty_store_has_no_rows_and_gets_some(tmp_path, moment, more_runs):
    path = tmp_path / "empty.db"
    async with SqliteStore(path) as store, Library(path) as library:
        shelf = Shelf(library, RUNS, lists.runs)
        await shelf.ask(Query(), moment)
        assert (shelf.rows, shelf.window.older) == ((), False)
        await store.commit(list(more_runs(1, 2)))
        await shelf.renew(moment)
        assert ids(shelf) == [2, 1]


async def test_trouble_leaves_the_rows_that_were_read(shelf, moment, many):
    await shelf.ask(Query(), moment)
    many.rename(many.with_name("away"))
    await shelf._library.close()
    with pytest.raises(DataAgentsError):
        await shelf.renew(moment)
    assert ids(shelf) == falling(1_100, 901)
