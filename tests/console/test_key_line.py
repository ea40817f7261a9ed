"""The keys that work now, fitted into one line; and a click on one of them."""

import pytest

from dataagents.console.view.key_line import Key, place_keys
from dataagents.console.widgets.key_bar import KeyBar

KEYS = (
    Key("enter", "enter", "Open"),
    Key("slash", "/", "Filter"),
    Key("question_mark", "?", "Help"),
    Key("q", "q", "Quit"),
)


def words(width, keys=KEYS):
    return [placed.key.word for placed in place_keys(keys, width)]


def test_keys_have_room_where_there_is_some():
    placed = place_keys(KEYS, 80)
    assert [(each.begin, each.width) for each in placed] == [(0, 12), (12, 10), (22, 8), (30, 8)]


def test_there_is_less_room_between_them_before_one_is_left_out():
    assert words(38) == words(34) == ["Open", "Filter", "Help", "Quit"]
    assert sum(each.width for each in place_keys(KEYS, 34)) == 34


def test_what_works_everywhere_stays_longest():
    assert words(33) == ["Open", "Help", "Quit"]
    assert words(24) == ["Help", "Quit"]
    assert words(8) == ["Help"]
    assert words(0) == []


@pytest.mark.parametrize("width", range(60))
def test_nothing_is_wider_than_the_line(width):
    wide = (*KEYS, Key("x", "日", "日本語"))
    placed = place_keys(wide, width)
    assert sum(each.width for each in placed) <= width
    assert [each.begin for each in placed] == [
        sum(other.width for other in placed[:at]) for at in range(len(placed))
    ]


async def test_a_click_presses_the_key_and_beside_the_keys_nothing(console):
    async with console(size=(160, 24)) as operator:
        bar = operator.app.screen.query_one(KeyBar)
        line = operator.lines[-1]
        before = operator.app.screen
        await operator.pilot.click(KeyBar, offset=(150, 0))
        await operator.settle()
        assert operator.app.screen is before
        await operator.pilot.click(KeyBar, offset=(line.index("Help") + 1, 0))
        await operator.settle()
        assert operator.app.screen is not before
        assert "? Help" in line
        assert {key.word for key in bar.keys} >= {"Open", "Filter", "Help"}


async def test_it_shows_what_works_on_each_screen(console):
    async with console(size=(160, 24)) as operator:
        assert "Sort" in operator.lines[-1]
        await operator.press("2", "enter")
        assert "Waterfall" in operator.lines[-1]
        assert "Sort" not in operator.lines[-1]
        await operator.press("escape")
        assert "Sort" in operator.lines[-1]
