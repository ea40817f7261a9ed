"""What is done once although several parts of a plan ask for it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dataagents.core.planning import Operator, Task
from dataagents.plugins.planning.layout import step
from dataagents.plugins.planning.merging import merge

READ = Operator("read", writes=("rows:{x}",), repeatable=True)
COUNT = Operator("count", reads=("rows:{x}",), writes=("count:{x}",), repeatable=True)
SORT = Operator("sort", reads=("rows:{x}",), writes=("rows:{x}",))
TELL = Operator("tell", repeatable=True)
WIPE = Operator("wipe")
STIR = Operator("stir", effect=lambda state, task: {"rows:a": 0})
OPERATORS = {each.name: each for each in (READ, COUNT, SORT, TELL, WIPE, STIR)}


def merged(*words, before=None):
    """Return which of `name.x` were dropped, and the steps that are left."""
    tasks = [Task(name, {"x": x}) for name, x in (word.split(".") for word in words)]
    operators = [OPERATORS[task.name] for task in tasks]
    steps = [
        step(operator, task, (before or {}).get(place, ()))
        for place, (operator, task) in enumerate(zip(operators, tasks, strict=True))
    ]
    return merge(operators, tasks, steps)


def test_equal_tasks_become_one():
    found = merged("read.a", "count.a", "read.a", "count.a", "read.b")
    assert found.into == {2: 0, 3: 1}
    assert found.kept == (0, 1, 4)


def test_other_arguments_are_another_task():
    assert merged("read.a", "read.b").into == {}


def test_what_may_not_be_repeated_is_not_merged():
    assert merged("sort.a", "sort.a").into == {}


def test_what_changed_in_between_is_done_again():
    assert merged("read.a", "count.a", "sort.a", "count.a").into == {}
    assert merged("read.a", "sort.a", "read.a", "read.a").into == {3: 2}
    assert merged("read.a", "count.a", "sort.b", "count.a").into == {3: 1}


def test_who_does_not_say_what_it_touches_may_have_touched_anything():
    assert merged("read.a", "stir.a", "read.a").into == {}
    assert merged("read.a", "wipe.a", "read.a").into == {2: 0}


def test_without_facts_the_order_is_all_that_is_known():
    assert merged("tell.a", "read.a", "tell.a").into == {2: 0}
    assert merged("tell.a", "wipe.a", "tell.a").into == {}


def test_who_waits_for_a_dropped_task_waits_for_the_one_that_is_kept():
    words = ("read.a", "wipe.a", "read.a", "wipe.b")
    found = merged(*words, before={2: (1,), 3: (2,)})
    assert [each.before for each in found.steps] == [(), (), (0, 1)]


def test_the_order_of_arguments_makes_no_difference():
    tasks = [Task("tell", {"x": 1, "y": 2}), Task("tell", {"y": 2, "x": 1})]
    assert merge([TELL, TELL], tasks, [step(TELL, each) for each in tasks]).into == {1: 0}


NAMES = st.sampled_from(["read.a", "read.b", "count.a", "count.b", "sort.a", "sort.b"])


@given(st.lists(NAMES, max_size=12))
def test_every_task_that_is_left_finds_what_it_would_have_found(words):
    found = merged(*words)

    def values(places):
        state, seen = {"rows:a": "", "rows:b": ""}, {}
        for place in places:
            name, x = words[place].split(".")
            seen[place] = state[f"rows:{x}"]
            if name == "read":
                state[f"rows:{x}"] = "read"
            elif name == "sort":
                state[f"rows:{x}"] += "sorted"
            else:
                state[f"count:{x}"] = state[f"rows:{x}"]
        return state, seen

    whole, all_seen = values(range(len(words)))
    left, seen = values(found.kept)
    assert left == whole
    assert seen == {place: all_seen[place] for place in found.kept}


def test_nothing_is_merged_where_nothing_may_be():
    once = replace(READ, repeatable=False)
    tasks = [Task("read", {"x": "a"})] * 3
    assert merge([once] * 3, tasks, [step(once, each) for each in tasks]).kept == (0, 1, 2)
