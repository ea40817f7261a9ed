import json
from dataclasses import replace

from dataagents.core.planning import Plan, PlanDiff, PlannedTask, Schedule, Slot
from dataagents.core.reflection import Adaptation
from dataagents.plugins.reporting.plan_report import MOST
from dataagents.plugins.reporting.report import report
from tests.support.planned_runs import GOAL, LESSON, a_reflection, a_replan, a_run, an_execution


def told(**changed):
    return json.loads(json.dumps(report(a_run(**changed))))


def test_the_plan_is_told_with_phases_schedule_and_risks():
    plan = told()["plan"]
    assert (plan["id"], plan["size"], plan["confidence"]) == ("p1", 5, 0.69)
    assert next(phase["name"] for phase in plan["phases"]) == "root task"
    assert plan["schedule"]["makespan"] == 6.0
    assert plan["schedule"]["critical_path"][0] == "read(days)"
    assert plan["schedule"]["slots"][2] == {
        "task": "sample(days)", "start": 1.0, "finish": 1.5, "slack": 4.5, "worker": 1,
    }  # fmt: skip
    assert plan["decompositions"][1]["parent"] == "clean(days)"
    assert plan["decompositions"][0]["rejected"] == {"streaming": "days is a folder of files"}
    assert plan["tasks"][3]["question"] == "Adopt the schema of days?"
    assert plan["risks"][0]["loss"] == 0.2
    assert plan["merged"][0]["dropped"] == ["read(days)#2"]
    assert plan["left_out"] == {}


def test_the_execution_is_told_step_by_step():
    execution = told()["execution"]
    assert (execution["plan"], execution["success"], execution["completed"]) == ("p2", True, 5)
    assert execution["counts"] == {"completed": 5, "failed": 1, "retried": 1, "replanned": 1}
    assert execution["trace"][1] == {
        "kind": "retried", "task": "read(days)", "seconds": 0.4, "detail": "",
    }  # fmt: skip


def test_a_replan_is_told_with_its_trigger_and_diff():
    (change,) = told()["replans"]
    assert (change["trigger"], change["task"], change["kind"]) == (
        "schema drift", "decide(days)", "recoverable",
    )  # fmt: skip
    assert change["diff"]["added"] == ["relax(days)"]
    assert change["diff"]["moved"] == [{"task": "sample(days)", "before": 0, "after": 1}]
    assert (change["diff"]["kept"], round(change["diff"]["stability"], 2)) == (2, 0.33)


def test_lessons_are_told_as_they_were_applied_and_learned():
    lessons = told()["lessons"]
    (applied,) = lessons["applied"]
    assert (applied["subject"], applied["facts"]) == ("decide@days", {"trigger": "schema drift"})
    assert applied["expected_effect"] == "replans better by 0.5 than 1, judged after 3 runs"
    assert [each["change"] for each in lessons["learned"]] == ["updated", "learned", "rolled back"]
    assert lessons["learned"][2]["lesson"]["observed"] == 0.5


def test_a_run_without_plan_says_so():
    said = told(plan=None, execution=None, reflection=None, applied=())
    assert (said["plan"], said["execution"], said["replans"]) == (None, None, [])
    assert said["lessons"] == {"applied": [], "learned": [], "left_out": {}}


def test_a_very_large_run_has_a_bounded_report_that_says_what_it_left_out():
    names = tuple(f"t{number}" for number in range(50_000))
    tasks = tuple(PlannedTask(name, "t") for name in names)
    schedule = Schedule(tuple(Slot(name, 0.0, 1.0) for name in names), names, 1.0)
    run = {
        "plan": Plan("p", GOAL, tasks, schedule=schedule),
        "execution": an_execution(replans=(a_replan(diff=PlanDiff(names, names, names)),)),
        "reflection": a_reflection(adaptations=(Adaptation("updated", LESSON, ""),) * 1_000),
        "applied": (replace(LESSON, uses=2),) * 1_000,
    }
    text = json.dumps(report(a_run(**run)))
    said = json.loads(text)
    assert len(text) < 2_000_000
    assert said["plan"]["left_out"] == dict.fromkeys(
        ("tasks", "critical_path", "slots"), 50_000 - MOST
    )
    assert said["replans"][0]["left_out"] == dict.fromkeys(("added", "removed"), 50_000 - MOST)
    assert said["lessons"]["left_out"] == {"applied": 1_000 - MOST, "learned": 1_000 - MOST}
