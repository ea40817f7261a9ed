"""What a run teaches: methods that were tried, what went wrong, what had been foreseen."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dataagents.core.goals import RunOutcome, RunStatus
from dataagents.core.planning import (
    Decomposition,
    Execution,
    Failure,
    FailureKind,
    Goal,
    Plan,
    PlannedTask,
    Replan,
    TaskResult,
    Trigger,
)
from dataagents.core.planning.diff import compare
from dataagents.core.reflection import Delivery, MethodUse
from dataagents.core.services.reflection.lived import Lived, experience_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOAL = Goal("clean", {"orders": "orders.csv"})
READ = PlannedTask("read(orders)", "read", {"dataset": "orders"}, parent="know(orders)")
ADOPT = PlannedTask("adopt(orders)", "adopt", {"dataset": "orders"}, parent="know(orders)")
DECIDE = PlannedTask("decide(orders)", "decide", {"dataset": "orders"}, parent="know(orders)")
ROOT = Decomposition("clean(orders)", "file", ("know(orders)",), id="clean(orders)")
STRICT = Decomposition(
    "know(orders)", "strict", (READ.id, ADOPT.id), id="know(orders)", parent="clean(orders)"
)
CAREFUL = Decomposition(
    "know(orders)", "careful", (DECIDE.id, ADOPT.id), id="know(orders)", parent="clean(orders)"
)
PLAN = Plan("p1", GOAL, (READ, ADOPT), (ROOT, STRICT))
OTHER = Plan("p2", GOAL, (DECIDE, ADOPT), (ROOT, CAREFUL))
DRIFT = Failure(ADOPT.id, FailureKind.RECOVERABLE, "the file drifted", Trigger.DRIFT)


def done(*tasks):
    return tuple(TaskResult(task.id, success=True) for task in tasks)


def experience(
    *,
    plan=PLAN,
    completed=(READ, ADOPT),
    replans=(),
    failure=None,
    state=None,
    deliveries=(),
    **rest,
):
    execution = Execution(
        plan=plan.id,
        success=failure is None,
        completed=done(*completed),
        remaining=(),
        state=state or {},
        replans=replans,
        failure=failure,
    )
    outcome = RunOutcome("r1", RunStatus.DONE if failure is None else RunStatus.FAILED, 2.0)
    lived = Lived(GOAL, outcome, plan, execution, deliveries, rest.get("applied", ()))
    return experience_of(lived, "e1", NOON)


def replanned():
    diff = compare(PLAN.tasks, OTHER.tasks, done=(READ.id,), why=DRIFT.reason)
    return Replan(OTHER, PLAN.id, DRIFT, diff, NOON)


def test_methods_whose_tasks_were_done_succeeded():
    assert experience().methods == (
        MethodUse("clean", "file", "orders", success=True),
        MethodUse("know", "strict", "orders", success=True),
    )


def test_a_method_that_was_replanned_away_failed_and_the_one_after_it_succeeded():
    lived = experience(completed=(READ, DECIDE, ADOPT), replans=(replanned(),))
    assert MethodUse("know", "strict", "orders", success=False) in lived.methods
    assert MethodUse("know", "careful", "orders", success=True) in lived.methods
    assert MethodUse("clean", "file", "orders", success=False) in lived.methods
    assert lived.replans == 1


def test_a_method_that_was_not_put_to_the_test_says_nothing():
    stopped = experience(completed=(READ,))
    assert stopped.methods == ()


def test_a_replan_is_a_mishap_with_its_remedy():
    lived = experience(completed=(READ, DECIDE, ADOPT), replans=(replanned(),))
    (mishap,) = lived.mishaps
    assert (mishap.task, mishap.source, mishap.trigger) == ("adopt", "orders", Trigger.DRIFT)
    assert mishap.remedy == ("decide",)
    assert mishap.reason == "the file drifted"


def test_what_a_watch_saw_struck_the_task_that_would_have_come_next():
    seen = replace(DRIFT, task="")
    lived = experience(
        completed=(READ, DECIDE, ADOPT), replans=(replace(replanned(), failure=seen),)
    )
    (mishap,) = lived.mishaps
    assert (mishap.task, mishap.source, mishap.remedy) == ("adopt", "orders", ("decide",))


def test_what_ended_the_run_is_a_mishap_of_the_agent_that_failed_last():
    failure = Failure(ADOPT.id, FailureKind.FATAL, "out of order")
    deliveries = (
        Delivery("adopt", "a", False, 0.9, None, 1.0, source="orders"),
        Delivery("adopt", "b", False, 0.9, None, 1.0, source="orders"),
        Delivery("adopt", "c", False, 0.9, None, 1.0, source="others"),
    )
    lived = experience(completed=(READ,), failure=failure, deliveries=deliveries)
    assert [(each.agent, each.trigger) for each in lived.mishaps] == [("b", Trigger.FAILED)]
    assert not lived.success


def foreseen(remedy):
    return {"foreseen:orders": {"adopt": {"trigger": "schema drift", "remedy": remedy}}}


def test_what_was_foreseen_and_happened_is_a_predicted_mishap():
    lived = experience(
        plan=OTHER, completed=(READ, DECIDE, ADOPT), state=foreseen(["decide"]), applied=("l1",)
    )
    (mishap,) = lived.mishaps
    assert (mishap.task, mishap.source) == ("adopt", "orders")
    assert mishap.trigger is Trigger.PREDICTED
    assert lived.applied == ("l1",)


@pytest.mark.parametrize("remedy", [["decide"], [], "decide"])
def test_what_was_foreseen_and_did_not_happen_is_none(remedy):
    assert experience(state=foreseen(remedy)).mishaps == ()


def test_rows_held_back_are_mishaps_by_column_and_rule():
    reason = {
        "column": "price",
        "rule": "required",
        "rows": 9,
        "explanation": "a value is required",
    }
    facts = {"routed:orders": {"rows_in": 40, "reasons": [reason, "odd"]}}
    lived = experience(state=facts)
    (mishap,) = lived.mishaps
    assert (mishap.column, mishap.rule, mishap.source) == ("price", "required", "orders")
    assert mishap.trigger is Trigger.QUALITY
    assert lived.records == 40
