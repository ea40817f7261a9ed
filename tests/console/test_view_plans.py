"""The rows of plans, their changes and hierarchies."""

from dataagents.console.view import Mark, RunsFold, fold, trace_json, trace_rows
from dataagents.core.events import EventKind
from dataagents.core.planning import (
    Decomposition,
    ExecutionStep,
    Failure,
    FailureKind,
    Goal,
    Move,
    Plan,
    PlanDiff,
    Replan,
    StepKind,
    Trigger,
)


def test_a_plan_shows_its_estimates_phases_methods_and_risks(rows):
    plan, first, second, method, inner, risk = rows[:6]

    assert plan.detail == (
        "3 tasks, confidence 0.81, estimated 12s on the critical path, 15s in all"
    )
    sections = dict(plan.sections)
    assert sections["critical path"] == "load(prices)\nparse_csv(prices)"
    assert sections["schedule"].splitlines()[1] == "4 to 12 s: parse_csv(prices)"
    assert (first.title, first.detail, first.seconds) == ("phase root task", "clean prices", 0.001)
    assert second.title == "phase decomposition"
    assert method.detail == (
        "by by_parsing: load(prices), parse_csv(prices), release(prices) (first that fits)"
    )
    assert dict(method.sections)["methods that did not fit"] == "by_copy: prices is not clean"
    assert (method.depth, inner.depth) == (1, 2)
    assert inner.address == "run:run-1/plan:plan-1/method:parse(prices)"
    assert (risk.label, risk.score) == ("risk in parse_csv(prices)", 0.2)
    assert dict(risk.sections)["contingency"] == "parse as a sheet"


def test_a_plan_of_an_older_version_is_shown_without_what_it_has_not(story):
    body = {
        "id": "p",
        "tasks": [{"id": "load(a)"}],
        "decompositions": [
            {"task": "clean(a)", "method": "m", "into": ["load(a)"], "rejected": {}},
            {"task": "clean(a)", "method": "m", "into": [], "rejected": {}},
        ],
        "risks": [{"task": "load(a)", "probability": 0.1}, {"task": "load(a)"}],
        "seconds": 0.0,
    }
    made = story.event(EventKind.PLAN_MADE, "p", body)
    rows = trace_rows(fold(RunsFold(), [story.started(), made]).runs["run-1"])

    assert rows[0].detail == "1 task"
    assert [row.kind for row in rows] == ["plan", "method", "method", "risk", "risk", "task"]
    assert len({row.address for row in rows}) == len(rows)


def test_methods_are_set_in_below_what_they_are_part_of_however_deep(story):
    tail = tuple(
        Decomposition(f"t{n}", "again", (f"t{n + 1}",), id=f"t{n}", parent=f"t{n - 1}" if n else "")
        for n in range(3_000)
    )
    plan = Plan("p", Goal("clean"), (), (*tail, Decomposition("x", "m", (), parent="nobody")))
    made = story.event(EventKind.PLAN_MADE, "p", plan)
    depths = [row.depth for row in trace_rows(fold(RunsFold(), [made]).runs["run-1"])]

    assert depths[:4] == [0, 1, 2, 3]
    assert max(depths) < 20
    assert depths[-1] == 1


def test_a_replan_says_what_made_it_why_and_what_changed(rows, find):
    replan = find(rows, "run:run-1/replan:plan-2")

    assert replan.title == "replan failed task"
    assert replan.detail == "+parse_sheet(prices) -parse_csv(prices): it is a sheet, not csv"
    sections = dict(replan.sections)
    assert sections["change"] == "+1 -1 ~0, kept 1 of 2, stability 0.50"
    assert sections["kept"] == "release(prices)"
    way = find(rows, "run:run-1/replan:plan-2/method:parse(prices)")
    assert (way.depth, way.detail) == (1, "by as_sheet: parse_sheet(prices)")


def test_a_replan_shows_what_moved_and_names_no_more_than_can_be_read(story):
    names = tuple(f"t{n}" for n in range(60))
    diff = PlanDiff(names, moved=(Move("t1", 1, 3),), stability=59 / 60)
    failure = Failure("t0", FailureKind.RECOVERABLE, "a column appeared", Trigger.DRIFT)
    replan = Replan(Plan("p2", Goal("clean"), ()), "p1", failure, diff, story.now)
    view = fold(RunsFold(), [story.event(EventKind.PLAN_REPLACED, "p2", replan)])
    (row,) = trace_rows(view.runs["run-1"])

    assert (row.title, row.detail) == ("replan schema drift", "~t1: a column appeared")
    sections = dict(row.sections)
    assert sections["moved"] == "t1"
    assert sections["change"] == "+0 -0 ~1, kept 60 of 60, stability 0.98"
    assert sections["kept"].splitlines()[-2:] == ["t49", "and 10 more"]
    assert len(trace_json(view.runs["run-1"])["parts"][0]["diff"]["kept"]) == 60


def test_a_replan_of_an_older_version_has_its_changes_beside_the_plan(story):
    body = {
        "plan": {"id": "p2", "tasks": []}, "replaces": "p1", "kept": ["a"], "added": ["b"],
        "removed": ["c"], "failure": {"task": "c", "kind": "recoverable", "reason": "broke"},
    }  # fmt: skip
    replaced = story.event(EventKind.PLAN_REPLACED, "p2", body)
    view = fold(RunsFold(), [replaced])
    row = next(row for row in trace_rows(view.runs["run-1"]) if row.kind == "replan")

    assert (row.title, row.detail) == ("replan", "+b -c: broke")
    assert dict(row.sections)["change"] == "+1 -1 ~0, kept 1 of 2"


def test_a_planned_task_that_a_replan_removes_is_dropped(story):
    view = fold(RunsFold(), [story.started(), story.plan(), story.replan()])
    tasks = {row.label: row.detail for row in trace_rows(view.runs["run-1"]) if row.kind == "task"}

    assert tasks["parse_csv(prices)"] == "dropped"
    assert tasks["parse_sheet(prices)"] == "planned"


def test_a_hierarchy_is_a_part_of_the_trace(story):
    body = {
        "coordinator": "head",
        "levels": 3,
        "span": 4,
        "score": 9.5,
        "reason": "a score of 9.5 asks for 3 levels",
        "on_failure": "redelegate",
        "leaders": {"top": "head", "top/1": "lead"},
        "delegations": {"load(a)": {"agent": "worker", "group": "top/1"}},
        "unassigned": {},
    }
    formed = story.event(EventKind.HIERARCHY_FORMED, "plan-1", body)
    lost = story.event(EventKind.HIERARCHY_FORMED, "plan-2", {**body, "unassigned": {"x": "no"}})
    view = fold(RunsFold(), [*story.kernel(), formed, lost])

    first, second = [row for row in trace_rows(view.runs["run-1"]) if row.kind == "hierarchy"]
    assert first.detail == "head over 2 groups on 3 levels, 1 task delegated"
    assert dict(first.sections)["leaders"] == "top: head\ntop/1: lead"
    assert "worker" in dict(first.sections)["delegations"]
    assert (first.mark, second.mark) == (Mark.NOTE, Mark.WARN)


def test_a_retry_stands_with_its_task_and_an_abort_with_the_run(story, find):
    steps = [
        ExecutionStep(StepKind.RETRIED, "load(prices)", 0.5, "the disk was busy"),
        ExecutionStep(StepKind.ABORTED, "", 1.5, "nothing helps"),
    ]
    events = [story.event(EventKind.PLAN_STEP, "plan-1", step) for step in steps]
    rows = trace_rows(fold(RunsFold(), [story.plan(), *events]).runs["run-1"])

    retried = find(rows, "run:run-1/task:load(prices)/execution:2")
    assert (retried.title, retried.detail) == ("execution retried", "the disk was busy")
    assert (retried.depth, retried.mark) == (1, Mark.WARN)
    assert (rows[-1].title, rows[-1].mark) == ("execution aborted", Mark.FAIL)
