"""What an import brings along, seen from a fresh interpreter elsewhere."""

import json
import os
import subprocess
import sys

import pytest

HEAVY = {
    *("aiosqlite", "duckdb", "openai", "pydantic_ai", "rich", "sqlite3", "textual", "typer"),
}

REPORT = "import json, sys; print(json.dumps(sorted(sys.modules)))"


def run(program, folder):
    """Run a program in a fresh interpreter that doesn't see the checkout."""
    command = [sys.executable, "-P", "-c", program]
    # Coverage, where it follows a process into its children, loads sqlite3 there.
    environment = {key: value for key, value in os.environ.items() if "COVERAGE" not in key}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def loaded_by(program, folder):
    """The modules that are loaded once the program ran."""
    finished = run(f"{program}\n{REPORT}", folder)
    assert finished.returncode == 0, finished.stderr
    return set(json.loads(finished.stdout))


def test_core_loads_no_console_no_database_and_no_engine(tmp_path):
    assert loaded_by("import dataagents.core", tmp_path) & HEAVY == set()


def test_a_heavy_import_is_seen(tmp_path):
    assert loaded_by("import sqlite3", tmp_path) & HEAVY == {"sqlite3"}


@pytest.mark.parametrize("room", ["core", "plugins", "storage", "console"])
def test_no_room_can_be_imported_under_its_bare_name(room, tmp_path):
    finished = run(f"import {room}", tmp_path)
    assert finished.returncode == 1
    assert f"No module named '{room}'" in finished.stderr
    assert run(f"import dataagents.{room}", tmp_path).returncode == 0
