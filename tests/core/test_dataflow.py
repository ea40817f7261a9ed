"""Whether each task of a plan finds the facts that it needs."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.core.planning import DataFlowError, PlannedTask, check_flow

LOAD = PlannedTask("load", "load", writes=("raw",))
CLEAN = PlannedTask("clean", "clean", reads=("raw",), writes=("tidy",))
SAVE = PlannedTask("save", "save", reads=("tidy",))


def refused(*tasks, known=()):
    with pytest.raises(DataFlowError) as caught:
        check_flow(tasks, known)
    return caught.value


def test_a_consumer_before_its_producer_is_refused():
    error = refused(CLEAN, LOAD, SAVE)
    assert (error.task, error.fact, error.makers) == ("clean", "raw", ("load",))
    assert str(error) == (
        "plan: task 'clean' can't run: it needs 'raw', which is made only later, by 'load'"
    )


def test_what_nobody_makes_is_refused():
    error = refused(CLEAN, SAVE)
    assert (error.task, error.fact, error.makers) == ("clean", "raw", ())
    assert "which nobody makes" in str(error)


def test_of_all_orders_the_legal_one_is_accepted():
    legal = []
    for order in permutations((CLEAN, LOAD, SAVE)):
        try:
            check_flow(order)
        except DataFlowError:
            continue
        legal.append([task.id for task in order])
    assert legal == [["load", "clean", "save"]]


def test_tasks_that_share_nothing_may_come_in_any_order():
    other = PlannedTask("other", "load", writes=("else",))
    for place in range(4):
        tasks = [LOAD, CLEAN, SAVE]
        tasks.insert(place, other)
        check_flow(tasks)


def test_what_the_state_has_is_known():
    check_flow((CLEAN, SAVE), {"raw": None})
    check_flow((), ())


def test_making_a_fact_anew_takes_the_old_one():
    again = replace(LOAD, reads=("raw",))
    assert refused(again).makers == ("load",)
    check_flow((LOAD, replace(again, id="load#2")))


def test_a_typing_error_is_pointed_at():
    assert "did you mean 'raw'?" in str(refused(replace(CLEAN, reads=("rawe",)), known=("raw",)))


FACTS = st.lists(st.sampled_from("abcd"), max_size=2, unique=True).map(tuple)
TASKS = st.lists(
    st.builds(PlannedTask, st.uuids().map(str), st.just("t"), reads=FACTS, writes=FACTS), max_size=6
)


@given(TASKS, FACTS)
def test_what_is_accepted_runs_and_what_is_refused_does_not(tasks, known):
    there, stuck = set(known), None
    for task in tasks:
        if not there >= set(task.reads):
            stuck = task
            break
        there.update(task.writes)
    if stuck is None:
        check_flow(tasks, known)
    else:
        error = refused(*tasks, known=known)
        assert error.task == stuck.id
        assert error.fact not in there
