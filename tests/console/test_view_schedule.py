"""Schedules as bars: when tasks are to run, the critical path, slack, and plans without times."""

from dataagents.console.view import RunsFold, fold
from dataagents.console.view.glyphs import ASCII, UNICODE
from dataagents.console.view.plans import PlannedTaskView, PlanView, SlotView
from dataagents.console.view.schedule_rows import schedule_of


def timed():
    slots = [SlotView("a", 0.0, 4.0, 0, 0.0), SlotView("c", 0.0, 2.0, 1, 3.0),
             SlotView("b", 4.0, 10.0, 0, 0.0)]  # fmt: skip
    return PlanView("p", ("a", "b", "c"), schedule=slots, critical_path=("a", "b"), seconds=10.0)


def test_the_critical_path_is_solid_and_the_rest_shows_its_slack():
    schedule = schedule_of(timed())

    assert [row.task for row in schedule.rows] == ["c", "a", "b"]
    assert [schedule.bar(row, 10, UNICODE).text for row in schedule.rows] == [
        "──╌╌╌     ",
        "━━━━      ",
        "    ━━━━━━",
    ]
    assert [schedule.bar(row, 10, ASCII).text for row in schedule.rows] == [
        "--...     ",
        "====      ",
        "    ======",
    ]
    assert [row.times for row in schedule.rows] == ["0s-2.0s", "0s-4.0s", "4.0s-10s"]
    assert schedule.summary == "3 tasks in 10s by 2 workers, 2 on the critical path"


def test_the_ruler_has_round_times_and_the_width_of_the_bars():
    schedule = schedule_of(timed())

    assert schedule.ruler(40).text.split() == ["0s", "5s"]
    assert [len(schedule.ruler(width).text) for width in (1, 9, 40)] == [1, 9, 40]


def test_without_estimates_each_task_is_one_step_behind_what_it_needs():
    needs = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c")}
    details = [PlannedTaskView(task, task, needed) for task, needed in needs.items()]
    slots = [SlotView(each.id, 0.0, 0.0, 0) for each in details]
    plan = PlanView("p", ("a", "b", "c", "d"), details=details, schedule=slots,
                    critical_path=("a", "b", "d"))  # fmt: skip
    schedule = schedule_of(plan)

    assert not schedule.timed
    assert [row.times for row in schedule.rows] == ["step 1", "step 2", "step 2", "step 3"]
    assert not any(row.critical for row in schedule.rows)
    assert [schedule.bar(row, 9, ASCII).text for row in schedule.rows] == [
        "---      ",
        "   ---   ",
        "   ---   ",
        "      ---",
    ]
    assert schedule.summary == "4 tasks in 3 steps; no task has an estimate"
    assert schedule.ruler(30).text.startswith("step 1")


def test_tasks_have_the_state_and_the_time_that_they_really_took(story):
    run = fold(RunsFold(), story.whole()).runs["run-1"]
    load, parse = schedule_of(run.parts[0], run).rows

    assert (load.mark, parse.mark) == ("ok", "fail")
    assert load.took == 1.5
    assert load.address == "run:run-1/task:load(prices)"


def test_figures_that_make_no_sense_are_left_out():
    slots = [SlotView("a", None, 1.0, 0), SlotView("b", 5.0, 1.0, 0),
             SlotView("c", float("inf"), 1.0, 0), SlotView("d", 0.0, 1.0, 0)]  # fmt: skip
    plan = PlanView("p", ("a", "b", "c", "d"), schedule=slots)

    assert [row.task for row in schedule_of(plan).rows] == ["d"]


def test_an_empty_plan_is_an_empty_schedule():
    schedule = schedule_of(PlanView("p", ()))

    assert schedule.rows == ()
    assert schedule.summary == "0 tasks in 0 steps; no task has an estimate"
    assert len(schedule.ruler(20).text) == 20


def test_a_hundred_thousand_tasks_are_laid_out_without_calling_deeper():
    count = 100_000
    details = [PlannedTaskView(str(n), "t", (str(n - 1),) if n else ()) for n in range(count)]
    schedule = schedule_of(PlanView("p", tuple(map(str, range(count))), details=details))

    assert schedule.length == count
    assert len(schedule.bar(schedule.rows[-1], 80, UNICODE).text) == 80
    assert len(schedule.ruler(80).text) == 80
