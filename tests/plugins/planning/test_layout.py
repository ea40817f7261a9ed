"""What tasks are called, and what they wait for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.core.planning import Domain, Operator, Task
from dataagents.plugins.planning.dependencies import Step, waits
from dataagents.plugins.planning.layout import lay_out, names

MAKE = Operator("make", writes=("made:{x}",), seconds=2.0)
USE = Operator("use", reads=("made:{x}",), writes=("used:{x}",), seconds=3.0)
LOOK = Operator("look", reads=("made:{x}",), uses=("hint:{x}",))
HALL = Domain("hall", (MAKE, USE, LOOK), ())


def depends(*words, **options):
    actions = [Task(name, {"x": x}) for name, x in (word.split(".") for word in words)]
    return {task.id: task.depends_on for task in lay_out(actions, HALL, **options)}


def test_a_task_waits_for_who_makes_what_it_reads():
    assert depends("make.a", "use.a", "make.b", "use.b") == {
        "make(a)": (),
        "use(a)": ("make(a)",),
        "make(b)": (),
        "use(b)": ("make(b)",),
    }


def test_a_fact_that_is_made_again_is_read_from_the_latest():
    assert depends("make.a", "make.a", "use.a") == {
        "make(a)": (),
        "make(a)#2": ("make(a)",),
        "use(a)": ("make(a)#2",),
    }


def test_who_makes_a_fact_again_waits_for_those_that_read_the_older_value():
    assert depends("make.a", "use.a", "look.a", "make.a", "look.a") == {
        "make(a)": (),
        "use(a)": ("make(a)",),
        "look(a)": ("make(a)",),
        "make(a)#2": ("use(a)", "look(a)"),
        "look(a)#2": ("make(a)#2",),
    }


def test_what_was_there_before_is_not_overwritten_while_somebody_reads_it():
    assert depends("look.a", "make.a")["make(a)"] == ("look(a)",)


def test_an_order_that_a_method_sets_is_kept():
    steps = [Step(), Step(before=(0,)), Step(before=(0,)), Step(before=(1, 2))]
    assert waits(steps) == [(), (0,), (0,), (1, 2)]


def test_what_is_used_is_read_where_it_is_known():
    actions = [Task("make", {"x": "a"}), Task("look", {"x": "a"})]
    assert lay_out(actions, HALL)[1].reads == ("made:a",)
    assert lay_out(actions, HALL, known={"hint:a": 1})[1].reads == ("made:a", "hint:a")


def test_a_task_takes_over_what_its_operator_says():
    operator = Operator(
        "train", seconds=9.0, cost=2.0, resources={"gpu": 1.0}, success_probability=0.9, priority=3
    )
    (task,) = lay_out([Task("train")], Domain("d", (operator,), ()), parents=["learn()"])
    assert (task.seconds, task.cost, task.resources) == (9.0, 2.0, {"gpu": 1.0})
    assert (task.success_probability, task.priority, task.parent) == (0.9, 3, "learn()")


@pytest.mark.parametrize("name", ["{x}", "{dataset.__class__}", "a b/../c", "", "💥"])
def test_a_name_from_outside_stays_a_name(name):
    (task,) = lay_out([Task("make", {"x": name})], HALL)
    assert (task.id, task.writes) == (f"make({name})", (f"made:{name}",))


@given(st.lists(st.sampled_from([Task("t", {"x": x}) for x in ("a", "a)#2", "b", 1, "1")])))
def test_names_are_used_once(tasks):
    assert len(set(names(tasks))) == len(tasks)


FACTS = st.lists(st.sampled_from("abcd"), max_size=2, unique=True).map(tuple)


@given(st.lists(st.builds(Step, FACTS, FACTS, FACTS), max_size=9), st.randoms())
def test_every_order_that_is_allowed_reads_the_same_values(steps, random):
    waiting = waits(steps)
    order = []
    while len(order) < len(steps):
        free = [n for n, w in enumerate(waiting) if n not in order and set(w) <= set(order)]
        order.append(random.choice(free))

    def seen(places):
        makers, found = {}, {}
        for place in places:
            step = steps[place]
            found[place] = [makers.get(fact) for fact in (*step.reads, *step.uses)]
            makers.update(dict.fromkeys(step.writes, place))
        return found, makers

    assert seen(order) == seen(range(len(steps)))


@pytest.mark.parametrize("tasks", [9_999, pytest.param(99_999, marks=pytest.mark.slow)])
def test_a_large_plan_has_few_dependencies(tasks):
    steps = [Step(reads=("settings", f"t{n // 3}"), writes=(f"t{n // 3}",)) for n in range(tasks)]
    assert sum(map(len, waits(steps))) == tasks // 3 * 2
