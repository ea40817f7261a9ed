"""The screens under a pilot: what an operator sees and where the keys lead."""

from datetime import timedelta

import pytest

from dataagents.console.screens.agents import AgentsScreen
from dataagents.console.screens.help import HelpScreen
from dataagents.console.screens.trace import TraceScreen
from dataagents.console.source import SourceState
from dataagents.core.events import EventKind
from dataagents.core.health import Health
from dataagents.core.meta_analysis import Circle, HistoryAnalysis, ScorePattern
from dataagents.core.planning import PlannedTask
from dataagents.core.reasoning import Answer, StopReason

SIZES = [(80, 24), (160, 45), (60, 15), (20, 5)]


async def test_an_empty_store_says_how_to_fill_it(driven):
    async with driven() as console:
        await console.feed()

        assert "No agent has been deployed" in console.shown
        assert "dataagents run FILE.csv" in console.shown
        await console.press("2")
        assert "No run has been recorded" in console.shown


async def test_agents_show_their_health_as_a_word_and_a_glyph(driven, story, clock):
    async with driven() as console:
        check = story.health("profiler", Health.FAILED, "no answer within 5 s")
        clock.time = story.now + timedelta(seconds=1)
        await console.feed([*story.kernel(), check, story.alert()])

        line = next(line for line in console.lines() if " profiler" in line)
        assert line.split()[:5] == ["profiler", "✖", "failed", "1.0s", "31ms"]
        assert "● healthy" in console.shown
        header = console.lines()[0]
        assert "LIVE" in header
        assert "kernel 4121  5 agents  1 not well" in header
        assert "! 1 alert" in header


async def test_the_pane_tells_the_rest_about_the_agent_under_the_cursor(driven, story):
    async with driven() as console:
        await console.feed([*story.kernel(), story.health("profiler", detail="all well")])
        await console.press("down")

        assert isinstance(console.app.screen, AgentsScreen)
        assert console.app.screen.table.current.id == "profiler"
        assert "all well" in console.shown


async def test_enter_on_an_agent_opens_what_it_did_last_and_escape_leads_back(driven, story):
    async with driven() as console:
        await console.feed([*story.kernel(), *story.whole()])
        await console.press("end", "enter")

        screen = console.app.screen
        assert isinstance(screen, TraceScreen)
        assert screen.reading
        assert screen.rows.current.address == "run:run-1/task:parse_sheet(prices)/step:2"
        await console.press("escape")
        assert not screen.reading
        await console.press("escape")
        assert isinstance(console.app.screen, AgentsScreen)
        assert console.app.screen.table.current.id == "transformer"


async def test_an_agent_without_a_run_stays_where_it_is(driven, story):
    async with driven() as console:
        await console.feed(story.kernel())
        await console.press("enter")

        assert isinstance(console.app.screen, AgentsScreen)
        (said,) = console.app._notifications
        assert said.message == "coordinator has not worked in a run yet."


async def test_runs_are_listed_newest_first_and_opened_by_enter(driven, story):
    later = type(story)("run-2", story.now)
    async with driven() as console:
        await console.feed([*story.whole(), later.started()])
        await console.press("2")
        screen = console.app.screen
        assert [run.id for run in screen.runs.rows] == ["run-2", "run-1"]

        await console.press("down", "enter")

        assert console.lines()[1].strip().startswith("run run-1  clean prices.csv  done")
        assert "replan" in [row.kind for row in screen.rows.rows]


async def test_the_pane_shows_the_whole_thought_and_every_line_of_the_observation(driven, story):
    async with driven(80, 24) as console:
        await console.feed([story.started(), story.step("t", 1, "profile")])
        await console.press("2", "enter", "end")

        shown = [line.strip() for line in console.lines()]
        assert "prices has 120 rows, so profile comes next" in shown
        assert 'profile {"dataset": "prices"}' in shown


async def test_the_pane_shows_who_decided_a_step_and_what_the_model_took(driven, story):
    async with driven(160, 45) as console:
        step = story.step("t", 1, "profile", by="openai:x", tokens=1200, cost=0.02)
        await console.feed([story.started(), step])
        await console.press("2", "enter", "end")

        shown = [line.strip() for line in console.lines()]
        for heading, text in (("decided by", "openai:x"), ("model", "1,200 tokens, $0.0200")):
            assert any(heading in line for line in shown)
            assert any(text in line for line in shown)


async def test_the_pane_shows_what_the_analyst_makes_of_a_reasoning(driven, story):
    circle = Circle(("profile",), (1, 2), "step 2 does again what step 1 did")
    analysis = HistoryAnalysis(0.3, 0.5, ScorePattern.STEADY, (circle,))
    async with driven(160, 45) as console:
        began, first, *_ = story.work(PlannedTask("load(a)", "load"))
        answer = Answer("r", StopReason.CIRCLE, {}, "round and round", 0.5, analysis=analysis)
        ended = story.event(EventKind.REASONING_ENDED, first.subject, answer, task="load(a)")
        await console.feed([story.started(), began, first, ended])
        await console.press("2", "enter", "end", "up")

        assert "score 0.30, progress 0.50, scores steady" in console.shown
        assert "high: profile (steps 1, 2): step 2 does again" in console.shown


async def test_the_key_for_errors_goes_round_the_rows_that_failed(driven, story):
    async with driven() as console:
        await console.feed(story.whole())
        await console.press("2", "enter")
        rows = console.app.screen.rows

        found = []
        for key in ("e", "e", "e", "E"):
            await console.press(key)
            found.append(rows.current.title)
        task, step = "task parse_csv(prices)", "step 2 parse_csv"
        assert found == [task, step, task, step]


async def test_no_error_is_said_so(driven, story):
    async with driven() as console:
        await console.feed([story.started()])
        await console.press("2", "e")

        assert "Nothing failed in this run." in console.shown


async def test_the_cursor_stays_with_its_row_while_rows_come(driven, story):
    async with driven() as console:
        await console.feed([story.started(), *story.work(PlannedTask("load(a)", "load"))])
        await console.press("2", "enter", "end")
        rows = console.app.screen.rows
        before = rows.current.address

        await console.feed(story.work(PlannedTask("load(b)", "load")))

        assert rows.current.address == before
        assert rows.cursor < len(rows.rows) - 1


async def test_a_wide_terminal_shows_runs_trace_and_pane_at_once(driven, story):
    async with driven(160, 45) as console:
        await console.feed(story.whole())
        await console.press("2")

        for part in ("#runs", "#rows", "#row"):
            assert console.app.screen.query_one(part).region.width > 0
        assert "tasks, in order" in console.shown


@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_fits_every_size(driven, story, size):
    async with driven(*size) as console:
        await console.feed([*story.kernel(), *story.whole()])
        for keys in (["2"], ["enter"], ["end"], ["question_mark"], ["escape"], ["1"]):
            await console.press(*keys)
            assert len(console.lines()) == size[1]
            assert max(map(len, console.lines())) <= size[0]


async def test_help_lists_every_key_and_closes(driven):
    async with driven(100, 50) as console:
        await console.press("question_mark")

        assert isinstance(console.app.screen, HelpScreen)
        for said in ("Leave; the kernel goes on", "Next row", "Go to the next row that failed"):
            assert said in console.shown
        await console.press("escape")
        assert isinstance(console.app.screen, AgentsScreen)


async def test_the_screen_below_the_help_goes_on(driven, story):
    async with driven() as console:
        await console.press("question_mark")
        await console.feed(story.kernel())
        await console.press("escape")

        assert "transformer" in console.shown


async def test_quit_ends_the_app_with_no_error(driven):
    async with driven() as console:
        await console.press("q")

        assert console.app.return_code == 0


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (SourceState.MISSING, "MISSING"),
        (SourceState.DAMAGED, "DAMAGED"),
        (SourceState.LOCKED, "LOCKED"),
    ],
)
async def test_a_bad_state_is_said_and_the_data_stays(driven, story, state, word):
    async with driven(100, 24) as console:
        await console.feed(story.kernel())
        await console.feed(state=state, sentence="store x: something is wrong.", pid=None)

        assert word in console.lines()[0]
        assert "something is wrong" in console.lines()[0]
        assert "transformer" in console.shown


async def test_without_a_kernel_nobody_is_called_healthy(driven, story):
    async with driven() as console:
        await console.feed(story.kernel(), state=SourceState.ENDED, pid=None)

        assert "POST-MORTEM" in console.lines()[0]
        assert "healthy" not in "\n".join(console.lines()[1:8])
        assert "○ ended" in console.shown


async def test_without_a_kernel_an_open_run_was_interrupted(driven, story):
    async with driven() as console:
        await console.feed([*story.kernel(), story.started()])
        assert console.app.view.runs["run-1"].status == "running"
        await console.feed(state=SourceState.ENDED, pid=None)

        assert console.app.view.runs["run-1"].status == "interrupted"


async def test_another_file_begins_anew(driven, story):
    async with driven() as console:
        await console.feed(story.whole())
        await console.feed(fresh=True)

        assert not console.app.view.runs


async def test_while_there_is_more_to_read_the_header_says_how_far_it_is(driven, story):
    async with driven() as console:
        await console.feed(story.kernel(), drained=False)

        assert "reading, 6 events so far" in console.lines()[0]


async def test_the_lag_is_that_of_the_newest_event(driven, story, clock):
    async with driven() as console:
        events = story.kernel()
        clock.time = story.now + timedelta(seconds=0.3)
        await console.feed(events)

        assert "lag 0.3s" in console.lines()[0]


HOSTILE = ("[/]", "[/b]", "[@click=app.quit]x[/]", "[link=http://x]y[/link]", "\x1b]52;c;eA==\x07",
           "\x9b2J", "a\u202eb", "日本語" * 40, "\x00", "$primary", "\tx\ty")  # fmt: skip


def hostile_events(story):
    """Every hostile text, wherever a text of the store is shown."""
    yield from story.kernel()
    yield story.started()
    for text in HOSTILE:
        task = PlannedTask(f"load({text})", "load")
        yield story.health(text, Health.FAILED, text)
        yield story.step(task.id, 1, text, thought=text, observation=text)
        yield from story.auction(task, winner=text)
        yield from story.work(task, error=text)
    yield story.event("run.ended", "run-1", {"status": HOSTILE[0], "reason": HOSTILE[0]})


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_hostile_text_is_shown_as_text_on_every_screen(driven, story, size):
    async with driven(*size) as console:
        await console.feed(hostile_events(story))
        seen = ""
        for key in ("end", "pageup", "2", "enter", "end", "e", "e", "pageup", "pageup", "enter"):
            await console.press(key)
            assert console.shown.replace("\n", "").isprintable()
            seen += console.shown
        assert console.app.is_running
        assert not [text for text in HOSTILE[: 4 if size[0] > 80 else 2] if text not in seen]


async def test_no_colour_is_needed_to_find_the_cursor_or_a_failure(driven, story, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with driven() as console:
        await console.feed([*story.kernel(), *story.whole()])
        await console.press("2", "enter", "e")

        line = next(line for line in console.lines() if line.startswith(">"))
        assert "✖ task parse_csv(prices)" in line
