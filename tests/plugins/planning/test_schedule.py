"""When tasks run: in order, within what there is, and as soon as can be found."""

from itertools import pairwise, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from volume import amount

from dataagents.core.errors import InputError, NoPlanError
from dataagents.core.planning import PlannedTask
from dataagents.plugins.planning.branching import shortest
from dataagents.plugins.planning.generation import (
    RULES,
    back_and_forth,
    longest_way,
    parallel,
    ranks,
    serial,
)
from dataagents.plugins.planning.project import ResourceError, least, project, times
from dataagents.plugins.planning.schedule import arrange

PIPELINE = {
    "extract_a": (4, ()),
    "extract_b": (6, ()),
    "clean_a": (5, ("extract_a",)),
    "clean_b": (2, ("extract_b",)),
    "join": (3, ("clean_a", "clean_b")),
    "profile": (7, ("extract_b",)),
    "report": (2, ("join", "profile")),
}
TASKS = [
    PlannedTask(name, name, seconds=seconds, depends_on=before)
    for name, (seconds, before) in PIPELINE.items()
]


def task(name, seconds=1.0, *before, **options):
    return PlannedTask(name, "t", seconds=seconds, depends_on=before, **options)


def starts(tasks, *arguments):
    return {slot.task: slot.start for slot in arrange(tasks, *arguments).schedule.slots}


def test_the_critical_path_and_the_slack():
    found = arrange(TASKS)
    assert found.schedule.critical_path == ("extract_b", "profile", "report")
    assert (found.length, found.schedule.makespan, found.proven) == (15, 15, True)
    assert {slot.task: slot.slack for slot in found.schedule.slots} == {
        "extract_a": 1,
        "extract_b": 0,
        "clean_a": 1,
        "clean_b": 2,
        "join": 1,
        "profile": 0,
        "report": 0,
    }


@pytest.mark.parametrize(("workers", "makespan"), [(None, 15), (3, 15), (2, 16), (1, 29)])
def test_the_fewer_workers_the_longer(workers, makespan):
    found = arrange(TASKS, {}, workers)
    assert (found.schedule.makespan, found.schedule.workers) == (makespan, workers)
    assert found.proven
    assert found.length == 15


def test_a_worker_does_one_task_at_a_time():
    slots = arrange(TASKS, {}, 2).schedule.slots
    for worker in (0, 1):
        own = [slot for slot in slots if slot.worker == worker]
        assert all(one.finish <= other.start for one, other in pairwise(own))
    assert {slot.worker for slot in slots} == {0, 1}


def test_a_resource_is_shared_out():
    tasks = [task(name, resources={"gpu": 1.0}) for name in "abcd"]
    assert arrange(tasks, {"gpu": 2.0}).schedule.makespan == 2
    assert arrange(tasks, {}).schedule.makespan == 1


def test_tenths_of_a_resource_add_up():
    tasks = [task(str(n), resources={"memory": 0.1}) for n in range(3)]
    assert arrange(tasks, {"memory": 0.3}).schedule.makespan == 1


def test_who_needs_more_than_there_is_is_named():
    with pytest.raises(ResourceError, match="needs 2 of 'gpu', and there is only 1") as it:
        arrange([task("train", resources={"gpu": 2.0})], {"gpu": 1.0})
    assert (it.value.task, it.value.resource) == ("train", "gpu")
    assert (it.value.needed, it.value.available) == (2.0, 1.0)
    assert isinstance(it.value, NoPlanError)


def test_nobody_can_work_without_workers():
    with pytest.raises(ResourceError, match="needs 1 of 'workers', and there is none"):
        arrange([task("a", 0.0)], {}, 0)


def test_who_waits_for_a_later_task_is_named():
    with pytest.raises(InputError, match="'a': it waits for 'b', which comes later"):
        arrange([task("a", 1.0, "b"), task("b")])


def test_what_is_not_in_the_plan_was_done_before():
    assert starts([task("b", 1.0, "a")]) == {"b": 0.0}


def test_without_estimates_everything_takes_no_time():
    found = arrange([task("a", 0.0), task("b", 0.0, "a"), task("c", 0.0)], {}, 1)
    assert found.schedule.makespan == 0
    assert found.schedule.critical_path == ("a", "b")
    assert [slot.task for slot in found.schedule.slots] == ["a", "b", "c"]
    assert {slot.worker for slot in found.schedule.slots} == {0}


def test_a_task_without_an_estimate_waits_for_the_others_as_well():
    tasks = [task("a", 2.0), task("b", 0.0, "a"), task("c", 3.0, "b"), task("d", 4.0)]
    assert starts(tasks, {}, 1)["c"] >= starts(tasks, {}, 1)["b"] >= 2.0


def test_priority_decides_between_equals():
    tasks = [task("a"), task("b", priority=2), task("c")]
    assert starts(tasks, {}, 1) == {"b": 0.0, "a": 1.0, "c": 2.0}


def test_nothing_to_do():
    found = arrange([], {}, 2)
    assert (found.schedule.slots, found.schedule.critical_path, found.length) == ((), (), 0.0)


def test_the_longest_chain_counts_not_the_number_of_tasks():
    short = [task(str(n)) for n in range(10)]
    assert arrange([*short, task("long", 5.0, "3", "4")]).length == 6.0


LENGTHS = st.sampled_from([0.0, 0.1, 1.0, 2.0, 3.5])


@st.composite
def projects(draw, most):
    tasks = []
    for number in range(draw(st.integers(1, most))):
        before = draw(st.sets(st.integers(0, number - 1), max_size=2)) if number else ()
        tasks.append(
            task(
                str(number),
                draw(LENGTHS),
                *map(str, sorted(before)),
                resources={"gpu": draw(st.sampled_from([0.0, 0.5, 1.0, 2.0]))},
                priority=draw(st.integers(1, 2)),
            )
        )
    return tasks, draw(st.sampled_from([2.0, 2.5, 3.0])), draw(st.sampled_from([None, 1, 2, 3]))


def check(tasks, begins, gpus, workers):
    """Precedence and capacities hold."""
    ends = {each.id: begins[each.id] + each.seconds for each in tasks}
    for each in tasks:
        assert all(ends[earlier] <= begins[each.id] for earlier in each.depends_on)
        running = [other for other in tasks if begins[other.id] <= begins[each.id] < ends[other.id]]
        assert workers is None or len(running) <= workers
        assert sum(other.resources["gpu"] for other in running) <= gpus
    return max(ends.values())


@given(projects(most=20))
def test_precedence_and_capacities_hold(drawn):
    tasks, gpus, workers = drawn
    found = arrange(tasks, {"gpu": gpus}, workers)
    begins = {slot.task: slot.start for slot in found.schedule.slots}
    assert check(tasks, begins, gpus, workers) == found.schedule.makespan
    assert found.schedule.makespan >= found.length - 1e-9
    if workers is not None:
        work = sum(each.seconds for each in tasks)
        assert found.schedule.makespan >= work / workers - 1e-9
    again = arrange(tasks, {"gpu": gpus}, workers)
    assert again == found


@given(projects(most=20))
def test_every_rule_in_both_schemes_respects_what_there_is(drawn):
    tasks, gpus, workers = drawn
    work = project(tasks, {"gpu": gpus}, workers)
    timing = times(work)
    for rule in RULES:
        for scheme in (parallel, serial):
            first = scheme(work, ranks(work, rule(work, timing)))
            for found in (first, *back_and_forth(work, first)):
                begins = {each.id: start for each, start in zip(tasks, found, strict=True)}
                check(tasks, begins, gpus, workers)
                assert least(work, timing) - 1e-9 <= work.end(found) <= work.end(first)


@settings(max_examples=amount(20))
@given(projects(most=6))
def test_a_small_schedule_is_the_shortest(drawn):
    tasks, gpus, workers = drawn
    found = arrange(tasks, {"gpu": gpus}, workers)
    work = project(tasks, {"gpu": gpus}, workers)
    orders = permutations(range(len(tasks)))
    best = min(work.end(serial(work, order)) for order in orders)
    assert found.proven
    assert found.schedule.makespan == pytest.approx(best)


@settings(max_examples=amount(20))
@given(projects(most=9))
def test_the_exact_schedule_is_never_longer(drawn):
    tasks, gpus, workers = drawn
    work = project(tasks, {"gpu": gpus}, workers)
    timing = times(work)
    known = serial(work, list(range(len(work)))[::-1])
    found, _ = shortest(work, timing, known)
    check(tasks, {each.id: at for each, at in zip(tasks, found, strict=True)}, gpus, workers)
    quick = parallel(work, ranks(work, longest_way(work, timing)))
    assert work.end(found) <= work.end(quick) * (1 + 1e-9)


def test_a_dead_time_is_no_repetition():
    """While the long one runs, nothing can be started: that is the same set, at a later time."""
    tasks = [task("a"), task("b", 0.0), task("c", 0.1), task("d", 0.1), task("e", 0.0, "a")]
    work = project(tasks, {}, 2)
    found, proven = shortest(work, times(work), serial(work, [4, 3, 2, 1, 0]))
    assert (work.end(found), proven) == (1.0, True)


def test_longest_first_is_not_the_end_of_it():
    """Longest first needs 11 seconds for three workers: 5 + 3 + 3."""
    lengths = (5, 5, 4, 4, 3, 3, 3)
    tasks = [task(str(n), float(length)) for n, length in enumerate(lengths)]
    assert arrange(tasks, {}, 3).schedule.makespan == 9


@pytest.mark.parametrize("count", [10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_as_many_tasks_as_there_may_be(count):
    tasks = [
        task(str(n), 1.0, *([str(n - 10)] if n >= 10 else []), resources={"gpu": float(n % 2)})
        for n in range(count)
    ]
    found = arrange(tasks, {"gpu": 3.0}, 8)
    assert len(found.schedule.slots) == count
    assert found.length == count / 10
    assert found.schedule.makespan >= count / 2 / 3
