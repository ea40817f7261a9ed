from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.core.bidding import Award, AwardOutcome
from dataagents.core.planning import ExecutionStep, Plan, PlannedTask, StepKind
from dataagents.plugins.reporting.timeline import MOST_LANES, timeline_of
from tests.support.planned_runs import AT, GOAL, TRACE, a_plan, a_run, an_execution, steps


def lanes_of(result):
    return {lane.task: lane for lane in timeline_of(result).lanes}


def test_planned_and_run_stand_side_by_side_on_one_scale():
    timeline = timeline_of(a_run())
    assert (timeline.planned, timeline.ran, timeline.whole) == (6.0, 6.9, 6.9)
    assert timeline.one_scale
    lanes = {lane.task: lane for lane in timeline.lanes}
    route = lanes["route(days)"]
    assert route.planned[0].left == pytest.approx(4.0 / 6.9)
    assert route.planned[0].kind == "critical"
    assert route.ran[0].left == pytest.approx(4.1 / 6.9)
    assert route.ran[0].width == pytest.approx(2.8 / 6.9)
    assert (route.agent, route.summary, route.status) == ("router", "route is done", "done")
    assert (route.estimate, route.seconds) == (2.0, pytest.approx(2.8))
    assert [span.kind for span in lanes["sample(days)"].planned] == ["planned", "slack"]
    assert timeline.changes == (pytest.approx(3.4 / 6.9),)


def test_retries_failures_and_changes_of_plan_are_seen():
    lanes = lanes_of(a_run())
    assert [span.kind for span in lanes["read(days)"].ran] == ["retried", "done"]
    assert lanes["read(days)"].ran[1].label == "done: 0.40 to 1.20 s"
    decide, relax = lanes["decide(days)"], lanes["relax(days)"]
    assert (decide.status, [span.kind for span in decide.ran]) == ("failed", ["failed"])
    assert (relax.marks, relax.planned) == (("added",), ())
    assert next(iter(lanes)) == "read(days)"


def test_what_takes_far_more_or_less_than_estimated_has_a_scale_of_its_own():
    slow = a_run(execution=an_execution(trace=steps(
        (0.0, StepKind.STARTED, "read"), (600.0, StepKind.COMPLETED, "read")
    )))  # fmt: skip
    timeline = timeline_of(slow)
    assert (timeline.one_scale, timeline.whole, timeline.planned) == (False, 600.0, 6.0)
    (lane,) = (lane for lane in timeline.lanes if lane.task == "read(days)")
    assert lane.planned[0].width == pytest.approx(1 / 6)
    assert lane.ran[0].width == 1.0


def test_without_estimates_nothing_is_drawn_as_planned():
    lanes = lanes_of(a_run(plan=a_plan(schedule=Plan("", GOAL, ()).schedule)))
    assert not any(lane.planned for lane in lanes.values())
    assert "critical" not in lanes["read(days)"].marks


def test_without_a_trace_awards_and_results_say_when_a_task_ran():
    award = Award("l", AwardOutcome.AWARDED, "", "readr", task="read(days)",
                  at=AT + timedelta(seconds=2))  # fmt: skip
    lanes = lanes_of(a_run(execution=an_execution(trace=()), awards=(award,)))
    read = lanes["read(days)"]
    assert (read.start, read.seconds) == (2.0, pytest.approx(1.2))
    assert lanes["route(days)"].ran == ()
    assert lanes["route(days)"].seconds == 2.8


def test_a_run_that_was_stopped_shows_what_was_under_way_and_what_was_not_begun():
    execution = an_execution(
        success=False, completed=(), remaining=("profile(days)", "route(days)"), replans=(),
        trace=(*TRACE[:3], ExecutionStep(StepKind.STARTED, "profile(days)", 1.2),
               ExecutionStep(StepKind.STOPPED, "", 2.0)),
    )  # fmt: skip
    lanes = lanes_of(a_run(execution=execution))
    profile = lanes["profile(days)"]
    assert (profile.status, profile.ran[0].kind) == ("stopped", "stopped")
    assert profile.ran[0].label == "stopped: 1.20 to 2.00 s"
    assert lanes["route(days)"].status == "not run"
    assert lanes["sample(days)"].status == "dropped"


def test_a_run_without_plan_or_execution_has_no_lanes():
    timeline = timeline_of(a_run(plan=None, execution=None))
    assert (timeline.lanes, timeline.whole, timeline.changes) == ((), 0.0, ())
    planned = timeline_of(a_run(execution=None))
    assert {lane.status for lane in planned.lanes} == {"not run"}
    assert planned.lanes[0].planned[0].width == pytest.approx(1 / 6)


def test_very_many_tasks_are_drawn_in_part():
    tasks = tuple(PlannedTask(f"t{n}", "t") for n in range(10_000))
    timeline = timeline_of(a_run(plan=Plan("p", GOAL, tasks), execution=None))
    assert (len(timeline.lanes), timeline.more) == (MOST_LANES, 10_000 - MOST_LANES)


seconds = st.floats(allow_nan=True, allow_infinity=True)


@given(
    st.lists(
        st.builds(
            ExecutionStep, st.sampled_from(StepKind), st.sampled_from(["a", "read(days)"]), seconds
        ),
        max_size=12,
    )
)
def test_every_trace_can_be_drawn(trace):
    for lane in timeline_of(a_run(execution=an_execution(trace=tuple(trace)))).lanes:
        for span in (*lane.planned, *lane.ran):
            assert 0.0 <= span.left <= 1.0
            assert 0.0 <= span.width <= 1.0
            assert span.left + span.width <= 1.0 + 1e-9
