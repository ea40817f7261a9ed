"""Long lists that grow: the cursor stays where it was put, and every row can be reached."""

import pytest

from dataagents.core.health import Health
from dataagents.storage import SqliteStore


@pytest.fixture
def long(console, many):
    """Sit down before a store of 1,100 runs."""
    return lambda **more: console(path=many, **more)


def number(key):
    return int(key.rpartition("-")[2])


async def test_the_list_opens_at_the_newest_and_says_that_there_are_more(long):
    async with long() as operator:
        await operator.press("2")
        assert operator.key == "run:run-1100"
        assert "200+" in operator.way


async def test_paging_down_reaches_the_first_run_ever(long):
    async with long() as operator:
        await operator.press("2")
        seen = set(operator.keys)
        for _ in range(200):
            await operator.press("pagedown")
            seen.update(operator.keys)
            if operator.key == "run:run-0001":
                break
        assert operator.key == "run:run-0001"
        assert len(seen) == 1_100
        assert "1,100" in operator.way
        assert "1,100+" not in operator.way


async def test_the_last_key_and_the_first_key_go_to_the_ends(long):
    async with long() as operator:
        await operator.press("2", "G")
        while operator.key != "run:run-0001":
            before = operator.key
            await operator.press("G")
            assert operator.key != before
        await operator.press("g")
        while operator.key != "run:run-1100":
            before = operator.key
            await operator.press("g")
            assert operator.key != before


async def test_whoever_opened_the_newest_row_comes_back_to_that_and_not_to_a_newer_one(
    long, many, more_runs
):
    async with SqliteStore(many) as store, long() as operator:
        await operator.press("2", "enter")
        await operator.write(store, more_runs(1_101, 1_102))
        await operator.press("escape")
        assert operator.key == "run:run-1100"
        await operator.press("g")
        await operator.write(store, more_runs(1_103, 1_103))
        assert operator.key == "run:run-1103", "whoever goes to the first row follows again"


async def test_a_cursor_on_the_newest_row_goes_with_what_is_newest(long, many, more_runs):
    async with SqliteStore(many) as store, long() as operator:
        await operator.press("2")
        await operator.write(store, more_runs(1_101, 1_102))
        assert operator.key == "run:run-1102"
        assert operator.table.cursor == 0
        await operator.write(store, more_runs(1_103, 1_103))
        assert operator.key == "run:run-1103"


async def test_a_cursor_elsewhere_stays_on_its_row_and_line(long, many, more_runs):
    async with SqliteStore(many) as store, long() as operator:
        await operator.press("2", *["down"] * 20)
        key = operator.key
        line = next(at for at, line in enumerate(operator.lines) if line.startswith(">"))
        await operator.write(store, more_runs(1_101, 1_130))
        assert operator.key == key == "run:run-1080"
        assert operator.keys[0] == "run:run-1130"
        assert operator.lines[line].startswith(">")


async def test_a_list_that_is_held_stands_still_until_it_follows_again(long, many, more_runs):
    async with SqliteStore(many) as store, long() as operator:
        await operator.press("2", "f")
        assert "HELD" in operator.way
        await operator.write(store, more_runs(1_101, 1_105))
        assert operator.keys[0] == "run:run-1100"

        await operator.press("f")

        assert operator.keys[0] == "run:run-1105"
        assert "HELD" not in operator.way


async def test_agents_that_are_held_are_as_they_were_wherever_one_looks(console, store, later):
    def degraded(agents):
        return [later.health(agent, Health.DEGRADED, "slow disk") for agent in agents]

    async with SqliteStore(store) as kernel, console(size=(80, 7)) as operator:
        agents = [key.removeprefix("agent:") for key in operator.keys]
        await operator.press("f")
        await operator.write(kernel, degraded(agents))
        await operator.press("end")
        assert operator.key == f"agent:{agents[-1]}"
        assert "slow disk" not in operator.shown
        await operator.press("f")
        assert "slow disk" in operator.cursor_line


async def test_what_came_while_another_view_was_shown_is_there_on_return(long, many, more_runs):
    async with SqliteStore(many) as store, long() as operator:
        await operator.press("2", "down", "1")
        await operator.write(store, more_runs(1_101, 1_101))
        await operator.press("2")
        assert operator.keys[0] == "run:run-1101"
        assert operator.key == "run:run-1099"


async def test_a_run_is_seen_to_begin_and_to_end(long, many, more_runs):
    started, ended = more_runs(1_101, 1_101)
    async with SqliteStore(many) as store, long() as operator:
        await operator.press("2")
        await operator.write(store, [started])
        assert "running" in operator.cursor_line
        await operator.write(store, [ended])
        assert "done" in operator.cursor_line


async def test_the_next_error_is_found_far_below_what_was_read(long):
    async with long() as operator:
        await operator.press("2", "e")
        found = [number(operator.key)]
        for _ in range(4):
            await operator.press("e")
            found.append(number(operator.key))
        assert found == [1_100, 1_000, 900, 800, 700]
        await operator.press("E")
        assert number(operator.key) == 800


async def test_failures_only_is_a_key_away_however_far_they_are(long):
    async with long() as operator:
        await operator.press("2", "v")
        assert [number(key) for key in operator.keys] == [each * 100 for each in range(11, 0, -1)]


async def test_a_sort_orders_all_runs_and_says_so(long):
    async with long() as operator:
        await operator.press("2", "s")
        assert len(operator.keys) == 1_100
        assert operator.table.rows[0].status == "done"
        await operator.press("s")
        assert [number(key) for key in operator.keys[:2]] == [1_100, 1_000]
        assert "sort: state-" in operator.way


async def test_a_row_is_opened_far_below_and_come_back_to(long):
    async with long() as operator:
        await operator.press("2", *["pagedown"] * 20)
        key = operator.key
        await operator.press("enter")
        assert len(operator.app.screen_stack) == 2
        await operator.press("escape")
        assert operator.key == key
        assert operator.cursor_line


async def test_more_events_than_are_kept_can_be_gone_through_both_ways(long):
    async with long(size=(80, 45)) as operator:
        await operator.press("T")
        seen = set(operator.keys)
        for _ in range(100):
            await operator.press("end")
            seen.update(operator.keys)
            if not operator.screen.shelf.window.older:
                break
        await operator.press("end")
        assert operator.key == operator.keys[-1]
        assert operator.screen.shelf.window.newer
        assert len(seen) == 2_200
        for _ in range(100):
            await operator.press("home")
            if not operator.screen.shelf.window.newer:
                break
        await operator.press("home")
        assert operator.key == operator.keys[0]
        assert operator.table.rows[0].at == max(row.at for row in operator.table.rows)
