"""Domains and problems in YAML: what they become, and what each mistake is answered with."""

from contextlib import suppress
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from volume import amount

from dataagents.core.errors import InputError, NoPlanError
from dataagents.core.planning import (
    Allowance,
    Domain,
    Flow,
    Goal,
    Method,
    Objective,
    Problem,
    Task,
    TaskNetwork,
)
from dataagents.core.testing.planning import check_plan
from dataagents.plugins.planning.data_pipeline import data_pipeline
from dataagents.plugins.planning.htn import HtnPlanner
from dataagents.plugins.planning.written.domain import read_domain

BUNDLED = {"data-pipeline": data_pipeline}
EXAMPLES = Path(__file__).parents[3] / "examples" / "planning"

TRUCKS = """
name: trucks
types: {truck: vehicle, vehicle: , place: , parcel: }
operators:
  drive:
    parameters: {vehicle: vehicle, to: place}
    variables: {from: place}
    when: {at:$vehicle: $from}
    differ: [[$from, $to]]
    makes: {at:$vehicle: $to}
    seconds: 60
    cost: 2
    priority: 3
    success_probability: 0.99
    resources: {drivers: 1}
    requires: {drive: 0.5}
    tools: [steer]
    repeatable: true
  load:
    parameters: {parcel: parcel, vehicle: vehicle}
    variables: [place]
    when: [at:$parcel: $place, at:$vehicle: $place]
    unless: [broken:$parcel]
    makes: {at:$parcel: $vehicle}
  unload:
    parameters: {parcel: parcel, to: place}
    variables: {vehicle: vehicle}
    when: {at:$parcel: $vehicle, at:$vehicle: $to}
    makes: {at:$parcel: $to}
methods:
  deliver:
    there already:
      parameters: {parcel: parcel, to: place}
      when: {at:$parcel: $to}
    by truck:
      parameters: {parcel: parcel, to: place}
      variables: {vehicle: vehicle, from: place}
      when: {at:$parcel: $from}
      subtasks:
        - come: {vehicle: $vehicle, to: $from}
        - load
        - come
        - unload
      success_probability: 0.9
      cost: 1
  come:
    is there:
      parameters: {vehicle: vehicle, to: place}
      when: {at:$vehicle: $to}
    drive:
      parameters: {vehicle: vehicle, to: place}
      subtasks: [drive]
goals: [deliver]
resources: {drivers: 2}
objects:
  truck: [t1]
  place: [north, south]
  parcel: [p1, p2]
state:
  at:t1: south
  at:p1: north
  at:p2: south
tasks:
  - deliver: {parcel: p1, to: south}
  - deliver: {parcel: p2, to: south}
workers: 3
objective: cost
"""


@pytest.fixture
def written(tmp_path):
    """Write files, and read the last one as a domain."""

    def write(*texts, **named):
        for name, text in named.items():
            (tmp_path / f"{name}.yaml").write_text(dedent(text))
        for text in texts:
            (tmp_path / "file.yaml").write_text(dedent(text))
        return read_domain(tmp_path / "file.yaml", BUNDLED)

    return write


def problem(domain, *tasks, **state):
    scenario = domain.scenario
    return Problem(
        Goal("test"), domain, {**(scenario.state if scenario else {}), **state},
        tasks or (scenario.tasks if scenario else ()),
    )  # fmt: skip


async def plan(asked):
    return await HtnPlanner().plan(asked, Allowance(nodes=20_000))


async def test_a_written_domain_is_plain_values_that_any_planner_takes(written):
    domain = written(TRUCKS)

    assert type(domain) is Domain
    assert all(type(each) is Method for each in domain.methods)
    asked = problem(domain)
    found = await plan(asked)
    check_plan(found, domain, asked.state)
    assert [task.id for task in found.tasks] == [
        "drive(t1, north)", "load(p1, t1)", "drive(t1, south)", "unload(p1, south)",
    ]  # fmt: skip


def test_everything_that_can_be_written_arrives(written):
    domain = written(TRUCKS)

    drive = domain.operators[0]
    assert (drive.name, drive.seconds, drive.cost, drive.priority) == ("drive", 60.0, 2.0, 3)
    assert (drive.success_probability, drive.repeatable) == (0.99, True)
    assert (drive.resources, drive.requires) == ({"drivers": 1.0}, {"drive": 0.5})
    assert drive.tools == ("steer",)
    by_truck = domain.methods[1]
    assert (by_truck.success_probability, by_truck.cost) == (0.9, 1.0)
    assert (domain.name, domain.goals, domain.resources) == (
        "trucks", ("deliver",), {"drivers": 2.0},
    )  # fmt: skip
    scenario = domain.scenario
    assert (scenario.workers, scenario.objective) == (3, Objective.COST)
    assert scenario.tasks[0] == Task("deliver", {"parcel": "p1", "to": "south"})
    assert scenario.state == {
        "at:t1": "south", "at:p1": "north", "at:p2": "south", "objects:truck": ["t1"],
        "objects:place": ["north", "south"], "objects:parcel": ["p1", "p2"],
    }  # fmt: skip


def test_what_an_operator_reads_and_writes_follows_from_its_conditions(written):
    drive, load, unload = written(TRUCKS).operators

    assert (drive.reads, drive.uses, drive.writes) == (("at:{vehicle}",), (), ("at:{vehicle}",))
    assert load.reads == ("at:{parcel}", "at:{vehicle}")
    assert load.uses == ("broken:{parcel}",)
    # `at:$vehicle` is about a thing that is no argument: it keeps its place.
    assert (unload.reads, unload.writes) == ((), ())


def test_what_is_declared_counts_instead(written):
    domain = written(
        """
        operators:
          look:
            parameters: [dataset]
            when: ['known:$dataset']
            reads: ['schema:$dataset', settings]
            writes: [{}]
        """.replace("[{}]", "['quality:$dataset']")
    )

    (look,) = domain.operators
    assert (look.reads, look.writes) == (("schema:{dataset}", "settings"), ("quality:{dataset}",))


async def test_conditions_say_what_blocks(written):
    domain = written(TRUCKS)
    asked = problem(domain, **{"broken:p1": True})

    with pytest.raises(NoPlanError) as caught:
        await plan(asked)
    assert "broken:p1 is true" in caught.value.reason


def test_types_have_kinds(written):
    domain = written(TRUCKS)
    drive = domain.operators[0]
    state = domain.scenario.state

    assert drive.condition(state, Task("drive", {"vehicle": "t1", "to": "north"})) is None
    refused = drive.condition(state, Task("drive", {"vehicle": "p1", "to": "north"}))
    assert refused == "vehicle is p1, which is no vehicle"


def test_subtasks_with_an_after_are_ordered_as_far_as_it_says(written):
    domain = written("""
        operators: {a: {}, b: {}, c: {}}
        methods:
          all:
            side by side:
              parameters: [table]
              subtasks:
                - a
                - {task: b, name: second}
                - {task: c, after: [a, second]}
              flows:
                - {fact: 'made:$table', from: a, to: c}
        """)

    method = domain.methods[0]
    network = method.subtasks({}, Task("all", {"table": "x"}))
    assert network == TaskNetwork(
        (Task("a"), Task("b"), Task("c")), ((0, 2), (1, 2)), (Flow("made:x", 0, 2),)
    )


def test_subtasks_without_arguments_get_those_of_the_same_name(written):
    domain = written("""
        operators:
          copy: {parameters: [from, to]}
        methods:
          move:
            plainly:
              parameters: [from, to, why]
              subtasks: [copy, tell, {tell: {what: $why}}, {tell: {what: [$from, 3, x]}}]
          tell:
            nobody: {parameters: [what]}
            by name: {parameters: [to]}
        """)

    args = {"from": "a", "to": "b", "why": "c"}
    assert domain.methods[0].subtasks({}, Task("move", args)) == (
        Task("copy", {"from": "a", "to": "b"}),
        Task("tell", {"to": "b"}),
        Task("tell", {"what": "c"}),
        Task("tell", {"what": ["a", 3, "x"]}),
    )


def test_a_problem_may_stand_in_a_file_of_its_own(written):
    base = TRUCKS.partition("objects:")[0]
    domain = written(
        "domain: base.yaml\nobjects: {truck: [t9], place: [here]}\nstate: {at:t9: here}\n"
        "tasks: [come: {vehicle: t9, to: here}]\n",
        base=base,
    )

    assert domain.name == "file"
    assert domain.scenario.tasks == (Task("come", {"vehicle": "t9", "to": "here"}),)
    assert {each.name for each in domain.operators} == {"drive", "load", "unload"}


def test_a_method_is_added_to_the_bundled_domain_before_its_own(written):
    domain = written("""
        extends: data-pipeline
        methods:
          repair:
            look again:
              parameters: [dataset]
              unless: ['transformed:$dataset']
              subtasks: [validate_data, transform_data]
        """)

    bundled = data_pipeline()
    names = [each.name for each in domain.methods if each.task == "repair"]
    theirs = [each.name for each in bundled.methods if each.task == "repair"]
    assert names == ["look again", *theirs]
    assert domain.goals == bundled.goals
    assert len(domain.operators) == len(bundled.operators)
    added = next(each for each in domain.methods if each.name == "look again")
    args = {"dataset": "orders"}
    assert added.subtasks({}, Task("repair", args)) == (
        Task("validate_data", args), Task("transform_data", args),
    )  # fmt: skip


def test_written_methods_keep_their_order_and_may_say_where_they_belong(written):
    domain = written(
        """
        extends: base.yaml
        methods:
          go:
            first: {}
            second: {}
            last: {after: run}
            between: {before: run}
        """,
        base="methods: {go: {walk: {}, run: {}}}",
    )

    assert [each.name for each in domain.methods] == [
        "first", "second", "walk", "between", "run", "last",
    ]  # fmt: skip


MISTAKES = {
    "an unknown key": ("opertors: {}", "file.yaml line 1: a domain has no key 'opertors'. Did you "
                       "mean 'operators'?"),
    "no keys": ("- a", "file.yaml line 1: a domain has to be keys with values, not a list."),
    "an unknown key of an operator": (
        "operators:\n  a:\n    secnds: 3",
        "file.yaml line 3: operator 'a' has no key 'secnds'. Did you mean 'seconds'?",
    ),
    "an unknown key of a method": (
        "methods:\n  t:\n    m:\n      subtask: []",
        "file.yaml line 4: method 'm' of 't' has no key 'subtask'. Did you mean 'subtasks'?",
    ),
    "an unknown type": (
        "types: [table]\noperators:\n  a:\n    parameters: {x: tabel}",
        "file.yaml line 4: there is no type 'tabel'. Did you mean 'table'?",
    ),
    "an unknown parent type": (
        "types:\n  truck: vehicel\n  vehicle:\n",
        "file.yaml line 2: there is no type 'vehicel'. Did you mean 'vehicle'?",
    ),
    "a circle of types": (
        "types:\n  a: b\n  b: a\n", "file.yaml line 2: 'a' is a kind of itself.",
    ),
    "an unknown subtask": (
        "operators: {load: {}}\nmethods:\n  t:\n    m:\n      subtasks:\n        - laod",
        "file.yaml line 6: no operator and no method is for the task 'laod'. Did you mean 'load'?",
    ),
    "an unknown subtask of the bundled domain": (
        "extends: data-pipeline\nmethods:\n  repair:\n    m:\n      subtasks: [transfrom_data]",
        "file.yaml line 5: no operator and no method is for the task 'transfrom_data'. Did you "
        "mean 'transform_data'?",
    ),
    "an argument too many": (
        "operators: {a: {parameters: [table]}}\nmethods:\n  t:\n    m:\n      subtasks:\n"
        "        - a: {tabel: x}",
        "file.yaml line 6: 'a' has no parameter 'tabel'. Did you mean 'table'?",
    ),
    "an argument too few": (
        "operators: {a: {parameters: [table]}}\nmethods:\n  t:\n    m:\n      subtasks: [a]",
        "file.yaml line 5: 'a' needs table. Write `a: {table: …}`.",
    ),
    "an unbound variable": (
        "operators:\n  a:\n    parameters: [table]\n    makes:\n      done:$tabel: true",
        "file.yaml line 5: nothing says what $tabel is. Did you mean '$table'?",
    ),
    "an unbound variable in a value": (
        "operators:\n  a:\n    parameters: [table]\n    when:\n      - done\n      - from: [$x]",
        "file.yaml line 6: nothing says what $x is. Known: $table.",
    ),
    "an unbound variable of a subtask": (
        "operators: {a: {parameters: [x]}}\nmethods:\n  t:\n    m:\n      subtasks: [a: {x: $y}]",
        "file.yaml line 5: nothing says what $y is. Declare it in `parameters` or `variables`.",
    ),
    "a variable that nothing finds": (
        "operators:\n  a:\n    variables: [x]\n    makes: [done:$x]",
        "file.yaml line 3: nothing says what $x is. Use it in `when`, or give it a type that has "
        "objects.",
    ),
    "something anonymous that is made": (
        "operators:\n  a:\n    makes: [done:$_]",
        "file.yaml line 3: nothing says what $_ is. Declare it in `parameters` or `variables`.",
    ),
    "a variable within a word": (
        "operators:\n  a:\n    parameters: [x]\n    makes: [done$x]",
        "file.yaml line 4: 'done$x' has a variable that is no part of its own. Write it like "
        "`at:$truck` or `on:$x,$y`.",
    ),
    "braces": (
        "operators:\n  a:\n    parameters: [x]\n    makes: ['done:{x}']",
        "file.yaml line 4: 'done:{x}' has braces, which mean nothing here. Write $x for it.",
    ),
    "a question mark": (
        "state:\n  at: '?x'", "file.yaml line 2: '?x' would be a variable. Write $x for one.",
    ),
    "a doubled operator": (
        "operators:\n  a: {}\n  a: {}",
        "file.yaml line 3: 'a' is there twice; it also stands in line 2.",
    ),
    "an operator of the bundled domain": (
        "extends: data-pipeline\noperators:\n  validate_data: {}",
        "file.yaml line 3: domain 'data-pipeline' has 'validate_data' already. Choose another "
        "name.",
    ),
    "a method of an operator": (
        "operators: {a: {}}\nmethods:\n  a:\n    m: {}",
        "file.yaml line 4: 'a' is an operator, so it can't have a method. Choose another name.",
    ),
    "a method of the bundled domain": (
        "extends: data-pipeline\nmethods:\n  clean:\n    file: {}",
        "file.yaml line 4: domain 'data-pipeline' has a method 'file' of 'clean'. Choose another "
        "name.",
    ),
    "a doubled fact": (
        "operators:\n  a:\n    when:\n      - done\n      - done: 3",
        "file.yaml line 5: the fact 'done' is there twice in 'when'.",
    ),
    "a doubled parameter": (
        "operators:\n  a:\n    parameters: [x, x]",
        "file.yaml line 3: 'x' is there twice in 'parameters'.",
    ),
    "a parameter that is a variable too": (
        "operators:\n  a:\n    parameters: [x]\n    variables: [x]\n    when: [done:$x]",
        "file.yaml line 4: $x is a parameter already.",
    ),
    "a parameter that is no name": (
        "operators:\n  a:\n    parameters: [data set]",
        "file.yaml line 3: 'data set' is no name for a variable. Letters, digits and _ make one, "
        "no digit first.",
    ),
    "a text for a number": (
        "operators:\n  a:\n    seconds: long",
        "file.yaml line 3: 'seconds' has to be a number, not text.",
    ),
    "a probability above one": (
        "operators:\n  a:\n    success_probability: 90",
        "file.yaml line 3: 'success_probability' has to be in 1e-06 to 1, not 90.",
    ),
    "less than no time": (
        "operators:\n  a:\n    seconds: -3",
        "file.yaml line 3: 'seconds' has to be at least 0, not -3.",
    ),
    "half a priority": (
        "operators:\n  a:\n    priority: 1.5",
        "file.yaml line 3: 'priority' has to be a whole number, not 1.5.",
    ),
    "a word for a truth": (
        "operators:\n  a:\n    repeatable: yes",
        "file.yaml line 3: 'repeatable' has to be true or false, not text.",
    ),
    "keys for a text": (
        "operators:\n  a:\n    question: {a: b}",
        "file.yaml line 3: 'question' has to be text, not keys with values.",
    ),
    "a circle of subtasks": (
        "operators: {a: {}, b: {}}\nmethods:\n  t:\n    m:\n      subtasks:\n"
        "        - {task: a, after: b}\n        - {task: b, after: a}",
        "file.yaml line 6: no subtask of a circle can be the first: a after b after a.",
    ),
    "an unknown name after": (
        "operators: {a: {}, b: {}}\nmethods:\n  t:\n    m:\n      subtasks:\n"
        "        - {task: a, name: first}\n        - {task: b, after: frist}",
        "file.yaml line 7: no subtask is called 'frist'. Did you mean 'first'?",
    ),
    "two subtasks of one name": (
        "operators: {a: {}}\nmethods:\n  t:\n    m:\n      subtasks:\n"
        "        - {task: a, name: x}\n        - {task: a, name: x}",
        "file.yaml line 7: two subtasks are called 'x'.",
    ),
    "a flow from nowhere": (
        "operators: {a: {}, b: {}}\nmethods:\n  t:\n    m:\n      subtasks: [a, b]\n"
        "      flows: [{fact: x, from: c, to: b}]",
        "file.yaml line 6: no subtask is called 'c'. Known: a, b.",
    ),
    "half a flow": (
        "operators: {a: {}}\nmethods:\n  t:\n    m:\n      subtasks: [a]\n      flows: [{fact: x}]",
        "file.yaml line 6: a flow needs 'from'.",
    ),
    "two tasks in one": (
        "operators: {a: {}}\nmethods:\n  t:\n    m:\n      subtasks:\n        - a: {}\n"
        "          b: {}",
        "file.yaml line 6: a task of 'subtasks' is not written as one. Write `name`, `name: "
        "{argument: value}`, or `task: name` with `with`.",
    ),
    "a method beside one that is not there": (
        "extends: data-pipeline\nmethods:\n  repair:\n    m: {before: bath}",
        "file.yaml line 4: 'repair' has no method 'bath' so far. Did you mean 'batch'?",
    ),
    "a method in two places": (
        "extends: data-pipeline\nmethods:\n  repair:\n    m: {before: batch, after: batch}",
        "file.yaml line 4: a method is placed 'before' or 'after', not both.",
    ),
    "an unknown goal": (
        "operators: {load: {}}\ngoals: [laod]",
        "file.yaml line 2: there is no task 'laod'. Did you mean 'load'?",
    ),
    "an unknown objective": (
        "operators: {a: {}}\ntasks: [a]\nobjective: costs",
        "file.yaml line 3: there is no objective 'costs'. Did you mean 'cost'?",
    ),
    "an unknown task of a problem": (
        "operators: {load: {}}\ntasks:\n  - laod",
        "file.yaml line 3: no operator and no method is for the task 'laod'. Did you mean 'load'?",
    ),
    "an order of tasks": (
        "operators: {a: {}, b: {}}\ntasks:\n  - a\n  - {task: b, after: a}",
        "file.yaml line 4: the tasks of a problem are done in their order.",
    ),
    "objects of no type": (
        "types: [table]\nobjects:\n  tabel: [a]",
        "file.yaml line 3: there is no type 'tabel'. Did you mean 'table'?",
    ),
    "an object twice": (
        "types: [table, view]\nobjects:\n  table: [a]\n  view: [a]",
        "file.yaml line 4: the object 'a' is in line 3 already.",
    ),
    "no workers": (
        "tasks: []\nworkers: 0", "file.yaml line 2: 'workers' has to be in 1 to 1e+06, not 0.",
    ),
    "more than there is": (
        "resources: {gpu: 1}\noperators:\n  a:\n    resources: {gpu: 2}",
        "file.yaml line 3: 'a' holds 2 gpu, of 1.",
    ),
    "an unknown domain": (
        "extends: data-pipelines",
        "file.yaml line 1: no domain is called 'data-pipelines', and a file would end in .yaml. "
        "Did you mean 'data-pipeline'?",
    ),
    "two domains": (
        "extends: data-pipeline\ndomain: other.yaml",
        "file.yaml line 1: 'extends' and 'domain' say the same; write one of them.",
    ),
    "itself": ("extends: file.yaml", "file.yaml line 1: 'file.yaml' extends this file in turn."),
    "a file that is not there": (
        "extends: fiel.yaml",
        "file.yaml line 1: there is no file 'fiel.yaml' beside it. Did you mean 'file.yaml'?",
    ),
    "a pair of one": (
        "operators:\n  a:\n    parameters: [x]\n    differ: [$x]",
        "file.yaml line 4: 'differ' needs pairs that begin with a variable. Write it like "
        "`- [$from, $to]`.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "told"), MISTAKES.values(), ids=MISTAKES)
def test_each_mistake_is_answered_with_its_line_and_the_nearest_name(written, text, told):
    with pytest.raises(InputError) as caught:
        written(text)
    assert str(caught.value) == told


@settings(max_examples=amount(50), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, TRUCKS.count("\n") - 1),
    st.sampled_from(["", "x", "[]", "{}", "a: b", "- 1", "$x", "null", "a: [b, {c: d}]", "'$_'"]),
    st.booleans(),
)
def test_a_file_with_any_line_changed_is_a_domain_or_an_error_of_ours(
    written, place, instead, behind
):
    lines = TRUCKS.split("\n")
    kept, _, said = lines[place].partition(":")
    indent = " " * (len(kept) - len(kept.lstrip()))
    lines[place] = f"{kept}: {instead}" if behind and said else f"{indent}{instead}"

    with suppress(InputError):
        written("\n".join(lines))


def test_a_mistake_in_a_file_that_is_extended_names_that_file(written):
    with pytest.raises(InputError, match=r"^base\.yaml line 2: a domain has no key 'goal'"):
        written("extends: base.yaml", base="name: x\ngoal: []\n")


def test_files_can_not_extend_one_another_forever(written, tmp_path):
    files = {f"f{number}": f"extends: f{number + 1}.yaml" for number in range(12)}
    with pytest.raises(InputError, match="more than 10 files extend one another"):
        written("extends: f0.yaml", **files, f12="name: x")


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda file: file.name)
async def test_the_examples_have_plans(file):
    domain = read_domain(file, BUNDLED)

    if domain.scenario is None:
        assert domain.goals
        return
    found = await plan(problem(domain))
    check_plan(found, domain, domain.scenario.state)
