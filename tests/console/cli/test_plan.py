"""`dataagents plan`: goals and problems, planned and shown; nothing is done."""

import json
import re
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[3] / "examples" / "planning"
TONIGHT = EXAMPLES / "tonight.yaml"

LOOK_AGAIN = """\
extends: data-pipeline
methods:
  repair:
    look again:
      parameters: [dataset]
      unless: ['transformed:$dataset']
      subtasks: [validate_data, transform_data]
"""

TICKS = """\
operators:
  tick:
    parameters: [number]
    seconds: 1
methods:
  go:
    all of them:
      subtasks:
{ticks}
tasks: [go]
workers: 4
"""


def flat(text):
    """Return what a report says, without the lines of its trees and without breaks."""
    return re.sub(r"[\s│├└─]+", " ", text)


def test_a_goal_is_planned_for_files_that_need_not_be_there(cli, home):
    done = cli("plan", "clean", "orders.csv", "daily/2026.csv.gz")

    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("clean of orders, 2026: ")
    assert "transform_data(orders)" in done.stdout
    assert "Release the clean rows?" in done.stdout
    assert list(home.iterdir()) == []


def test_the_size_of_files_that_are_there_counts(cli, home):
    with (home / "large.csv").open("wb") as file:
        file.truncate(2 * 1024**3)

    told = flat(cli("plan", "clean", "large.csv", "--explain").stdout)
    assert "understand(large): sample first" in told
    assert "repair(large): streaming" in told


def test_a_goal_without_files_is_planned_for_some_data(cli):
    assert "analyze_schema(data)" in cli("plan", "profile").stdout


def test_an_unknown_goal_names_the_nearest(cli):
    done = cli("plan", "claen", "orders.csv")

    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr == (
        "dataagents: goal 'claen': not in domain 'data-pipeline'. Did you mean 'clean'?\n"
    )


def test_a_problem_is_shown_as_a_tree_a_schedule_and_figures(cli):
    done = cli("plan", TONIGHT)

    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "report: 7 tasks, by tonight"
    assert "├── refresh(orders): by changes" in lines
    assert "│   ├── extract changes(orders, shop)  40s" in lines
    assert re.search(r"^└── publish\(sales\)  20s  critical$", done.stdout, re.M)
    assert re.search(r"^  extract all\(customers, crm\) +█+·+ +0s-5m00s$", done.stdout, re.M)
    assert re.search(r"^  extract changes\(orders, shop\) +▒+·+ +0s-40s$", done.stdout, re.M)
    assert "critical: extract all(customers, crm) → check(customers)" in done.stdout
    assert re.search(r"^  critical path  6m50s$", done.stdout, re.M)
    assert re.search(r"^  all tasks      9m00s, one after another$", done.stdout, re.M)
    for phase in ("root task", "decomposition", "optimisation", "risk analysis"):
        assert phase in done.stdout
    assert "extract changes(orders, shop)" in done.stdout.partition("Risks")[2]
    assert all(line == line.rstrip() for line in lines)


def test_the_page_shows_what_is_printed(cli, repository, monkeypatch):
    monkeypatch.setenv("COLUMNS", "90")
    page = (repository / "docs" / "planning.md").read_text(encoding="utf-8")
    command = "$ dataagents plan examples/planning/tonight.yaml\n"
    shown = page.partition(command)[2].partition("```")[0]

    printed = cli("plan", TONIGHT).stdout
    timeless = [re.sub(r" +<?\d+ms", " …", text) for text in (shown, printed)]
    assert timeless[0] == timeless[1] != ""


def test_explaining_tells_why_and_what_was_rejected(cli):
    plain = flat(cli("plan", TONIGHT).stdout)
    told = flat(cli("plan", TONIGHT, "--explain").stdout)

    assert "not by changes: changed:customers is not there" in told
    assert "why: " in told
    assert "not by changes" not in plain


def test_lines_fit_the_terminal(cli, monkeypatch):
    for width in (60, 80, 140):
        monkeypatch.setenv("COLUMNS", str(width))
        done = cli("plan", TONIGHT, "--explain")
        assert max(map(len, done.stdout.splitlines())) <= width


def test_a_terminal_without_blocks_gets_other_signs(shell):
    done = shell("plan", TONIGHT, PYTHONIOENCODING="ascii")

    assert done.returncode == 0, done.stderr
    assert re.search(r"extract all\(customers, crm\) +#+\.+ +0s-5m00s", done.stdout)
    assert done.stdout.isascii()


def test_json_is_the_whole_plan_and_always_the_same(cli):
    first = json.loads(cli("plan", TONIGHT, "--format", "json").stdout)
    again = json.loads(cli("plan", TONIGHT, "--format", "json").stdout)

    assert list(first)[:4] == ["domain", "roots", "workers", "goal"]
    assert first["roots"] == [{"name": "report", "args": {"report": "sales"}}]
    assert {task["id"] for task in first["tasks"]} == {
        "extract changes(orders, shop)", "check(orders)", "merge(orders)",
        "extract all(customers, crm)", "check(customers)", "merge(customers)", "publish(sales)",
    }  # fmt: skip
    assert first["schedule"]["makespan"] == first["seconds"] == 410
    assert first["total_seconds"] == 540
    for plan in (first, again):
        for phase in plan["phases"]:
            del phase["seconds"]
    assert first == again


def test_mermaid_draws_tasks_and_dependencies(cli):
    done = cli("plan", TONIGHT, "--format", "mermaid")

    lines = done.stdout.splitlines()
    assert lines[0] == "flowchart TD"
    assert '  t0["extract changes(orders, shop)<br/>40s"]' in lines
    assert "  t0 --> t1" in lines
    assert lines[-1].endswith(" critical")


def test_a_decision_is_a_rhomb(cli):
    done = cli("plan", "clean", "a.csv", "--format", "mermaid")

    assert '{"decide_schema(a)"}' in done.stdout


def test_hostile_names_draw_and_command_nothing(cli, home):
    (home / "evil.yaml").write_text(
        'name: "\\e]0;owned\\a"\n'
        "operators:\n"
        '  \'x"] --> y; click y "javascript:alert(1)" %%[bold]\':\n'
        '    question: "\\e[31mRed?"\n'
        "    seconds: 1\n"
        "tasks:\n"
        '  - \'x"] --> y; click y "javascript:alert(1)" %%[bold]\'\n'
    )
    drawn = cli("plan", "evil.yaml", "--format", "mermaid").stdout
    told = cli("plan", "evil.yaml", "--explain").stdout

    (node,) = [line for line in drawn.splitlines() if line.startswith("  t0")]
    assert re.fullmatch(r"  t0\{\"[\w #;(),:=/]*<br/>1\.0s\"\}", node)
    assert "\x1b" not in told
    assert "%%[bold]" in told


def test_another_objective_and_fewer_workers(cli):
    first = json.loads(cli("plan", TONIGHT, "--format", "json").stdout)
    alone = cli("plan", TONIGHT, "--format", "json", "--workers", "1", "--objective", "seconds",
                "--seconds", "2")  # fmt: skip

    told = json.loads(alone.stdout)
    assert told["workers"] == 1
    assert told["objective"] == "seconds"
    assert told["schedule"]["makespan"] == told["total_seconds"]
    assert first["objective"] == "first"


def test_a_surer_plan_takes_another_method(cli):
    told = json.loads(
        cli(
            "plan", TONIGHT, "--format", "json", "--objective", "probability", "--seconds", "2"
        ).stdout
    )

    assert [each["method"] for each in told["decompositions"]] == [
        "all tables", "in full", "in full",
    ]  # fmt: skip
    assert (told["confidence"], told["cost"]) == (1.0, 8.0)


def test_without_a_plan_the_task_that_blocks_is_named(cli, home):
    (home / "blocked.yaml").write_text(
        "operators:\n  load:\n    parameters: [table]\n    when: ['landed:$table']\n"
        "methods:\n  go:\n    at once: {subtasks: [load: {table: orders}]}\ntasks: [go]\n"
    )
    done = cli("plan", "blocked.yaml")

    assert done.exit_code == 4
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "task 'load(orders)' is blocked" in done.stderr
    assert "landed:orders is not there" in done.stderr


def test_a_mistake_in_a_file_is_shown_with_its_line(cli, home):
    (home / "p.yaml").write_text("operators: {load: {}}\ntasks:\n  - laod\n")

    done = cli("plan", "p.yaml")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "dataagents: p.yaml line 3: no operator and no method is for the task 'laod'. Did you "
        "mean 'load'?\n"
    )


def test_a_domain_in_a_file_needs_a_goal(cli):
    nightly = EXAMPLES / "nightly.yaml"

    without = cli("plan", nightly)
    assert without.exit_code == 2
    assert "it is a domain without `tasks`. Name one of its goals after it: report" in (
        without.stderr
    )
    beyond = cli("plan", TONIGHT, "report")
    assert beyond.exit_code == 2
    assert "it has tasks of its own" in beyond.stderr


def test_a_method_of_ones_own_is_part_of_the_plan(cli, home):
    (home / "mine.yaml").write_text(LOOK_AGAIN)

    told = flat(cli("plan", "mine.yaml", "clean", "orders.csv", "--explain").stdout)
    assert "repair(orders): look again" in told


def test_a_run_uses_a_method_of_ones_own(cli, home, orders):
    (home / "mine.yaml").write_text(LOOK_AGAIN)
    (home / "dataagents.toml").write_text(
        'seed = 1\n[strategies]\ndomain = "yaml"\n[options.yaml]\nfile = "mine.yaml"\n'
    )
    done = cli("run", orders, "--out", "results", "--config", "dataagents.toml", "--json", "-q")

    assert done.exit_code == 0, done.output
    traced = flat(cli("trace").stdout)
    assert "look again" in traced
    assert (home / "results").is_dir()


def test_a_configured_file_that_is_wrong_is_an_error_of_the_run(cli, home, orders):
    (home / "mine.yaml").write_text(LOOK_AGAIN.replace("transform_data", "transfrom_data"))
    (home / "dataagents.toml").write_text(
        '[strategies]\ndomain = "yaml"\n[options.yaml]\nfile = "mine.yaml"\n'
    )
    done = cli("run", orders)

    assert done.exit_code == 2
    assert "mine.yaml line 7: " in done.stderr
    assert "Did you mean 'transform_data'?" in done.stderr


def test_a_large_plan_is_shown_in_part(cli, home):
    ticks = "\n".join(f"        - tick: {{number: {number}}}" for number in range(3000))
    (home / "ticks.yaml").write_text(TICKS.format(ticks=ticks))

    done = cli("plan", "ticks.yaml")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("go: 3,000 tasks")
    assert len(done.stdout.splitlines()) < 350
    assert re.search(r"and 2,\d{3} more lines: --format json has all", done.stdout)
    assert "and 2,940 more: the first 60 to start are shown" in done.stdout


@pytest.mark.parametrize("format", ["json", "mermaid"])
def test_other_formats_hold_all_of_a_large_plan(cli, home, format):
    ticks = "\n".join(f"        - tick: {{number: {number}}}" for number in range(1000))
    (home / "ticks.yaml").write_text(TICKS.format(ticks=ticks))

    assert "tick(999)" in cli("plan", "ticks.yaml", "--format", format).stdout


def test_help_teaches(cli):
    told = cli("plan", "--help").stdout

    for taught in ("dataagents plan clean orders.csv", "extends: data-pipeline", "Exit codes"):
        assert taught in told


def test_json_is_asked_for_as_elsewhere(cli, home):
    short, long = (
        cli("plan", "clean", "a.csv", "--json"),
        cli("plan", "clean", "a.csv", "--format=json"),
    )
    assert short.exit_code == 0
    assert json.loads(short.stdout).keys() == json.loads(long.stdout).keys()
