"""The menu, arming and the confirmation, as an operator at a small terminal uses them."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from textual.app import App

from dataagents.console import themes
from dataagents.console.screens.actions import ActionMenu, ArmPrompt, MenuChoice
from dataagents.console.screens.confirm import Confirm
from dataagents.console.steering import Proposal, Situation, Subject
from dataagents.storage import Holder
from tests.support.operators import Typist

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
HOLDER = Holder(4121, "boot", 9, "here", NOW)
SIZES = ((80, 24), (60, 15))
BAD = "\x1b]52;c;eA==\x07[/][@click=app.quit]\u202e"


class Stage(App):
    """An app that shows one modal, and keeps what came of it."""

    def __init__(self, modal):
        super().__init__()
        themes.install(self)
        self.modal = modal
        self.came = []

    def on_mount(self):
        self.push_screen(self.modal, self.came.append)


class Driven(Typist):
    async def click(self, *where, **place):
        await self.pilot.click(*where, **place)
        await self.settle()

    @property
    def came(self):
        (only,) = self.app.came
        return only


def stage(modal, size=(80, 24)):
    return driven(Stage(modal), size)


@asynccontextmanager
async def driven(app, size):
    app.animation_level = "none"
    async with app.run_test(size=size) as pilot:
        console = Driven(app, pilot)
        await console.settle()
        yield console


def menu(*addresses, operator="anna", holder=HOLDER):
    subjects = tuple(Subject(each) for each in addresses or ("agent:etl-7",))
    return ActionMenu(Situation(subjects=subjects, holder=holder, operator=operator), "anna")


def confirm(name="drain", *targets, options=(), work=(), asked=(), **rest):
    made = {"actor": "anna", "id": "abc", "epoch": 9, "holder": HOLDER}
    proposal = Proposal(name=name, targets=targets or ("agent:etl-7",), **made | rest)
    return Confirm(proposal, lambda: NOW, options=options, work=work, asked=asked)


@pytest.mark.parametrize("size", SIZES)
async def test_the_menu_shows_what_fits_and_says_why_the_rest_does_not(size):
    async with stage(menu(), size) as console:
        assert "Act on agent:etl-7" in console.shown
        assert "d drain" in console.shown
        assert "D redeploy" in console.shown
        assert "needs a run" in console.shown
        await console.press("p")
        assert "pause: needs a run" in console.shown
        assert console.app.came == []
        await console.press("d")
    assert console.came.offer.name == "drain"
    assert console.came.operator == "anna"


async def test_every_offer_can_be_reached_in_a_small_terminal():
    async with stage(menu(), (60, 15)) as console:
        seen = set()
        for _ in range(14):
            seen |= {line.strip("│ ").split("  ")[0] for line in console.shown.splitlines()}
            await console.press("down")
        assert {"p pause", "v recall the vote", "k acknowledge"} <= seen


async def test_the_cursor_chooses_as_well():
    async with stage(menu()) as console:
        await console.press("down", "enter")
    assert console.came.offer.name == "redeploy"


@pytest.mark.parametrize("size", SIZES)
async def test_a_question_is_repeated_where_it_is_answered(size):
    asked = ("What is to become of the drift?", "city is town now")
    modal = confirm("answer", "question:m", options=("evolve", "freeze"), asked=asked)
    async with stage(modal, size) as console:
        for each in asked:
            assert each in console.shown


async def test_the_mouse_chooses_as_well():
    async with stage(menu()) as console:
        rows = console.shown.splitlines()
        line = next(at for at, text in enumerate(rows) if "D redeploy" in text)
        await console.click(offset=(rows[line].index("redeploy"), line))
    assert console.came.offer.name == "redeploy"


async def test_enter_on_what_can_not_be_done_says_why():
    async with stage(menu(holder=None)) as console:
        await console.press("enter")
        assert "drain: no kernel has the store open" in console.shown
        assert console.app.came == []
        await console.press("escape")
    assert console.came == MenuChoice(None, "anna")


@pytest.mark.parametrize("size", SIZES)
async def test_a_console_that_only_looks_on_is_armed_first(size):
    async with stage(menu(operator=""), size) as console:
        assert "A arm as anna" in console.shown
        await console.press("d")
        assert "drain: read-only: arm first" in console.shown
        await console.press("A")
        assert isinstance(console.app.screen, ArmPrompt)
        assert "goes on record under this name" in " ".join(console.shown.split())
        await console.press("enter")
        assert "arm as" not in console.shown
        await console.press("d")
    assert (console.came.offer.name, console.came.operator) == ("drain", "anna")


async def test_arming_can_be_left_and_needs_a_name():
    async with stage(menu(operator="")) as console:
        await console.press("A", "ctrl+u", "enter")
        assert "Say who you are" in console.shown
        await console.press("escape", "escape")
    assert console.came == MenuChoice(None, "")


async def test_whoever_was_armed_stays_so():
    async with stage(menu(operator="")) as console:
        await console.press("enter", "ctrl+u", *"ben", "enter", "escape")
    assert console.came == MenuChoice(None, "ben")


async def test_keys_of_the_menu_can_be_changed():
    app = Stage(menu())
    app.set_keymap({"act.drain": "z"})
    async with driven(app, (80, 24)) as console:
        assert "z drain" in console.shown
        await console.press("z")
    assert console.came.offer.name == "drain"


@pytest.mark.parametrize("size", SIZES)
async def test_draining_takes_a_reason_and_enter(size):
    work = ("task load(prices) of run r1, for 31s",)
    async with stage(confirm(work=work), size) as console:
        text = " ".join(console.shown.split())
        assert "Drain agent:etl-7" in text
        assert "it gets nothing new to do" in text
        await console.type("too slow")
        if size == SIZES[0]:
            text = " ".join(console.shown.replace("│", " ").split())
            assert "task load(prices) of run r1, for 31s" in text
            assert "process 4121 on here, of epoch 9" in text
            assert "dataagents act drain agent:etl-7 --as anna --reason 'too" in text
        await console.press("enter")
    assert console.came.reason == "too slow"
    assert console.came.targets == ("agent:etl-7",)
    assert (console.came.id, console.came.epoch, console.came.arguments) == ("abc", 9, {})


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_destructive_asks_for_a_reason_and_the_count(size):
    async with stage(confirm("redeploy", "agent:a", "agent:b"), size) as console:
        assert "work or a decision is lost" in console.shown
        await console.press("enter")
        assert "say why you redeploy this" in console.shown
        await console.type("new rules")
        await console.press("enter")
        assert "type 2, for 2 targets" in console.shown
        await console.press("3", "enter")
        assert "type 2, for 2 targets" in console.shown
        await console.press("backspace", "2", "enter")
    assert console.came.reason == "new rules"


@pytest.mark.parametrize("size", SIZES)
async def test_a_ballot_is_chosen_from_the_options(size):
    modal = confirm("cast", "election:m", options=("evolve", "freeze"))
    async with stage(modal, size) as console:
        await console.press("enter")
        assert "choice is missing" in console.shown
        await console.press("down", "down")
        assert "(x) 2 freeze" in console.shown
        await console.press("1")
        assert "(x) 1 evolve" in console.shown
        await console.press("down", "tab")
        await console.type("breaks billing")
        await console.press("tab")
        await console.type("2")
        await console.press("enter")
        assert "no number from 0 to 1" in console.shown
        await console.press("backspace")
        await console.type("0.8")
        await console.press("enter")
    assert console.came.arguments == {"choice": "freeze", "confidence": "0.8"}
    assert console.came.reason == "breaks billing"


async def test_a_veto_takes_one_key_more():
    modal = confirm("veto", "election:m", options=("evolve", "freeze"))
    async with stage(modal) as console:
        await console.press("1")
        assert "counts against 'evolve'" in console.shown
        await console.press("enter")
    assert console.came.arguments == {"veto": "evolve"}
    assert console.came.kind == "cast"


async def test_what_is_said_already_is_filled_in():
    said = {"choice": "freeze", "confidence": "0.9"}
    modal = confirm(
        "cast", "election:m", options=("evolve", "freeze"), arguments=said, reason="billing"
    )
    async with stage(modal) as console:
        assert "(x) 2 freeze" in console.shown
        assert "0.9" in console.shown
        await console.press("enter")
    assert (console.came.arguments, console.came.reason) == (said, "billing")


async def test_the_mouse_alone_will_do():
    modal = confirm("veto", "election:m", options=("evolve", "freeze"))
    async with stage(modal) as console:
        rows = console.shown.splitlines()
        line = next(at for at, text in enumerate(rows) if "2 freeze" in text)
        await console.click(offset=(rows[line].index("freeze"), line))
        assert "(x) 2 freeze" in console.shown
        await console.click("#go")
    assert console.came.arguments == {"veto": "freeze"}


async def test_a_run_is_started_from_its_files():
    async with stage(confirm("start", "run:new"), (60, 15)) as console:
        await console.press("enter")
        assert "inputs is missing" in console.shown
        await console.type("prices.csv")
        await console.press("enter")
    assert console.came.arguments == {"inputs": "prices.csv"}


async def test_it_can_be_left_without_a_trace():
    async with stage(confirm()) as console:
        await console.type("hm")
        await console.press("escape")
    assert console.came is None
    async with stage(confirm()) as console:
        await console.click("#leave")
    assert console.came is None


async def test_long_facts_can_be_read_in_a_small_terminal():
    targets = [f"agent:etl-{number}" for number in range(30)]
    async with stage(confirm("drain", *targets), (60, 15)) as console:
        pages = console.shown
        for _ in range(6):
            await console.press("pagedown")
            pages += console.shown
        assert "same as" in pages
        assert "(and 29 more like it)" in " ".join(pages.replace("│", " ").split())
        await console.press("pageup")
        await console.press("enter")
        assert "type 30, for 30 targets" in console.shown


@pytest.mark.parametrize(
    "modal",
    [
        lambda: menu(f"agent:{BAD}", f"message:{BAD}"),
        lambda: ActionMenu(Situation(), BAD),
        lambda: ArmPrompt(BAD),
        lambda: confirm("cast", f"election:{BAD}", options=(BAD, "b"), work=(BAD,), actor=BAD),
        lambda: confirm("drain", "agent:a", reason=BAD, arguments={"within": BAD}),
    ],
)
async def test_nothing_from_data_is_markup_or_control(modal):
    async with stage(modal()) as console:
        assert not set("\x1b\x07\u202e") & set(console.shown)
        assert "[/]" in console.shown or "etl" not in console.shown
