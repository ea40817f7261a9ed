"""The keys: each is named, told, found by its id, and means one thing at a time."""

import re
from collections import Counter
from pathlib import Path

import pytest
from textual.binding import Binding

from dataagents.console.app import ConsoleApp
from dataagents.console.keymap import bound_keys
from dataagents.console.keys import GROUPS, VIEWS
from dataagents.console.screens import actions, choosing, confirm, reading
from dataagents.console.screens.conversation import ConversationScreen
from dataagents.console.screens.decision import AuctionScreen, ElectionScreen
from dataagents.console.screens.entity import EntityScreen
from dataagents.console.screens.help import HelpScreen
from dataagents.console.screens.listing import ListScreen
from dataagents.console.screens.plan import PlanScreen
from dataagents.console.screens.review import ReviewScreen
from dataagents.console.screens.routes import VIEWS as SCREEN_OF
from dataagents.console.screens.run import RunScreen
from dataagents.console.widgets.virtual_table import VirtualTable

ALL = [binding for _, group in GROUPS for binding in group]
SCREENS = (
    ListScreen, RunScreen, PlanScreen, ElectionScreen, AuctionScreen, ConversationScreen,
    EntityScreen, ReviewScreen,
)  # fmt: skip
SHOWN = {
    "slash": "/", "colon": ":", "exclamation_mark": "!", "question_mark": "?", "full_stop": ".",
    "left_square_bracket": "[", "right_square_bracket": "]", "minus": "-", "plus": "+",
}  # fmt: skip
"""What the documentation calls a key by; any other by its name."""
DOCS = Path(__file__).parents[2] / "docs" / "console.md"


def keys_of(bindings):
    return [key for binding in bindings for key in binding.key.split(",")]


def bindings_of(*classes):
    """Every binding of classes and of those that they inherit from, but for Textual's own."""
    for each in classes:
        for base in each.__mro__:
            if base.__module__.startswith("dataagents."):
                yield from (b for b in vars(base).get("BINDINGS", ()) if isinstance(b, Binding))


def test_every_binding_has_an_id_a_word_and_a_sentence():
    for binding in ALL:
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", binding.id), binding
        assert binding.description
        assert binding.tooltip
        assert not binding.tooltip.endswith(".")


def test_no_id_is_taken_twice():
    assert [each for each, times in Counter(each.id for each in ALL).items() if times > 1] == []


def test_every_modal_binding_has_an_id_and_a_sentence_too():
    modals = (
        actions.ActionMenu, actions.ArmPrompt, confirm.Confirm, choosing.Choose, HelpScreen,
        reading.ReadScreen,
    )  # fmt: skip
    found = list(bindings_of(*modals))
    assert len(found) > len(modals)
    assert [each.key for each in found if not (each.id and each.tooltip)] == []


@pytest.mark.parametrize("screen", SCREENS, ids=lambda each: each.__name__)
def test_on_no_screen_a_key_means_two_things(screen):
    here = [*bindings_of(screen), *bindings_of(VirtualTable), *bindings_of(ConsoleApp)]
    assert len(here) > len(list(bindings_of(ConsoleApp)))
    unique = {binding.id: binding for binding in here}.values()
    assert [key for key, times in Counter(keys_of(unique)).items() if times > 1] == []


@pytest.mark.parametrize("screen", SCREENS, ids=lambda each: each.__name__)
def test_every_key_of_a_screen_has_an_action_behind_it(screen):
    for binding in bindings_of(screen):
        name = binding.action.partition("(")[0]
        owner = ConsoleApp if name.startswith("app.") else screen
        assert hasattr(owner, f"action_{name.removeprefix('app.')}"), binding.id


def test_every_key_everywhere_has_an_action_behind_it():
    for owner in (ConsoleApp, VirtualTable):
        for binding in bindings_of(owner):
            assert hasattr(owner, f"action_{binding.action.partition('(')[0]}"), binding.id


def test_every_view_has_a_key_and_a_screen():
    assert {name for _, name, _, _ in VIEWS} < set(SCREEN_OF)
    bound = {b.action for b in ALL if b.action.startswith("view(")}
    assert bound == {f"view('{name}')" for name in SCREEN_OF}


def test_every_binding_of_the_screens_is_one_that_can_be_changed():
    known = bound_keys(GROUPS)
    used = {b.id for b in bindings_of(*SCREENS, VirtualTable, ConsoleApp)}
    assert used <= {each.id for each in ALL}
    assert used
    assert known


def test_the_table_in_the_documentation_is_that_of_the_keys():
    table = DOCS.read_text().partition("<!-- table: keys -->\n")[2].partition("<!-- end -->")[0]
    _, _, *told = table.splitlines()
    wanted = []
    for title, group in GROUPS:
        wanted.append(f"| **{title}** | | |")
        for each in group:
            keys = " ".join(f"`{SHOWN.get(key, key)}`" for key in each.key.split(","))
            wanted.append(f"| {keys} | `{each.id}` | {each.tooltip} |")
    assert told == wanted
