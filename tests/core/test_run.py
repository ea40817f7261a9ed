"""A whole run: every concern at work, and what happens when something breaks."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from sample_plugins import CONFIG, GOAL, FakeDataTools

from dataagents.core import (
    Goal,
    InputError,
    Kernel,
    Observation,
    RunStatus,
    Strategy,
    hookimpl,
)
from dataagents.core.planning import FailureKind, GoalLimits
from dataagents.core.testing import MemoryStore


async def test_a_run_shows_every_concern_at_work(tools: FakeDataTools, store: MemoryStore):
    async with Kernel(CONFIG, store=store, plugins=[tools]) as kernel:
        result = await kernel.run(GOAL)
    assert result.outcome.status is RunStatus.DONE
    kinds = Counter(event.kind for event in store.events if event.run == result.outcome.run)
    assert kinds["plan.made"] == 1
    assert kinds["auction.opened"] == kinds["auction.closed"] == 6
    assert kinds["bid.made"] >= 6
    assert kinds["task.started"] == kinds["task.ended"] == 6
    assert kinds["step.taken"] >= 8
    assert kinds["election.closed"] == 2
    assert kinds["ballot.cast"] == 16
    assert kinds["experience.kept"] == kinds["reflection.made"] == 1
    assert kinds["message.sent"] > 40
    in_run = [event.kind for event in store.events if event.run]
    assert (in_run[0], in_run[-1]) == ("run.started", "run.ended")


async def test_the_result_has_what_was_decided_and_what_was_measured(tools: FakeDataTools):
    async with Kernel(CONFIG, plugins=[tools]) as kernel:
        result = await kernel.run(GOAL)
        assert kernel.current_plan == result.plan
        assert kernel.votes == result.elections
        assert kernel.auctions == result.awards
        assert kernel.replans == ()
    assert [election.decision for election in result.elections] == ["accept", "accept"]
    assert {award.winner for award in result.awards} >= {"coordinator", "profiler", "router"}
    assert result.outcome.summary["datasets"]["orders"]["routed"] == {"clean": 98, "quarantine": 2}
    assert result.reflection is not None
    assert result.reflection.run == result.outcome.run
    assert result.execution is not None
    assert result.execution.remaining == ()


async def test_thoughts_give_the_figures_that_led_to_them(tools: FakeDataTools, store: MemoryStore):
    async with Kernel(CONFIG, store=store, plugins=[tools]) as kernel:
        await kernel.run(GOAL)
    thoughts = [str(e.body["thought"]) for e in store.events if e.kind == "step.taken"]
    assert any("`zip` is 98.0% integer, 2.0% not: validate" in thought for thought in thoughts)
    assert any("trim in 7 cells" in thought for thought in thoughts)


async def test_a_schema_that_is_turned_down_makes_the_planner_replan_leniently(
    tools: FakeDataTools,
):
    bad = {"a": {"type": "integer", "present": 100, "conforming": 60}}
    analyze = tools.tools["analyze_schema"]
    works = analyze.observe

    def observe(request):
        observation = works(request)
        return observation.__class__(observation.summary, {**observation.data, "columns": bad})

    analyze.observe = observe
    async with Kernel(CONFIG, plugins=[tools]) as kernel:
        result = await kernel.run(GOAL)
        assert kernel.replans == result.execution.replans
    assert result.outcome.status is RunStatus.DONE
    assert result.elections[0].decision is None
    (replan,) = result.execution.replans
    assert "the schema was turned down" in replan.failure.reason
    assert "relax_schema(orders, true)" in replan.diff.added
    assert [request.lenient for request in analyze.requests] == [False, True]


async def test_data_that_is_not_released_is_withheld_with_the_reason(tools: FakeDataTools):
    validate = tools.tools["validate_data"]
    works = validate.observe

    def observe(request):
        observation = works(request)
        poor = {"completeness": 0.2, "validity": 0.99, "uniqueness": 1.0}
        return observation.__class__("poor", {**observation.data, "dimensions": poor}, 0.7)

    validate.observe = observe
    async with Kernel(CONFIG, plugins=[tools]) as kernel:
        result = await kernel.run(GOAL)
    assert result.outcome.status is RunStatus.WITHHELD
    assert "orders: 'accept' leads with 2 of 3" in result.outcome.reason


async def test_a_tool_that_fails_once_is_replanned_around(tools: FakeDataTools):
    tools.fail("transform_data", "the disk was busy")
    async with Kernel(CONFIG, plugins=[tools]) as kernel:
        result = await kernel.run(GOAL)
    assert result.outcome.status is RunStatus.DONE
    assert len(result.execution.replans) == 1
    assert "the disk was busy" in result.execution.replans[0].failure.reason
    assert len(tools.tools["analyze_schema"].requests) == 1


async def test_a_tool_that_always_fails_ends_the_run_after_three_replans(tools: FakeDataTools):
    tools.fail("transform_data", *[ValueError("never works")] * 99)
    async with Kernel(CONFIG, plugins=[tools]) as kernel:
        result = await kernel.run(GOAL)
        assert kernel.health().plugins
    assert result.outcome.status is RunStatus.FAILED
    assert "never works" in result.outcome.reason
    assert len(result.execution.replans) == 3
    assert [each.task for each in result.execution.completed][-1] == "validate_data(orders)"
    assert result.execution.remaining[0] == "transform_data(orders)"
    assert result.execution.failure.kind is FailureKind.RECOVERABLE


async def test_an_input_that_can_not_be_used_is_rejected_at_once(tools: FakeDataTools):
    tools.reject_input("analyze_schema")
    async with Kernel(CONFIG, plugins=[tools]) as kernel:
        result = await kernel.run(GOAL)
    assert result.outcome.status is RunStatus.REJECTED
    assert "orders.csv: is empty. Give another." in result.outcome.reason
    assert len(tools.tools["analyze_schema"].requests) == 1


async def test_a_goal_that_the_domain_does_not_know_names_the_nearest(tools: FakeDataTools):
    async with Kernel(CONFIG, plugins=[tools]) as kernel:
        result = await kernel.run(Goal("cleen", {"orders": "x"}))
        assert result.outcome.status is RunStatus.REJECTED
        assert "Did you mean 'clean'" in result.outcome.reason
        with pytest.raises(InputError, match="clean"):
            await kernel.plan(Goal("cleen"))


async def test_without_anybody_who_could_do_it_the_run_fails_and_says_what_is_lacking(
    tools: FakeDataTools,
):
    team = tuple(agent for agent in CONFIG.agents if agent.kind in ("coordinator", "validator"))
    config = CONFIG.model_copy(update={"agents": team})
    async with Kernel(config, plugins=[tools]) as kernel:
        result = await kernel.run(GOAL)
    assert result.outcome.status is RunStatus.FAILED
    assert "nobody took it: none of 4 agents" in result.outcome.reason


async def test_without_a_coordinator_the_kernel_plans_itself(tools: FakeDataTools):
    team = tuple(agent for agent in CONFIG.agents if agent.kind != "coordinator")
    config = CONFIG.model_copy(update={"agents": team})
    async with Kernel(config, plugins=[tools]) as kernel:
        result = await kernel.run(Goal("profile", {"orders": "x"}))
    assert result.plan is not None
    assert "nobody took it" in result.outcome.reason  # a decision needs a coordinator


async def test_several_inputs_are_worked_on_side_by_side(tools: FakeDataTools):
    goal = Goal("clean", {"orders": "a.csv", "customers": "b.csv"})
    async with Kernel(CONFIG, plugins=[tools]) as kernel:
        result = await kernel.run(goal)
    assert result.outcome.status is RunStatus.DONE
    assert set(result.outcome.summary["datasets"]) == {"orders", "customers"}
    firsts = [task for task in result.plan.tasks if not task.depends_on]
    assert len(firsts) == 2


async def test_a_reasoning_that_runs_out_of_steps_is_replanned_from_what_it_observed(
    tools: FakeDataTools,
):
    goal = Goal("clean", {"orders": "x"}, GoalLimits(reasoning_steps=1))
    async with Kernel(CONFIG, plugins=[tools]) as kernel:
        result = await kernel.run(goal)
    assert result.outcome.status is RunStatus.DONE
    reasons = [replan.failure.reason for replan in result.execution.replans]
    assert len(reasons) == 4  # one for each task that reasons
    assert all("the budget was used up" in reason for reason in reasons)
    assert len(tools.tools["analyze_schema"].requests) == 1


async def test_experience_changes_the_next_run_and_outlives_the_kernel(
    tools: FakeDataTools, store: MemoryStore
):
    tools.fail("transform_data", *["no"] * 4)
    async with Kernel(CONFIG, store=store, plugins=[tools]) as kernel:
        assert (await kernel.run(GOAL)).outcome.status is RunStatus.FAILED
    async with Kernel(CONFIG, store=store, plugins=[tools]) as kernel:
        assert len(kernel.experiences) == 1
        result = await kernel.run(GOAL)
    assert result.outcome.status is RunStatus.DONE
    bids = {bid.bidder: bid.reputation for award in result.awards for bid in award.bids}
    assert bids["transformer"] == 0.5  # 0 of 4 tasks, credited with 4: (0 + 4) / (4 + 4)
    assert bids["coordinator"] == 1.0


async def test_a_cancelled_run_is_recorded_as_cancelled(tools: FakeDataTools, store: MemoryStore):
    started, never = asyncio.Event(), asyncio.Event()

    class Hanging:
        async def run(self, request, bench):
            started.set()
            await never.wait()

    tools.tools["analyze_schema"].run = Hanging().run  # type: ignore[method-assign]
    async with Kernel(CONFIG, store=store, plugins=[tools]) as kernel:
        run = asyncio.create_task(kernel.run(GOAL))
        await started.wait()
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
    ended = [event for event in store.events if event.kind == "run.ended"]
    assert [event.body["status"] for event in ended] == ["cancelled"]
    assert store.events[-1].kind == "kernel.stopped"


async def test_outputs_write_into_the_folder_and_a_broken_one_costs_itself(
    tools: FakeDataTools, tmp_path: Path
):
    class Outputs:
        @hookimpl
        def register_outputs(self):
            return [
                Strategy("works", lambda options: Works()),
                Strategy("breaks", lambda options: Breaks()),
            ]

    class Works:
        async def write(self, result, folder):
            (folder / "mine.txt").write_text("whole")
            return {"mine": folder / "mine.txt"}

    class Breaks:
        async def write(self, result, folder):
            (folder / "half.txt").write_text("half")
            raise ValueError("out of luck")

    async with Kernel(CONFIG, plugins=[tools, Outputs()]) as kernel:
        result = await kernel.run(GOAL, out=tmp_path / "new" / "out")
    assert result.files["mine"] == tmp_path / "new" / "out" / "mine.txt"
    assert (tmp_path / "new" / "out" / "mine.txt").read_text() == "whole"
    assert not (tmp_path / "new" / "out" / "half.txt").exists()
    assert result.outcome.status is RunStatus.DONE


async def test_an_output_folder_that_can_not_be_made_is_refused(
    tools: FakeDataTools, tmp_path: Path
):
    (tmp_path / "file").write_text("")
    async with Kernel(CONFIG, plugins=[tools]) as kernel:
        with pytest.raises(InputError, match="output folder"):
            await kernel.run(GOAL, out=tmp_path / "file" / "out")


async def test_a_tool_sees_the_settings_shares_the_memory_and_tells_its_progress(
    tools: FakeDataTools, store: MemoryStore
):
    seen = []
    analyze = tools.tools["analyze_schema"]
    works = analyze.run

    async def run(request, bench):
        seen.append((dict(bench.settings), bench.memory_bytes))
        await bench.record_progress("reading", 5, 10)
        return await works(request, bench)

    analyze.run = run  # type: ignore[method-assign]
    goal = Goal("clean", {"orders": "a.csv", "items": "b.csv"}, settings={"min_score": 0.5})
    async with Kernel(CONFIG, store=store, plugins=[tools]) as kernel:
        await kernel.run(goal)

    assert seen == [({"min_score": 0.5}, 1024 * 1024 * 1024)] * 2
    told = [event for event in store.events if event.kind == "task.progress"]
    assert {event.subject for event in told} == {"analyze_schema(orders)", "analyze_schema(items)"}
    assert {event.task for event in told} == {event.subject for event in told}
    assert told[0].body == {"stage": "reading", "done": 5, "total": 10}
    assert told[0].agent
    (began,) = (event for event in store.events if event.kind == "run.started")
    assert began.body["settings"] == {"min_score": 0.5}


async def test_what_only_a_person_can_decide_ends_the_run_undecided(tools: FakeDataTools):
    analyze = tools.tools["analyze_schema"]
    undecided = Observation("?", error="`x` was added", failure=FailureKind.UNDECIDED)
    analyze.observe = lambda request: undecided
    async with Kernel(CONFIG, plugins=[tools]) as kernel:
        result = await kernel.run(GOAL)
    assert result.outcome.status is RunStatus.UNDECIDED
    assert "`x` was added" in result.outcome.reason
    assert len(analyze.requests) == 1
