"""What is known of a goal before anything is done about it."""

from dataagents.core.planning import Goal
from dataagents.core.services.planning.givens import given


def test_files_folders_and_patterns_have_a_size(tmp_path):
    (tmp_path / "a.csv").write_text("12345")
    folder = tmp_path / "daily"
    folder.mkdir()
    (folder / "1.csv").write_text("123")
    (folder / "2.csv").write_text("12")
    inputs = {
        "file": str(tmp_path / "a.csv"),
        "folder": str(folder),
        "pattern": str(folder / "1*.csv"),
        "unnamed": "",
        "absent": str(tmp_path / "b.csv"),
        "odd": "in\0.csv",
    }
    assert given(Goal("clean", inputs, settings={"format": "csv"}), 64) == {
        "settings": {"format": "csv"},
        "size:file": 5,
        "size:folder": 5,
        "size:pattern": 3,
        "memory": 64 * 1024 * 1024,
    }


def test_without_files_the_settings_are_all_there_is():
    assert given(Goal("clean", {"x": "nowhere.csv"}), 64) == {"settings": {}}
