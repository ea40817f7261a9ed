import pytest

from dataagents.core.planning import Allowance, Domain, Flow, Goal, Problem, Task, TaskNetwork
from dataagents.core.planning.lifting import lifted_method, lifted_operator
from dataagents.core.planning.unification import filled, unify
from dataagents.plugins.planning.htn import HtnPlanner

STATE = {
    "objects:block": ["b1", "b2"],
    "objects:heavy": ["b3"],
    "on:b1": "b2",
    "on:b2": "table",
    "on:b3": "table",
    "clear:b1": True,
    "clear:b3": True,
    "hand": None,
}
TYPES = {"heavy": "block"}


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("a", "a", {}),
        ("a", "b", None),
        ("?x", "a", {"?x": "a"}),
        ("a", "?x", {"?x": "a"}),
        ("?x", "?y", {"?x": "?y"}),
        (["?x", "b"], ["a", "?y"], {"?x": "a", "?y": "b"}),
        (["?x", "?x"], ["a", "b"], None),
        (["?x", "?y", "?x"], ["?y", "a", "a"], {"?x": "a", "?y": "a"}),
        (["a"], ["a", "b"], None),
        ("?x", ["?x"], None),  # a term is no part of itself
        (True, 1, None),
        (None, None, {}),
    ],
)
def test_terms_are_unified(left, right, expected):
    found = unify(left, right, {})
    if expected is None:
        assert found is None
    else:
        assert filled(left, found) == filled(right, found)
        assert {name: filled(name, found) for name in found} == {
            name: filled(value, found) for name, value in expected.items()
        }


def test_what_is_given_stays_as_it_was():
    given = {"?x": "a"}
    assert unify("?x", "b", given) is None
    assert unify("?y", "?x", given) == {"?x": "a", "?y": "a"}
    assert given == {"?x": "a"}


UNSTACK = lifted_operator(
    "unstack",
    parameters={"?x": "block"},
    when={"on:?x": "?y", "clear:?x": True, "hand": None},
    unless={"on:?x": "table"},
    makes={"on:?x": "hand", "hand": "?x", "clear:?y": True},
    types=TYPES,
    seconds=2.0,
)


def test_an_effect_uses_what_was_found():
    task = Task("unstack", {"x": "b1"})
    assert UNSTACK.condition(STATE, task) is None
    assert UNSTACK.effect(STATE, task) == {"on:b1": "hand", "hand": "b1", "clear:b2": True}
    assert UNSTACK.seconds == 2.0


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"x": "b2"}, "clear:b2 is not there"),
        ({"x": "b3"}, "on:b3 is table"),
        ({"x": "b9"}, "x is b9, which is no block"),
        ({}, "unstack has no argument 'x'"),
    ],
)
def test_what_does_not_hold_is_said(args, said):
    assert UNSTACK.condition(STATE, Task("unstack", args)) == said


def test_a_wrong_value_is_shown_beside_the_right_one():
    pick = lifted_operator("pick", parameters={"?x": "any"}, when={"on:?x": "table"})
    assert pick.condition(STATE, Task("pick", {"x": "b1"})) == "on:b1 is b2, not table"


def test_false_holds_for_what_nobody_made():
    idle = lifted_operator("idle", when={"busy": False})
    assert idle.condition({}, Task("idle")) is None
    assert idle.condition({"busy": True}, Task("idle")) == "busy is true, not false"


def test_free_parameters_are_found_in_facts_or_are_any_object():
    by_fact = lifted_method("m", "walk", [Task("go", {"to": "?b"})], when={"edge:?a,?b": True})
    state = {"edge:a,b": True, "edge:a,c": True, "edge:c,d": True, "edge:a,e": False}
    bound = list(by_fact.bindings(state, Task("walk", {"a": "a"})))
    assert [task.args["b"] for task in bound] == ["b", "c"]
    assert by_fact.subtasks(state, bound[1]) == (Task("go", {"to": "c"}),)
    by_type = lifted_method(
        "m", "move", [Task("put", {"x": "?x"})], free={"?x": "block"}, types=TYPES
    )
    found = [task.args["x"] for task in by_type.bindings(STATE, Task("move"))]
    assert found == ["b1", "b2", "b3"]
    assert by_type.condition({}, Task("move")) == "there is no block"


def test_variables_that_must_differ_do():
    pairs = lifted_method(
        "m",
        "pair",
        [],
        free={"?x": "block", "?y": "block"},
        differ=[("?x", "?y")],
    )
    found = [(task.args["x"], task.args["y"]) for task in pairs.bindings(STATE, Task("pair"))]
    assert found == [("b1", "b2"), ("b2", "b1")]
    same = Task("pair", {"x": "b1", "y": "b1"})
    assert pairs.condition(STATE, same) == "x and y are both b1"


def test_order_and_flows_make_a_network():
    method = lifted_method(
        "m",
        "top",
        [Task("a", {"x": "?x"}), Task("b"), Task("c")],
        parameters={"?x": "text"},
        before=[(0, 2)],
        flows=[Flow("made:?x", 0, 2)],
    )
    task = Task("top", {"x": "{odd}"})
    assert method.subtasks({}, task) == TaskNetwork(
        (Task("a", {"x": "{odd}"}), Task("b"), Task("c")),
        ((0, 2),),
        (Flow("made:{{odd}}", 0, 2),),  # as in `writes`, braces would be an argument
    )


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: lifted_operator("o", parameters={"?x": "any"}, makes={"on:?z": 1}), r"\?z is"),
        (lambda: lifted_method("m", "t", [Task("a", {"k": "?z"})]), r"\?z is"),
        (lambda: lifted_operator("o", parameters={"x": "any"}), r"write '\?x'"),
    ],
)
def test_what_nothing_binds_is_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()


async def test_a_domain_needs_no_grounding():
    move = {"parameters": {"?x": "block"}, "types": TYPES}
    domain = Domain(
        "blocks",
        (
            lifted_operator(
                "move",
                parameters={"?x": "block", "?y": "any"},
                when={"clear:?x": True, "on:?x": "?z"},
                differ=[("?x", "?y")],
                makes={"on:?x": "?y", "clear:?z": True, "clear:?y": False},
                types=TYPES,
            ),
        ),
        (
            lifted_method("is", "clear", [], when={"clear:?x": True}, **move),
            lifted_method(
                "off",
                "clear",
                [Task("clear", {"x": "?y"}), Task("move", {"x": "?y", "y": "table"})],
                free={"?y": "block"},
                when={"on:?y": "?x"},
                unless={"clear:?x": True},
                **move,
            ),
        ),
    )
    state = {
        "objects:block": ["b1", "b2", "b3"],
        "on:b1": "b2",
        "on:b2": "b3",
        "on:b3": "table",
        "clear:b1": True,
    }
    asked = Problem(Goal("clear"), domain, state, (Task("clear", {"x": "b3"}),))
    made = await HtnPlanner().plan(asked, Allowance())
    assert [task.id for task in made.tasks] == ["move(b1, table)", "move(b2, table)"]
    assert made.decompositions[0].why == "the first that fits: y = b2"
