"""`--model` and `--record`: what they choose, what they refuse, and what a run says of a model."""

import json
from pathlib import Path

import pytest

from dataagents.console.commands.question import QuestionRequest, question_config
from dataagents.console.commands.request import Request, configured
from dataagents.core.config import ModelCalls
from tests.console.cli.conftest import ANSWERING, turn

WITHOUT = (
    "import importlib.util as u; find = u.find_spec\n"
    "u.find_spec = lambda name, *a: None if name == {!r} else find(name, *a)"
)
CONFIGURED = 'model = "scripted:other"\nmodel_calls = { timeout = 5, fallbacks = ["scripted:b"] }\n'


def test_the_options_override_the_configuration_and_nothing_else_of_it(home):
    (home / "dataagents.toml").write_text(CONFIGURED)
    config = configured(Request(store=Path("s"), model="scripted:any", record=Path("said.jsonl")))

    calls = ModelCalls(timeout=5, fallbacks=("scripted:b",), record=Path("said.jsonl"))
    assert (config.model, config.model_calls) == ("scripted:any", calls)
    kept = configured(Request(store=Path("s"), record=Path("said.jsonl")))
    assert (kept.model, kept.model_calls) == ("scripted:other", calls)
    assert configured(Request(store=Path("s"), model="")).model == ""


def test_a_question_is_not_asked_again_unless_that_was_configured(home):
    request = QuestionRequest(store=Path("s"), question="q", path="a.csv")
    assert question_config(request).max_replans == 0
    (home / "dataagents.toml").write_text("max_replans = 2\n")
    assert question_config(request).max_replans == 2


def _make_nothing(home):
    pass


def _make_a_configuration(home):
    (home / "dataagents.toml").write_text('model = "scripted:any"\n')


@pytest.mark.parametrize("command", [("run",), ("reason", "Why?")])
@pytest.mark.parametrize(
    ("make", "options", "problem"),
    [
        (_make_nothing, ("--model", "opena:x"), "Did you mean 'openai'?"),
        (_make_nothing, ("--model", "gpt"), "write PROVIDER:NAME"),
        (_make_nothing, ("--model", "replay:none.jsonl"), "No such file"),
        (_make_nothing, ("--model", "replay:orders.csv"), "line 1 is no recorded exchange"),
        (_make_nothing, ("--record", "x"), "rules decide, so there is nothing to record. Choose"),
        (_make_a_configuration, ("--model", "", "--record", "x"), "nothing to record"),
        (_make_a_configuration, ("--record", "none/x"), "record none/x: No such file"),
        (_make_a_configuration, ("--record", "orders.csv"), "it holds something else"),
        (_make_nothing, ("--model", "replay:said", "--record", "./said"), "answers out of this"),
    ],
)
def test_what_can_not_be_used_is_one_line_and_2(
    cli, orders, home, scripted, command, make, options, problem
):
    scripted(any=ANSWERING)
    make(home)
    before = orders.read_text()
    done = cli(*command, "orders.csv", *options, "--quiet")

    assert (done.exit_code, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("dataagents: ")
    assert problem in line
    assert orders.read_text() == before


@pytest.mark.parametrize("command", [("run",), ("reason", "Why?")])
def test_without_the_library_for_models_it_says_what_to_install(shell, orders, command):
    done = shell(
        *command, orders, "-q", "--model", "openai:x", before=WITHOUT.format("pydantic_ai")
    )

    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert "pip install 'dataagents[llm]'" in line


def test_a_run_says_what_the_model_did_and_why_rules_took_over(cli, orders, stand_in, scripted):
    stand_in()
    scripted(any=turn("I know nothing yet.", "analyze_schema", 60, 0.0012))
    told = cli("run", orders, "--quiet", "--model", "scripted:any").stdout

    assert "What the model did" in told
    (line,) = (line for line in told.splitlines() if "scripted:any decided 1 of " in line)
    assert "(120 tokens, $0.0024, " in line
    (why,) = (line for line in told.splitlines() if "rules took over" in line)
    assert why.endswith("steps: it has nothing more to say")


def test_json_has_the_same_figures_and_null_for_what_was_not_measured(
    cli, orders, stand_in, scripted
):
    stand_in()
    scripted(any=turn("I know nothing yet.", "analyze_schema", 60))
    report = json.loads(cli("run", orders, "-q", "--json", "--model", "scripted:any").stdout)

    used = report["model"]
    assert (used["models"], used["decided"], used["tokens"]) == (["scripted:any"], 1, 120)
    assert (used["cost"], used["unpriced"]) == (None, 1)
    assert used["steps"] == used["decided"] + used["taken_over"]
    assert used["why"] == "it has nothing more to say"
    assert json.loads(cli("run", orders, "-q", "--json").stdout)["model"] is None


def test_without_a_model_a_run_does_not_speak_of_one(cli, orders, stand_in, scripted, home):
    stand_in()
    scripted(any=ANSWERING)
    assert "What the model did" not in cli("run", orders, "--quiet").stdout
    with (home / "dataagents.toml").open("a") as config:
        config.write('model = "scripted:any"\n')
    assert "What the model did" in cli("run", orders, "--quiet").stdout
    assert "What the model did" not in cli("run", orders, "--quiet", "--model", "").stdout


def test_a_run_can_be_recorded_and_replayed(cli, orders, stand_in, scripted):
    stand_in()
    scripted(any=turn("I know nothing yet.", "analyze_schema", 60, 0.0012))
    for model, options in (("scripted:any", ("--record", "said.jsonl")), ("replay:said.jsonl", ())):
        cli("run", orders, "-q", "--model", model, *options)
    runs = [json.loads(cli("trace", run["id"], "--json").stdout) for run in _runs(cli)]

    def steps(run):
        tasks = [part for part in run["parts"] if part["kind"] == "task"]
        (first,) = (part for part in tasks[0]["parts"] if part["kind"] == "reasoning")
        return [(step["thought"], step["observation"]) for step in first["steps"]]

    assert steps(runs[0])[0] == steps(runs[1])[0] == ("I know nothing yet.", "analyze_schema")


def _runs(cli):
    return json.loads(cli("runs", "--json").stdout)["runs"]


def test_the_help_teaches_how_to_choose_a_model(cli):
    for command in ("run", "reason"):
        told = " ".join(cli(command, "--help").stdout.split())
        for word in ("openai:gpt-5-mini", "ollama:qwen3", "replay:FILE", "OPENAI_API_KEY"):
            assert word in told
    assert "stdout" in cli("reason", "--help").stdout
