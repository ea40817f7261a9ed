"""The three things that an operator has to find, with exactly the keys that it may take.

The store has a thousand agents and two hundred failed steps; the nightly looks into ten million
events, when `BIG_STORE` names such a store.
"""

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import copyfile

import pytest

from tests.support.big_store import build, landmarks_of
from tests.support.living_team import Living
from tests.support.team_story import Spec

SIZES = pytest.mark.parametrize(
    "size",
    [
        pytest.param((80, 24), id="80x24"),
        pytest.param((160, 45), id="160x45", marks=pytest.mark.slow),
    ],
)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store to be looked at, as its last kernel left it when it was killed."""
    named = os.environ.get("BIG_STORE")
    if named:
        return Path(named)
    path = tmp_path_factory.mktemp("tasks") / "store.db"
    build(path, Spec(events=120_000, agents=1_000))
    return path


@pytest.fixture
def marks(store):
    return landmarks_of(store)


def press(terminal, key, then):
    """Press a key, and wait for what an operator would see of it."""
    terminal.press(key)
    return terminal.wait_for(re.compile(then, re.MULTILINE))


def words(screen):
    """What the list says, then what the pane beside it says, whatever was wrapped where."""
    plain = [re.sub("[\u2580-\u259f]", " ", line) for line in screen.lines]  # no scroll bars
    left, right = zip(*(line.partition("│")[::2] for line in plain), strict=True)
    return " ".join((*left, *right)).split()


def says(screen, text):
    """Whether a text can be read, on one line or on several."""
    return " ".join(text.split()) in " ".join(words(screen))


def cursor_row(screen):
    """The row that the cursor is on; nothing as long as there is none."""
    return next((line for line in screen.lines if line.startswith(">")), "")


@SIZES
def test_why_the_latest_failed_run_failed(console, store, marks, size):
    terminal = console(store, size=size)
    terminal.wait_for("coordinator-0001")

    press(terminal, "2", "^>")
    press(terminal, "e", "^>.*failed")
    terminal.press("enter")  # 3 of 6 keys

    step = f"step {marks.failed_step} "
    # The list of runs says so in short as well: the step is to be under the cursor.
    screen = terminal.wait_for(
        lambda screen: step in cursor_row(screen) and says(screen, marks.error)
    )
    assert marks.failed_run[-8:] in screen.text
    assert marks.failed_agent in screen.text


@SIZES
def test_who_was_against_the_last_change_of_a_schema(console, store, marks, size):
    terminal = console(store, size=size)
    terminal.wait_for("coordinator-0001")

    press(terminal, "4", "^>")
    press(terminal, "v", r"\[votes\](.*\n)+>.*vote")
    press(terminal, "v", r"\[schema\](.*\n)+>.*drifted")
    terminal.press("enter")  # 4 of 6 keys

    screen = terminal.wait_for(
        lambda screen: marks.dissenter in cursor_row(screen) and says(screen, marks.dissent)
    )
    assert marks.election[-8:] in screen.text
    assert "against" in screen.text


def test_the_landmarks_are_of_this_store(store, marks):
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        ((newest,),) = connection.execute("SELECT max(seq) FROM journal")
    assert newest == marks.events


@SIZES
def test_an_agent_is_drained_and_that_is_on_record(console, store, tmp_path, size):
    path = tmp_path / "store.db"
    copyfile(store, path)
    agent, reason = "coordinator-0001", "its host is taken away"
    with Living(path, agents=40, interval=1.0, errors=tmp_path / "kernel.err"):
        terminal = console("--operator", "anna", path, size=size)
        terminal.wait_for("LIVE")
        terminal.wait_for(re.compile(f">{agent} .*healthy"))

        press(terminal, "!", "drain")
        press(terminal, "enter", "reason")
        terminal.type(reason)
        terminal.wait_for(reason)
        press(terminal, "enter", f"{agent} .*(removed|draining)")
        terminal.press("9")  # 4 of 8 keys, and the reason

        row = terminal.wait_for(re.compile("^>.*drain.*executed", re.MULTILINE)).line_with(">")
        assert "anna" in row
        assert agent[:10] in row
        assert says(terminal.screen, reason)
