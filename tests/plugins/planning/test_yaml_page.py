"""What `docs/planning.md` shows of files is read as it is printed."""

import re

import pytest

from dataagents.core.planning import Allowance, Goal, Problem, Task
from dataagents.core.testing.planning import check_plan
from dataagents.plugins.planning.data_pipeline import data_pipeline
from dataagents.plugins.planning.htn import HtnPlanner
from dataagents.plugins.planning.written import domain as written
from dataagents.plugins.planning.written import parts
from dataagents.plugins.planning.written.domain import read_domain

BUNDLED = {"data-pipeline": data_pipeline}


@pytest.fixture(scope="module")
def section(repository):
    page = (repository / "docs" / "planning.md").read_text(encoding="utf-8")
    return page.partition("## Domains as YAML\n")[2].partition("\n## ")[0]


@pytest.fixture(scope="module")
def blocks(section):
    return re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)


def test_the_method_on_top_is_the_example(blocks, repository):
    example = (repository / "examples/planning/look-again.yaml").read_text(encoding="utf-8")

    assert "".join(re.findall(r"^(?!#).*\n", example, re.MULTILINE)) == blocks[0]


async def test_the_problem_has_a_plan(blocks, tmp_path):
    for block in blocks[1:3]:
        name = re.match(r"# (\S+)", block)[1]
        (tmp_path / name).write_text(block)
    domain = read_domain(tmp_path / "tonight.yaml", BUNDLED)
    scenario = domain.scenario

    asked = Problem(Goal("refresh"), domain, scenario.state, scenario.tasks, scenario.workers)
    plan = await HtnPlanner().plan(asked, Allowance())
    check_plan(plan, domain, scenario.state)
    assert [task.id for task in plan.tasks] == ["extract all(orders, shop)", "check(orders)"]


def test_the_subtasks_make_a_network(blocks, tmp_path):
    body = blocks[3].replace("\n", "\n      ")
    (tmp_path / "a.yaml").write_text(
        "operators: {publish: {}}\nmethods:\n  refresh:\n    m: {parameters: [table]}\n"
        f"  all:\n    m:\n      parameters: [table]\n      {body}"
    )
    method = read_domain(tmp_path / "a.yaml", BUNDLED).methods[1]

    network = method.subtasks({}, Task("all", {"table": "t"}))
    assert network.before == ((0, 2), (1, 2))
    assert [flow.fact for flow in network.flows] == ["landed:t"]


@pytest.mark.parametrize(
    ("heading", "known"), [("file", written._KEYS), ("operator", parts._OPERATOR)]
)
def test_the_tables_have_every_key(section, heading, known):
    table = (
        section.partition(f"| key of an {heading}")[2]
        or section.partition(f"| key of a {heading}")[2]
    )
    rows = re.findall(r"^\| ([^|]*) \|", table.partition("\n\n")[0], re.MULTILINE)

    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted(known)


def test_every_key_of_a_method_is_named(section):
    named = re.search(r"^A method has (.*)$", section, re.MULTILINE)[1]

    assert sorted(re.findall(r"`(\w+)`", named)) == sorted(parts._METHOD)
