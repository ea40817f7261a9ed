"""Lists: what an operator asks of them by keys."""

import csv
import io
import json
import xml.etree.ElementTree as ET

import pytest

from dataagents.console.screens.choosing import Choose
from dataagents.console.screens.help import HelpScreen
from dataagents.console.screens.reading import ReadScreen
from dataagents.console.widgets.ask_bar import AskBar

AGENTS = (
    "coordinator",
    "profiler",
    "transformer",
    "validator-unique",
    "validator-valid",
)


def names(operator):
    return [key.partition(":")[2] for key in operator.keys]


async def test_agents_come_with_their_state_as_word_and_glyph(console):
    async with console() as operator:
        assert sorted(names(operator)) == list(AGENTS)
        line = operator.line_with(" transformer")
        assert line.split()[:3] == ["transformer", "○", "ended"]
        assert "5 agents" in operator.way


async def test_a_filter_takes_effect_as_it_is_typed(console):
    async with console() as operator:
        await operator.press("slash")
        await operator.type("vali")
        assert sorted(names(operator)) == ["validator-unique", "validator-valid"]
        assert "2 of 5 agents" in operator.way
        await operator.type("dator-u")
        assert names(operator) == ["validator-unique"]

        await operator.press("enter")

        assert not operator.screen.query_one(AskBar).display
        assert operator.table.has_focus
        assert "filter: validator-u" in operator.way


async def test_escape_puts_back_the_filter_that_was_there(console):
    async with console() as operator:
        await operator.press("slash")
        await operator.type("valid")
        await operator.press("enter", "slash")
        await operator.type("zzz")
        assert names(operator) == []
        assert "Nothing fits." in operator.shown
        await operator.press("escape")
        assert len(names(operator)) == 2
        assert "filter: valid" in operator.way
        assert operator.table.has_focus


async def test_what_is_wrong_with_a_filter_is_told_while_it_is_typed(console):
    async with console(size=(120, 30)) as operator:
        await operator.press("slash")
        await operator.type("stat:ended")
        assert "'state'" in operator.shown  # the nearest there is
        await operator.press("enter")
        assert operator.screen.query_one(AskBar).display  # it is not taken
        await operator.press("escape")
        assert len(names(operator)) == 5


async def test_a_condition_on_a_field_is_taken(console):
    async with console() as operator:
        await operator.press("slash")
        await operator.type("done>0")
        await operator.press("enter")
        assert names(operator) == ["transformer"]


async def test_sort_turns_and_then_leaves(console):
    async with console() as operator:
        before = names(operator)
        await operator.press("s")
        assert names(operator) == sorted(AGENTS)
        assert "AGENT↑" in operator.lines[2]
        await operator.press("s")
        assert names(operator) == sorted(AGENTS, reverse=True)
        assert "AGENT↓" in operator.lines[2]
        assert "sort: agent-" in operator.way
        await operator.press("s")
        assert names(operator) == before
        assert "sort" not in operator.way


async def test_a_second_sort_orders_what_the_first_leaves_equal(console):
    async with console(size=(120, 30)) as operator:
        await operator.press("right", "s", "left", "S", "S")
        assert "sort: state, agent-" in operator.way
        assert names(operator) == sorted(AGENTS, reverse=True)
        assert "STATE↑" in operator.lines[2]
        assert "AGENT↓" in operator.lines[2]


async def test_a_click_on_a_heading_sorts(console):
    async with console() as operator:
        await operator.pilot.click("#rows", offset=(3, 0))
        await operator.settle()
        assert names(operator) == sorted(AGENTS)


async def test_what_is_over_can_be_hidden(console):
    async with console() as operator:
        await operator.press("h")
        assert names(operator) == []
        assert "done hidden" in operator.way
        assert "h what is hidden" in operator.shown
        await operator.press("h")
        assert len(names(operator)) == 5


async def test_ready_made_filters_are_a_key_away_and_add_to_what_is_typed(console):
    async with console() as operator:
        await operator.press("2")
        assert "[all]" in operator.way
        await operator.press("v")
        assert operator.keys == []
        assert "[failed]" in operator.way
        await operator.press("V", "V")
        assert "[running]" in operator.way
        await operator.press("v", "slash")
        await operator.type("clean")
        await operator.press("enter")
        assert operator.keys == ["run:run-1"]


async def test_columns_can_be_left_out_and_brought_back(console):
    async with console() as operator:
        await operator.press("c")
        assert isinstance(operator.screen, Choose)
        await operator.press("down", "space", "enter")
        assert "STATE" not in operator.lines[2]
        assert "AGENT" in operator.lines[2]

        await operator.press("c", "down", "space", "enter")

        assert "STATE" in operator.lines[2]


async def test_to_leave_the_choice_of_columns_changes_nothing(console):
    async with console() as operator:
        before = operator.lines[2]
        await operator.press("c", "space", "escape")
        assert operator.lines[2] == before


async def test_no_column_at_all_is_not_taken(console):
    async with console() as operator:
        before = operator.lines[2]
        await operator.press("c")
        for _ in range(11):
            await operator.press("space", "down")
        await operator.press("enter")
        assert operator.lines[2] == before


async def test_a_range_of_time_leaves_out_the_rest(console):
    async with console() as operator:
        await operator.press("T")
        assert len(operator.keys) == 61
        await operator.press("t")
        await operator.type("30s")
        await operator.press("enter")
        assert len(operator.keys) == 3
        assert "last 30s" in operator.way
        await operator.press("t")
        assert operator.screen.query_one(AskBar).text == "30s"
        await operator.press("ctrl+u", "enter")
        assert len(operator.keys) == 61


async def test_a_range_that_is_none_is_told_and_not_taken(console):
    async with console(size=(120, 30)) as operator:
        await operator.press("T", "t")
        await operator.type("soon")
        await operator.press("enter")
        assert "soon" in "".join(operator.lines[-4:])
        assert len(operator.keys) == 61
        await operator.press("escape")
        assert operator.table.has_focus


async def test_rows_are_marked_and_unmarked(console):
    async with console() as operator:
        await operator.press("space", "space")
        marked = [f"agent:{name}" for name in names(operator)[:2]]
        assert operator.screen.targets() == tuple(sorted(marked))
        assert operator.table.cursor == 2
        assert "2 marked" in operator.way
        assert sum(line.startswith("*") for line in operator.lines) == 2

        await operator.press("escape")

        assert not operator.screen.marked
        assert operator.screen.targets() == (operator.key,)
        assert operator.app.current_mode == "agents"


async def test_two_rows_are_compared(console):
    async with console(size=(100, 40)) as operator:
        await operator.press("T", "d")
        assert operator.told[-1].startswith("Mark one row")
        newest, before = operator.keys[:2]
        await operator.press("space", "d")
        assert isinstance(operator.screen, ReadScreen)
        assert f"--- {newest}" in operator.shown
        assert f"+++ {before}" in operator.shown
        text = operator.screen.query_one("#text").text.plain
        changed = [line.strip() for line in text.splitlines() if line.strip()[:1] in "+-"]
        assert [line[0] for line in changed if "queue 2" in line] == ["-", "+"]
        await operator.press("escape")
        assert operator.way.startswith("Tail")


async def test_a_cell_and_an_address_are_copied(console):
    async with console() as operator:
        first = names(operator)[0]
        await operator.press("y", "right", "y", "Y")
        assert operator.copied == [first, "ended", f"agent:{first}"]
        assert operator.told[-1] == f"copied agent:{first}"


async def test_the_rows_shown_are_exported_as_csv_and_json(console, tmp_path):
    async with console() as operator:
        await operator.press("slash")
        await operator.type("validator")
        await operator.press("enter", "s", "x", "enter", "x", "down", "enter")

    table, objects = sorted((tmp_path / "home").glob("dataagents-*"))
    assert operator.told == [f"wrote {table.name}, 2 rows", f"wrote {objects.name}, 2 rows"]
    rows = list(csv.DictReader(io.StringIO(table.read_text())))
    assert [row["agent"] for row in rows] == ["validator-unique", "validator-valid"]
    assert {row["state"] for row in rows} == {"ended"}
    read = json.loads(objects.read_text())
    assert [each["agent"] for each in read] == ["validator-unique", "validator-valid"]


async def test_a_picture_is_written_that_needs_nothing_from_elsewhere(console, tmp_path):
    async with console() as operator:
        await operator.press("x", "down", "down", "enter")

    (picture,) = (tmp_path / "home").glob("dataagents-agents-*.svg")
    text = picture.read_text()
    assert ET.fromstring(text).tag.endswith("svg")
    assert "coordinator" in text
    assert "cdnjs" not in text
    assert text.count("http") == text.count("http://www.w3.org") + text.count("textualize.io")


async def test_an_export_into_a_folder_that_is_gone_is_told(console, tmp_path):
    async with console() as operator:
        operator.session.folder = tmp_path / "nowhere"
        await operator.press("x", "enter")
        assert "can't be written" in operator.told[-1]


async def test_errors_are_gone_round(console):
    async with console() as operator:
        await operator.press("T")
        failed = []
        for key in ("e", "e", "e", "E"):
            await operator.press(key)
            failed.append(operator.key)
        assert len(set(failed[:3])) == 3
        assert failed[3] == failed[1]
        assert "✖" in operator.cursor_line


async def test_where_nothing_failed_that_is_told(console):
    async with console() as operator:
        await operator.press("7", "e")
        assert operator.told == ["No data set here has failed."]


async def test_the_pane_shows_the_row_under_the_cursor(console):
    async with console() as operator:
        for _ in range(5):
            name = names(operator)[operator.table.cursor]
            assert name in operator.screen.query_one("#detail").text.plain.splitlines()[0]
            await operator.press("down")


async def test_enter_opens_the_row_and_escape_comes_back_to_it(console):
    async with console() as operator:
        await operator.press("s", "down", "down")
        before = (operator.key, operator.way, names(operator))
        await operator.press("enter")
        assert " > transformer" in operator.way
        await operator.press("escape")
        assert (operator.key, operator.way, names(operator)) == before


async def test_what_was_asked_is_remembered_by_the_next_console(console):
    async with console() as operator:
        await operator.press("slash")
        await operator.type("validator")
        await operator.press("enter", "s", "s", "c", "down", "space", "enter", "f")
        await operator.press("2", "h", "1")
        before = operator.lines[1:5]

    async with console() as operator:
        assert operator.lines[1:5] == before
        assert names(operator) == ["validator-valid", "validator-unique"]
        assert "STATE" not in operator.lines[2]
        assert "HELD" in operator.way
        await operator.press("2")
        assert "done hidden" in operator.way


async def test_help_lists_the_keys_the_fields_and_the_filters(console):
    async with console(size=(100, 120)) as operator:
        active = [
            each.binding for each in operator.screen.active_bindings.values()
            if each.binding.id and each.binding.tooltip
        ]  # fmt: skip
        await operator.press("question_mark")
        assert isinstance(operator.screen, HelpScreen)
        text = operator.screen.query_one("#text").text.plain
        missing = [each.id for each in active if each.tooltip not in text]
        assert not missing
        assert "state:late|failed" in text
        assert "tasks failed" in text  # a field of this list
        await operator.press("question_mark")
        assert names(operator)
        await operator.press("question_mark", "escape")
        assert names(operator)


@pytest.mark.parametrize("view", ["agents", "events"])
async def test_every_key_of_lists_leads_back_to_the_list(console, view):
    keys = (
        "s", "S", "right", "left", "v", "V", "h", "h", "e", "E", "f", "f", "space", "escape",
        "y", "Y", "G", "g", "pagedown", "pageup", "end", "home", "j", "k", "ctrl+f", "ctrl+b",
        "d", "x", "escape", "c", "escape", "t", "escape", "slash", "escape", "question_mark",
        "escape", "colon", "escape",
    )  # fmt: skip
    async with console(size=(60, 15)) as operator:
        await operator.press("T" if view == "events" else "1", *keys)
        assert operator.app.current_mode == view
        assert len(operator.app.screen_stack) == 1
        assert operator.table.has_focus
