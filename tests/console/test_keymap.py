"""Keys that an operator chose."""

from pathlib import Path
from typing import ClassVar

import pytest
from textual.app import App
from textual.binding import Binding

from dataagents.console.keymap import (
    BoundKeys,
    ChosenKeys,
    bound_keys,
    keymap_path,
    normal_key,
    read_keymap,
)

KNOWN = (
    BoundKeys("app.quit", ("q",), "Everywhere"),
    BoundKeys("app.palette", ("colon", "ctrl+p"), "Everywhere"),
    BoundKeys("list.filter", ("slash",), "Lists"),
    BoundKeys("list.sort", ("s",), "Lists"),
    BoundKeys("list.sort_too", ("S",), "Lists"),
    BoundKeys("trace.sort", ("s",), "Trace"),
)


@pytest.fixture
def chosen(tmp_path):
    def read(text):
        path = tmp_path / "console.toml"
        path.write_text(text)
        return read_keymap(path, KNOWN)

    return read


def test_the_file_is_where_configuration_belongs():
    home = Path("/home/anna")

    assert keymap_path({}, home) == home / ".config/dataagents/console.toml"
    assert keymap_path({"XDG_CONFIG_HOME": "/etc/anna"}, home).parts[:3] == ("/", "etc", "anna")


def test_without_a_file_nothing_is_chosen_and_nothing_is_wrong(tmp_path):
    assert read_keymap(tmp_path / "console.toml", KNOWN) == ChosenKeys()


@pytest.mark.parametrize(
    "text",
    [
        '[keys]\n"list.filter" = "f3, ctrl+F"',
        '[keys]\n"list.filter" = ["f3", "^f"]',
        '[keys]\nlist.filter = "F3,ctrl+f"',
        '[keys.list]\nfilter = "f3,ctrl+f,f3"',
    ],
)
def test_keys_can_be_written_as_is_natural_in_toml(text, chosen):
    assert chosen(text) == ChosenKeys({"list.filter": "f3,ctrl+f"})


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("/", "slash"),
        (",", "comma"),
        (".", "full_stop"),
        ("period", "full_stop"),
        ("+", "plus"),
        ("ctrl++", "ctrl+plus"),
        ("Ctrl+Shift+P", "ctrl+shift+p"),
        ("shift+f", "F"),
        ("F", "F"),
        ("shift+ctrl+f5", "ctrl+shift+f5"),
        ("esc", "escape"),
        ("Return", "enter"),
        ("pgdn", "pagedown"),
        ("question_mark", "question_mark"),
        ("ä", "ä"),
        ("slsh", None),
        ("hyperspace+a", None),
        ("ctrl+", None),
        ("ctrl", None),
        ("", None),
        ("<any>", None),
        ("\x1b", None),
    ],
)
def test_a_key_has_one_name(written, key):
    assert normal_key(written) == key


@pytest.mark.parametrize(
    ("text", "told", "keymap"),
    [
        ('[keys]\n"list.fliter" = "f3"', "Did you mean 'list.filter'?", {}),
        ('[keys]\n"list.filter" = "slsh"', "'slsh' is no key. Did you mean 'slash'?", {}),
        ('[keys]\n"list.filter" = "slsh,f3"', "'slsh' is no key", {"list.filter": "f3"}),
        ('[keys]\n"list.filter" = ""', "list.filter has no key left there; it keeps its own", {}),
        ('[keys]\n"list.filter" = 5.5', "'5.5' is no key", {}),
        ('[keys]\n"list.filter" = [{a = 1}]', "is no key", {}),
        ("keys = 5", "[keys] is no table", {}),
        ('[key]\n"list.filter" = "f3"', "no table [key]. Did you mean 'keys'?", {}),
        ("[keys", "can't be read: ", {}),
        ("a = " + "[" * 5_000, "can't be read", {}),
        ("#" * 100_001, "it is too large", {}),
        ('[keys]\n"list.filter" = "s"', "s is now the key of list.filter, not of list.sort", {
            "list.filter": "s",
        }),
        ('[keys]\n"list.filter" = "ctrl+p"', None, {"list.filter": "ctrl+p"}),
        ('[keys]\n"app.quit" = ":"', "not of app.palette; it keeps ctrl+p", {"app.quit": "colon"}),
        (
            '[keys]\n"list.filter" = "f3"\n"list.sort" = "f3,o"',
            "list.sort: f3 is the key of list.filter already",
            {"list.filter": "f3", "list.sort": "o"},
        ),
        (
            '[keys]\n"list.sort" = "S"\n"list.sort_too" = "s"',
            None,
            {"list.sort": "S", "list.sort_too": "s"},
        ),
        (
            '[keys]\n"list.filter" = "f3"\n"trace.sort" = "f3"',
            None,
            {"list.filter": "f3", "trace.sort": "f3"},
        ),
    ],
)  # fmt: skip
def test_what_can_not_be_had_is_told_and_the_rest_is_had(text, told, keymap, chosen):
    found = chosen(text)

    assert found.keymap == keymap
    if told is None:
        assert found.warnings == ()
    else:
        assert told in found.warnings[0]


def test_a_file_that_can_not_be_read_is_told(tmp_path):
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")

    assert "can't be read" in read_keymap(tmp_path / "bytes.toml", KNOWN).warnings[0]
    assert "Is a directory" in read_keymap(tmp_path, KNOWN).warnings[0]


def test_no_warning_shows_what_a_terminal_obeys(chosen):
    (warning,) = chosen('[keys]\n"\\u001b[2J" = "f3"').warnings

    assert warning.isprintable()


class Rebound(App[None]):
    BINDINGS: ClassVar = [
        Binding("slash,f", "note('filter')", "Filter", id="list.filter"),
        Binding("s", "note('sort')", "Sort", id="list.sort"),
        ("x", "note('other')"),
    ]

    def __init__(self):
        super().__init__()
        self.noted = []

    def action_note(self, what):
        self.noted.append(what)


async def test_textual_obeys_the_keys_that_were_chosen(tmp_path):
    path = tmp_path / "console.toml"
    path.write_text('[keys]\n"list.filter" = "."\n"list.sort" = "/,^g"')
    known = bound_keys([("Everywhere", Rebound.BINDINGS)])
    app = Rebound()

    async with app.run_test() as pilot:
        app.set_keymap(read_keymap(path, known).keymap)
        await pilot.press(".", "/", "ctrl+g", "f", "s", "x")

    assert app.noted == ["filter", "sort", "sort", "other"]


def test_bindings_without_an_id_can_have_no_other_keys():
    assert bound_keys([("Here", Rebound.BINDINGS)]) == (
        BoundKeys("list.filter", ("slash", "f"), "Here"),
        BoundKeys("list.sort", ("s",), "Here"),
    )
