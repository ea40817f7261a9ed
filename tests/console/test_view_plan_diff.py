"""What is different between two plans: what caused it, methods, tasks in their order."""

from dataagents.console.view import Mark, RunsFold, fold
from dataagents.console.view.plan_diff_rows import plan_diff, replan_of_plan
from dataagents.console.view.plan_tree import plans_of
from dataagents.console.view.plans import PlanView
from dataagents.core.events import EventKind
from dataagents.core.planning import (
    Decomposition,
    Failure,
    FailureKind,
    Goal,
    Move,
    Plan,
    PlanDiff,
    PlannedTask,
    Replan,
    Trigger,
)


def signs(rows, kind="task"):
    return [(row.sign, row.label, row.why) for row in rows if row.kind == kind]


def test_a_replan_tells_its_cause_then_methods_then_tasks_in_order(story):
    run = fold(RunsFold(), story.whole()).runs["run-1"]
    before, after = plans_of(run)
    rows = plan_diff(before, after, run, replan_of_plan(run, after.id))

    assert signs(rows, "trigger") == [("!", "failed task", "it is a sheet, not csv")]
    assert signs(rows, "failure") == [
        ("!", "parse_csv(prices)", "transformer: it is a sheet, not csv (recoverable)")
    ]
    assert signs(rows, "change") == [("!", "change", "+1 -1 ~0, kept 1 of 2, stability 0.50")]
    assert signs(rows, "method") == [
        (
            "~",
            "parse(prices)",
            "method: as_sheet in place of as_csv; as_csv does not fit: it failed",
        ),
    ]
    assert signs(rows) == [
        ("=", "load(prices)", "was done before"),
        ("-", "parse_csv(prices)", "failed: it is a sheet, not csv"),
        ("+", "parse_sheet(prices)", "a part of parse(prices) by the method: as_sheet"),
        ("=", "release(prices)", ""),
    ]
    failed = next(row for row in rows if row.kind == "failure")
    assert failed.address == "run:run-1/task:parse_csv(prices)"


def test_the_lesson_that_a_run_took_from_a_replan_is_told_with_it(story):
    run = fold(RunsFold(), story.whole()).runs["run-1"]
    _, after = plans_of(run)
    rows = plan_diff(None, after, run, replan_of_plan(run, after.id))
    (lesson,) = [row for row in rows if row.kind == "lesson"]

    assert lesson.label == "foresight parse_csv@prices"
    assert lesson.why == "the run learned it from this: it failed"
    assert lesson.address == "lesson:foresight:parse_csv@prices"


def test_the_lesson_of_an_earlier_run_that_foresaw_it_is_told_too(story):
    lesson = story.lesson()
    events = [lesson, *story.whole(), story.experience("foresight:parse_csv@prices")]
    run = fold(RunsFold(), events).runs["run-1"]
    _, after = plans_of(run)
    rows = plan_diff(None, after, run, replan_of_plan(run, after.id))

    why = next(row.why for row in rows if row.kind == "lesson")
    assert why == "an earlier run taught it: failed in 1 of 1 runs; planned up front"


def test_an_added_task_says_which_method_it_is_a_part_of(story):
    task = PlannedTask("ask(a)", "ask", parent="check(a)")
    way = Decomposition("check(a)", "drift", ("ask(a)",), {}, "first", "check(a)")
    plan = Plan("p2", Goal("clean"), (task,), (way,))
    failure = Failure("", FailureKind.RECOVERABLE, "a column is new", Trigger.DRIFT)
    replan = Replan(plan, "p1", failure, PlanDiff((), ("ask(a)",)), story.now)
    run = fold(RunsFold(), [story.event(EventKind.PLAN_REPLACED, "p2", replan)]).runs["run-1"]
    rows = plan_diff(None, plans_of(run)[0], run, replan_of_plan(run, "p2"))

    assert signs(rows) == [
        ("+", "ask(a)", "a part of check(a) by the method: drift (first)"),
    ]
    assert [row.kind for row in rows] == ["trigger", "change", "task"]


def test_two_plans_that_did_not_replace_each_other_are_compared(story):
    run = fold(RunsFold(), [story.started()]).runs["run-1"]
    rows = plan_diff(PlanView("a", ("x", "y", "z")), PlanView("b", ("y", "x", "n")), run)

    assert sorted((row.label, row.sign) for row in rows if row.kind == "task") == [
        ("n", "+"),
        ("x", "~"),
        ("y", "="),
        ("z", "-"),
    ]
    assert rows[0].why == "+1 -1 ~1, kept 2 of 3, stability 0.33"
    assert "failure" not in {row.kind for row in rows}


def test_a_moved_task_keeps_its_place_in_the_new_order(story):
    plan = Plan("p2", Goal("clean"), (PlannedTask("b", "b"), PlannedTask("a", "a")))
    diff = PlanDiff(("a", "b"), moved=(Move("a", 0, 1),))
    failure = Failure("", FailureKind.RECOVERABLE, "late", Trigger.DEADLINE)
    event = story.event(EventKind.PLAN_REPLACED, "p2", Replan(plan, "p1", failure, diff, story.now))
    run = fold(RunsFold(), [event]).runs["run-1"]
    rows = plan_diff(PlanView("p1", ("a", "b")), plans_of(run)[0], run, replan_of_plan(run, "p2"))

    assert signs(rows) == [("=", "b", ""), ("~", "a", "at another place")]


def test_signs_tell_what_colour_only_repeats(story):
    run = fold(RunsFold(), story.whole()).runs["run-1"]
    before, after = plans_of(run)
    rows = plan_diff(before, after, run, replan_of_plan(run, after.id))

    assert all(row.sign in "-+~=!" for row in rows)
    gone = next(row for row in rows if row.sign == "-")
    assert gone.mark is Mark.FAIL
    sign, label, why = gone.cells()
    assert (sign.text, sign.tone, label.text) == ("-", "fail", "parse_csv(prices)")
    assert why.text.startswith("failed")


def test_every_task_of_both_plans_is_there_once(story):
    run = fold(RunsFold(), story.whole()).runs["run-1"]
    before, after = plans_of(run)
    labels = [row.label for row in plan_diff(before, after, run) if row.kind == "task"]

    assert sorted(labels) == sorted({*before.tasks, *after.tasks})
