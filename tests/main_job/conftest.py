"""The main job, run as its user runs it."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from run_results import Ran
from typer.testing import CliRunner

from dataagents.console.commands.app import make_app


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty current folder, and no variable that configures anything."""
    for name in list(os.environ):
        if name.startswith("DATAAGENTS_"):
            monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(home):
    """Run `dataagents run` and read what it printed and wrote."""

    def call(*paths: Path | str, options: Sequence[str] = (), out: Path | None = None) -> Ran:
        folder = out or home / "out"
        words = ["run", *map(str, paths), "--out", str(folder), "--json", "--quiet", *options]
        result = CliRunner().invoke(make_app(), words)
        report = json.loads(result.stdout) if result.stdout.strip() else {}
        return Ran(result.exit_code, report, result.stderr, folder)

    return call
