"""What the console remembers from one start to the next."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dataagents.console.preferences import (
    Preferences,
    PreferencesFile,
    ViewPreferences,
    preferences_path,
)

VIEW = ViewPreferences(
    filter="state:late", sorts="state, beat-", hide_finished=True, hidden=("doing",), follow=False
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "dataagents" / "console.json"


@pytest.mark.parametrize(
    ("environ", "where"),
    [
        ({}, "/home/anna/.local/state/dataagents/console.json"),
        ({"XDG_STATE_HOME": "/var/anna"}, "/var/anna/dataagents/console.json"),
        ({"XDG_STATE_HOME": ""}, "/home/anna/.local/state/dataagents/console.json"),
        ({"XDG_STATE_HOME": "relative"}, "/home/anna/.local/state/dataagents/console.json"),
    ],
)
def test_they_are_kept_where_state_belongs(environ, where):
    assert preferences_path(environ, Path("/home/anna")) == Path(where)


def test_at_first_nothing_is_remembered_and_nothing_is_wrong(path):
    assert PreferencesFile(path).load() == (Preferences(), None)
    assert not path.parent.exists()


def test_the_next_start_has_what_the_last_one_left(path):
    assert PreferencesFile(path).save_view("agents", VIEW) is None
    assert PreferencesFile(path).save_look(theme="dataagents-light", ascii=True) is None

    expected = Preferences(theme="dataagents-light", ascii=True, views={"agents": VIEW})
    assert PreferencesFile(path).load() == (expected, None)


def test_only_their_owner_reads_them_and_no_draft_is_left(path):
    PreferencesFile(path).save_view("agents", VIEW)

    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["console.json"]


def test_of_two_consoles_each_keeps_its_views_and_the_last_wins_for_the_same(path):
    one, other = PreferencesFile(path), PreferencesFile(path)
    one.load()
    other.load()

    one.save_view("agents", VIEW)
    other.save_view("runs", ViewPreferences(filter="failed"))
    other.save_look(theme="dark")
    other.save_view("agents", ViewPreferences(filter="late"))
    one.save_look(ascii=True)

    known, _ = one.load()
    assert {name: view.filter for name, view in known.views.items()} == {
        "agents": "late",
        "runs": "failed",
    }
    assert (known.theme, known.ascii) == ("dark", True)


def test_consoles_that_save_at_the_same_time_lose_nothing(path):
    names = [f"view{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(lambda name: PreferencesFile(path).save_view(name, VIEW), names))

    assert set(told) == {None}
    assert set(PreferencesFile(path).load()[0].views) == set(names)


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"views": {"agents": {"filter": 5}}}',
        b"[" * 200_000,
        b" " * 1_000_001,
    ],
    ids=["empty", "cut", "array", "bytes", "type", "deep", "large"],
)
def test_a_file_that_is_none_of_ours_is_told_and_set_aside(damaged, path):
    path.parent.mkdir(parents=True)
    path.write_bytes(damaged)

    known, problem = PreferencesFile(path).load()

    assert known == Preferences()
    assert problem is not None
    assert "It is now called console.json.damaged" in problem
    assert path.with_name("console.json.damaged").read_bytes() == damaged
    assert PreferencesFile(path).load() == (Preferences(), None)


def test_saving_over_a_damaged_file_tells_of_it_and_goes_on(path):
    path.parent.mkdir(parents=True)
    path.write_text("{")

    assert "is damaged" in (PreferencesFile(path).save_view("agents", VIEW) or "")
    assert PreferencesFile(path).load()[0].views == {"agents": VIEW}


def test_what_a_newer_version_wrote_is_passed_over(path):
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"new": 1, "views": {"agents": {"filter": "x", "newer": []}}}))

    assert PreferencesFile(path).load()[0].views["agents"].filter == "x"


def test_a_place_that_can_not_be_written_is_told_not_raised(tmp_path):
    (tmp_path / "state").write_text("a file where a folder should be")
    file = PreferencesFile(tmp_path / "state" / "console.json")

    assert "forgets them when it ends" in (file.save_view("agents", VIEW) or "")
    assert "can't be read" in (file.load()[1] or "")


def test_a_file_that_can_not_be_read_is_not_written_over(path):
    path.mkdir(parents=True)
    file = PreferencesFile(path)

    assert "can't be read: Is a directory" in (file.save_view("agents", VIEW) or "")
    assert path.is_dir()


def test_what_a_terminal_obeys_does_not_come_from_the_file(path):
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"theme": "\x1b[2J", "views": {"a": {"filter": "\x9b2J"}}}))

    known, _ = PreferencesFile(path).load()

    assert known.theme.isprintable()
    assert known.views["a"].filter.isprintable()
