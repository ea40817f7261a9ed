"""Results of runs with plans, changes of plan and lessons, made by hand."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from dataagents.core.goals import Goal, RunOutcome, RunResult, RunStatus
from dataagents.core.planning import (
    Decomposition,
    Execution,
    ExecutionStep,
    Failure,
    FailureKind,
    Merge,
    Move,
    Phase,
    Plan,
    PlanDiff,
    PlannedTask,
    Replan,
    Risk,
    Schedule,
    Slot,
    StepKind,
    TaskResult,
    Trigger,
)
from dataagents.core.reflection import (
    Adaptation,
    Expectation,
    Lesson,
    LessonKind,
    LessonState,
    Pattern,
    Reflection,
    Trend,
)

AT = datetime(2026, 1, 1, tzinfo=UTC)
GOAL = Goal("clean", {"days": "days"})


def a_task(name, parent, *after, seconds=0.0, question=""):
    return PlannedTask(
        f"{name}(days)", name, depends_on=tuple(f"{each}(days)" for each in after),
        seconds=seconds, parent=parent, question=question,
    )  # fmt: skip


INGEST, CHECK = "ingest(days)", "check(days)"
READ = a_task("read", INGEST, seconds=1.0)
PROFILE = a_task("profile", INGEST, "read", seconds=2.0)
SAMPLE = a_task("sample", INGEST, "read", seconds=0.5)
DECIDE = a_task("decide", CHECK, "profile", seconds=1.0, question="Adopt the schema of days?")
ROUTE = a_task("route", "clean(days)", "decide", seconds=2.0)
RELAX = a_task("relax", CHECK, "profile", seconds=0.5)
LESSON = Lesson(
    "f1", LessonKind.FORESIGHT, "decide@days", 1.0, 0.0, 1.0, "failed in 1 of 1 runs", 1, AT,
    Expectation("replans", 1.0, 0.5, 3), LessonState.TRIAL, uses=1,
    text="decide is expected to fail on days", facts={"trigger": "schema drift"},
)  # fmt: skip


def a_plan(**changed):
    values = {
        "id": "p1",
        "goal": GOAL,
        "tasks": (READ, PROFILE, SAMPLE, DECIDE, ROUTE),
        "decompositions": (
            Decomposition(
                "clean(days)", "batch", (INGEST, CHECK, "route(days)"),
                {"streaming": "days is a folder of files"}, "first that fits", "clean(days)",
            ),
            Decomposition(
                INGEST, "whole", ("read(days)", "profile(days)", "sample(days)"), {},
                "preferred by what was learned, 0.90", INGEST, "clean(days)",
            ),
            Decomposition(CHECK, "strict", ("decide(days)",), {}, "", CHECK, "clean(days)"),
        ),
        "risks": (
            Risk("decide(days)", 0.3, "nothing is released", "sample first", "relax", 0.2),
            Risk("route(days)", 0.01, "files are missing", "check the disk"),
        ),
        "confidence": 0.69,
        "seconds": 6.0,
        "total_seconds": 6.5,
        "schedule": Schedule(
            (
                Slot("read(days)", 0.0, 1.0),
                Slot("profile(days)", 1.0, 3.0),
                Slot("sample(days)", 1.0, 1.5, 4.5, 1),
                Slot("decide(days)", 3.0, 4.0),
                Slot("route(days)", 4.0, 6.0),
            ),
            ("read(days)", "profile(days)", "decide(days)", "route(days)"), 6.0, 2,
        ),
        "merged": (Merge("read(days)", ("read(days)#2",)),),
        "phases": (
            Phase("root task", "clean days", 0.0001),
            Phase("decomposition", "3 methods, 6 tasks, nothing was taken back", 0.004),
            Phase("optimisation", "1 task merged, 2 at a time", 0.0005),
            Phase("risk analysis", "2 risks", 0.0002),
        ),
    }  # fmt: skip
    return Plan(**{**values, **changed})


def a_replan(**changed):
    reason = "decide(days): 2 columns appeared on 03-01"
    values = {
        "plan": a_plan(
            id="p2", tasks=(SAMPLE, RELAX, ROUTE), confidence=0.8,
            decompositions=(
                Decomposition(CHECK, "lenient", ("relax(days)",), {"strict": "it drifted"},
                              "the next that fits", CHECK),
            ),
        ),
        "replaces": "p1",
        "failure": Failure("decide(days)", FailureKind.RECOVERABLE, reason, Trigger.DRIFT),
        "diff": PlanDiff(
            ("sample(days)", "route(days)"), ("relax(days)",), ("decide(days)",),
            (Move("sample(days)", 0, 1),), reason, 1 / 3,
        ),
        "at": AT + timedelta(seconds=3.4),
    }  # fmt: skip
    return Replan(**{**values, **changed})


def steps(*told):
    return tuple(ExecutionStep(kind, f"{task}(days)", at) for at, kind, task in told)


TRACE = steps(
    (0.0, StepKind.STARTED, "read"),
    (0.4, StepKind.RETRIED, "read"),
    (1.2, StepKind.COMPLETED, "read"),
    (1.2, StepKind.STARTED, "profile"),
    (2.9, StepKind.COMPLETED, "profile"),
    (2.9, StepKind.STARTED, "decide"),
    (3.4, StepKind.FAILED, "decide"),
    (3.4, StepKind.REPLANNED, "decide"),
    (3.4, StepKind.STARTED, "relax"),
    (3.4, StepKind.STARTED, "sample"),
    (3.8, StepKind.COMPLETED, "sample"),
    (4.1, StepKind.COMPLETED, "relax"),
    (4.1, StepKind.STARTED, "route"),
    (6.9, StepKind.COMPLETED, "route"),
)


def an_execution(**changed):
    done = (("read", 1.2), ("profile", 1.7), ("sample", 0.4), ("relax", 0.7), ("route", 2.8))
    values = {
        "plan": "p2",
        "success": True,
        "completed": tuple(
            TaskResult(f"{name}(days)", True, agent=f"{name}r", summary=f"{name} is done",
                       seconds=seconds)
            for name, seconds in done
        ),
        "remaining": (),
        "state": {},
        "replans": (a_replan(),),
        "trace": TRACE,
    }  # fmt: skip
    return Execution(**{**values, **changed})


def a_reflection(**changed):
    back = Lesson(
        "m1", LessonKind.METHOD, "clean/sampled", 0.4, 0.1, 0.9, "did well in 2 of 5 runs", 5, AT,
        Expectation("success", 0.8, 0.0, 3), LessonState.ROLLED_BACK, 3, 0.5,
    )  # fmt: skip
    values = {
        "id": "r1",
        "at": AT,
        "summary": "2 columns appeared, and the plan changed once.",
        "patterns": (Pattern("recurring_failure", "decide", 3, "on days", "source"),),
        "trends": (Trend("quality", "down", 0.97, 0.91, 12, 0.013, 7, "days"),),
        "insights": ("days gets new columns every month",),
        "adaptations": (
            Adaptation("updated", Lesson(
                "a1", LessonKind.REPUTATION, "decider", 0.85, 0.5, 1.5, "2 of 3 delivered", 3, AT,
                state=LessonState.KEPT,
            ), ""),
            Adaptation("learned", LESSON, "the schema drifted"),
            Adaptation("rolled back", back, "success fell from 0.8 to 0.5"),
        ),
    }  # fmt: skip
    return Reflection(**{**values, **changed})


def a_run(**changed):
    values = {
        "outcome": RunOutcome("run-1", RunStatus.DONE, 7.0),
        "goal": GOAL,
        "started": AT,
        "ended": AT + timedelta(seconds=7),
        "workspace": Path("/tmp/run"),
        "plan": a_plan(),
        "execution": an_execution(),
        "reflection": a_reflection(),
        "applied": (LESSON,),
    }
    return RunResult(**{**values, **changed})
