"""The screens about one thing: a run, a vote, an auction, a plan, a conversation, and the rest."""

import pytest

from dataagents.console.screens.decision import AuctionScreen, ElectionScreen
from dataagents.console.screens.entity import EntityScreen
from dataagents.console.screens.event_lists import AgentScreen
from dataagents.console.screens.plan import PlanScreen
from dataagents.console.screens.run import RunScreen
from dataagents.console.screens.why import WhyScreen
from dataagents.console.source import SourceState
from dataagents.console.widgets.detail_pane import DetailPane
from dataagents.core.goals import RunStatus
from dataagents.core.planning import PlannedTask
from dataagents.storage import SqliteStore

FAILED = "run:run-1/task:parse_csv(prices)"
PARSE = PlannedTask("parse(prices)", "parse")


def addresses(operator):
    return [row.row.address for row in operator.table.rows]


async def test_a_run_is_opened_from_the_list_of_runs(console):
    async with console() as operator:
        await operator.press("2", "enter")
        assert type(operator.screen) is RunScreen
        assert f"{FAILED}/step:2" in addresses(operator)
        assert "done" in operator.way
        assert "2 rows failed" in operator.way


async def test_a_run_that_failed_opens_at_what_failed_first(console, store, later):
    async with SqliteStore(store) as kernel:
        await kernel.commit([
            later.started(), *later.work(PlannedTask("load(prices)", "load")),
            *later.work(PARSE, "no such column"), later.ended(RunStatus.FAILED, "parse failed"),
        ])  # fmt: skip
    async with console() as operator:
        await operator.press("2", "enter")
        assert operator.table.current.row.address.startswith("run:run-2/task:parse(prices)")
        assert "✖" in operator.cursor_line
        assert "no such column" in operator.shown


async def test_errors_of_a_run_are_gone_round(console):
    async with console(at="run:run-1") as operator:
        found = []
        for key in ("e", "e", "e", "E"):
            await operator.press(key)
            found.append(operator.table.current.row.address)
        assert FAILED in found
        assert f"{FAILED}/step:2" in found
        assert found[3] == found[1]


async def test_an_error_that_is_folded_away_is_unfolded(console):
    async with console(at="run:run-1") as operator:
        before = len(operator.table.rows)
        await operator.press("down", "minus")
        assert len(operator.table.rows) < before
        await operator.press("plus", "minus", "minus", "g", "e", "e")
        assert operator.table.current.row.address.startswith(FAILED)
        assert operator.cursor_line


async def test_a_branch_is_folded_and_unfolded(console):
    async with console(at="run:run-1/task:load(prices)") as operator:
        whole = addresses(operator)
        await operator.press("left_square_bracket")
        assert not [a for a in addresses(operator) if a.startswith("run:run-1/task:load(prices)/")]
        assert len(addresses(operator)) < len(whole)
        await operator.press("right_square_bracket")
        assert addresses(operator) == whole


async def test_what_is_of_little_weight_is_hidden_step_by_step_and_then_shown(console):
    async with console(at="run:run-1") as operator:
        counts = [len(operator.table.rows)]
        for _ in range(3):
            await operator.press("h")
            counts.append(len(operator.table.rows))
        assert counts[0] > counts[1] > counts[2]
        assert counts[3] == counts[0]
        await operator.press("h", "h")
        assert "trouble only" in operator.way


async def test_the_waterfall_shows_when_and_leaves_the_cursor(console):
    async with console(at=f"{FAILED}/step:2") as operator:
        key = operator.key
        assert "RESULT" in operator.lines[2]
        await operator.press("w")
        assert "RESULT" not in operator.lines[2]
        assert "━" in operator.shown
        assert operator.key == key
        await operator.pilot.resize_terminal(120, 40)
        await operator.settle()
        assert "━" in operator.cursor_line
        await operator.press("w")
        assert "RESULT" in operator.lines[2]
        assert operator.key == key


async def test_a_run_is_searched(console):
    async with console(at="run:run-1") as operator:
        await operator.press("slash")
        await operator.type("KeyError")
        assert 0 < len(operator.table.rows) < 6
        await operator.press("enter", "escape")
        assert len(operator.table.rows) > 20
        await operator.press("slash")
        await operator.type("nothing of the kind")
        await operator.press("enter")
        assert not operator.table.rows
        assert "esc" in operator.shown


async def test_enter_reads_on_in_the_pane_and_escape_leaves_it(console):
    async with console(at=f"{FAILED}/step:2") as operator:
        await operator.press("enter")
        assert operator.screen.query_one(DetailPane).has_focus
        await operator.press("down", "pagedown", "escape")
        assert operator.table.has_focus
        assert len(operator.app.screen_stack) == 2


async def test_a_vote_an_auction_and_a_plan_open_from_the_trace_and_lead_back_to_it(console):
    async with console(at="run:run-1") as operator:
        for kind, screen in (("vote", ElectionScreen), ("auction", AuctionScreen),
                             ("replan", PlanScreen), ("plan", PlanScreen)):  # fmt: skip
            row = next(row for row in operator.table.rows if row.row.kind == kind)
            operator.table.go_to(row.key)
            await operator.settle()
            await operator.press("enter")
            assert type(operator.screen) is screen
            assert operator.table.rows
            await operator.press("escape")
            assert operator.key == row.key


async def test_what_the_pane_shows_and_its_address_are_copied(console):
    async with console(at=f"{FAILED}/step:2") as operator:
        await operator.press("y", "Y")
        text, address = operator.copied
        assert "thought\nprices has 120 rows" in text
        assert "KeyError 'price'" in text
        assert address == f"{FAILED}/step:2"


async def test_a_picture_of_a_run_is_written(console, tmp_path):
    async with console(at="run:run-1") as operator:
        await operator.press("x")
    (picture,) = (tmp_path / "home").glob("dataagents-run-*.svg")
    assert operator.told == [f"wrote {picture.name}"]
    assert "parse_csv" in picture.read_text()


async def test_a_run_goes_on_while_it_is_shown(console, store, later):
    async with SqliteStore(store) as kernel:
        await kernel.commit([later.started()])
        async with console(at="run:run-2") as operator:
            assert "running" in operator.way
            begun, *rest = later.work(PARSE)
            await operator.write(kernel, [begun])
            assert "task parse(prices)" in operator.shown
            await operator.clock.advance(1.0)
            await operator.write(kernel, [*rest, later.ended()])
            assert "done" in operator.way
            assert "outcome" in operator.shown


async def test_a_run_that_is_none_names_the_nearest(console):
    async with console(at="run:run-7") as operator:
        assert "run-1" in operator.shown.replace("\n", " ")
        await operator.press("e", "w", "h", "y", "enter", "slash", "escape", "escape")
        assert len(operator.app.screen_stack) == 1


async def test_a_vote_shows_each_voter_and_is_replayed_ballot_by_ballot(console):
    async with console(at="election:motion-run-1") as operator:
        assert "Release prices?" in operator.shown
        voters = {row.agent.removeprefix("agent:") for row in operator.table.rows}
        assert voters == {"validator-unique", "validator-valid", "profiler"}
        shown = []
        for key in ("n", "n", "n", "p"):
            await operator.press(key)
            shown.append((operator.screen.number, len(operator.table.rows)))
        assert [number for number, _ in shown] == [0, 1, 2, 1]
        await operator.press("n")
        assert "2 of 2" in operator.way
        await operator.press("p", "p", "p", "p")
        assert "0 of 2" in operator.way


async def test_a_voter_leads_to_the_agent(console):
    async with console(at="election:motion-run-1") as operator:
        agent = operator.table.current.agent
        await operator.press("enter")
        assert type(operator.screen) is AgentScreen
        assert str(operator.screen.address) == agent


async def test_an_auction_shows_each_bid_and_who_could_not(console):
    async with console(at="lot:lot-run-1-load(prices)") as operator:
        assert "I have the tools" in operator.shown
        assert "lacks 'transform'" in operator.shown
        await operator.press("n", "n")
        assert "1 of 2" in operator.way


async def test_the_aspects_of_a_plan_are_gone_through(console):
    async with console(at="plan:plan-1") as operator:
        aspects = [operator.screen.aspect]
        for _ in range(len(operator.screen.aspects())):
            await operator.press("v")
            aspects.append(operator.screen.aspect)
            assert operator.table.rows
        assert aspects[0] == aspects[-1]
        assert set(aspects) >= {"tree", "schedule"}
        await operator.press("V")
        assert operator.screen.aspect == aspects[-2]


async def test_a_plan_that_replaced_another_begins_with_what_changed(console):
    async with console(at="plan:plan-2") as operator:
        assert operator.screen.aspect == "changes"
        assert "parse_sheet(prices)" in operator.line_with(" + ")
        assert "parse_csv(prices)" in operator.line_with(" - ")


async def test_a_conversation_shows_who_said_what_to_whom_and_what_did_not_arrive(console):
    async with console(size=(100, 30)) as operator:
        await operator.press("3")
        keys = operator.keys
        await operator.press("enter")
        assert operator.screen.targets() == (keys[0],)
        assert "election" in operator.shown
        assert "profiler" in operator.shown
        assert "1 did not arrive" in operator.way
        await operator.press("e", "Y")
        assert operator.copied == [keys[0]]


async def test_lineage_leads_from_one_data_set_to_the_next(console):
    async with console() as operator:
        await operator.press("7", "enter", "down", "enter")
        assert str(operator.screen.address) == "dataset:prices"
        await operator.press("escape", "escape")
        assert operator.app.current_mode == "lineage"
        assert len(operator.app.screen_stack) == 1


async def test_a_figure_shows_its_curve_and_its_values_newest_first(console):
    async with console(at="metric:kernel.queue") as operator:
        assert [row.value for row in operator.table.rows] == [4.0, 5.0, 3.0]
        assert "4 messages" in operator.way
        chart = operator.screen.query_one("#chart")
        assert chart.display
        assert operator.table.size.height >= 3


async def test_any_other_thing_shows_what_happened_to_it_and_leads_on(console):
    async with console(at="lesson:foresight:parse_csv@prices") as operator:
        assert type(operator.screen) is EntityScreen
        assert "lesson.changed" in operator.shown
    async with console(at="command:command-1") as operator:
        assert "command.executed" in operator.cursor_line
        assert "maintenance" in operator.shown


async def test_what_one_agent_did_is_listed_and_each_agent_can_be_opened(console):
    async with console() as operator:
        for _ in range(5):
            name = operator.key
            await operator.press("enter")
            assert type(operator.screen) is AgentScreen
            assert operator.screen.targets() == (name,)
            assert "reading" not in operator.shown
            await operator.press("escape")
            assert operator.key == name
            await operator.press("down")


async def test_what_one_agent_did_is_filtered_as_any_list(console):
    async with console(at="agent:transformer") as operator:
        before = len(operator.keys)
        assert before > 10
        await operator.press("slash")
        await operator.type("kind:step")
        await operator.press("enter")
        assert 0 < len(operator.keys) < before
        assert {row.kind for row in operator.table.rows} == {"step.taken"}


async def test_an_agent_that_is_none_names_the_nearest(console):
    async with console(at="agent:transfromer") as operator:
        assert "transformer" in operator.shown.replace("transfromer", "")


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        (("1", "slash", *"transformer", "enter"), "parse_sheet(prices)"),
        (("3",), "load(prices)"),
        (("4",), "release(prices)"),
        (("4", "enter"), "release(prices)"),
        (("5",), "plan"),
        (("7",), "prices"),
        (("R",), "run-1"),
    ],
)
async def test_why_follows_the_causes_of_a_row_of_every_list(console, keys, says):
    async with console(size=(120, 30)) as operator:
        await operator.press(*keys, "W")
        assert type(operator.screen) is WhyScreen
        assert operator.table.rows, operator.shown
        assert says in operator.shown, operator.shown


@pytest.mark.parametrize(
    ("keys", "letter", "why"),
    [
        (("2", "enter"), "p", "pause: it is over"),
        (("4", "enter"), "b", "cast a ballot: it is closed"),
        (("4",), "b", "cast a ballot: it is closed"),
    ],
)
async def test_the_menu_says_what_is_over_wherever_it_is_opened(console, keys, letter, why):
    async with console(operator="anna") as operator:
        await operator.press(*keys, "exclamation_mark", letter)
        assert why in operator.shown


async def test_why_of_what_comes_from_a_run_that_is_gone_says_so(console):
    async with console() as operator:
        await operator.press("6", "W")
        assert "which it comes from" in operator.shown


@pytest.mark.parametrize("view", ["2", "1"])
async def test_why_leads_from_an_error_back_along_its_causes(console, view):
    async with console() as operator:
        if view == "2":
            await operator.press("2", "enter", "e", "W")
        else:
            await operator.press("T", "slash")
            await operator.type("KeyError")
            await operator.press("enter", "W")
        assert type(operator.screen) is WhyScreen
        assert len(operator.table.rows) > 1
        assert "parse_csv" in operator.shown
        await operator.press("escape")
        assert type(operator.screen) is not WhyScreen


@pytest.mark.parametrize(
    "address",
    [
        "run:run-1", "election:motion-run-1", "lot:lot-run-1-load(prices)", "plan:plan-2",
        "dataset:prices", "metric:kernel.lag", "alert:a1",
    ],
)  # fmt: skip
async def test_every_key_of_things_leads_back_to_them(console, address):
    keys = (
        "slash", "escape", "e", "E", "y", "Y", "x", "w", "h", "minus", "plus", "n", "n", "p", "n",
        "v", "V", "G", "g", "pagedown", "pageup", "left", "right", "question_mark", "escape",
    )  # fmt: skip
    async with console(size=(60, 15), at=address) as operator:
        await operator.press(*keys)
        assert len(operator.app.screen_stack) == 2
        assert operator.table.rows
        assert operator.copied
        await operator.press("escape")
        assert len(operator.app.screen_stack) == 1


async def test_another_file_is_noticed_by_what_is_open(console, store, tmp_path, story):
    new = tmp_path / "new.db"
    async with SqliteStore(new) as kernel:
        await kernel.commit([story.started(), *story.work(PARSE)])
    async with console(at="run:run-1") as operator:
        new.replace(store)
        await operator.becomes(SourceState.ENDED)
        await operator.until(lambda: 0 < len(operator.table.rows) < 10, "the run of the new file")
        assert "parse_csv" not in operator.shown
        assert "interrupted" in operator.way
