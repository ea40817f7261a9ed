"""The review of a run: its most telling cells are judged, and the answers kept."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from dataagents.console.commands.app import make_app
from dataagents.console.commands.lesson_file import read_lessons
from dataagents.console.screens.reading import ReadScreen
from dataagents.console.screens.review import ReviewScreen
from dataagents.console.screens.run import RunScreen
from dataagents.core.detection import Voice
from dataagents.core.detection.answers import reviewed
from dataagents.core.detection.review import compare
from dataagents.core.detection.sheet import REVIEW, Sheet, SheetCell, SheetGroup
from dataagents.core.events import EventKind
from dataagents.core.reasoning import Analysis
from dataagents.core.values import to_json
from dataagents.storage import SqliteStore

COLUMNS = ("id", "city")
SPELLING = Voice("spelling", 0.9, 1.0, "'Oxlo' is rare and like 'Oslo'", "Oslo")
MISSPELLED = ((7, "Oxlo"), (9, "Osxo"), (11, "Oslx"))
HOSTILE = "Ber\x1b[31mgen"


def cell(row, column, value, *said, shape="Aa"):
    chance = 0.6 if said else 0.01
    names = tuple(each.detector for each in said)
    return SheetCell(row, column, value, names, shape, chance, chance, said)


def sheet(dataset="prices"):
    return Sheet(
        dataset,
        COLUMNS,
        (
            SheetGroup(40, tuple(cell(row, "city", each, SPELLING) for row, each in MISSPELLED)),
            SheetGroup(500, (cell(3, "city", HOSTILE, shape="Aa-a"),)),
            SheetGroup(100, (cell(5, "id", "5", shape="9"),)),
        ),
        context=((7, ("7", "Oxlo")), (3, ("3", HOSTILE)), (5, ("5", ""))),
    )


@pytest.fixture
def review(store, later):
    """Have run-2, the latest, look for errors in data sets."""

    async def record(*datasets):
        made = [
            later.event(
                EventKind.ANALYSIS_MADE, each, Analysis(each, REVIEW, None, to_json(sheet(each)))
            )
            for each in datasets
        ]
        async with SqliteStore(store) as kernel:
            await kernel.commit([later.started(), *made, later.ended()])

    return record


@pytest.fixture
def kept(store):
    """Return the answers that a store has."""

    async def read(dataset="prices"):
        learned = await asyncio.to_thread(read_lessons, store)
        return reviewed(learned.lessons, dataset)

    return read


@pytest.fixture(autouse=True)
def unconfigured(tmp_path, monkeypatch):
    """A current folder in which nothing configures the kernel that keeps answers."""
    monkeypatch.chdir(tmp_path)


def go_to(operator, row):
    found = next(each for each in operator.table.rows if each.cell.row == row)
    operator.table.go_to(found.key)


def answer_of(operator, row):
    return next(each.answer for each in operator.table.rows if each.cell.row == row)


async def keep(operator):
    """Have the answers kept, and wait for what is told."""
    await operator.press("K")
    await operator.until(lambda: "enter takes" in operator.shown, "it asks whether to keep them")
    await operator.press("enter")
    await operator.until(
        lambda: operator.told or type(operator.screen) is ReadScreen, "it tells what became of them"
    )
    await operator.settle()


async def test_a_review_opens_from_a_run_that_has_a_sheet_and_leads_back(console, review):
    await review("prices")
    async with console(at="run:run-2", size=(120, 30)) as operator:
        assert "Review" in operator.lines[-1]
        await operator.press("r")
        assert type(operator.screen) is ReviewScreen
        assert {each.cell.row for each in operator.table.rows} == {3, 5, 7, 9, 11}
        await operator.press("escape")
        assert type(operator.screen) is RunScreen


async def test_a_run_without_a_sheet_offers_no_review_and_its_address_says_why(console):
    async with console(at="run:run-1", size=(120, 30)) as operator:
        assert "Review" not in operator.lines[-1]
        await operator.press("r")
        assert type(operator.screen) is RunScreen
    async with console(at="run:run-1/review") as operator:
        assert "nobody looked for errors" in operator.shown


async def test_a_cell_is_shown_with_who_flagged_it_why_and_its_row(console, review):
    await review("prices")
    async with console(at="run:latest/review", size=(160, 45)) as operator:
        go_to(operator, 7)
        await operator.settle()
        assert "60%" in operator.cursor_line
        assert "Oslo" in operator.cursor_line
        assert "0.90  'Oxlo' is rare and like 'Oslo'; proposes Oslo" in operator.shown
        shown = operator.shown.partition("THE ROW")[2]
        assert "id             7" in shown
        go_to(operator, 3)
        await operator.settle()
        assert "no detector flagged it" in operator.shown
        assert "\x1b" not in operator.shown


async def test_cells_are_judged_and_answers_taken_back(console, review):
    await review("prices")
    async with console(at="run:run-2/review") as operator:
        order = [each.cell.row for each in operator.table.rows]
        await operator.press("w", "r", "z")
        answers = [answer_of(operator, row) for row in order]
        assert [each and each.wrong for each in answers] == [True, False, None, None, None]
        assert operator.table.current.cell.row == order[3], "a cell without an answer is skipped"
        await operator.press("g", "z")
        assert answer_of(operator, order[0]) is None
        assert operator.table.current.cell.row == order[0]
        assert "1 answer to keep" in operator.way


async def test_the_right_value_is_proposed_or_typed(console, review):
    await review("prices")
    async with console(at="run:run-2/review") as operator:
        go_to(operator, 7)
        await operator.press("p")
        go_to(operator, 9)
        await operator.press("enter")
        await operator.type("Osaka")
        await operator.press("enter")
        go_to(operator, 5)
        await operator.press("p")
        go_to(operator, 3)
        await operator.press("enter")
        await operator.type("Bergen")
        await operator.press("escape")
        assert [answer_of(operator, row).correction for row in (7, 9)] == ["Oslo", "Osaka"]
        assert [answer_of(operator, row) for row in (5, 3)] == [None, None]
        assert operator.told == ["Nobody proposes a value for this cell."]


async def test_answers_are_kept_where_no_kernel_lives_and_the_next_cells_shown(
    console, review, kept
):
    await review("prices")
    async with console(at="run:run-2/review", operator="anna") as operator:
        go_to(operator, 7)
        await operator.press("p")
        go_to(operator, 5)
        await operator.press("r", "K")
        await operator.until(lambda: "Keep 2 answers" in operator.shown)
        assert "1 wrong, 1 right; 2 answers in all" in operator.shown
        assert "nobody can tell yet" in operator.shown.replace("\n", " ")
        await operator.press("enter")
        await operator.until(lambda: operator.told, "it tells what became of them")
        assert operator.told[0].startswith("2 answers kept for prices: 1 wrong, 1 right")
        await operator.catch_up()
        await operator.until(lambda: len(operator.table.rows) == 3, "what is kept is not asked")
        assert not operator.screen.answers
    assert [(each.row, each.wrong, each.correction) for each in await kept()] == [
        (7, True, "Oslo"),
        (5, False, None),
    ]


async def test_it_says_how_much_the_answers_help_before_they_are_kept(console, review):
    await review("prices")
    async with console(at="run:run-2/review", operator="anna", size=(120, 30)) as operator:
        for row, key in ((7, "w"), (9, "w"), (11, "r"), (5, "r"), (3, "w")):
            go_to(operator, row)
            await operator.press(key)
        compared = compare(tuple(operator.screen.answers.values()))
        await operator.press("K")
        await operator.until(lambda: "Keep 5 answers" in operator.shown)
        words = " ".join(operator.shown.replace("│", "").split())
        assert compared.before > 0
        assert f"F1 is {compared.before:.2f} without the answers and {compared.after:.2f} " in words
        await operator.press("escape")


async def test_whoever_only_looks_on_is_asked_who_they_are_first(console, review, kept):
    await review("prices")
    async with console(at="run:run-2/review") as operator:
        await operator.press("w", "K")
        await operator.until(lambda: "Keep 1 answer" in operator.shown)
        await operator.press("enter")
        await operator.until(lambda: "Act as" in operator.shown)
        await operator.press("escape")
        await operator.until(lambda: type(operator.screen) is ReviewScreen)
        assert len(operator.screen.answers) == 1
    assert await kept() == ()


async def test_answers_of_several_data_sets_are_kept_each_with_its_own(console, review, kept):
    await review("prices", "costs")
    async with console(at="run:run-2/review", operator="anna") as operator:
        assert len(operator.table.rows) == 10
        await operator.press("g", "w", "G", "r")
        await keep(operator)
        assert "1 answer kept for prices" in operator.told[0]
        assert "1 answer kept for costs" in operator.told[0]
    assert [len(await kept(each)) for each in ("prices", "costs")] == [1, 1]


async def test_beside_a_kernel_answers_go_to_a_file_that_the_command_takes(
    console, review, store, kept, tmp_path
):
    await review("prices")
    async with SqliteStore(store), console(at="run:run-2/review", operator="anna") as operator:
        go_to(operator, 7)
        await operator.press("p")
        await keep(operator)
        assert type(operator.screen) is ReadScreen
        ((_, told),) = operator.screen._sections
        assert "dataagents review" in operator.shown
        await operator.press("escape")
        assert "1 answer in a file" in operator.way
        await operator.press("escape")
        assert type(operator.screen) is not ReviewScreen, "nothing would be lost"
    (file,) = (tmp_path / "home").glob("dataagents-review-*.json")
    assert json.loads(file.read_text())["cells"][0]["correct"] == "Oslo"
    assert await kept() == ()

    words = told.partition("dataagents ")[2].split()
    done = await asyncio.to_thread(CliRunner().invoke, make_app(), words)
    assert done.exit_code == 0, done.output
    assert [(each.row, each.correction) for each in await kept()] == [(7, "Oslo")]


async def test_a_kernel_that_took_the_store_meanwhile_has_them_go_to_a_file_too(
    console, review, store, tmp_path
):
    await review("prices")
    async with console(at="run:run-2/review", operator="anna") as operator, SqliteStore(store):
        assert not operator.session.live
        await operator.press("w")
        await keep(operator)
        assert "dataagents review" in operator.shown
        assert type(operator.screen) is ReadScreen
    assert len(list((tmp_path / "home").glob("dataagents-review-*.json"))) == 1


async def test_answers_that_would_be_lost_have_to_be_left_on_purpose(console, review):
    await review("prices")
    async with console(at="run:run-2/review") as operator:
        await operator.press("w", "escape")
        assert "1 answer not kept" in operator.shown
        await operator.press("enter")
        assert type(operator.screen) is ReviewScreen
        await operator.press("escape", "down", "enter")
        assert type(operator.screen) is not ReviewScreen


async def test_nothing_is_kept_without_an_answer_or_where_it_is_not_meant(console, review, kept):
    await review("prices")
    async with console(at="run:run-2/review", operator="anna") as operator:
        await operator.press("K")
        assert operator.told == ["There is no answer yet."]
        await operator.press("w", "K")
        await operator.until(lambda: "Keep 1 answer" in operator.shown)
        await operator.press("escape")
        await operator.until(lambda: type(operator.screen) is ReviewScreen)
        assert len(operator.screen.answers) == 1
    assert await kept() == ()


@pytest.mark.parametrize("key", ["q", "1", "escape"])
async def test_answers_are_not_lost_by_accident_whatever_way_one_leaves(console, review, key):
    await review("prices")
    async with console(at="run:run-2/review") as operator:
        await operator.press("w", key)
        await operator.until(lambda: "1 answer not kept" in operator.shown)
        await operator.press("enter")  # stay
        await operator.until(lambda: type(operator.screen) is ReviewScreen)
        assert len(operator.screen.answers) == 1
