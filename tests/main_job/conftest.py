"""The main job, run as its user runs it."""

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from run_results import Ran
from typer.testing import CliRunner

from dataagents.console.commands.app import make_app


def _ran(paths: Sequence[Path | str], options: Sequence[str], out: Path) -> Ran:
    words = ["run", *map(str, paths), "--out", str(out), "--json", "--quiet", *options]
    result = CliRunner().invoke(make_app(), words)
    report = json.loads(result.stdout) if result.stdout.strip() else {}
    return Ran(result.exit_code, report, result.stderr, out)


@pytest.fixture(scope="module", autouse=True)
def unconfigured():
    """No variable that configures anything."""
    with pytest.MonkeyPatch.context() as patched:
        for name in list(os.environ):
            if name.startswith("DATAAGENTS_"):
                patched.delenv(name)
        yield


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty current folder."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(home):
    """Run `dataagents run` and read what it printed and wrote."""

    def call(*paths: Path | str, options: Sequence[str] = (), out: Path | None = None) -> Ran:
        return _ran(paths, options, out or home / "out")

    return call


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A run that is over, the same one for all who ask: to be read, never to be written to.

    Its store is in the folder beside `out`.
    """
    known: dict[tuple[str, ...], Ran] = {}

    def call(path: Path, *options: str) -> Ran:
        words = (str(path), *options)
        if words not in known:
            folder = tmp_path_factory.mktemp("finished")
            store = ("--store", str(folder / "store.db"))
            known[words] = _ran([path], [*options, *store], folder / "out")
        return known[words]

    return call


@pytest.fixture(scope="session")
def drifting(shared, tmp_path_factory):
    """The daily reports around the day on which two columns appear."""
    folder = tmp_path_factory.mktemp("days") / "covid_daily_drift"
    folder.mkdir()
    for day in ("02-21", "02-29", "03-01", "03-05"):
        shutil.copy(shared / f"data/dev/covid_daily_drift/{day}-2020.csv", folder)
    return folder
