"""What a run says of its changes of plan and its lessons, at the end."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from dataagents.console.commands.report import report_of
from dataagents.console.commands.summary import summary_of
from dataagents.core import Goal, RunResult, RunStatus
from dataagents.core.goals import RunOutcome
from dataagents.core.planning import (
    Execution,
    Failure,
    FailureKind,
    Move,
    Plan,
    PlanDiff,
    Replan,
    Trigger,
)
from dataagents.core.reflection import (
    Adaptation,
    Expectation,
    Lesson,
    LessonKind,
    LessonState,
    Reflection,
)
from dataagents.core.values import to_json

START = datetime(2026, 1, 1, tzinfo=UTC)
GOAL = Goal("clean", {"in": "in"})
LESSON = Lesson(
    "f", LessonKind.FORESIGHT, "decide_schema@in", 1.0, 0.0, 1.0, "failed in 1 of 1 runs", 1, START,
    Expectation("replans", 1.0, 0.5, 3), facts={"trigger": "schema drift"},
)  # fmt: skip
FAILURE = Failure("decide(in)", FailureKind.RECOVERABLE, "2 columns appeared", Trigger.DRIFT)
DIFF = PlanDiff(
    ("release(in)", "route(in)"), ("relax(in)",), ("decide(in)",), (Move("route(in)", 1, 0),),
    "2 columns appeared", 1 / 3,
)  # fmt: skip


def report(replans=(), adaptations=(), applied=()):
    changes = tuple(Replan(Plan("p2", GOAL, ()), "p1", FAILURE, diff, START) for diff in replans)
    reflection = Reflection("r", START, "well", adaptations=tuple(adaptations))
    result = RunResult(
        RunOutcome("run-1", RunStatus.DONE, 2.0), GOAL, START, START, Path(),
        execution=Execution("p2", True, (), (), {}, changes), reflection=reflection,
        applied=tuple(applied),
    )  # fmt: skip
    return report_of(result, "store.db", paths={})


def shown(told, width=100):
    console = Console(width=width, no_color=True, force_terminal=False)
    with console.capture() as captured:
        console.print(summary_of(told))
    return captured.get()


def test_a_run_that_went_as_planned_says_nothing_of_plans_and_lessons():
    said = shown(report())
    for heading in ("Why the plan changed", "Lessons applied", "What was learned"):
        assert heading not in said


def test_a_change_of_plan_has_its_trigger_and_what_is_different():
    said = shown(report([DIFF]))
    assert "Why the plan changed (1 time)" in said
    assert "schema drift: 2 columns appeared" in said
    assert "+relax(in) -decide(in) ~route(in); kept 2 of 3, stability 0.33" in said


def test_a_large_change_is_counted_where_it_is_not_named():
    added = tuple(f"t{number}" for number in range(100))
    said = shown(report([PlanDiff(added=added)] * 9))
    assert "+t7 and +92 more; kept 0 of 0, stability 1.00" in said
    assert "+t8" not in said
    assert "and 3 changes more" in said
    assert "same tasks again; kept" in shown(report([PlanDiff()]))


def test_lessons_are_told_with_evidence_and_what_they_are_expected_to_do():
    back = replace(LESSON, kind=LessonKind.METHOD, subject="clean/fast", expected=None,
                   state=LessonState.ROLLED_BACK)  # fmt: skip
    said = shown(
        report(
            adaptations=[
                Adaptation("updated", replace(LESSON, subject="b@in"), ""),
                Adaptation("learned", LESSON, ""),
                Adaptation("rolled back", back, "no better"),
            ],
            applied=[LESSON],
        ),
        200,
    )
    assert "Lessons applied" in said
    assert "foresight decide_schema@in: failed in 1 of 1 runs, schema drift expected → " in said
    learned = said[said.index("What was learned") :].splitlines()
    assert learned[1].strip() == "learned foresight decide_schema@in: failed in 1 of 1 runs"
    assert "expected: replans better by 0.5 than 1, judged after 3 runs" in learned[2]
    assert learned[3].strip().startswith("rolled back method preference clean/fast: no better")
    assert learned[5].strip() == "1 lesson brought up to date, or without effect yet"


def test_many_lessons_take_few_lines():
    learned = [Adaptation("learned", replace(LESSON, subject=f"t{n}@in"), "") for n in range(40)]
    said = shown(report(adaptations=learned))
    assert "and 35 lessons more" in said
    assert len(said.splitlines()) < 25


def test_a_reputation_that_changes_nothing_is_only_counted():
    usual = replace(LESSON, kind=LessonKind.REPUTATION, subject="ann", value=1.0)
    less = replace(usual, subject="bob", value=0.9)
    said = shown(report(adaptations=[Adaptation("learned", each, "") for each in (usual, less)]))
    assert "learned reputation bob" in said
    assert "counts 0.9 times" in said
    assert "reputation ann" not in said
    assert "1 lesson brought up to date, or without effect yet" in said


def test_the_json_has_all_of_it():
    told = json.loads(
        json.dumps(to_json(report([DIFF], [Adaptation("learned", LESSON, "so it is")], [LESSON])))
    )
    (change,), (applied,), (learned,) = told["replans"], told["applied"], told["learned"]
    assert (change["trigger"], change["moved"], change["kept"]) == (
        "schema drift", ["route(in)"], 2,
    )  # fmt: skip
    assert (applied["change"], applied["trigger"]) == ("applied", "schema drift")
    assert (learned["change"], learned["kind"]) == ("learned", "foresight")


def test_texts_of_data_do_not_reach_the_terminal():
    evil = "\x1b]52;c;AA==\x07\u202e[red]x[/red]"
    lesson = replace(LESSON, subject=evil, evidence=evil, facts={"trigger": evil})
    diff = PlanDiff(added=(evil,), removed=(evil * 100,))
    said = shown(report([diff], [Adaptation(evil, lesson, evil)], [lesson]))
    assert not set(said) & set("\x1b\x07\u202e")
    assert "[red]" in said
