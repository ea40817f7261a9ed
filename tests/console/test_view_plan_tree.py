"""Plans and hierarchies as trees: methods, what did not fit, tasks with their state, who leads."""

from dataagents.console.view import Mark, RunsFold, fold
from dataagents.console.view.delegation_rows import delegation_rows
from dataagents.console.view.plan_tree import plan_address, plan_tree, plans_of
from dataagents.console.view.runs import HierarchyView
from dataagents.core.events import EventKind
from dataagents.core.planning import Decomposition, Goal, Plan, PlannedTask

TASKS = (
    PlannedTask("load(a)", "load", {}, {"read": 0.5}, writes=("raw:a",), seconds=4.0,
                parent="clean(a)"),
    PlannedTask("judge(a)", "judge", {}, depends_on=("load(a)",), reads=("raw:a",),
                question="Release a?", parent="publish(a)"),
)  # fmt: skip
WAYS = (
    Decomposition("clean(a)", "by hand", ("load(a)", "publish(a)"), {"copy": "a is dirty"},
                  "the first that fits", "clean(a)"),
    Decomposition("publish(a)", "by vote", ("judge(a)",), {}, "the only way", "publish(a)",
                  "clean(a)"),
    Decomposition("tidy(a)", "not needed", (), {}, "", "tidy(a)", "publish(a)"),
)  # fmt: skip


def run_of(story, plan, *events):
    made = story.event(EventKind.PLAN_MADE, plan.id, plan)
    return fold(RunsFold(), [story.started(), made, *events]).runs["run-1"]


def shown(rows):
    return [(row.depth, row.kind, row.label) for row in rows]


def test_a_plan_is_a_tree_of_methods_with_what_did_not_fit_and_tasks_in_their_places(story):
    run = run_of(story, Plan("p", Goal("clean"), TASKS, WAYS))
    rows = plan_tree(run.parts[0], run)

    assert shown(rows) == [
        (0, "method", "clean(a)"),
        (1, "alternative", "copy"),
        (1, "task", "load(a)"),
        (1, "method", "publish(a)"),
        (2, "task", "judge(a)"),
        (2, "method", "tidy(a)"),
    ]
    clean, copy, load, _, judge, tidy = rows
    assert clean.detail == "method: by hand (the first that fits)"
    assert copy.detail == "does not fit: a is dirty"
    assert clean.address == "run:run-1/plan:p/method:clean(a)"
    assert load.address == "run:run-1/task:load(a)"
    assert dict(load.sections)["makes known"] == "raw:a"
    assert dict(load.sections)["asks of who does it"] == "read: 0.5"
    assert dict(judge.sections)["comes after"] == "load(a)"
    assert "votes: Release a?" in judge.detail
    assert tidy.detail == "method: not needed, nothing left to do"
    assert tidy.mark is Mark.IDLE


def test_its_tasks_have_the_state_that_the_run_brought_them_to(story):
    run = run_of(story, Plan("p", Goal("clean"), TASKS, WAYS), *story.work(TASKS[0], "no disk"))
    load, judge = [row for row in plan_tree(run.parts[0], run) if row.kind == "task"]

    assert (load.mark, load.agent) == (Mark.FAIL, "transformer")
    assert load.detail == "failed, no disk, about 4.0s"
    assert len(load.spans) == 1
    assert judge.mark is Mark.IDLE


def test_tasks_on_the_critical_path_say_so(story):
    view = fold(RunsFold(), story.whole()).runs["run-1"]
    rows = {row.label: row for row in plan_tree(view.parts[0], view)}

    assert "on the critical path" in rows["load(prices)"].detail
    assert "critical" not in rows["release(prices)"].detail


def test_a_plan_of_an_older_version_shows_its_tasks_in_a_row(story):
    body = {"id": "p", "tasks": [{"id": "load(a)"}, {"id": "b"}], "decompositions": [
        {"task": "clean(a)", "method": "m", "into": ["load(a)"], "rejected": {"n": "no"}},
        {"task": "clean(a)", "method": "m", "into": [], "rejected": {}},
    ]}  # fmt: skip
    run = run_of(story, Plan("x", Goal("clean"), ()), story.event(EventKind.PLAN_MADE, "p", body))
    rows = plan_tree(plans_of(run)[1], run)

    assert [row.label for row in rows if row.kind == "task"] == ["load(a)", "b"]
    assert len({row.address for row in rows}) == len(rows)


def test_a_replan_has_the_address_that_the_trace_gives_it(story):
    view = fold(RunsFold(), story.whole()).runs["run-1"]
    first, second = plans_of(view)

    assert plan_address(view, first) == "run:run-1/plan:plan-1"
    assert plan_address(view, second) == "run:run-1/replan:plan-2"
    assert plan_tree(second, view)[0].address.startswith("run:run-1/replan:plan-2/method:")


def test_neither_depth_nor_a_circle_of_parents_breaks_it(story):
    chain = [
        Decomposition(f"t{n}", "m", (f"t{n + 1}",), {}, "", f"t{n}", f"t{n - 1}" if n else "")
        for n in range(5_000)
    ]
    circle = [
        Decomposition("x", "m", ("y",), {}, "", "x", "y"),
        Decomposition("y", "m", ("x",), {}, "", "y", "x"),
    ]
    run = run_of(story, Plan("p", Goal("clean"), (), (*chain, *circle)))

    assert len(plan_tree(run.parts[0], run)) == 5_000


def hierarchy(story, **more):
    body = {
        "coordinator": "head", "levels": 3, "span": 2, "score": 9.5, "reason": "it is much",
        "on_failure": "redelegate", "leaders": {"top": "head", "group-1": "lead"},
        "delegations": {"load(a)": {"agent": "worker", "group": "group-1"},
                        "judge(a)": {"agent": "head", "group": "top"}},
        "unassigned": {}, **more,
    }  # fmt: skip
    return story.event(EventKind.HIERARCHY_FORMED, "p", body)


def delegated(run):
    (formed,) = [part for part in run.parts if isinstance(part, HierarchyView)]
    return delegation_rows(formed, run)


def test_a_hierarchy_is_a_tree_of_groups_agents_and_tasks(story):
    run = run_of(story, Plan("p", Goal("clean"), TASKS), hierarchy(story), *story.work(TASKS[0]))
    rows = delegated(run)

    assert shown(rows) == [
        (0, "coordinator", "head"),
        (1, "group", "top"), (2, "agent", "head"), (3, "task", "judge(a)"),
        (1, "group", "group-1"), (2, "agent", "worker"), (3, "task", "load(a)"),
    ]  # fmt: skip
    assert rows[0].detail == "coordinates 2 groups on 3 levels: it is much"
    assert rows[4].detail == "led by lead, 1 task for 1 agent, 1 done"
    assert (rows[4].mark, rows[1].mark) == (Mark.OK, Mark.IDLE)
    assert rows[6].detail == "by transformer in place of worker: 120 rows are in"
    assert rows[6].address == "run:run-1/task:load(a)"
    assert len({row.address for row in rows}) == len(rows)


def test_what_nobody_does_stands_out(story):
    run = run_of(story, Plan("p", Goal("clean"), TASKS), hierarchy(story, unassigned={"x": "no"}))
    rows = delegated(run)

    assert (rows[0].mark, rows[-1].kind, rows[-1].mark) == (Mark.WARN, "unassigned", Mark.WARN)
    assert rows[-1].detail == "nobody does it: no"


def test_a_broken_delegation_breaks_nothing(story):
    run = run_of(story, Plan("p", Goal("clean"), ()), hierarchy(story, delegations={"a": "worker"}))

    assert delegated(run)[-1].label == "a"
