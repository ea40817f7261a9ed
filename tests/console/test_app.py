"""The console as a whole: its views, the way through them, and what works everywhere."""

import json

import pytest
from textual.command import CommandList, CommandPalette

from dataagents.console.keys import VIEWS
from dataagents.console.screens.actions import ActionMenu
from dataagents.console.screens.confirm import Confirm
from dataagents.console.screens.dataset import DatasetScreen
from dataagents.console.screens.decision import AuctionScreen, ElectionScreen
from dataagents.console.screens.entity import EntityScreen
from dataagents.console.screens.event_lists import AgentScreen
from dataagents.console.screens.help import HelpScreen
from dataagents.console.screens.metric import MetricScreen
from dataagents.console.screens.plan import PlanScreen
from dataagents.console.screens.run import RunScreen
from dataagents.console.widgets.ask_bar import AskBar
from dataagents.console.widgets.tail_strip import TailStrip
from dataagents.storage import SqliteStore


async def test_every_view_has_a_digit_and_tells_its_name(console):
    async with console() as operator:
        for key, name, title, _ in VIEWS:
            await operator.press(key)
            assert operator.app.current_mode == name
            assert operator.way.startswith(title)
            assert operator.table.has_focus


async def test_a_view_is_left_and_found_as_it_was(console):
    async with console() as operator:
        await operator.press("2", "enter", "down", "down")
        before = (operator.key, operator.way)
        await operator.press("1", "2")
        assert (operator.key, operator.way) == before
        assert len(operator.screen.way()) == 2

        await operator.press("2")

        assert operator.screen.way() == ("Traces",)


async def test_the_way_grows_with_every_step_and_escape_goes_back_along_it(console):
    async with console(size=(160, 45)) as operator:
        await operator.press("4", "enter")
        first = operator.screen.way()
        await operator.press("enter")
        second = operator.screen.way()
        assert (first[0], len(first), len(second)) == ("Decisions", 2, 3)
        assert second[:2] == first
        assert operator.way.startswith(" > ".join(second))
        await operator.press("escape")
        assert operator.way.startswith(" > ".join(first))
        await operator.press("escape")
        assert operator.app.current_mode == "decisions"
        await operator.press("escape")
        assert operator.app.current_mode == "agents"
        await operator.press("escape")
        assert operator.app.current_mode == "agents"


async def test_back_from_a_row_everything_is_as_it_was_asked(console):
    async with console() as operator:
        await operator.press("T", "slash")
        await operator.type("kind:message")
        await operator.press("enter", "s", "down", "down")
        before = (operator.key, operator.way, operator.keys, operator.table.cursor)
        assert len(operator.keys) > 2
        await operator.press("enter")
        assert len(operator.app.screen_stack) == 2
        await operator.press("escape")
        assert (operator.key, operator.way, operator.keys, operator.table.cursor) == before


@pytest.mark.parametrize(
    ("address", "screen"),
    [
        ("agent:transformer", AgentScreen),
        ("run:run-1", RunScreen),
        ("run:latest", RunScreen),
        ("run:run-1/task:load(prices)", RunScreen),
        ("dataset:prices", DatasetScreen),
        ("metric:kernel.lag", MetricScreen),
        ("election:motion-run-1", ElectionScreen),
        ("lot:lot-run-1-load(prices)", AuctionScreen),
        ("plan:plan-2", PlanScreen),
        ("alert:a1", EntityScreen),
        ("command:command-1", EntityScreen),
        ("lesson:foresight:parse_csv@prices", EntityScreen),
    ],
)
async def test_anything_is_gone_to_by_its_address(console, address, screen):
    async with console() as operator:
        await operator.press("ctrl+g")
        await operator.type(address)
        await operator.press("enter")
        assert type(operator.screen) is screen
        assert str(operator.screen.address) == address
        assert operator.table.rows
        assert operator.table.has_focus
        first, last = operator.screen.way()
        assert first == "Overview"
        assert operator.way.startswith(f"Overview > {last}")
        await operator.press("escape")
        assert operator.screen.way() == ("Overview",)


async def test_a_step_is_gone_to_in_its_run(console):
    async with console() as operator:
        await operator.press("ctrl+g")
        await operator.type("run:run-1/task:parse_csv(prices)/step:2")
        await operator.press("enter")
        assert operator.key.endswith("run:run-1/task:parse_csv(prices)/step:2")


async def test_what_is_no_address_is_told_and_nothing_opens(console):
    async with console() as operator:
        await operator.press("ctrl+g")
        await operator.type("agnet:transformer")
        await operator.press("enter")
        assert "agent" in operator.told[-1]
        assert len(operator.app.screen_stack) == 1
        await operator.press("ctrl+g", "escape")
        assert not operator.screen.query_one(AskBar).display


async def test_an_address_that_leads_nowhere_says_so_and_names_the_nearest(console):
    async with console() as operator:
        await operator.press("ctrl+g")
        await operator.type("dataset:pricse")
        await operator.press("enter")
        assert "prices" in " ".join(operator.shown.split()).replace("dataset:pricse", "")
        await operator.press("escape")
        assert len(operator.app.screen_stack) == 1


async def test_the_command_line_may_say_what_to_open_first(console):
    async with console(at="run:latest") as operator:
        assert type(operator.screen) is RunScreen
        assert operator.table.rows


async def test_what_the_command_line_says_wrongly_is_told(console):
    async with console(at="nothing") as operator:
        assert operator.told
        assert len(operator.app.screen_stack) == 1


async def test_the_palette_finds_a_key_by_its_name_and_does_it(console):
    async with console() as operator:
        await operator.press("colon")
        assert isinstance(operator.screen, CommandPalette)
        await operator.type("lineage")
        palette = operator.screen.query_one(CommandList)
        await operator.until(lambda: palette.option_count, "the palette finds it")
        await operator.press("down", "enter")
        await operator.until(lambda: operator.app.current_mode == "lineage", "it is done")


async def test_the_palette_opens_an_address(console):
    async with console() as operator:
        await operator.press("ctrl+p")
        await operator.type("dataset:prices")
        palette = operator.screen.query_one(CommandList)
        await operator.until(lambda: palette.option_count, "the palette finds it")
        await operator.press("down", "enter")
        await operator.until(lambda: len(operator.app.screen_stack) == 2, "it is opened")
        await operator.settle()
        assert type(operator.screen) is DatasetScreen


async def test_the_palette_offers_every_key_that_works_here(console):
    async with console(size=(100, 60)) as operator:
        wanted = {
            each.binding.description for each in operator.screen.active_bindings.values()
            if each.binding.id and not each.binding.id.startswith("table.") and each.binding.tooltip
        }  # fmt: skip
        await operator.press("colon")
        palette = operator.screen.query_one(CommandList)
        await operator.until(lambda: palette.option_count >= len(wanted), "all are listed")


async def test_digits_and_help_do_nothing_over_a_dialog(console):
    async with console() as operator:
        await operator.press("question_mark", "2", "question_mark")
        assert operator.app.current_mode == "agents"
        assert not isinstance(operator.screen, HelpScreen)


async def test_the_view_below_the_help_goes_on(console, store, later):
    async with SqliteStore(store) as kernel, console() as operator:
        await operator.press("2", "question_mark")
        await operator.write(kernel, [later.started()])
        await operator.press("escape")
        assert operator.keys == ["run:run-2", "run:run-1"]


async def test_colours_change_and_are_remembered(console, tmp_path):
    async with console() as operator:
        before = operator.app.theme
        await operator.press("ctrl+t")
        chosen = operator.app.theme
        assert chosen != before
        assert operator.told == [chosen]
    (kept,) = (tmp_path / "home").rglob("console.json")
    assert json.loads(kept.read_text())["theme"] == chosen
    async with console() as operator:
        assert operator.app.theme == chosen


async def test_keys_of_the_operators_own_take_effect_and_wrong_ones_are_told(console, tmp_path):
    file = tmp_path / "home" / ".config" / "dataagents" / "console.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text('[keys]\n"list.sort" = "o"\n"list.sotr" = "p"\n')
    async with console() as operator:
        assert "list.sort" in operator.told[-1]
        await operator.press("s")
        assert "sort" not in operator.way
        await operator.press("o")
        assert "AGENT↑" in operator.lines[2]
        assert " o Sort" in operator.lines[-1]


async def test_preferences_that_are_damaged_are_told_and_put_aside(console, tmp_path):
    file = tmp_path / "home" / ".local" / "state" / "dataagents" / "console.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("{")
    async with console() as operator:
        assert "damaged" in operator.told[-1]
        assert operator.keys


async def test_without_a_kernel_nothing_can_be_done_and_the_menu_says_so(console):
    async with console() as operator:
        await operator.press("exclamation_mark")
        assert isinstance(operator.screen, ActionMenu)
        assert "kernel" in operator.shown
        await operator.press("escape")
        await operator.settle()
        assert not isinstance(operator.screen, ActionMenu)
        assert operator.table.has_focus


async def test_one_who_looks_on_is_asked_before_acting_and_an_operator_what_exactly(console, store):
    async with SqliteStore(store):
        async with console() as operator:
            await operator.press("8", "a")
            assert isinstance(operator.screen, ActionMenu)
            assert not operator.session.operator
        async with console(operator="anna") as operator:
            assert "anna" in operator.lines[0]
            await operator.press("8", "a")
            assert isinstance(operator.screen, Confirm)
            await operator.press("escape")
            await operator.settle()
            assert operator.app.current_mode == "alerts"


async def test_an_action_that_fits_nothing_here_is_told(console, store):
    async with SqliteStore(store), console(operator="anna") as operator:
        await operator.press("7", "a")
        await operator.settle()
        assert operator.told
        assert len(operator.app.screen_stack) == 1


async def test_quit_leaves_with_no_error(console):
    async with console() as operator:
        await operator.press("q")
        assert operator.app.return_code == 0


async def test_where_there_is_room_the_newest_events_are_below(console, store, later):
    async with SqliteStore(store) as kernel, console(size=(160, 45)) as operator:
        assert operator.screen.query_one(TailStrip).size.height
        assert "agent.health" in operator.shown
        await operator.write(kernel, [later.started()])
        strip = operator.shown[operator.shown.index(" tail") :]
        assert "run.started" in strip
        await operator.press("2")
        assert "run.started" in operator.shown[operator.shown.index(" tail") :]


@pytest.mark.parametrize("size", [(160, 45), (60, 15), (1, 1)])
async def test_every_view_and_what_it_leads_to_fits_every_size(console, size):
    async with console(size=size) as operator:
        for key in "24":
            await operator.press(key, "enter", "end", "escape")
            assert len(operator.lines) == size[1]
            assert max(map(len, operator.lines)) <= size[0]
            assert operator.table.has_focus


async def test_a_terminal_that_shrinks_and_grows_keeps_the_row(console):
    async with console(size=(160, 45)) as operator:
        await operator.press("T", *["down"] * 20)
        key = operator.key
        for size in ((60, 15), (20, 5), (160, 45)):
            await operator.pilot.resize_terminal(*size)
            await operator.settle()
            assert operator.key == key
            if size[1] > 5:
                assert operator.line_with(">14:")


async def test_only_ascii_leaves_where_that_is_wanted(console):
    async with console(ascii=True) as operator:
        for key in "24":
            await operator.press(key, "enter")
            assert operator.shown.isascii()


async def test_without_a_terminal_it_ends_by_itself(console):
    async with console() as operator:
        operator.app._has_terminal = lambda: False
        operator.app._tick()
        await operator.settle()
        assert operator.app._exit


async def test_the_store_is_looked_at_less_often_while_nobody_looks(console):
    async with console() as operator:
        assert operator.app.source.poll == 0.1
        operator.app.on_app_blur()
        assert operator.app.source.poll == 0.5
        operator.app.on_app_focus()
        assert operator.app.source.poll == 0.1
