"""`dataagents reason`: the answer, the steps that led to it, and what stands in the way of one."""

import json

import pytest

from dataagents.console.commands.steps import Steps
from dataagents.core import Event, EventKind
from dataagents.core.testing import FakeClock
from tests.console.cli.conftest import ANSWERING, turn

QUESTION = "How many rows?"
LOOKING = turn("look again", "analyze_schema") * 8


def test_the_answer_goes_to_stdout_and_the_steps_to_stderr(cli, orders, stand_in, scripted):
    stand_in()
    scripted(any=ANSWERING)
    done = cli("reason", QUESTION, orders, "--model", "scripted:any")

    assert done.exit_code == 0
    assert done.stdout == "There are 4 rows.\nNo gap.\n"
    told = done.stderr
    assert '● 1 analyze_schema {"dataset": "orders"}' in told
    for part in ("thought   I know 0 columns.", "observed  analyze_schema", "● 2 final_result"):
        assert part in told
    assert "decided   by scripted:any (200 tokens, $0.0020, " in told
    assert "), score 0.88, done in " in told
    assert "scripted:any decided 2 of 2 steps (300 tokens, $0.0030, " in told
    assert "2 steps in " in told
    assert "dataagents trace " in told
    assert "[DATA]" not in told
    assert all(line == line.rstrip() for line in told.splitlines())


def test_without_a_model_it_says_that_rules_decided_and_how_to_choose_one(cli, orders, stand_in):
    stand_in()
    done = cli("reason", QUESTION, orders)

    assert done.exit_code == 0
    assert "they can't read a question" in done.stdout
    (line,) = (line for line in done.stderr.splitlines() if "--model" in line)
    assert line.startswith("Rules decided, which don't read questions.")
    assert "decided   by rules, score " in done.stderr
    assert "token" not in done.stderr
    assert "$" not in done.stderr


def test_quiet_leaves_the_answer_alone(cli, orders, stand_in, scripted):
    stand_in()
    scripted(any=ANSWERING)
    done = cli("reason", QUESTION, orders, "--model", "scripted:any", "--quiet")
    assert (done.stdout, done.stderr) == ("There are 4 rows.\nNo gap.\n", "")


def test_json_is_one_object_with_the_steps_and_their_figures(cli, orders, stand_in, scripted):
    stand_in()
    scripted(any=ANSWERING)
    report = json.loads(
        cli("reason", QUESTION, orders, "--model", "scripted:any", "--json", "--seed", 7).stdout
    )
    assert (report["question"], report["dataset"]) == (QUESTION, "orders")
    assert (report["answer"], report["stop"]) == ("There are 4 rows.\nNo gap.", "final_result")
    assert (report["status"], report["reason"]) == ("done", "")
    assert (report["tokens"], report["cost"]) == (300, pytest.approx(0.003))
    assert [step["action"] for step in report["steps"]] == ["analyze_schema", "final_result"]
    assert {step["by"] for step in report["steps"]} == {"scripted:any"}
    assert report["analysis"]["circles"] == []
    assert report["model"]["decided"] == 2
    assert report["seconds"] > 0
    assert report["store"] == ".dataagents/store.db"
    assert cli("trace", report["run"]).exit_code == 0


def test_what_was_not_measured_is_null(cli, orders, stand_in):
    stand_in()
    report = json.loads(cli("reason", QUESTION, orders, "--json").stdout)
    assert (report["tokens"], report["cost"], report["model"]) == (None, None, None)
    assert {step["tokens"] for step in report["steps"]} == {None}


def test_a_budget_that_is_used_up_is_told_and_not_spent_again(cli, orders, stand_in, scripted):
    stand_in()
    scripted(any=LOOKING)
    done = cli("reason", QUESTION, orders, "--model", "scripted:any", "--max-steps", 2)

    assert (done.exit_code, done.stdout) == (4, "")
    assert "no answer: the reasoning took as many steps as it may (max_steps)." in done.stderr
    assert "Raise --max-steps." in done.stderr
    assert done.stderr.count("● 1 analyze_schema") == 1
    report = json.loads(cli("reason", QUESTION, orders, "--json", "-q", "--max-steps", 1).stdout)
    assert (report["answer"], report["stop"], report["status"]) == (None, "max_steps", "failed")


def test_going_round_in_circles_is_told(cli, orders, stand_in, scripted, home):
    stand_in()
    scripted(any=LOOKING)
    with (home / "dataagents.toml").open("a") as config:
        config.write('options = { react = { on_circle = "stop" } }\n')
    done = cli("reason", QUESTION, orders, "--model", "scripted:any")

    assert done.exit_code == 4
    assert "the reasoning went round in circles (circle)" in done.stderr
    assert "circle high: analyze_schema → analyze_schema" in done.stderr
    told = cli("trace", "--analysis").stdout
    assert "── circles: high: analyze_schema → analyze_schema (steps " in told
    assert "── recommendations: step 2: " in told
    assert ", progress 0.5" in told
    assert "── circles: " not in cli("trace").stdout


def test_a_recording_gives_the_same_steps_again(cli, orders, stand_in, scripted):
    stand_in()
    scripted(any=ANSWERING)

    def asked(*options):
        return json.loads(cli("reason", QUESTION, orders, "--json", *options).stdout)

    first = asked("--model", "scripted:any", "--record", "said.jsonl")
    again = asked("--model", "replay:said.jsonl")

    def told(report):
        keys = ("thought", "action", "input", "observation", "by", "tokens", "cost", "score")
        return [[step[key] for key in keys] for step in report["steps"]]

    assert told(first) == told(again)
    assert again["answer"] == first["answer"]


def test_a_model_that_gives_no_answer_is_told_with_the_reason(cli, orders, stand_in, scripted):
    stand_in()
    scripted(mute=[])
    done = cli("reason", QUESTION, orders, "--model", "scripted:mute")

    assert done.exit_code == 0
    assert "by rules, for scripted:mute: it has nothing more to say" in done.stderr
    assert "scripted:mute decided 0 of " in done.stderr
    assert "token" not in done.stderr
    assert "steps: it has nothing more to say" in done.stderr
    assert "Rules decided" not in done.stderr


def test_an_action_that_fails_is_an_error_of_its_step(cli, orders, stand_in):
    stand_in("raise InputError('orders.csv', 'it has no rows', hint='Add some.')")
    done = cli("reason", QUESTION, orders)

    assert (done.exit_code, done.stdout) == (2, "")
    assert "✖ 1 analyze_schema" in done.stderr
    assert "error     orders.csv: it has no rows. Add some." in done.stderr
    assert "dataagents: no answer: answer_question(orders): orders.csv: it has no" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("", "orders.csv"), "question: it is empty"),
        (("x" * 2001, "orders.csv"), "longer than 2,000 characters"),
        (("orders.csv", "How many?"), "The question comes first"),
        (("How many?", "order.csv"), "Did you mean 'orders.csv'?"),
        (("How many?", "x/*.csv"), "no file matches it"),
        (("How many?", "orders.csv", "--memory", "much"), "it is no size"),
        (("How many?", "orders.csv", "--log-level", "LOUD"), "there is no such level"),
    ],
)
def test_what_can_not_be_used_is_one_line_and_2(cli, orders, arguments, problem):
    done = cli("reason", *arguments)

    assert (done.exit_code, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("dataagents: ")
    assert problem in line


def test_wrong_usage_is_2(cli, orders):
    assert cli("reason", QUESTION).exit_code == 2
    assert cli("reason", QUESTION, orders, "--max-steps", 0).exit_code == 2


def test_hostile_text_reaches_no_terminal_and_is_no_markup(cli, orders, stand_in, scripted):
    evil = "\x1b]52;c;ZXZpbA==\x07[bold]:smile:"
    stand_in()
    looks = turn(f"thinking {evil}", "analyze_schema")
    scripted(evil=[*looks, *turn(evil, "final_result", answer=f"1 {evil}")])
    for options in ((), ("--json",)):
        done = cli("reason", f"How many? {evil}", orders, "--model", "scripted:evil", *options)
        assert done.exit_code == 0
        assert "\x1b" not in done.output
        assert "\x07" not in done.output
        assert "[bold]:smile:" in done.stdout
        assert "[bold]:smile:" in done.stderr


def test_the_data_may_come_on_stdin(cli, orders, stand_in):
    stand_in()
    done = cli("reason", QUESTION, "-", "--json", input=orders.read_text())

    assert done.exit_code == 0
    assert json.loads(done.stdout)["dataset"] == "stdin"
    assert json.loads(done.stdout)["path"] == "-"


def event(kind, **body):
    at = FakeClock().now()
    return Event("e", at, kind, "x", body, "run", "answer(a)", "profiler\x1b[2J")


STEP = event(
    EventKind.STEP_TAKEN, number=1, action="look", action_input={"sql": "select\n1\x1b[2J"},
    thought="word " * 60, observation="a\x1b[2J\n" * 3, by="rules", score=0.5, seconds=0.1,
)  # fmt: skip


@pytest.mark.parametrize("columns", ["80", "160"])
async def test_no_line_is_wider_than_the_terminal_and_nothing_is_obeyed(
    monkeypatch, capsys, columns
):
    from dataagents.console.commands.output import Screen

    monkeypatch.setenv("COLUMNS", columns)
    screen, clock = Screen("stderr"), FakeClock()
    steps = Steps(screen, clock, "scripted:\x1b[2J")
    await steps.observe([event(EventKind.TASK_STARTED), STEP])
    await clock.advance(2.5)
    with screen.capture() as captured:
        screen.print(steps.render())

    told = capsys.readouterr().err
    assert "decided   by rules, score 0.50, done in 100ms" in told
    assert "2.5s" in captured.get()
    for text in (told, captured.get()):
        assert "\x1b" not in text
        assert max(map(len, text.splitlines())) <= int(columns)


@pytest.mark.parametrize("kind", list(EventKind))
async def test_a_body_of_another_shape_is_no_failure(kind, capsys):
    from dataagents.console.commands.output import Screen

    steps = Steps(Screen("stderr"), FakeClock(), "")
    await steps.observe([event(kind, number="one", action=3, done="x", score={})])
