"""Files that the console writes at the operator's wish."""

import os
from datetime import datetime

import pytest

from dataagents.console.exports import export_name, write_export
from dataagents.core.errors import InputError

AT = datetime.fromisoformat("2026-03-02T14:00:05+01:00")


def test_a_name_says_what_and_when():
    assert export_name("agents", "csv", AT) == "dataagents-agents-20260302-130005.csv"


@pytest.mark.parametrize("view", ["../etc", "a/b", "\x1b[2J", "", "x" * 900])
def test_a_name_stays_in_its_folder(view, tmp_path):
    path = write_export(tmp_path, export_name(view, "json", AT), "[]")

    assert path.parent == tmp_path
    assert path.name.isprintable()


def test_what_is_there_is_never_written_over(tmp_path):
    paths = [write_export(tmp_path, "a.csv", text) for text in ("one", "two", "three")]

    assert [path.name for path in paths] == ["a.csv", "a-2.csv", "a-3.csv"]
    assert [path.read_text() for path in paths] == ["one", "two", "three"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-2.csv", "a-3.csv", "a.csv"]


def test_the_ends_of_lines_and_all_characters_stay(tmp_path):
    text = "a\r\nä→\n"

    assert write_export(tmp_path, "a.csv", text).read_bytes() == text.encode()


def test_others_may_read_it_as_far_as_the_umask_allows(tmp_path):
    before = os.umask(0o027)
    try:
        path = write_export(tmp_path, "a.csv", "")
    finally:
        os.umask(before)

    assert path.stat().st_mode & 0o777 == 0o640


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match="can't be written: No such file or directory"):
        write_export(tmp_path / "gone", "a.csv", "")


def test_what_breaks_half_way_leaves_nothing(tmp_path, monkeypatch):
    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(InputError, match="No space left"):
        write_export(tmp_path, "a.csv", "x")

    assert list(tmp_path.iterdir()) == []
