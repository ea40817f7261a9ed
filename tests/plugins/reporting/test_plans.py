from dataclasses import replace

from dataagents.core.planning import Decomposition, Objective, Plan, PlannedTask, Risk
from dataagents.plugins.reporting.plans import DEEPEST, MOST_LINES, MOST_RISKS, plan_of
from tests.support.planned_runs import GOAL, a_plan


def test_a_plan_is_a_hierarchy_in_the_order_of_its_methods():
    picture = plan_of(a_plan())
    assert [(node.depth, node.label, node.method) for node in picture.nodes] == [
        (0, "clean(days)", "batch"),
        (1, "ingest(days)", "whole"),
        (2, "read(days)", ""),
        (2, "profile(days)", ""),
        (2, "sample(days)", ""),
        (1, "check(days)", "strict"),
        (2, "decide(days)", ""),
        (1, "route(days)", ""),
    ]
    root, ingest, read, _, sample = picture.nodes[:5]
    assert root.rejected == {"streaming": "days is a folder of files"}
    assert ingest.why.startswith("preferred")
    assert (read.critical, sample.critical, read.seconds) == (True, False, 1.0)
    assert picture.more_nodes == 0
    assert not any(node.critical for node in plan_of(a_plan(seconds=0.0)).nodes)


def test_a_plan_has_its_figures_phases_risks_and_merged_tasks():
    picture = plan_of(a_plan(objective=Objective.SECONDS, cost=3.0))
    assert (picture.size, picture.confidence, picture.workers) == (5, 0.69, 2)
    assert (picture.seconds, picture.total_seconds, picture.cost) == (6.0, 6.5, 3.0)
    assert picture.objective == "seconds"
    assert plan_of(a_plan()).objective == ""
    assert [phase.name for phase in picture.phases] == [
        "root task", "decomposition", "optimisation", "risk analysis",
    ]  # fmt: skip
    assert (picture.risks[0].probability, picture.risks[0].loss) == (0.3, 0.2)
    assert picture.merged == (("read(days)", ("read(days)#2",)),)


def test_decompositions_without_ids_are_told_one_below_the_other():
    """As a planner makes them that knows nothing of where a task comes from."""
    flat = Decomposition("clean(days)", "batch", ("read(days)", "route(days)"))
    picture = plan_of(a_plan(decompositions=(flat, flat)))
    assert [(node.depth, node.into) for node in picture.nodes] == [
        (0, ("read(days)", "route(days)"))
    ] * 2


def test_tasks_that_do_not_say_where_they_come_from_stand_where_their_label_does():
    plan = a_plan()
    silent = replace(plan, tasks=tuple(replace(task, parent="") for task in plan.tasks))
    assert plan_of(silent).nodes == plan_of(plan).nodes


def test_a_plan_without_decompositions_is_its_tasks():
    picture = plan_of(Plan("p", GOAL, (PlannedTask("a", "a"), PlannedTask("b", "b"))))
    assert [node.label for node in picture.nodes] == ["a", "b"]


def test_a_deep_or_long_plan_is_told_in_part_and_the_rest_is_counted():
    size = 20_000
    tail = tuple(
        Decomposition(f"t{n}", "again", (f"t{n + 1}",), id=f"t{n}", parent=f"t{n - 1}" if n else "")
        for n in range(size)
    )
    tasks = tuple(PlannedTask(f"tick{n}", "tick", parent=f"t{n}") for n in range(size))
    picture = plan_of(Plan("p", GOAL, tasks, tail, (Risk("x", 2.0, "", "", "", -1.0),) * 99))
    assert len(picture.nodes) == MOST_LINES
    assert picture.more_nodes == 2 * size - MOST_LINES
    assert max(node.depth for node in picture.nodes) == DEEPEST
    assert (len(picture.risks), picture.more_risks) == (MOST_RISKS, 99 - MOST_RISKS)
    assert (picture.risks[0].probability, picture.risks[0].loss) == (1.0, 0.0)


def test_parents_that_are_not_there_or_go_round_lose_nothing_unsaid():
    stray = PlannedTask("a", "a", parent="nobody")
    itself = Decomposition("x", "m", (), id="x", parent="x")
    round_one = Decomposition("y", "m", (), id="y", parent="z")
    round_two = Decomposition("z", "m", (), id="z", parent="y")
    plan = Plan("p", GOAL, (stray,), (itself, round_one, round_two))
    picture = plan_of(plan)
    assert {node.label for node in picture.nodes} == {"x", "a"}
    assert picture.more_nodes == 2
    assert plan_of(replace(plan, decompositions=())).more_nodes == 0
