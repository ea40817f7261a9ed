"""What the command line of the console says."""

from pathlib import Path

import pytest

from dataagents.console.arguments import DEFAULT_STORE, PROGRAM, read_arguments
from dataagents.console.options import ConsoleOptions


@pytest.mark.parametrize(
    ("words", "verb", "store"),
    [
        ([], "", DEFAULT_STORE),
        (["a.db"], "", Path("a.db")),
        (["--ascii", "a.db"], "", Path("a.db")),
        (["./run"], "", Path("run")),
        (["--", "demo"], "", Path("demo")),
        (["--at", "run", "a.db"], "", Path("a.db")),
        (["--at=run:1", "demo"], "demo", None),
        (["--operator", "anna", "demo", "--store", "d.db"], "demo", Path("d.db")),
        (["run", "a.csv"], "run", DEFAULT_STORE),
        (["--theme", "x", "run", "a.csv", "--store", "s.db"], "run", Path("s.db")),
        (["run", "run"], "run", DEFAULT_STORE),
    ],
)
def test_the_first_word_says_what_is_wanted(words: list[str], verb: str, store: Path | None):
    said = read_arguments(words)
    assert (said.verb, said.store) == (verb, store)


@pytest.mark.parametrize("verb", [[], ["demo"], ["run", "a.csv"]])
def test_every_form_takes_what_is_said_about_the_console(verb: list[str]):
    said = read_arguments(
        [*verb, "--at", "run:latest", "--operator", "anna", "--ascii", "--theme", "nord"]
    )
    assert said.options == ConsoleOptions("run:latest", "anna", True, "nord")


def test_a_run_takes_what_dataagents_run_takes():
    words = ["a.csv", "b/", "--on-drift", "ask", "--join", "auto", "--by", "x", "--by", "y"]
    words += ["--detect", "sample", "--repair", "value"]
    said = read_arguments(["run", *words, "--min-score", "0.9", "--no-plugins"])
    assert said.rest.paths == ["a.csv", "b/"]
    assert (said.rest.on_drift, said.rest.join, said.rest.by) == ("ask", ["auto"], ["x", "y"])
    assert (said.rest.detect, said.rest.repair) == ("sample", "value")
    assert said.rest.no_plugins


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run"], "required: PATH"),
        (["demo", "--speed", "fast"], "no number from 0.5 to 20"),
        (["demo", "--speed", "nan"], "no number from 0.5 to 20"),
        (["demo", "--speed", "21"], "no number from 0.5 to 20"),
        (["run", "a.csv", "--on-drift", "evolv"], "evolve"),
        (["--oper", "anna"], "unrecognized"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_would(words, says, capsys):
    with pytest.raises(SystemExit) as leaving:
        read_arguments(words)
    assert leaving.value.code == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("verb", [[], ["run"], ["demo"]])
def test_help_teaches_with_examples(verb, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as leaving:
        read_arguments([*verb, "--help"])
    said = capsys.readouterr().out
    assert leaving.value.code == 0
    assert "examples:" in said
    assert all(len(line) <= 100 for line in said.splitlines())
    assert said.count(PROGRAM) > 2
